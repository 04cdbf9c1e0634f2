DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY[
        'tenant_domains', 'users', 'roles', 'role_assignments', 'known_devices', 'sessions', 'refresh_families',
        'lockout_lanes', 'pending_logins', 'link_requests', 'one_time_tokens', 'signing_keys', 'revocations', 'outbox',
        'audit_events'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY own_tenant ON %I TO portico_app, portico_hot '
            'USING (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
        EXECUTE format('CREATE POLICY every_tenant ON %I TO portico_platform USING (true)', t);
    END LOOP;
END
$$;

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON tenants TO portico_app, portico_hot
    USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY every_tenant ON tenants TO portico_platform USING (true);
CREATE POLICY by_host ON tenants FOR SELECT TO portico_resolver USING (true);
CREATE POLICY by_host ON tenant_domains FOR SELECT TO portico_resolver USING (true);

-- What one tenant's requests may do. Audit rows are written and read, never changed.
GRANT SELECT ON tenants, tenant_domains TO portico_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON users, roles, role_assignments, known_devices, lockout_lanes, pending_logins,
    one_time_tokens, signing_keys TO portico_app;
-- Only the gate's function makes a session.
GRANT SELECT, UPDATE, DELETE ON sessions, refresh_families TO portico_app;
GRANT SELECT, INSERT, DELETE ON link_requests TO portico_app;
GRANT SELECT, INSERT, UPDATE ON revocations TO portico_app;
GRANT INSERT ON outbox TO portico_app;
GRANT SELECT, INSERT ON audit_events TO portico_app;

-- What sweeps and operators may do.
GRANT SELECT, INSERT, UPDATE ON tenants, tenant_domains, revocations, outbox TO portico_platform;
GRANT SELECT, INSERT ON roles TO portico_platform;
GRANT INSERT ON audit_events TO portico_platform;
GRANT SELECT ON sessions, audit_events TO portico_platform;
GRANT SELECT, DELETE ON refresh_families, lockout_lanes, pending_logins, link_requests, one_time_tokens, signing_keys
    TO portico_platform;
GRANT DELETE ON sessions, revocations, outbox TO portico_platform;

GRANT SELECT ON tenants, tenant_domains TO portico_resolver;

-- What the hot functions touch, and no more.
GRANT SELECT ON tenants, roles, role_assignments, known_devices TO portico_hot;
GRANT SELECT, UPDATE ON users, sessions, refresh_families TO portico_hot;
GRANT INSERT ON sessions, refresh_families, audit_events, outbox TO portico_hot;
GRANT INSERT, UPDATE ON known_devices TO portico_hot;
GRANT SELECT, INSERT, UPDATE ON lockout_lanes TO portico_hot;
