"""Portals with other settings, and their visitors."""

import pytest
import structlog

from app import create_app
from app.logs import strike_out
from tests.blueprints.visitors import Api, Browser


@pytest.fixture(scope="session", autouse=True)
def plain_logs():
    """One line for each event: structlog's default draws whole stacks with their locals, for minutes."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            strike_out,
            structlog.processors.JSONRenderer(),
        ]
    )
    yield
    structlog.reset_defaults()


@pytest.fixture
def browse(app):
    """``browse(tenant)``: a new browser at that tenant."""

    def browse(tenant, *, on=None, **environ):
        return Browser(on or app, getattr(tenant, "origin", tenant), **environ)

    return browse


@pytest.fixture
def call(app):
    """``call(tenant)``: a new API client of that tenant."""

    def call(tenant, *, on=None, **environ):
        return Api(on or app, getattr(tenant, "origin", tenant), **environ)

    return call


@pytest.fixture
def portal(wired, services):
    """``portal(rate_limit_scale=1.0)``: another portal over the same storage, with other settings or ports."""
    built = []

    def portal(*, ports=None, **changes):
        made = wired(settings=services.settings.model_copy(update=changes), **(ports or {}))
        built.append(made)
        return create_app(made)

    yield portal
    for made in built:
        made.news.stop()


@pytest.fixture
def strict(portal):
    """A portal that counts as in production."""
    return portal(rate_limit_scale=1.0)
