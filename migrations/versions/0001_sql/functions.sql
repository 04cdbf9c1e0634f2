-- Small helpers over arrays of times.
CREATE FUNCTION stamps_since(p_stamps timestamptz[], p_since timestamptz) RETURNS timestamptz[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT coalesce(array_agg(s ORDER BY s), '{}') FROM unnest(p_stamps) AS s WHERE s > p_since);

CREATE FUNCTION stamps_without_one(p_stamps timestamptz[], p_stamp timestamptz) RETURNS timestamptz[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN array_position(p_stamps, p_stamp) IS NULL THEN p_stamps
    ELSE p_stamps[:array_position(p_stamps, p_stamp) - 1] || p_stamps[array_position(p_stamps, p_stamp) + 1:]
END;

-- The one way audit rows are written; it runs with the caller's own rights.
CREATE FUNCTION audit_write(p_tenant uuid, p_rows jsonb) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO audit_events (
        tenant_id, id, at, event, outcome, actor_kind, actor_id, impersonator_id, subject_id, session_id, ip,
        user_agent, request_id, details)
    SELECT p_tenant, r.id, r.at, r.event, r.outcome, r.actor_kind, r.actor_id, r.impersonator_id, r.subject_id,
        r.session_id, r.ip, coalesce(r.user_agent, ''), coalesce(r.request_id, ''), coalesce(r.details, '{}')
    FROM jsonb_to_recordset(p_rows) AS r(
        id uuid, at timestamptz, event text, outcome text, actor_kind text, actor_id uuid, impersonator_id uuid,
        subject_id uuid, session_id uuid, ip inet, user_agent text, request_id text, details jsonb);
END;

-- Host, slug or id to tenant. The only thing anybody may ask before a tenant is known.
CREATE FUNCTION resolve_tenant(p_slug text, p_host text, p_id uuid)
RETURNS TABLE (id uuid, slug text, name text, settings jsonb, theme jsonb, version integer, suspended_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
BEGIN ATOMIC
    SELECT t.id, t.slug, t.name, t.settings, t.theme, t.version, t.suspended_at
    FROM tenants t
    WHERE t.slug = p_slug
        OR t.id = p_id
        OR t.id = (SELECT d.tenant_id FROM tenant_domains d WHERE d.host = p_host AND d.verified_at IS NOT NULL);
END;

-- The hot statements: one round trip each. They run as portico_hot, which the row-level policies bind to the tenant
-- that the first line names.

-- A live session by its cookie's digest or by its id, with the person and what they may do.
CREATE FUNCTION hot_session(p_tenant uuid, p_digest bytea, p_session uuid, p_now timestamptz)
RETURNS TABLE (
    session_id uuid, user_id uuid, email text, name text, email_verified boolean, created_at timestamptz,
    last_sign_in_at timestamptz, acr text, amr text[], auth_time timestamptz, roles text[], granted text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    seen timestamptz;
BEGIN
    PERFORM set_config('app.tenant_id', p_tenant::text, true);
    SELECT s.id, s.last_seen_at, u.id, u.email, u.name, u.email_verified_at IS NOT NULL, u.created_at,
        u.last_sign_in_at, s.acr, s.amr, s.auth_time
    INTO session_id, seen, user_id, email, name, email_verified, created_at, last_sign_in_at, acr, amr, auth_time
    FROM sessions s
    JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
    JOIN tenants t ON t.id = s.tenant_id
    WHERE s.tenant_id = p_tenant
        AND (s.token_digest = p_digest OR s.id = p_session)
        AND s.revoked_at IS NULL AND s.expires_at > p_now
        AND u.disabled_at IS NULL AND (u.not_before IS NULL OR s.created_at >= u.not_before)
        AND t.suspended_at IS NULL;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- "Last seen" is for people: to the five minutes is enough, and spares a write for each request.
    IF seen < p_now - interval '5 minutes' THEN
        UPDATE sessions s SET last_seen_at = p_now WHERE s.tenant_id = p_tenant AND s.id = session_id;
    END IF;
    SELECT coalesce(array_agg(DISTINCT r.name), '{}'), coalesce(array_agg(DISTINCT p.one) FILTER (WHERE p.one IS NOT NULL), '{}')
    INTO roles, granted
    FROM role_assignments a
    JOIN roles r ON r.tenant_id = a.tenant_id AND r.id = a.role_id
    LEFT JOIN LATERAL unnest(r.permissions) AS p(one) ON true
    WHERE a.tenant_id = p_tenant AND a.user_id = hot_session.user_id;
    RETURN NEXT;
END
$$;

-- Who is meant, in which lane they knock, and whether the lane lets one more guess through. The guess is counted
-- before it is checked, so that parallel guesses cannot beat the counter. ``lane_state``: open, locked, or busy (as
-- many guesses are being checked as are left).
CREATE FUNCTION hot_begin_sign_in(
    p_tenant uuid, p_email_key text, p_device bytea, p_device_lane bytea, p_common_lane bytea, p_now timestamptz,
    p_attempts integer, p_window interval, p_stale interval)
RETURNS TABLE (
    user_id uuid, email text, name text, password_hash text, email_verified boolean, disabled boolean,
    suspended boolean, created_at timestamptz, last_sign_in_at timestamptz, password_changed_at timestamptz,
    roles text[], known_device boolean, lane_state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    v_lane bytea;
BEGIN
    PERFORM set_config('app.tenant_id', p_tenant::text, true);
    suspended := EXISTS (SELECT FROM tenants t WHERE t.id = p_tenant AND t.suspended_at IS NOT NULL);
    SELECT u.id, u.email, u.name, u.password_hash, u.email_verified_at IS NOT NULL, u.disabled_at IS NOT NULL,
        u.created_at, u.last_sign_in_at, u.password_changed_at
    INTO user_id, email, name, password_hash, email_verified, disabled, created_at, last_sign_in_at,
        password_changed_at
    FROM users u WHERE u.tenant_id = p_tenant AND u.email_key = p_email_key;
    known_device := p_device IS NOT NULL AND EXISTS (
        SELECT FROM known_devices d
        WHERE d.tenant_id = p_tenant AND d.user_id = hot_begin_sign_in.user_id AND d.digest = p_device);
    roles := ARRAY(
        SELECT r.name FROM role_assignments a JOIN roles r ON r.tenant_id = a.tenant_id AND r.id = a.role_id
        WHERE a.tenant_id = p_tenant AND a.user_id = hot_begin_sign_in.user_id ORDER BY r.name);
    v_lane := CASE WHEN known_device THEN p_device_lane ELSE p_common_lane END;
    INSERT INTO lockout_lanes AS l (tenant_id, lane, pending, touched_at)
    VALUES (p_tenant, v_lane, ARRAY[p_now], p_now)
    ON CONFLICT (tenant_id, lane) DO UPDATE
    SET pending = stamps_since(l.pending, p_now - p_stale) || p_now, touched_at = p_now
    WHERE l.closed_at IS NULL
        AND (l.locked_until IS NULL OR l.locked_until <= p_now)
        AND cardinality(stamps_since(l.failed, greatest(p_now - p_window, l.locked_until)))
            + cardinality(stamps_since(l.pending, p_now - p_stale)) < p_attempts;
    IF FOUND THEN
        lane_state := 'open';
    ELSE
        SELECT CASE
            WHEN l.closed_at IS NOT NULL OR l.locked_until > p_now
                OR cardinality(stamps_since(l.failed, greatest(p_now - p_window, l.locked_until))) >= p_attempts
            THEN 'locked'
            ELSE 'busy' END
        INTO lane_state FROM lockout_lanes l WHERE l.tenant_id = p_tenant AND l.lane = v_lane;
    END IF;
    RETURN NEXT;
END
$$;

-- Whether this browser has signed in to this address before.
CREATE FUNCTION hot_known_device(p_tenant uuid, p_email_key text, p_device bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM set_config('app.tenant_id', p_tenant::text, true);
    RETURN EXISTS (
        SELECT FROM users u
        JOIN known_devices d ON d.tenant_id = u.tenant_id AND d.user_id = u.id
        WHERE u.tenant_id = p_tenant AND u.email_key = p_email_key AND d.digest = p_device);
END
$$;

-- The gate's one write: the session, its refresh family, the device, the lane's relief and the audit rows. False when
-- the person was disabled, or their password changed, while it was being checked.
CREATE FUNCTION hot_open_session(
    p_tenant uuid, p_user uuid, p_now timestamptz, p_password_changed_at timestamptz, p_new_hash text, p_session jsonb,
    p_token_digest bytea, p_family uuid, p_family_secret bytea, p_family_expires timestamptz, p_device bytea,
    p_lane bytea, p_stamp timestamptz, p_relieve boolean, p_audit jsonb)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    v_session uuid := (p_session ->> 'id')::uuid;
BEGIN
    PERFORM set_config('app.tenant_id', p_tenant::text, true);
    IF p_lane IS NOT NULL THEN
        UPDATE lockout_lanes l
        SET pending = stamps_without_one(l.pending, p_stamp),
            failed = CASE WHEN p_relieve THEN '{}' ELSE l.failed END
        WHERE l.tenant_id = p_tenant AND l.lane = p_lane;
    END IF;
    UPDATE users u
    SET last_sign_in_at = p_now, password_hash = coalesce(p_new_hash, u.password_hash)
    FROM tenants t
    WHERE u.tenant_id = p_tenant AND u.id = p_user AND t.id = p_tenant
        AND u.disabled_at IS NULL AND t.suspended_at IS NULL
        AND u.password_changed_at IS NOT DISTINCT FROM p_password_changed_at;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO sessions (
        tenant_id, id, user_id, token_digest, created_at, last_seen_at, expires_at, auth_time, amr, acr, remember, ip,
        user_agent)
    VALUES (
        p_tenant, v_session, p_user, p_token_digest, p_now, p_now, (p_session ->> 'expires_at')::timestamptz,
        p_now, ARRAY(SELECT jsonb_array_elements_text(p_session -> 'amr')), p_session ->> 'acr',
        (p_session ->> 'remember')::boolean, (p_session ->> 'ip')::inet, p_session ->> 'user_agent');
    IF p_family IS NOT NULL THEN
        INSERT INTO refresh_families (
            tenant_id, id, session_id, secret_encrypted, created_at, rotated_at, expires_at)
        VALUES (p_tenant, p_family, v_session, p_family_secret, p_now, p_now, p_family_expires);
    END IF;
    INSERT INTO known_devices AS d (tenant_id, user_id, digest, first_seen_at, last_seen_at)
    VALUES (p_tenant, p_user, p_device, p_now, p_now)
    ON CONFLICT (tenant_id, user_id, digest) DO UPDATE SET last_seen_at = p_now
    WHERE d.last_seen_at < p_now - interval '1 hour';
    PERFORM audit_write(p_tenant, p_audit);
    RETURN true;
END
$$;

-- The family's encrypted secret, to tell a token truly issued from one made up.
CREATE FUNCTION hot_family_secret(p_tenant uuid, p_family uuid) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM set_config('app.tenant_id', p_tenant::text, true);
    RETURN (SELECT f.secret_encrypted FROM refresh_families f WHERE f.tenant_id = p_tenant AND f.id = p_family);
END
$$;

-- One generation on, in one UPDATE of one row (RFC 9700, section 4.14.2). ``outcome``: rotated, grace (the immediate
-- parent, again, soon: the same successor), reused, or invalid.
CREATE FUNCTION hot_rotate(
    p_tenant uuid, p_family uuid, p_generation integer, p_grace interval, p_now timestamptz, p_audit jsonb)
RETURNS TABLE (
    outcome text, generation integer, session_id uuid, user_id uuid, email_verified boolean, acr text, amr text[],
    auth_time timestamptz, expires_at timestamptz, roles text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
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
        AND f.revoked_at IS NULL AND f.expires_at > p_now
        AND s.tenant_id = p_tenant AND s.id = f.session_id
        AND s.revoked_at IS NULL AND s.expires_at > p_now
        AND u.disabled_at IS NULL AND (u.not_before IS NULL OR s.created_at >= u.not_before)
        AND t.suspended_at IS NULL
    RETURNING f.generation, s.id, u.id, u.email_verified_at IS NOT NULL, s.acr, s.amr, s.auth_time, s.expires_at
    INTO generation, session_id, user_id, email_verified, acr, amr, auth_time, expires_at;
    IF FOUND THEN
        outcome := 'rotated';
        SELECT jsonb_agg(r || jsonb_build_object('actor_id', user_id, 'subject_id', user_id, 'session_id', session_id))
        INTO v_rows FROM jsonb_array_elements(p_audit) AS r;
        PERFORM audit_write(p_tenant, v_rows);
        -- Whoever ends the session holds its row and waits for the family's, which we hold: do not wait for them.
        UPDATE sessions s SET last_seen_at = p_now
        WHERE s.tenant_id = p_tenant AND s.id = (
            SELECT l.id FROM sessions l
            WHERE l.tenant_id = p_tenant AND l.id = session_id AND l.last_seen_at < p_now - interval '5 minutes'
            FOR UPDATE SKIP LOCKED);
    ELSE
        SELECT f.generation, f.rotated_at, s.id, u.id, u.email_verified_at IS NOT NULL, s.acr, s.amr, s.auth_time,
            s.expires_at, f.revoked_at IS NULL AND f.expires_at > p_now AND s.revoked_at IS NULL AND s.expires_at > p_now
                AND u.disabled_at IS NULL AND (u.not_before IS NULL OR s.created_at >= u.not_before)
                AND t.suspended_at IS NULL
        INTO generation, v_rotated_at, session_id, user_id, email_verified, acr, amr, auth_time, expires_at, v_alive
        FROM refresh_families f
        JOIN sessions s ON s.tenant_id = f.tenant_id AND s.id = f.session_id
        JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
        JOIN tenants t ON t.id = s.tenant_id
        WHERE f.tenant_id = p_tenant AND f.id = p_family;
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

-- Months of audit ahead, so that old ones can be dropped instead of deleted. Runs as the owner: it makes tables.
CREATE FUNCTION ensure_audit_partitions(p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET timezone = 'UTC' AS $$
DECLARE
    v_from timestamptz;
    v_name text;
    v_made integer := 0;
BEGIN
    FOR i IN 0..2 LOOP
        v_from := date_trunc('month', p_now, 'UTC') + make_interval(months => i);
        v_name := 'audit_events_' || to_char(v_from AT TIME ZONE 'UTC', 'YYYYMM');
        IF to_regclass('public.' || v_name) IS NULL
            AND NOT EXISTS (SELECT FROM public.audit_events_default d WHERE d.at >= v_from AND d.at < v_from + interval '1 month')
        THEN
            EXECUTE format(
                'CREATE TABLE public.%I PARTITION OF public.audit_events FOR VALUES FROM (%L) TO (%L)',
                v_name, v_from, v_from + interval '1 month');
            v_made := v_made + 1;
        END IF;
    END LOOP;
    RETURN v_made;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stamps_since, stamps_without_one, audit_write TO portico_app, portico_platform, portico_hot;
GRANT EXECUTE ON FUNCTION ensure_audit_partitions TO portico_platform;

-- A function runs with its owner's rights: hand each to the role that may do just that.
GRANT portico_hot, portico_resolver TO CURRENT_USER;
GRANT CREATE ON SCHEMA public TO portico_hot, portico_resolver;
ALTER FUNCTION resolve_tenant OWNER TO portico_resolver;
ALTER FUNCTION hot_session OWNER TO portico_hot;
ALTER FUNCTION hot_begin_sign_in OWNER TO portico_hot;
ALTER FUNCTION hot_known_device OWNER TO portico_hot;
ALTER FUNCTION hot_open_session OWNER TO portico_hot;
ALTER FUNCTION hot_family_secret OWNER TO portico_hot;
ALTER FUNCTION hot_rotate OWNER TO portico_hot;
REVOKE CREATE ON SCHEMA public FROM portico_hot, portico_resolver;
