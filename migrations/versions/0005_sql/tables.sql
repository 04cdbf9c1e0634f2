-- Requests with an Idempotency-Key. ``name_digest``: who asked, under which key. ``claim_id``: the attempt that carries it
-- out. ``carried_out_at`` is written in the transaction of what was created; ``answered_at`` after it, with the answer.
CREATE TABLE idempotent_requests (
    tenant_id uuid NOT NULL,
    name_digest bytea NOT NULL,
    claim_id uuid NOT NULL,
    user_id uuid,
    fingerprint bytea NOT NULL,
    claimed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    carried_out_at timestamptz,
    answered_at timestamptz,
    status integer,
    location text,
    body_encrypted bytea,
    withheld text[] NOT NULL DEFAULT '{}',
    CONSTRAINT pk_idempotent_requests PRIMARY KEY (tenant_id, name_digest),
    CONSTRAINT fk_idempotent_requests_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE CASCADE,
    CONSTRAINT fk_idempotent_requests_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    -- An answer is kept whole or not at all.
    CONSTRAINT ck_idempotent_requests_answer CHECK (num_nulls(answered_at, status, body_encrypted) IN (0, 3))
);
CREATE INDEX ix_idempotent_requests_user ON idempotent_requests (tenant_id, user_id);
CREATE INDEX ix_idempotent_requests_expires_at ON idempotent_requests (expires_at);
