"""Time that passes, and what is used up in it: told to the database, because nobody waits for it here."""

from contextlib import contextmanager

import psycopg

from e2e.factors import App

_NOTHING_SHOWN = "UPDATE totp_authenticators SET last_step = last_step - 120 WHERE user_id = %(user)s"
_AN_HOUR = "UPDATE sessions SET auth_time = auth_time - interval '1 hour' WHERE user_id = %(user)s"
_NO_TIME = "UPDATE sessions SET auth_time = now() WHERE user_id = %(user)s"
_DAYS = (
    "UPDATE users SET second_factor_due_at = second_factor_due_at - make_interval(days => %(days)s) WHERE id = %(user)s"
)
_CODES = """
    UPDATE backup_codes SET used_at = now() WHERE user_id = %(user)s AND code_digest NOT IN
    (SELECT code_digest FROM backup_codes WHERE user_id = %(user)s AND used_at IS NULL LIMIT %(but)s)
"""
_CLONED = "UPDATE passkeys SET cloned_at = now() WHERE user_id = %(user)s"


def an_hour(portal, email: str, app: App | None = None) -> None:
    """For somebody's sessions, and for what their app has shown."""
    _do(portal, email, _AN_HOUR)
    since_a_code(portal, email, app)


def since_a_code(portal, email: str, app: App | None = None) -> None:
    """For what their app has shown alone."""
    _do(portal, email, _NOTHING_SHOWN)
    if app:
        app.forget()


def no_time(portal, email: str) -> None:
    """Since they have shown who they are."""
    _do(portal, email, _NO_TIME)


def days(portal, email: str, many: int) -> None:
    """Of those for which a second step can be put off."""
    _do(portal, email, _DAYS, days=many)


def codes_are_used(portal, email: str, *, but: int) -> None:
    """All backup codes, but for some."""
    _do(portal, email, _CODES, but=but)


def a_passkey_is_copied(portal, email: str) -> None:
    _do(portal, email, _CLONED)


def half_an_hour(portal, flow: str) -> None:
    """Of a sign-in to an application of acme."""
    with _database(portal) as database:
        _at(database, database.execute("SELECT id FROM tenants WHERE slug = 'acme'").fetchone()[0])
        database.execute("UPDATE authorization_flows SET expires_at = now() WHERE id = %s", [flow])


def _do(portal, email: str, statements: str, **values: object) -> None:
    with _database(portal) as database:
        tenant, user = database.execute("SELECT tenant_id, id FROM users WHERE email = %s", [email]).fetchone()
        _at(database, tenant)
        database.execute(statements, {"user": user, **values})


@contextmanager
def _database(portal):
    with psycopg.connect(portal.database, cursor_factory=psycopg.ClientCursor) as database:
        database.execute("SET LOCAL ROLE portico_platform")
        yield database


def _at(database, tenant) -> None:
    database.execute("SET LOCAL ROLE portico_app")
    database.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant)])
