DROP FUNCTION hot_rotate(
    uuid, uuid, integer, interval, timestamptz, interval, interval, interval, interval, interval, jsonb);

-- One generation on, in one UPDATE of one row (RFC 9700, section 4.14.2). ``outcome``: rotated, grace (the immediate
-- parent, again, soon: the same successor), reused, or invalid. A family is its application's alone (``p_application``;
-- none for those of the API), and says what it says of how its person had signed in. One that is bound to a key
-- (RFC 9449, section 5) is invalid to whoever does not show that (``p_key``): they cannot end it either.
CREATE FUNCTION hot_rotate(
    p_tenant uuid, p_family uuid, p_generation integer, p_grace interval, p_now timestamptz, p_life interval,
    p_remembered interval, p_idle interval, p_family_life interval, p_family_remembered interval, p_application uuid,
    p_key text, p_audit jsonb)
RETURNS TABLE (
    outcome text, generation integer, session_id uuid, user_id uuid, email_verified boolean, acr text, amr text[],
    auth_time timestamptz, expires_at timestamptz, roles text[], scopes text[], resources text[], claims jsonb,
    dpop_jkt text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
-- Rows by their keys, one after another, also where a plan was made while the tables were small.
SET enable_seqscan = off SET enable_mergejoin = off SET enable_hashjoin = off AS $$
DECLARE
    v_seen_at timestamptz;
    v_rotated_at timestamptz;
    v_alive boolean;
    v_rows jsonb;
BEGIN
    PERFORM set_config('app.tenant_id', p_tenant::text, true);
    UPDATE refresh_families f
    SET generation = f.generation + 1, rotated_at = p_now
    FROM sessions s
    JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
    JOIN tenants t ON t.id = s.tenant_id
    WHERE f.tenant_id = p_tenant AND f.id = p_family AND f.generation = p_generation
        AND f.application_id IS NOT DISTINCT FROM p_application AND f.offline
        AND (f.dpop_jkt IS NULL OR f.dpop_jkt = p_key)
        AND f.revoked_at IS NULL
        AND session_is_young(
            f.created_at, p_now, f.expires_at, s.remember, p_now, p_family_life, p_family_remembered, NULL)
        AND s.tenant_id = p_tenant AND s.id = f.session_id
        AND s.revoked_at IS NULL
        AND session_is_young(
            s.created_at, s.last_seen_at, s.expires_at, s.remember, p_now, p_life, p_remembered, p_idle)
        AND u.disabled_at IS NULL AND u.leaving_at IS NULL AND (u.not_before IS NULL OR s.created_at >= u.not_before)
        AND t.suspended_at IS NULL
    RETURNING f.generation, s.id, u.id, u.email_verified_at IS NOT NULL, coalesce(f.acr, s.acr), coalesce(f.amr, s.amr),
        coalesce(f.auth_time, s.auth_time), s.expires_at, f.scopes, f.resources, f.claims, f.dpop_jkt, s.last_seen_at
    INTO generation, session_id, user_id, email_verified, acr, amr, auth_time, expires_at, scopes, resources, claims,
        dpop_jkt, v_seen_at;
    IF FOUND THEN
        outcome := 'rotated';
        SELECT jsonb_agg(r || jsonb_build_object('actor_id', user_id, 'subject_id', user_id, 'session_id', session_id))
        INTO v_rows FROM jsonb_array_elements(p_audit) AS r;
        PERFORM audit_write(p_tenant, v_rows);
        IF v_seen_at < p_now - least(interval '5 minutes', p_idle / 20) THEN
            -- Whoever ends the session holds its row and waits for the family's, which we hold: do not wait for them.
            UPDATE sessions s SET last_seen_at = p_now
            WHERE s.tenant_id = p_tenant AND s.id = (
                SELECT l.id FROM sessions l
                WHERE l.tenant_id = p_tenant AND l.id = session_id
                    AND l.last_seen_at < p_now - least(interval '5 minutes', p_idle / 20)
                FOR UPDATE SKIP LOCKED);
        END IF;
    ELSE
        SELECT f.generation, f.rotated_at, s.id, u.id, u.email_verified_at IS NOT NULL, coalesce(f.acr, s.acr),
            coalesce(f.amr, s.amr), coalesce(f.auth_time, s.auth_time), s.expires_at, f.scopes, f.resources, f.claims,
            f.dpop_jkt, f.revoked_at IS NULL AND s.revoked_at IS NULL
                AND (f.dpop_jkt IS NULL OR f.dpop_jkt = p_key)
                AND session_is_young(
                    f.created_at, p_now, f.expires_at, s.remember, p_now, p_family_life, p_family_remembered, NULL)
                AND session_is_young(
                    s.created_at, s.last_seen_at, s.expires_at, s.remember, p_now, p_life, p_remembered, p_idle)
                AND u.disabled_at IS NULL AND u.leaving_at IS NULL
                AND (u.not_before IS NULL OR s.created_at >= u.not_before)
                AND t.suspended_at IS NULL
        INTO generation, v_rotated_at, session_id, user_id, email_verified, acr, amr, auth_time, expires_at, scopes,
            resources, claims, dpop_jkt, v_alive
        FROM refresh_families f
        JOIN sessions s ON s.tenant_id = f.tenant_id AND s.id = f.session_id
        JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
        JOIN tenants t ON t.id = s.tenant_id
        WHERE f.tenant_id = p_tenant AND f.id = p_family
            AND f.application_id IS NOT DISTINCT FROM p_application AND f.offline;
        outcome := CASE
            WHEN NOT coalesce(v_alive, false) THEN 'invalid'
            WHEN generation = p_generation + 1 AND v_rotated_at > p_now - p_grace THEN 'grace'
            WHEN generation > p_generation THEN 'reused'
            ELSE 'invalid' END;
    END IF;
    roles := ARRAY(
        SELECT r.name FROM role_assignments a JOIN roles r ON r.tenant_id = a.tenant_id AND r.id = a.role_id
        WHERE a.tenant_id = p_tenant AND a.user_id = hot_rotate.user_id ORDER BY r.name);
    RETURN NEXT;
END
$$;

-- A client by its id, with what its secrets are known by. ``secrets``: [{id, digest (hex), expires_at, last_used_at}].
CREATE FUNCTION hot_application(p_tenant uuid, p_application uuid)
RETURNS TABLE (
    id uuid, name text, type text, auth_method text, grant_types text[], redirect_uris text[],
    post_logout_redirect_uris text[], backchannel_logout_uri text, scopes text[], resources text[], serves text[],
    signing_algorithm text, jwks jsonb, require_pkce boolean, require_pushed_requests boolean, require_dpop boolean,
    first_party boolean, access_token_minutes integer, refresh_token_days integer, home_uri text, policy_uri text,
    terms_uri text, has_logo boolean, created_at timestamptz, updated_at timestamptz, disabled_at timestamptz, version integer, secrets jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM set_config('app.tenant_id', p_tenant::text, true);
    RETURN QUERY
    SELECT a.id, a.name, a.type, a.auth_method, a.grant_types, a.redirect_uris, a.post_logout_redirect_uris,
        a.backchannel_logout_uri, a.scopes, a.resources, a.serves, a.signing_algorithm, a.jwks, a.require_pkce,
        a.require_pushed_requests, a.require_dpop, a.first_party, a.access_token_minutes, a.refresh_token_days,
        a.home_uri, a.policy_uri, a.terms_uri,
        EXISTS (SELECT FROM application_logos l WHERE l.tenant_id = p_tenant AND l.application_id = a.id),
        a.created_at, a.updated_at, a.disabled_at, a.version,
        coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'id', s.id, 'digest', encode(s.secret_digest, 'hex'), 'expires_at', s.expires_at,
                'last_used_at', s.last_used_at) ORDER BY s.created_at)
            FROM application_secrets s WHERE s.tenant_id = p_tenant AND s.application_id = a.id), '[]')
    FROM applications a WHERE a.tenant_id = p_tenant AND a.id = p_application;
END
$$;

-- Something that a client has signed may be shown once: true for the first to show it.
CREATE FUNCTION hot_show_proof(p_tenant uuid, p_name bytea, p_expires timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM set_config('app.tenant_id', p_tenant::text, true);
    INSERT INTO shown_proofs (tenant_id, name_digest, expires_at) VALUES (p_tenant, p_name, p_expires)
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;

-- A person as applications are told of them, if they may sign in. With a session (``p_session``) only while that counts,
-- and with a grant (``p_grant``) only while that has not been revoked; ``asked``: the claims asked for with it.
CREATE FUNCTION hot_claims(
    p_tenant uuid, p_user uuid, p_session uuid, p_grant uuid, p_now timestamptz, p_life interval, p_remembered interval,
    p_idle interval)
RETURNS TABLE (
    id uuid, email text, email_verified boolean, name text, profile jsonb, updated_at timestamptz, roles text[],
    asked jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM set_config('app.tenant_id', p_tenant::text, true);
    RETURN QUERY
    SELECT u.id, u.email, u.email_verified_at IS NOT NULL, u.name, u.profile, u.updated_at,
        ARRAY(
            SELECT r.name FROM role_assignments a JOIN roles r ON r.tenant_id = a.tenant_id AND r.id = a.role_id
            WHERE a.tenant_id = p_tenant AND a.user_id = p_user ORDER BY r.name),
        coalesce(f.claims, '{}')
    FROM users u
    JOIN tenants t ON t.id = u.tenant_id
    LEFT JOIN sessions s ON s.tenant_id = p_tenant AND s.id = p_session AND s.user_id = u.id
    LEFT JOIN refresh_families f ON f.tenant_id = p_tenant AND f.id = p_grant AND f.application_id IS NOT NULL
    WHERE u.tenant_id = p_tenant AND u.id = p_user
        AND u.disabled_at IS NULL AND u.leaving_at IS NULL AND t.suspended_at IS NULL
        AND (p_session IS NULL OR s.revoked_at IS NULL
            AND (u.not_before IS NULL OR s.created_at >= u.not_before)
            AND session_is_young(
                s.created_at, s.last_seen_at, s.expires_at, s.remember, p_now, p_life, p_remembered, p_idle))
        AND (p_grant IS NULL OR f.id IS NOT NULL AND f.revoked_at IS NULL);
END
$$;

-- A family of an application's that would be rotated now, and whose it is; nothing where there is none.
CREATE FUNCTION hot_live_family(
    p_tenant uuid, p_family uuid, p_application uuid, p_now timestamptz, p_life interval, p_remembered interval,
    p_idle interval, p_family_life interval, p_family_remembered interval)
RETURNS TABLE (
    generation integer, rotated_at timestamptz, expires_at timestamptz, scopes text[], dpop_jkt text, session_id uuid,
    user_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
SET enable_seqscan = off SET enable_mergejoin = off SET enable_hashjoin = off AS $$
BEGIN
    PERFORM set_config('app.tenant_id', p_tenant::text, true);
    RETURN QUERY
    SELECT f.generation, f.rotated_at, least(f.expires_at, s.expires_at), f.scopes, f.dpop_jkt, s.id, s.user_id
    FROM refresh_families f
    JOIN sessions s ON s.tenant_id = f.tenant_id AND s.id = f.session_id
    JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
    WHERE f.tenant_id = p_tenant AND f.id = p_family AND f.application_id = p_application AND f.offline
        AND f.revoked_at IS NULL AND s.revoked_at IS NULL
        AND session_is_young(
            f.created_at, p_now, f.expires_at, s.remember, p_now, p_family_life, p_family_remembered, NULL)
        AND session_is_young(
            s.created_at, s.last_seen_at, s.expires_at, s.remember, p_now, p_life, p_remembered, p_idle)
        AND u.disabled_at IS NULL AND u.leaving_at IS NULL AND (u.not_before IS NULL OR s.created_at >= u.not_before);
END
$$;

-- Whoever ends a session, and for whatever reason: the applications that it was used for are told (OpenID Connect
-- Back-Channel Logout 1.0). Here and not in the code, so that no way of ending one can forget it.
CREATE FUNCTION promise_backchannel_logout() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO outbox (tenant_id, id, kind, payload, created_at, due_at)
    SELECT NEW.tenant_id, gen_random_uuid(), 'oidc.backchannel_logout',
        jsonb_build_object('application_id', a.id, 'session_id', NEW.id, 'user_id', NEW.user_id),
        NEW.revoked_at, NEW.revoked_at
    FROM application_sessions s
    JOIN applications a ON a.tenant_id = s.tenant_id AND a.id = s.application_id
    WHERE s.tenant_id = NEW.tenant_id AND s.session_id = NEW.id
        AND a.backchannel_logout_uri IS NOT NULL AND a.disabled_at IS NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER session_ended AFTER UPDATE OF revoked_at ON sessions
FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION promise_backchannel_logout();

REVOKE ALL ON FUNCTION hot_rotate, hot_application, hot_show_proof, hot_claims, hot_live_family,
    promise_backchannel_logout FROM PUBLIC;

GRANT portico_hot TO CURRENT_USER;
GRANT CREATE ON SCHEMA public TO portico_hot;
ALTER FUNCTION hot_rotate OWNER TO portico_hot;
ALTER FUNCTION hot_application OWNER TO portico_hot;
ALTER FUNCTION hot_show_proof OWNER TO portico_hot;
ALTER FUNCTION hot_claims OWNER TO portico_hot;
ALTER FUNCTION hot_live_family OWNER TO portico_hot;
REVOKE CREATE ON SCHEMA public FROM portico_hot;
