"""How often one may ask: each limit is one line here, and stands nowhere else.

Limits count the client (an IPv4 address, an IPv6 /64) and the identifier as it was typed, known or not, so that they
never tell who exists. They are counted in Redis; while it is away, in each process and tighter, never not at all.
"""

import hashlib
import ipaddress
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded

from app.blueprints import _context, _pending
from app.blueprints._forms import typed
from app.blueprints._services import services
from app.email import addresses
from app.errors import TooManyRequests
from app.settings import Settings
from app.wiring import REDIS_PATIENCE_S, RedisAway, limit_counts_uri

V = TypeVar("V", bound=Callable[..., object])
MARK = "limits"
_MINUTE, _QUARTER, _HOUR = 60, 900, 3600
# While Redis is away each process counts for itself; all together let through this share of the limit.
_DEGRADED = 0.8
_PATIENCE: Any = {"socket_timeout": REDIS_PATIENCE_S, "socket_connect_timeout": REDIS_PATIENCE_S}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """``amount`` in ``window`` seconds for each key. ``when`` says whether this request counts at all."""

    name: str
    amount: int
    window: int
    key: Callable[[], str]
    when: Callable[[], bool] = lambda: True


def client() -> str:
    """The client: its IPv4 address or IPv6 /64."""
    address = _context.client_ip()
    if address is None:
        return "client:unknown"
    network = ipaddress.ip_network(f"{address}/{64 if ':' in address else 32}", strict=False)
    return f"client:{network}"


def identifier() -> str:
    """The address as typed, within its tenant; a device that it knows has an allowance of its own."""
    return _identifier(typed("email"))


def pending_identifier() -> str:
    """The address that the form shows, else the one that was typed a step earlier: whichever will be tried."""
    return _identifier(typed("email") or _pending.email() or "")


def _identifier(email: str) -> str:
    key = addresses.key_of(email)
    return f"identifier:{_context.tenant().id}:{_digest(key)}:{_known_device(key)}"


def family() -> str:
    """The refresh family that a token names, true or made up: all its generations share the allowance."""
    return f"family:{_digest(typed('refresh_token')[:26])}"


def caller() -> str:
    """The token that calls, else the client."""
    token = _context.bearer()
    return f"token:{_digest(token)}" if token else client()


def has_password() -> bool:
    return "password" in request.form or _context.is_api()


_SIGN_IN_CLIENT = Limit(name="sign-in-client", amount=100, window=_QUARTER, key=client)
SIGN_IN = (
    Limit(name="sign-in", amount=10, window=_QUARTER, key=identifier, when=has_password),
    _SIGN_IN_CLIENT,
)
SIGN_IN_STEP = (Limit(name="sign-in", amount=10, window=_QUARTER, key=pending_identifier), _SIGN_IN_CLIENT)
REGISTRATION = (
    Limit(name="registration", amount=5, window=_HOUR, key=identifier),
    Limit(name="registration-client", amount=50, window=_HOUR, key=client),
)
_VERIFICATION_CLIENT = Limit(name="verification-client", amount=50, window=_HOUR, key=client)
VERIFICATION = (
    Limit(name="verification", amount=3, window=_HOUR, key=identifier),
    _VERIFICATION_CLIENT,
)
VERIFICATION_STEP = (
    Limit(name="verification", amount=3, window=_HOUR, key=pending_identifier),
    _VERIFICATION_CLIENT,
)
LINKS = (Limit(name="links-client", amount=100, window=_QUARTER, key=client),)
REFRESH = (Limit(name="refresh", amount=100, window=_QUARTER, key=family),)
API = (Limit(name="api", amount=600, window=_MINUTE, key=caller),)


def limited(*limits: Limit) -> Callable[[V], V]:
    """Mark a view; the application applies the limits when it is built."""

    def mark(view: V) -> V:
        setattr(view, MARK, limits)
        return view

    return mark


def register(app: Flask, settings: Settings) -> None:
    """Apply what views are marked with. After every blueprint has been registered."""
    limiter = Limiter(
        key_func=client,
        storage_uri=limit_counts_uri(settings.redis_url.get_secret_value()),
        storage_options=_PATIENCE,
        strategy="sliding-window-counter",
        in_memory_fallback_enabled=True,
        key_prefix="portico:limit",
        headers_enabled=False,
    )
    limiter.init_app(app)
    # Limits stand on views alone, and those check by themselves: the rest need not be asked.
    app.before_request_funcs[None].remove(limiter._check_request_limit)  # noqa: SLF001 - its hook has no switch
    for endpoint, view in list(app.view_functions.items()):
        limits: tuple[Limit, ...] = getattr(view, MARK, ())
        for limit in limits:
            bound: Any = limiter.shared_limit(
                _amount(limit, settings),
                limit.name,
                key_func=_safely(limit.key),
                methods=["POST", "PUT", "PATCH", "DELETE"] if limit not in API else None,
                exempt_when=_exempt(limit),
                cost=_cost(limiter, settings),
            )
            app.view_functions[endpoint] = bound(app.view_functions[endpoint])
    app.extensions["portico_limiter"] = limiter


def add_headers(response: Response) -> None:
    """``RateLimit-Policy`` and ``RateLimit`` (draft-ietf-httpapi-ratelimit-headers-10), and the older X- headers."""
    limiter: Limiter = _extension()
    current = limiter.current_limit
    if current is None:
        return
    item = current.limit
    name = current.request_args[-1]
    try:
        remaining, reset_at = current.remaining, current.reset_at
    except RedisAway:
        return
    seconds = max(0, int(reset_at - time.time()) + 1)
    response.headers["RateLimit-Policy"] = f'"{name}";q={item.amount};w={item.get_expiry()}'
    response.headers["RateLimit"] = f'"{name}";r={remaining};t={seconds}'
    response.headers["X-RateLimit-Limit"] = str(item.amount)
    response.headers["X-RateLimit-Remaining"] = str(remaining)
    response.headers["X-RateLimit-Reset"] = str(int(reset_at))


def refusal(_: RateLimitExceeded) -> TooManyRequests:
    """The problem behind a limit that was reached, with the seconds to wait."""
    current = _extension().current_limit
    return TooManyRequests(retry_after=max(1, int(current.reset_at - time.time()) + 1) if current else _MINUTE)


def _extension() -> Limiter:
    limiter: Limiter = current_app.extensions["portico_limiter"]
    return limiter


def _safely(key: Callable[[], str]) -> Callable[[], str]:
    """Flask-Limiter takes any exception for its storage's, and would count in the process from then on."""

    def safe() -> str:
        try:
            return key()
        except Exception:  # noqa: BLE001 - the view will meet the same, and say it
            return client()

    return safe


def _exempt(limit: Limit) -> Callable[[], bool]:
    def exempt() -> bool:
        try:
            return not limit.when()
        except Exception:  # noqa: BLE001 - as above; what cannot be read counts
            return False

    return exempt


def _amount(limit: Limit, settings: Settings) -> str:
    return f"{max(1, round(limit.amount * settings.rate_limit_scale))} per {limit.window} seconds"


def _cost(limiter: Limiter, settings: Settings) -> Callable[[], int]:
    """What a request counts for: more while each process counts for itself, so that together they let less through."""
    degraded = math.ceil(settings.web_workers / _DEGRADED)
    # Flask-Limiter has no public word for "my storage is away".
    return lambda: degraded if limiter._storage_dead else 1  # noqa: SLF001


def _known_device(email_key: str) -> str:
    device = _context.origin().device or typed("device_token")
    if not device:
        return "anywhere"
    known = services().login.knows(_context.tenant(), email_key=email_key, device=device)
    return _digest(device) if known else "anywhere"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
