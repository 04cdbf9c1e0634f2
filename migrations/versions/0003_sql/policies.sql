DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY[
        'totp_authenticators', 'backup_code_sets', 'backup_codes', 'passkeys', 'passkey_challenges', 'code_guesses',
        'factor_resets'] LOOP
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
    ON totp_authenticators, backup_code_sets, backup_codes, passkeys, code_guesses TO portico_app;
GRANT SELECT, INSERT, DELETE ON passkey_challenges TO portico_app;
GRANT SELECT, INSERT, UPDATE ON factor_resets TO portico_app;

-- Sweeps: what has expired, and resets whose time has come.
GRANT SELECT, DELETE ON passkey_challenges, totp_authenticators TO portico_platform;
GRANT SELECT ON factor_resets TO portico_platform;
GRANT SELECT ON backup_code_sets TO portico_platform;
GRANT UPDATE (codes_encrypted) ON backup_code_sets TO portico_platform;

GRANT SELECT ON totp_authenticators, passkeys, backup_codes TO portico_hot;
