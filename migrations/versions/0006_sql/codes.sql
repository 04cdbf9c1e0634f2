-- A code for an application: ``p_code`` is its row. With a flow (``p_flow``) it is that flow's one answer; ``p_by_consent``:
-- only while the person allows these scopes. Whoever switches the application off, or takes the consent back, waits for us
-- and finds the code, or was first and is seen.
CREATE FUNCTION hot_give_code(p_tenant uuid, p_flow uuid, p_by_consent boolean, p_code jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    code authorization_codes;
BEGIN
    PERFORM set_config('app.tenant_id', p_tenant::text, true);
    code := jsonb_populate_record(NULL::authorization_codes, p_code);
    PERFORM FROM sessions
    WHERE tenant_id = p_tenant AND id = code.session_id AND revoked_at IS NULL FOR KEY SHARE;
    IF NOT FOUND THEN
        RETURN 'signed_out';
    END IF;
    PERFORM FROM applications
    WHERE tenant_id = p_tenant AND id = code.application_id AND disabled_at IS NULL FOR KEY SHARE;
    IF NOT FOUND THEN
        RETURN 'gone';
    END IF;
    IF p_flow IS NOT NULL THEN
        UPDATE authorization_flows SET answered_at = code.created_at
        WHERE tenant_id = p_tenant AND id = p_flow AND answered_at IS NULL AND expires_at > code.created_at;
        IF NOT FOUND THEN
            RETURN 'answered';
        END IF;
    END IF;
    IF p_by_consent THEN
        PERFORM FROM consents
        WHERE tenant_id = p_tenant AND user_id = code.user_id AND application_id = code.application_id
            AND scopes @> code.scopes FOR SHARE;
        IF NOT FOUND THEN
            RETURN 'taken_back';
        END IF;
    END IF;
    INSERT INTO authorization_codes VALUES (code.*);
    RETURN 'given';
END
$$;

REVOKE ALL ON FUNCTION hot_give_code FROM PUBLIC;

GRANT SELECT, INSERT ON authorization_codes TO portico_hot;
GRANT SELECT, UPDATE (answered_at) ON authorization_flows TO portico_hot;
GRANT SELECT ON consents TO portico_hot;
-- Whoever locks a row has to be allowed to update a column of it.
GRANT UPDATE (updated_at) ON applications, consents TO portico_hot;

GRANT portico_hot TO CURRENT_USER;
GRANT CREATE ON SCHEMA public TO portico_hot;
ALTER FUNCTION hot_give_code OWNER TO portico_hot;
REVOKE CREATE ON SCHEMA public FROM portico_hot;
