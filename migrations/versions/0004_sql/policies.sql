DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY[
        'applications', 'application_logos', 'application_secrets', 'application_sessions', 'authorization_flows',
        'pushed_requests', 'authorization_codes', 'consents', 'device_grants', 'shown_proofs'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_tenant ON %I TO portico_app, portico_hot '
            'USING (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
        EXECUTE format('CREATE POLICY every_tenant ON %I TO portico_platform USING (true)', t);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE
    ON applications, application_logos, application_secrets, application_sessions, consents, device_grants
    TO portico_app;
GRANT SELECT, INSERT, UPDATE ON authorization_flows, authorization_codes TO portico_app;
GRANT SELECT, INSERT, DELETE ON pushed_requests TO portico_app;
GRANT SELECT, INSERT ON shown_proofs TO portico_app;
-- A family of an application's begins with a code, within a session that the gate has made.
GRANT INSERT ON refresh_families TO portico_app;

-- Sweeps: what has expired.
GRANT SELECT, DELETE ON authorization_flows, authorization_codes, pushed_requests, device_grants, shown_proofs
    TO portico_platform;
GRANT SELECT ON applications TO portico_platform;

-- What the hot functions touch, and the promise that goes with a session's end.
GRANT SELECT ON applications, application_secrets, application_logos, application_sessions TO portico_hot;
GRANT SELECT, INSERT ON shown_proofs TO portico_hot;
