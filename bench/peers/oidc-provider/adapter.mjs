// oidc-provider's storage on PostgreSQL, by its documented adapter interface: one table for all of its models, every
// statement prepared, every write committed (durably, as PostgreSQL's settings are) before it is answered.

import pg from 'pg';

const TABLE = `
  CREATE TABLE IF NOT EXISTS artifacts (
    model text NOT NULL,
    id text NOT NULL,
    payload jsonb NOT NULL,
    grant_id text,
    user_code text,
    uid text,
    expires_at timestamptz,
    consumed_at timestamptz,
    PRIMARY KEY (model, id)
  ) WITH (fillfactor = 70);
  CREATE INDEX IF NOT EXISTS ix_artifacts_grant ON artifacts (grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS ix_artifacts_user_code ON artifacts (user_code) WHERE user_code IS NOT NULL;
  CREATE INDEX IF NOT EXISTS ix_artifacts_uid ON artifacts (uid) WHERE uid IS NOT NULL;
  CREATE TABLE IF NOT EXISTS accounts (id text PRIMARY KEY, email text NOT NULL, name text NOT NULL)`;

const FOUND = 'SELECT payload, expires_at, consumed_at FROM artifacts WHERE model = $1 AND';

let pool;

// Prepared once for each connection, under its name.
async function run(name, text, values) {
  const { rows } = await pool.query({ name, text, values });
  return rows[0];
}

export async function open(url, { most }) {
  pool = new pg.Pool({ connectionString: url, max: most });
  await pool.query('SELECT 1');
}

export async function prepare(url, people) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(TABLE);
  await client.query(
    `INSERT INTO accounts SELECT 'person-' || n, 'person-' || n || '@bench.example', 'Person ' || n
     FROM generate_series(0, $1::int - 1) AS n ON CONFLICT DO NOTHING`,
    [people],
  );
  await client.end();
}

export async function account(id) {
  return run('account', 'SELECT id, email, name FROM accounts WHERE id = $1', [id]);
}

export class PostgresAdapter {
  constructor(model) {
    this.model = model;
  }

  async upsert(id, payload, expiresIn) {
    await run(
      'upsert',
      `INSERT INTO artifacts (model, id, payload, grant_id, user_code, uid, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))
       ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id,
         user_code = excluded.user_code, uid = excluded.uid, expires_at = excluded.expires_at`,
      [this.model, id, payload, payload.grantId ?? null, payload.userCode ?? null, payload.uid ?? null, expiresIn ?? null],
    );
  }

  async find(id) {
    return stored(await run('find', `${FOUND} id = $2`, [this.model, id]));
  }

  async findByUid(uid) {
    return stored(await run('findByUid', `${FOUND} uid = $2`, [this.model, uid]));
  }

  async findByUserCode(code) {
    return stored(await run('findByUserCode', `${FOUND} user_code = $2`, [this.model, code]));
  }

  async consume(id) {
    await run('consume', 'UPDATE artifacts SET consumed_at = now() WHERE model = $1 AND id = $2', [this.model, id]);
  }

  async destroy(id) {
    await run('destroy', 'DELETE FROM artifacts WHERE model = $1 AND id = $2', [this.model, id]);
  }

  async revokeByGrantId(grantId) {
    await run('revoke', 'DELETE FROM artifacts WHERE model = $1 AND grant_id = $2', [this.model, grantId]);
  }
}

function stored(row) {
  if (row === undefined || (row.expires_at && row.expires_at <= new Date())) return undefined;
  return row.consumed_at ? { ...row.payload, consumed: Math.floor(row.consumed_at / 1000) } : row.payload;
}
