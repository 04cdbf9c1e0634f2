"""The cookies: opaque, host-only, and with the ``__Host-`` prefix wherever people reach us over https."""

from datetime import timedelta

from flask import Response, current_app, request

SESSION = "portico_session"
DEVICE = "portico_device"
PENDING = "portico_pending"
CHALLENGE = "portico_challenge"
LINK = "portico_link"
PASSKEY = "portico_passkey"
BROWSER = "portico_browser"
ACCOUNTS = "portico_accounts"
_LONGEST = 256
_MOST_CHALLENGES = 4

DEVICE_LIFE = timedelta(days=400)


def name_of(cookie: str) -> str:
    """The name on the wire."""
    return f"__Host-{cookie}" if current_app.config["SESSION_COOKIE_SECURE"] else cookie


def read(cookie: str) -> str | None:
    """The value, when it could be one of ours."""
    value = request.cookies.get(name_of(cookie))
    return value if value and len(value) <= _LONGEST and value.isascii() else None


def challenges() -> list[str]:
    """What this browser has registered with, newest first."""
    known = read(CHALLENGE)
    return known.split(".")[:_MOST_CHALLENGES] if known else []


def add_challenge(response: Response, challenge: str, *, life: timedelta) -> None:
    """Remember a registration's challenge beside the few before it: one browser may register several addresses."""
    put(response, CHALLENGE, ".".join([challenge, *challenges()][:_MOST_CHALLENGES]), life=life)


def put(response: Response, cookie: str, value: str, *, life: timedelta | None) -> None:
    """Set a cookie; without ``life`` it ends with the browser."""
    response.set_cookie(
        name_of(cookie),
        value,
        max_age=life,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )


def drop(response: Response, *cookies: str) -> None:
    for cookie in cookies:
        response.delete_cookie(
            name_of(cookie), secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax", path="/"
        )
