DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['password_history', 'leak_checks', 'risk_assessments', 'data_exports'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_tenant ON %I TO portico_app, portico_hot '
            'USING (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
        EXECUTE format('CREATE POLICY every_tenant ON %I TO portico_platform USING (true)', t);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, DELETE ON password_history TO portico_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON leak_checks, data_exports TO portico_app;
GRANT SELECT, INSERT, UPDATE ON risk_assessments TO portico_app;

GRANT SELECT, DELETE ON leak_checks, data_exports, risk_assessments, known_devices TO portico_platform;
-- Erasing somebody: their row with all that hangs on it, and what is personal in the audit trail. Nothing else of a
-- row that was written can be changed.
GRANT SELECT, DELETE ON users TO portico_platform;
GRANT UPDATE (ip, user_agent, personal_salt) ON audit_events TO portico_platform;

GRANT SELECT, INSERT, UPDATE ON risk_assessments TO portico_hot;
GRANT INSERT, UPDATE ON revocations TO portico_hot;
GRANT SELECT ON revocations TO portico_hot;
GRANT DELETE ON known_devices TO portico_hot;
