-- Relying apps. Their id is their client_id. ``scopes`` and ``resources`` may be asked for; ``serves`` are the names by
-- which the application itself is an audience, so that it may introspect what was issued for it.
CREATE TABLE applications (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    auth_method text NOT NULL,
    grant_types text[] NOT NULL,
    redirect_uris text[] NOT NULL DEFAULT '{}',
    post_logout_redirect_uris text[] NOT NULL DEFAULT '{}',
    backchannel_logout_uri text,
    scopes text[] NOT NULL DEFAULT '{}',
    resources text[] NOT NULL DEFAULT '{}',
    serves text[] NOT NULL DEFAULT '{}',
    signing_algorithm text NOT NULL DEFAULT 'RS256',
    jwks jsonb,
    require_pkce boolean NOT NULL DEFAULT true,
    require_pushed_requests boolean NOT NULL DEFAULT false,
    require_dpop boolean NOT NULL DEFAULT false,
    first_party boolean NOT NULL DEFAULT false,
    access_token_minutes integer,
    refresh_token_days integer,
    home_uri text,
    policy_uri text,
    terms_uri text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    disabled_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT pk_applications PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_applications_type CHECK (type IN ('web', 'spa', 'native', 'machine')),
    CONSTRAINT ck_applications_auth_method CHECK (
        auth_method IN ('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt')),
    CONSTRAINT ck_applications_signing_algorithm CHECK (signing_algorithm IN ('RS256', 'ES256', 'EdDSA')),
    -- A public client cannot keep a secret: only PKCE binds its codes to it (RFC 9700, section 2.1.1).
    CONSTRAINT ck_applications_public_needs_pkce CHECK (auth_method <> 'none' OR require_pkce)
);

CREATE TABLE application_logos (
    tenant_id uuid NOT NULL,
    application_id uuid NOT NULL,
    png bytea NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_application_logos PRIMARY KEY (tenant_id, application_id),
    CONSTRAINT fk_application_logos_application FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE application_secrets (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    secret_digest bytea NOT NULL,
    hint text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    CONSTRAINT pk_application_secrets PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_application_secrets_application FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_application_secrets_application ON application_secrets (tenant_id, application_id);

-- Which applications somebody has signed in to within a session: they hear of its end.
CREATE TABLE application_sessions (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    application_id uuid NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    CONSTRAINT pk_application_sessions PRIMARY KEY (tenant_id, session_id, application_id),
    CONSTRAINT fk_application_sessions_session FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_application_sessions_application FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_application_sessions_application ON application_sessions (tenant_id, application_id);

-- A sign-in on behalf of an application, while it is under way: ``request`` as it was checked. It belongs to the browser
-- that began it. ``chosen_at``: an account was chosen, ``consented_at``: it was allowed, by ``consented_by`` and nobody
-- else, ``answered_at``: the application has its answer.
CREATE TABLE authorization_flows (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    browser_digest bytea NOT NULL,
    request jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    chosen_at timestamptz,
    consented_at timestamptz,
    consented_by uuid,
    denied_at timestamptz,
    answered_at timestamptz,
    CONSTRAINT pk_authorization_flows PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_authorization_flows_application FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_authorization_flows_application ON authorization_flows (tenant_id, application_id);

CREATE TABLE pushed_requests (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    secret_digest bytea NOT NULL,
    request jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_pushed_requests PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_pushed_requests_secret_digest UNIQUE (tenant_id, secret_digest),
    CONSTRAINT fk_pushed_requests_application FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_pushed_requests_application ON pushed_requests (tenant_id, application_id);

-- ``grant_id`` is the refresh family that the code becomes: a second use of the code revokes it.
CREATE TABLE authorization_codes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    secret_digest bytea NOT NULL,
    application_id uuid NOT NULL,
    session_id uuid NOT NULL,
    user_id uuid NOT NULL,
    grant_id uuid NOT NULL,
    redirect_uri text NOT NULL,
    scopes text[] NOT NULL,
    resources text[] NOT NULL,
    claims jsonb NOT NULL,
    nonce text,
    verifier_digest text,
    dpop_jkt text,
    auth_time timestamptz NOT NULL,
    acr text NOT NULL,
    amr text[] NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    spent_at timestamptz,
    CONSTRAINT pk_authorization_codes PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_authorization_codes_secret_digest UNIQUE (tenant_id, secret_digest),
    CONSTRAINT fk_authorization_codes_application FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_authorization_codes_session FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_authorization_codes_application ON authorization_codes (tenant_id, application_id);
CREATE INDEX ix_authorization_codes_session ON authorization_codes (tenant_id, session_id);

-- What a person has allowed an application, remembered.
CREATE TABLE consents (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    application_id uuid NOT NULL,
    scopes text[] NOT NULL,
    granted_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_consents PRIMARY KEY (tenant_id, user_id, application_id),
    CONSTRAINT fk_consents_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_consents_application FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_consents_application ON consents (tenant_id, application_id);

-- RFC 8628. ``user_code_digest`` is an HMAC: the code is short. ``session_id`` … ``amr``: of whoever approved it.
CREATE TABLE device_grants (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    secret_digest bytea NOT NULL,
    user_code_digest bytea NOT NULL,
    scopes text[] NOT NULL,
    resources text[] NOT NULL,
    ip inet,
    user_agent text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    interval_s integer NOT NULL,
    polled_at timestamptz,
    decided_at timestamptz,
    approved boolean NOT NULL DEFAULT false,
    session_id uuid,
    user_id uuid,
    auth_time timestamptz,
    acr text,
    amr text[],
    spent_at timestamptz,
    CONSTRAINT pk_device_grants PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_device_grants_secret_digest UNIQUE (tenant_id, secret_digest),
    CONSTRAINT uq_device_grants_user_code_digest UNIQUE (tenant_id, user_code_digest),
    CONSTRAINT fk_device_grants_application FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_device_grants_session FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_device_grants_application ON device_grants (tenant_id, application_id);
CREATE INDEX ix_device_grants_session ON device_grants (tenant_id, session_id);

-- What clients have signed and shown once: names of assertions (RFC 7523) and of proofs of possession (RFC 9449).
CREATE TABLE shown_proofs (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    name_digest bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_shown_proofs PRIMARY KEY (tenant_id, name_digest)
);
CREATE INDEX ix_shown_proofs_expires_at ON shown_proofs (expires_at);

-- A family of an application's: what it was granted, and how its person had signed in then. ``offline``: a refresh token
-- was given out; a family without is only there to be revoked.
ALTER TABLE refresh_families
    ADD COLUMN application_id uuid,
    ADD COLUMN offline boolean NOT NULL DEFAULT true,
    ADD COLUMN scopes text[] NOT NULL DEFAULT '{}',
    ADD COLUMN resources text[] NOT NULL DEFAULT '{}',
    ADD COLUMN claims jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN dpop_jkt text,
    ADD COLUMN auth_time timestamptz,
    ADD COLUMN acr text,
    ADD COLUMN amr text[],
    ADD CONSTRAINT fk_refresh_families_application FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE;
CREATE INDEX ix_refresh_families_application ON refresh_families (tenant_id, application_id) WHERE application_id IS NOT NULL;

-- ``grant``: all tokens of one family of an application's.
ALTER TABLE revocations
    DROP CONSTRAINT ck_revocations_kind,
    ADD CONSTRAINT ck_revocations_kind CHECK (kind IN ('jti', 'sid', 'user', 'grant'));

-- Keys whose public half is published: before they sign (next), while they do (active), and as long as what they have
-- signed may count (retiring).
ALTER TABLE signing_keys
    ADD COLUMN public_jwk jsonb,
    DROP CONSTRAINT ck_signing_keys_state,
    ADD CONSTRAINT ck_signing_keys_state CHECK (state IN ('next', 'active', 'retiring'));
CREATE UNIQUE INDEX uq_signing_keys_next ON signing_keys (tenant_id, algorithm) WHERE state = 'next';

-- ``flow_id``: the application's sign-in that it belongs to, for links that are opened from the mail.
ALTER TABLE pending_logins ADD COLUMN flow_id uuid;

-- What people say of themselves beside name and address (OpenID Connect Core, section 5.1).
ALTER TABLE users ADD COLUMN profile jsonb NOT NULL DEFAULT '{}';
