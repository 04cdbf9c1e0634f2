-- ``leaving_at``: they asked to be deleted; from ``erase_at`` on they are.
ALTER TABLE users
    ADD COLUMN password_leaked_at timestamptz,
    ADD COLUMN leaving_at timestamptz,
    ADD COLUMN erase_at timestamptz;
CREATE INDEX ix_users_erase_at ON users (erase_at) WHERE erase_at IS NOT NULL;

CREATE TABLE password_history (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    password_hash text NOT NULL,
    replaced_at timestamptz NOT NULL,
    CONSTRAINT pk_password_history PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_password_history_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_password_history_user ON password_history (tenant_id, user_id, replaced_at);

-- A password that could not be looked up among the leaked ones when it was chosen: its SHA-1, encrypted, for a day.
CREATE TABLE leak_checks (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    sha1_encrypted bytea NOT NULL,
    password_changed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_leak_checks PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT fk_leak_checks_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

-- ``cleared_until``: the owner has said by mail that a risky sign-in from here was theirs.
ALTER TABLE known_devices
    ADD COLUMN rotated_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN cleared_until timestamptz;
ALTER TABLE known_devices ALTER COLUMN rotated_at DROP DEFAULT;
CREATE INDEX ix_known_devices_digest ON known_devices (tenant_id, digest);

-- ``proof``: what has been shown so far (see app/auth/pending.py), where a factor is still owed.
ALTER TABLE pending_logins
    ADD COLUMN user_id uuid,
    ADD COLUMN proof jsonb;

-- Who asked, from where: the landing page tells it to whoever opens the link elsewhere.
ALTER TABLE link_requests
    ADD COLUMN challenge_digest bytea,
    ADD COLUMN channel text NOT NULL DEFAULT 'page',
    ADD COLUMN ip inet,
    ADD COLUMN user_agent text NOT NULL DEFAULT '';

ALTER TABLE one_time_tokens
    ADD COLUMN channel text NOT NULL DEFAULT 'page',
    ADD COLUMN ip inet,
    ADD COLUMN user_agent text NOT NULL DEFAULT '',
    ADD COLUMN code_digest bytea,
    ADD COLUMN tries integer NOT NULL DEFAULT 0,
    ADD COLUMN approved_at timestamptz,
    ADD COLUMN subject_id uuid;
CREATE INDEX ix_one_time_tokens_challenge ON one_time_tokens (tenant_id, challenge_digest) WHERE spent_at IS NULL;

ALTER TABLE lockout_lanes ADD COLUMN told_at timestamptz;

-- Every sign-in whose first factor was right, with what spoke against it; those let in are the next one's history.
CREATE TABLE risk_assessments (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    at timestamptz NOT NULL,
    signals jsonb NOT NULL,
    factors jsonb NOT NULL,
    score integer NOT NULL,
    level text NOT NULL,
    mode text NOT NULL,
    outcome text NOT NULL,
    session_id uuid,
    ip inet,
    network text NOT NULL DEFAULT '',
    country text,
    city text,
    latitude double precision,
    longitude double precision,
    user_agent text NOT NULL DEFAULT '',
    CONSTRAINT pk_risk_assessments PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_risk_assessments_level CHECK (level IN ('low', 'medium', 'high')),
    CONSTRAINT ck_risk_assessments_mode CHECK (mode IN ('off', 'shadow', 'enforce')),
    CONSTRAINT ck_risk_assessments_outcome CHECK (outcome IN ('allowed', 'code_required', 'allowed_after_code', 'blocked')),
    CONSTRAINT fk_risk_assessments_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_risk_assessments_user ON risk_assessments (tenant_id, user_id, at);
CREATE INDEX ix_risk_assessments_at ON risk_assessments (tenant_id, at, id);

CREATE TABLE data_exports (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    ready_at timestamptz,
    expires_at timestamptz NOT NULL,
    content_encrypted bytea,
    CONSTRAINT pk_data_exports PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_data_exports_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_data_exports_user ON data_exports (tenant_id, user_id, asked_at);

-- What is personal in a row can be erased while its digest stays: whatever seals the trail seals the digest.
ALTER TABLE audit_events
    ADD COLUMN personal_salt bytea,
    ADD COLUMN personal_digest bytea;
CREATE INDEX ix_audit_events_subject ON audit_events (tenant_id, subject_id, at, id);
-- What somebody did to others, or as others: few rows, which erasing that somebody has to find.
CREATE INDEX ix_audit_events_acted ON audit_events (tenant_id, actor_id) WHERE actor_id IS DISTINCT FROM subject_id;
CREATE INDEX ix_audit_events_impersonator ON audit_events (tenant_id, impersonator_id) WHERE impersonator_id IS NOT NULL;
