"""A browser that an application has sent here, without the application."""

from app import crypto
from app.oidc.requests import AuthorizationRequest
from tests.oidc.clients import CALLBACK


def a_flow(services, tenant, application, browser, *, scopes=("openid", "email"), **more):
    """A sign-in that this browser is in the middle of. Returns its id."""
    secret = browser.cookie("portico_browser") or crypto.mint()
    browser.plant("portico_browser", secret)
    more = {"redirect_uri": CALLBACK, "state": "s1", "code_challenge": "E" * 43, **more}
    flow = services.openid.flows.new(application.client, AuthorizationRequest(scopes=tuple(scopes), **more))
    services.openid.flows.keep(tenant, flow, secret)
    return flow.id


def on(flow_id):
    """Where its forms lead to."""
    return f"/oauth2/authorize/{flow_id}/continue"


def read(services, tenant, browser, flow_id):
    """What has become of it."""
    return services.openid.flows.read(tenant, flow_id, browser.cookie("portico_browser"))


def as_shown(email):
    """An address in a page: it may break before its sign."""
    return email.replace("@", "<wbr>@")
