DROP FUNCTION hot_begin_sign_in(uuid, text, bytea, bytea, bytea, timestamptz, integer, interval, interval);
DROP FUNCTION hot_person(uuid, text, uuid, bytea, timestamptz);

-- Who is meant, by address or by id, what is known of the browser they come with, and how they came in before:
-- ``history`` has the last sign-ins, newest first, ``recent`` counts those of the last hour,
-- ``backup_codes`` those that are left. ``trusted_at``: since when no second factor need be asked for on this device.
CREATE FUNCTION hot_person(p_tenant uuid, p_email_key text, p_user uuid, p_device bytea, p_now timestamptz)
RETURNS TABLE (
    user_id uuid, email text, name text, password_hash text, email_verified boolean, disabled boolean, leaving boolean,
    suspended boolean, created_at timestamptz, last_sign_in_at timestamptz, password_changed_at timestamptz,
    email_key text, roles text[], known_device boolean, cleared boolean, history jsonb, recent integer,
    totp boolean, passkey boolean, backup_codes integer, trusted_at timestamptz, second_factor_due_at timestamptz,
    passkey_offered boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM set_config('app.tenant_id', p_tenant::text, true);
    suspended := EXISTS (SELECT FROM tenants t WHERE t.id = p_tenant AND t.suspended_at IS NOT NULL);
    SELECT u.id, u.email, u.name, u.password_hash, u.email_verified_at IS NOT NULL, u.disabled_at IS NOT NULL,
        u.leaving_at IS NOT NULL, u.created_at, u.last_sign_in_at, u.password_changed_at, u.email_key,
        u.second_factor_due_at, u.passkey_offered_at IS NOT NULL
    INTO user_id, email, name, password_hash, email_verified, disabled, leaving, created_at, last_sign_in_at,
        password_changed_at, email_key, second_factor_due_at,
        passkey_offered
    FROM users u
    WHERE u.tenant_id = p_tenant AND u.id = coalesce(
        p_user, (SELECT o.id FROM users o WHERE o.tenant_id = p_tenant AND o.email_key = p_email_key));
    SELECT coalesce(d.cleared_until > p_now, false), CASE WHEN d.trusted_until > p_now THEN d.trusted_at END
    INTO cleared, trusted_at
    FROM known_devices d
    WHERE d.tenant_id = p_tenant AND d.user_id = hot_person.user_id AND d.digest = p_device;
    known_device := FOUND;
    cleared := coalesce(cleared, false);
    SELECT
        EXISTS (
            SELECT FROM totp_authenticators f
            WHERE f.tenant_id = p_tenant AND f.user_id = hot_person.user_id AND f.confirmed_at IS NOT NULL),
        EXISTS (SELECT FROM passkeys f WHERE f.tenant_id = p_tenant AND f.user_id = hot_person.user_id)
    INTO totp, passkey;
    backup_codes := 0;
    IF totp OR passkey THEN  -- they count for nothing without, and most people have none
        SELECT count(*) INTO backup_codes FROM backup_codes f
        WHERE f.tenant_id = p_tenant AND f.user_id = hot_person.user_id AND f.used_at IS NULL;
    END IF;
    roles := ARRAY(
        SELECT r.name FROM role_assignments a JOIN roles r ON r.tenant_id = a.tenant_id AND r.id = a.role_id
        WHERE a.tenant_id = p_tenant AND a.user_id = hot_person.user_id ORDER BY r.name);
    SELECT coalesce(jsonb_agg(jsonb_build_object(
            'at', h.at, 'network', h.network, 'country', h.country, 'latitude', h.latitude, 'longitude', h.longitude)
            ORDER BY h.at DESC), '[]'),
        count(*) FILTER (WHERE h.at > p_now - interval '1 hour')
    INTO history, recent
    FROM (
        SELECT a.at, a.network, a.country, a.latitude, a.longitude FROM risk_assessments a
        WHERE a.tenant_id = p_tenant AND a.user_id = hot_person.user_id AND a.session_id IS NOT NULL
        ORDER BY a.at DESC LIMIT 20) AS h;
    RETURN NEXT;
END
$$;

-- The person, and whether their lane lets one more guess through. The guess is counted before it is checked, so that
-- parallel guesses cannot beat the counter. ``lane_state``: open, locked, or busy (as many guesses are being checked as
-- are left).
CREATE FUNCTION hot_begin_sign_in(
    p_tenant uuid, p_email_key text, p_device bytea, p_device_lane bytea, p_common_lane bytea, p_now timestamptz,
    p_attempts integer, p_window interval, p_stale interval)
RETURNS TABLE (
    user_id uuid, email text, name text, password_hash text, email_verified boolean, disabled boolean, leaving boolean,
    suspended boolean, created_at timestamptz, last_sign_in_at timestamptz, password_changed_at timestamptz,
    email_key text, roles text[], known_device boolean, cleared boolean, history jsonb, recent integer,
    totp boolean, passkey boolean, backup_codes integer, trusted_at timestamptz, second_factor_due_at timestamptz,
    passkey_offered boolean,
    lane_state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    v_lane bytea;
BEGIN
    SELECT p.* INTO user_id, email, name, password_hash, email_verified, disabled, leaving, suspended, created_at,
        last_sign_in_at, password_changed_at, email_key, roles, known_device, cleared, history, recent, totp,
        passkey, backup_codes, trusted_at, second_factor_due_at, passkey_offered
    FROM hot_person(p_tenant, p_email_key, NULL, p_device, p_now) AS p;
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

-- The gate's one write: the session, its refresh family, the device, the lane's relief, the assessment, the audit rows
-- and what the owner is told. ``outcome``: opened; changed (the person was disabled, is leaving, or their password
-- changed while it was being checked); or full (as many sessions as are allowed, and the tenant refuses the new one).
-- Else the oldest make room: ``made_room`` names them. ``device_kept``: the browser keeps the secret that it came with.
CREATE OR REPLACE FUNCTION hot_open_session(
    p_tenant uuid, p_user uuid, p_now timestamptz, p_password_changed_at timestamptz, p_new_hash text, p_session jsonb,
    p_token_digest bytea, p_family uuid, p_family_secret bytea, p_family_expires timestamptz, p_device_shown bytea,
    p_device_new bytea, p_lane bytea, p_stamp timestamptz, p_relieve boolean, p_policy jsonb, p_assessment jsonb,
    p_audit jsonb, p_audit_room jsonb)
RETURNS TABLE (outcome text, made_room uuid[], device_kept boolean, promised boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    v_session uuid := (p_session ->> 'id')::uuid;
    v_most integer := (p_policy ->> 'most_sessions')::integer;
    v_live uuid[];
    v_rotated timestamptz;
    v_known boolean;
    v_before boolean;
BEGIN
    PERFORM set_config('app.tenant_id', p_tenant::text, true);
    made_room := '{}';
    device_kept := false;
    promised := false;
    IF p_lane IS NOT NULL THEN
        UPDATE lockout_lanes l
        SET pending = stamps_without_one(l.pending, p_stamp),
            failed = CASE WHEN p_relieve THEN '{}' ELSE l.failed END
        WHERE l.tenant_id = p_tenant AND l.lane = p_lane;
    END IF;
    -- Holds the person's row from here on: sign-ins of one person come one after the other, so the count is exact.
    SELECT u.last_sign_in_at IS NOT NULL INTO v_before FROM users u JOIN tenants t ON t.id = u.tenant_id
    WHERE u.tenant_id = p_tenant AND u.id = p_user
        AND u.disabled_at IS NULL AND u.leaving_at IS NULL AND t.suspended_at IS NULL
        AND u.password_changed_at IS NOT DISTINCT FROM p_password_changed_at
    FOR UPDATE OF u;
    IF NOT FOUND THEN
        outcome := 'changed';
        RETURN NEXT;
        RETURN;
    END IF;
    v_live := ARRAY(
        SELECT s.id FROM sessions s
        WHERE s.tenant_id = p_tenant AND s.user_id = p_user AND s.revoked_at IS NULL
            AND s.id IS DISTINCT FROM (p_session ->> 'replaces')::uuid
            AND session_is_young(
                s.created_at, s.last_seen_at, s.expires_at, s.remember, p_now, (p_policy ->> 'life')::interval,
                (p_policy ->> 'remembered')::interval, (p_policy ->> 'idle')::interval)
        ORDER BY s.created_at, s.id);
    IF cardinality(v_live) >= v_most THEN
        IF (p_policy ->> 'refuse_new')::boolean THEN
            outcome := 'full';
            RETURN NEXT;
            RETURN;
        END IF;
        made_room := v_live[1 : cardinality(v_live) - v_most + 1];
        UPDATE sessions s SET revoked_at = p_now, revoked_reason = 'session_limit'
        WHERE s.tenant_id = p_tenant AND s.id = ANY(made_room);
        UPDATE refresh_families f SET revoked_at = p_now
        WHERE f.tenant_id = p_tenant AND f.session_id = ANY(made_room) AND f.revoked_at IS NULL;
        INSERT INTO revocations AS r (tenant_id, kind, subject, revoked_at, expires_at)
        SELECT p_tenant, 'sid', one, p_now, p_now + (p_policy ->> 'token_life')::interval
        FROM unnest(made_room) AS one
        ON CONFLICT (tenant_id, kind, subject) DO UPDATE
        SET revoked_at = excluded.revoked_at, expires_at = excluded.expires_at, published_at = NULL;
        PERFORM audit_write(p_tenant, (
            SELECT jsonb_agg(a.one || jsonb_build_object('id', gen_random_uuid(), 'session_id', room.one))
            FROM unnest(made_room) AS room(one) CROSS JOIN jsonb_array_elements(p_audit_room) AS a(one)));
        INSERT INTO outbox (tenant_id, id, kind, payload, created_at, due_at)
        SELECT p_tenant, gen_random_uuid(), 'mail.session_revoked',
            jsonb_build_object('user_id', p_user, 'session_id', one), p_now, p_now
        FROM unnest(made_room) AS one;
        promised := true;
    END IF;
    UPDATE users u SET last_sign_in_at = p_now, password_hash = coalesce(p_new_hash, u.password_hash),
        second_factor_due_at = coalesce((p_session ->> 'second_factor_due_at')::timestamptz, u.second_factor_due_at)
    WHERE u.tenant_id = p_tenant AND u.id = p_user;
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
    SELECT d.rotated_at, d.user_id = p_user INTO v_rotated, v_known FROM known_devices d
    WHERE d.tenant_id = p_tenant AND d.digest = p_device_shown
    ORDER BY d.user_id = p_user DESC LIMIT 1;
    device_kept := FOUND AND v_rotated > p_now - interval '1 day';
    IF FOUND AND NOT device_kept THEN
        -- The browser gets another secret, for everybody who is known by it.
        UPDATE known_devices d SET digest = p_device_new, rotated_at = p_now
        WHERE d.tenant_id = p_tenant AND d.digest = p_device_shown;
    END IF;
    INSERT INTO known_devices AS d (tenant_id, user_id, digest, first_seen_at, last_seen_at, rotated_at)
    VALUES (p_tenant, p_user, CASE WHEN device_kept THEN p_device_shown ELSE p_device_new END, p_now, p_now,
        CASE WHEN device_kept THEN v_rotated ELSE p_now END)
    ON CONFLICT (tenant_id, user_id, digest) DO UPDATE SET last_seen_at = p_now
    WHERE d.last_seen_at < p_now - interval '1 hour';
    IF p_session ->> 'trusted_until' IS NOT NULL THEN
        UPDATE known_devices d
        SET trusted_at = p_now, trusted_until = (p_session ->> 'trusted_until')::timestamptz,
            trusted_ip = (p_session ->> 'ip')::inet, trusted_agent = p_session ->> 'user_agent'
        WHERE d.tenant_id = p_tenant AND d.user_id = p_user
            AND d.digest = CASE WHEN device_kept THEN p_device_shown ELSE p_device_new END;
    END IF;
    IF NOT coalesce(v_known, false) THEN
        -- Clients that never say who they are would fill the table.
        DELETE FROM known_devices d WHERE d.tenant_id = p_tenant AND d.user_id = p_user AND d.digest IN (
            SELECT o.digest FROM known_devices o WHERE o.tenant_id = p_tenant AND o.user_id = p_user
            ORDER BY o.last_seen_at DESC, o.digest OFFSET 50);
        IF v_before THEN
            INSERT INTO outbox (tenant_id, id, kind, payload, created_at, due_at)
            VALUES (p_tenant, gen_random_uuid(), 'mail.login_alert',
                jsonb_build_object('user_id', p_user, 'session_id', v_session), p_now, p_now);
            promised := true;
        END IF;
    END IF;
    INSERT INTO risk_assessments AS a (
        tenant_id, id, user_id, at, signals, factors, score, level, mode, outcome, session_id, ip, network, country,
        city, latitude, longitude, user_agent)
    SELECT p_tenant, r.id, p_user, r.at, r.signals, r.factors, r.score, r.level, r.mode, r.outcome, v_session, r.ip,
        coalesce(r.network, ''), r.country, r.city, r.latitude, r.longitude, coalesce(r.user_agent, '')
    FROM jsonb_to_record(p_assessment) AS r(
        id uuid, at timestamptz, signals jsonb, factors jsonb, score integer, level text, mode text, outcome text,
        ip inet, network text, country text, city text, latitude double precision, longitude double precision,
        user_agent text)
    WHERE r.id IS NOT NULL
    ON CONFLICT (tenant_id, id) DO UPDATE SET outcome = excluded.outcome, session_id = excluded.session_id;
    PERFORM audit_write(p_tenant, p_audit);
    outcome := 'opened';
    RETURN NEXT;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;

GRANT portico_hot TO CURRENT_USER;
GRANT CREATE ON SCHEMA public TO portico_hot;
ALTER FUNCTION hot_person OWNER TO portico_hot;
ALTER FUNCTION hot_begin_sign_in OWNER TO portico_hot;
REVOKE CREATE ON SCHEMA public FROM portico_hot;
