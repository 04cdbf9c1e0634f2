ALTER TABLE idempotent_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotent_requests FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON idempotent_requests TO portico_app, portico_hot
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY every_tenant ON idempotent_requests TO portico_platform USING (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON idempotent_requests TO portico_app;
-- Sweeps; and what operators create is marked as carried out in the platform's own units.
GRANT SELECT, UPDATE, DELETE ON idempotent_requests TO portico_platform;
