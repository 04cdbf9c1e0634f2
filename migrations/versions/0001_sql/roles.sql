-- Roles belong to the cluster, not to the database: another database may be making them at this moment.
SELECT pg_advisory_xact_lock(hashtext('portico roles'));

DO $$
DECLARE
    narrow text;
BEGIN
    FOREACH narrow IN ARRAY ARRAY['portico_app', 'portico_platform', 'portico_resolver', 'portico_hot'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = narrow) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT NOBYPASSRLS', narrow);
        END IF;
    END LOOP;
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO portico_app, portico_platform, portico_resolver, portico_hot;
