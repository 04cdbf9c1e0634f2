"""The web application: extensions, guards, problems, blueprints, and nothing else."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from app.blueprints import _context, _counting, _flows, _guards, _headers, _problems, _render
from app.blueprints.account import activity, backup_codes, data, devices, email, profile, security, sessions
from app.blueprints.account import applications as own_applications
from app.blueprints.account import passkeys as own_passkeys
from app.blueprints.account import second_factor as own_second_factor
from app.blueprints.admin import application_parts as admin_application_parts
from app.blueprints.admin import applications as admin_applications
from app.blueprints.admin import home as admin_home
from app.blueprints.api import activity as api_activity
from app.blueprints.api import applications as api_applications
from app.blueprints.api import (
    auth,
    exports,
    magic_links,
    me,
    openapi,
    passwords,
    risk,
    second_factors,
    tenant,
    trusted_devices,
    user_factors,
    users,
)
from app.blueprints.api import farewell as api_farewell
from app.blueprints.api import own_applications as api_own_applications
from app.blueprints.api import passkeys as api_passkeys
from app.blueprints.api import reauthentication as api_reauthentication
from app.blueprints.api import second_factor as api_second_factor
from app.blueprints.dev import mailbox
from app.blueprints.oidc import (
    authorize,
    device_authorization,
    pushed,
    signed_out,
    token,
    tokens,
    userinfo,
    well_known,
)
from app.blueprints.oidc import logout as end_session
from app.blueprints.pages import (
    accounts,
    application_logo,
    consent,
    enrolment,
    farewell,
    home,
    keep_factors,
    logout,
    magic_link,
    operations,
    passkeys,
    reauthentication,
    recovery,
    registration,
    second_factor,
    sign_in,
    strength,
    verification,
    warnings,
)
from app.blueprints.pages import devices as device_pages
from app.settings import Settings
from app.storage.base import Base
from app.wiring import Services

_MIB = 1024 * 1024
_PAGES = (
    home,
    sign_in,
    magic_link,
    passkeys,
    second_factor,
    enrolment,
    reauthentication,
    recovery,
    warnings,
    keep_factors,
    strength,
    registration,
    verification,
    logout,
    operations,
    profile,
    sessions,
    security,
    email,
    activity,
    own_second_factor,
    own_passkeys,
    backup_codes,
    devices,
    data,
    farewell,
    application_logo,
    accounts,
    consent,
    device_pages,
    own_applications,
    signed_out,
    admin_home,
    admin_applications,
    admin_application_parts,
    openapi,
)
_API = (
    auth,
    magic_links,
    api_passkeys,
    api_second_factor,
    api_reauthentication,
    passwords,
    me,
    second_factors,
    trusted_devices,
    user_factors,
    api_activity,
    exports,
    api_farewell,
    risk,
    tenant,
    users,
    api_applications,
    api_own_applications,
)

# What applications call: no cookie counts there.
_OPENID: tuple[ModuleType, ...] = (
    well_known,
    userinfo,
    tokens,
    token,
    authorize,
    pushed,
    device_authorization,
    end_session,
)


class _Sessions(SecureCookieSessionInterface):
    """Flask's own, which makes its signer anew for each request: that costs more than all that it is for."""

    _signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        self._signer = self._signer or super().get_signing_serializer(app)
        return self._signer


class Portal(Flask):
    """Flask, which looks at every hook and view of every request whether it is a coroutine: none of ours is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


class Database(SQLAlchemy):
    """Flask-SQLAlchemy, as the application's handle on the one engine that ``wire`` was given."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(model_class=Base)
        self._the_engine = engine

    def _make_engine(self, *_: object) -> Engine:
        return self._the_engine


def build(services: Services) -> Flask:
    """Put it together. The order matters: what a hook needs has to come before it."""
    app = Portal("app", static_folder="static", template_folder="templates")
    settings = services.settings
    app.config.from_mapping(_configuration(settings))
    app.session_interface = _Sessions()
    app.url_map.strict_slashes = True
    # One spelling for each address, so that none passes a guard or a limit by.
    app.url_map.merge_slashes = False
    app.extensions["portico"] = services
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    _context.register(app)
    csrf = CSRFProtect()
    for module in (*_PAGES, *_API, *_OPENID):
        app.register_blueprint(module.bp)
    for module in _API:
        csrf.exempt(module.bp)  # bearer tokens only: no browser sends those by itself
    for module in _OPENID:
        csrf.exempt(module.bp)  # by the credentials of clients, or a bearer token
    if settings.env == "development":
        app.register_blueprint(mailbox.bp)
    _guards.register(app)
    csrf.init_app(app)
    _counting.register(app, settings)
    _headers.register(app)
    _problems.register(app)
    _render.register(app)
    _flows.register(app)
    Database(services.ports.engine).init_app(app)
    services.news.start()
    return app


def _configuration(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "SECRET_KEY_FALLBACKS": [key.get_secret_value() for key in settings.secret_key_fallbacks],
        "SESSION_COOKIE_NAME": "__Host-portico_csrf" if settings.secure else "portico_csrf",
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": _MIB,
        "MAX_FORM_MEMORY_SIZE": _MIB,
        "MAX_FORM_PARTS": 200,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the browser's session: an old tab is no attack
        "WTF_CSRF_SSL_STRICT": False,  # pages with tokens send no Referer; _guards checks the origin
        "SQLALCHEMY_DATABASE_URI": "postgresql+psycopg://",
        "TEMPLATES_AUTO_RELOAD": False,
        "RATELIMIT_ENABLED": True,
    }
