-- ``second_factor_due_at``: until when they may put off a factor that their tenant asks for. ``passkey_offered_at``: when
-- they were asked, once, whether they would like one.
ALTER TABLE users
    ADD COLUMN second_factor_due_at timestamptz,
    ADD COLUMN passkey_offered_at timestamptz;

-- Apps that show a code every half minute (RFC 6238). ``last_step``: the newest step that was accepted; only a newer one
-- is, so that no code works twice.
CREATE TABLE totp_authenticators (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    secret_encrypted bytea NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0,
    last_used_at timestamptz,
    CONSTRAINT pk_totp_authenticators PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_totp_authenticators_user FOREIGN KEY (tenant_id, user_id)
        REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_totp_authenticators_user ON totp_authenticators (tenant_id, user_id);
CREATE UNIQUE INDEX uq_totp_authenticators_open ON totp_authenticators (tenant_id, user_id) WHERE confirmed_at IS NULL;

-- ``recipe``: the salt of their digests, and the parameters of Argon2id. ``codes_encrypted``: to be shown until their
-- owner has saved them, and for an hour at the most.
CREATE TABLE backup_code_sets (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    recipe bytea NOT NULL,
    codes_encrypted bytea,
    made_at timestamptz NOT NULL,
    saved_at timestamptz,
    CONSTRAINT pk_backup_code_sets PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT fk_backup_code_sets_user FOREIGN KEY (tenant_id, user_id)
        REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_backup_code_sets_shown ON backup_code_sets (made_at) WHERE codes_encrypted IS NOT NULL;

CREATE TABLE backup_codes (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    code_digest bytea NOT NULL,
    used_at timestamptz,
    CONSTRAINT pk_backup_codes PRIMARY KEY (tenant_id, user_id, code_digest),
    CONSTRAINT fk_backup_codes_set FOREIGN KEY (tenant_id, user_id)
        REFERENCES backup_code_sets (tenant_id, user_id) ON DELETE CASCADE
);

CREATE TABLE passkeys (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    credential_id bytea NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    aaguid uuid NOT NULL,
    name text NOT NULL,
    transports text[] NOT NULL DEFAULT '{}',
    synced boolean NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    cloned_at timestamptz,
    CONSTRAINT pk_passkeys PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_passkeys_credential_id UNIQUE (tenant_id, credential_id),
    CONSTRAINT fk_passkeys_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_passkeys_user ON passkeys (tenant_id, user_id);

-- What a passkey is asked to sign: once. ``secret_digest``: of that, and of what the browser or client that asked holds.
CREATE TABLE passkey_challenges (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    secret_digest bytea NOT NULL,
    purpose text NOT NULL,
    user_id uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_passkey_challenges PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_passkey_challenges_secret_digest UNIQUE (tenant_id, secret_digest),
    CONSTRAINT fk_passkey_challenges_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE CASCADE
);
CREATE INDEX ix_passkey_challenges_expires_at ON passkey_challenges (expires_at);

-- Wrong codes of one account, whichever kind and wherever they were typed. ``in_a_row``: since the last right one.
CREATE TABLE code_guesses (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    recent timestamptz[] NOT NULL DEFAULT '{}',
    in_a_row integer NOT NULL DEFAULT 0,
    locks integer NOT NULL DEFAULT 0,
    locked_until timestamptz,
    told_at timestamptz,
    touched_at timestamptz NOT NULL,
    CONSTRAINT pk_code_guesses PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT fk_code_guesses_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

-- An administrator takes somebody's factors away: after a delay in which the owner can say no.
CREATE TABLE factor_resets (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    started_by uuid,
    reason text NOT NULL,
    started_at timestamptz NOT NULL,
    takes_effect_at timestamptz NOT NULL,
    cancelled_at timestamptz,
    cancelled_by uuid,
    done_at timestamptz,
    CONSTRAINT pk_factor_resets PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_factor_resets_user FOREIGN KEY (tenant_id, user_id)
        REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX uq_factor_resets_open ON factor_resets (tenant_id, user_id)
    WHERE cancelled_at IS NULL AND done_at IS NULL;
CREATE INDEX ix_factor_resets_due ON factor_resets (takes_effect_at) WHERE cancelled_at IS NULL AND done_at IS NULL;

-- ``trusted_until``: no second factor is asked for on this device until then; where it was trusted, for its owner to see.
ALTER TABLE known_devices
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN trusted_at timestamptz,
    ADD COLUMN trusted_until timestamptz,
    ADD COLUMN trusted_ip inet,
    ADD COLUMN trusted_agent text NOT NULL DEFAULT '';
