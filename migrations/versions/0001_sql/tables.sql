CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    slug text NOT NULL,
    name text NOT NULL,
    settings jsonb NOT NULL DEFAULT '{}',
    theme jsonb NOT NULL DEFAULT '{}',
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    suspended_at timestamptz,
    CONSTRAINT uq_tenants_slug UNIQUE (slug),
    CONSTRAINT ck_tenants_slug_is_a_label CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$')
);

CREATE TABLE tenant_domains (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    host text NOT NULL,
    verified_at timestamptz,
    CONSTRAINT pk_tenant_domains PRIMARY KEY (tenant_id, host)
);
-- A verified host belongs to one tenant: this index is over all tenants on purpose.
CREATE UNIQUE INDEX uq_tenant_domains_verified_host ON tenant_domains (host) WHERE verified_at IS NOT NULL;

CREATE TABLE users (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL,
    name text NOT NULL DEFAULT '',
    password_hash text,
    password_changed_at timestamptz,
    email_verified_at timestamptz,
    challenge_digest bytea, -- what the newest registration was bound to
    disabled_at timestamptz,
    not_before timestamptz,
    last_sign_in_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_users_email_key UNIQUE (tenant_id, email_key)
) WITH (fillfactor = 85);

CREATE TABLE roles (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    permissions text[], -- NULL for system roles: app/auth/rbac.py has theirs
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_roles PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_roles_name UNIQUE (tenant_id, name)
);

CREATE TABLE role_assignments (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role_id uuid NOT NULL,
    granted_at timestamptz NOT NULL,
    CONSTRAINT pk_role_assignments PRIMARY KEY (tenant_id, user_id, role_id),
    CONSTRAINT fk_role_assignments_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_role_assignments_role FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE known_devices (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    digest bytea NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    CONSTRAINT pk_known_devices PRIMARY KEY (tenant_id, user_id, digest),
    CONSTRAINT fk_known_devices_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE sessions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_digest bytea,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    auth_time timestamptz NOT NULL,
    amr text[] NOT NULL,
    acr text NOT NULL,
    remember boolean NOT NULL,
    ip inet,
    user_agent text NOT NULL DEFAULT '',
    revoked_at timestamptz,
    revoked_reason text,
    CONSTRAINT pk_sessions PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_sessions_token_digest UNIQUE (tenant_id, token_digest),
    CONSTRAINT fk_sessions_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX ix_sessions_live ON sessions (tenant_id, user_id) WHERE revoked_at IS NULL;

-- ``generation`` is not indexed, so that rotation stays HOT and the table does not grow.
CREATE TABLE refresh_families (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    generation integer NOT NULL DEFAULT 1,
    secret_encrypted bytea NOT NULL,
    created_at timestamptz NOT NULL,
    rotated_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT pk_refresh_families PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_refresh_families_session FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX ix_refresh_families_session ON refresh_families (tenant_id, session_id);

CREATE TABLE lockout_lanes (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    lane bytea NOT NULL,
    -- The failures of the last 24 hours, and the guesses being checked now: they count before anybody knows how they end.
    failed timestamptz[] NOT NULL DEFAULT '{}',
    pending timestamptz[] NOT NULL DEFAULT '{}',
    locked_until timestamptz,
    closed_at timestamptz,
    touched_at timestamptz NOT NULL,
    CONSTRAINT pk_lockout_lanes PRIMARY KEY (tenant_id, lane)
) WITH (fillfactor = 70);

-- What a browser holds until the gate makes a session: it opens nothing.
CREATE TABLE pending_logins (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    secret_digest bytea NOT NULL,
    email text NOT NULL,
    step text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_pending_logins PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_pending_logins_secret_digest UNIQUE (tenant_id, secret_digest)
);

-- One row for a known and an unknown address alike: the worker decides, and mints.
CREATE TABLE link_requests (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    purpose text NOT NULL,
    email text NOT NULL,
    registration boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_link_requests PRIMARY KEY (tenant_id, id)
);

CREATE TABLE one_time_tokens (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    purpose text NOT NULL,
    secret_digest bytea NOT NULL,
    challenge_digest bytea,
    sent_to text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    spent_at timestamptz,
    CONSTRAINT pk_one_time_tokens PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_one_time_tokens_secret_digest UNIQUE (tenant_id, secret_digest),
    CONSTRAINT fk_one_time_tokens_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_one_time_tokens_open ON one_time_tokens (tenant_id, user_id, purpose) WHERE spent_at IS NULL;

CREATE TABLE signing_keys (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    algorithm text NOT NULL,
    state text NOT NULL,
    secret_encrypted bytea NOT NULL,
    created_at timestamptz NOT NULL,
    retires_at timestamptz,
    CONSTRAINT pk_signing_keys PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_signing_keys_state CHECK (state IN ('active', 'retiring'))
);
CREATE UNIQUE INDEX uq_signing_keys_active ON signing_keys (tenant_id, algorithm) WHERE state = 'active';

CREATE TABLE revocations (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    kind text NOT NULL,
    subject uuid NOT NULL,
    revoked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    published_at timestamptz,
    CONSTRAINT pk_revocations PRIMARY KEY (tenant_id, kind, subject),
    CONSTRAINT ck_revocations_kind CHECK (kind IN ('jti', 'sid', 'user'))
);
-- The sweep over all tenants looks for the few that Redis has not heard of.
CREATE INDEX ix_revocations_unpublished ON revocations (revoked_at) WHERE published_at IS NULL;

CREATE TABLE outbox (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    claimed_until timestamptz,
    delivered_at timestamptz,
    failed_at timestamptz,
    last_error text,
    CONSTRAINT pk_outbox PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 70);
-- The worker drains all tenants at once, oldest first.
CREATE INDEX ix_outbox_due ON outbox (due_at) WHERE delivered_at IS NULL AND failed_at IS NULL;

CREATE TABLE audit_events (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    event text NOT NULL,
    outcome text NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    impersonator_id uuid,
    subject_id uuid,
    session_id uuid,
    ip inet,
    user_agent text NOT NULL DEFAULT '',
    request_id text NOT NULL DEFAULT '',
    details jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT pk_audit_events PRIMARY KEY (tenant_id, at, id)
) PARTITION BY RANGE (at);
CREATE TABLE audit_events_default PARTITION OF audit_events DEFAULT;
