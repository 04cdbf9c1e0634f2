"""What an exchanged token is for: never more than the one it is made from, and never more than the client may have."""

from app.oidc.calls import Call
from app.oidc.clients import Client
from app.oidc.errors import InvalidScope, InvalidTarget
from app.oidc.exchange_parties import Party
from app.oidc.narrowing import OFFLINE
from app.tenancy import Tenant


def scopes_of(call: Call, client: Client, subject: Party) -> tuple[str, ...]:
    """Those asked for, or all that may be. Raises ``InvalidScope``."""
    # Nothing is refreshed: there is no refresh token.
    allowed = tuple(one for one in subject.verified.scopes if one in client.scopes and one != OFFLINE)
    asked = call.one("scope")
    if asked is None:
        return allowed
    wanted = tuple(dict.fromkeys(asked.split()))
    if not wanted or not set(wanted) <= set(allowed):
        raise InvalidScope("that is more than the subject's token allows, or the client may have")
    return wanted


def resources_of(tenant: Tenant, call: Call, client: Client, subject: Party) -> tuple[str, ...]:
    """The audiences asked for, by ``resource`` or ``audience`` (section 2.1), or those that the subject's token has.

    1. What the client may ask tokens for, whatever the subject's token was for: that is what exchanging is for.
    2. Ourselves, if the subject's token was for us.

    Raises ``InvalidTarget``.
    """
    asked = tuple(dict.fromkeys((*call.every("resource"), *call.every("audience"))))
    ours = {tenant.origin} & subject.verified.audience
    allowed = client.resources | ours
    if not asked:
        asked = tuple(sorted(subject.verified.audience & allowed))
        if not asked:
            raise InvalidTarget("say what it is to be for: the subject's token is for nothing in the client's reach")
    if not set(asked) <= allowed:
        raise InvalidTarget("the client may not ask tokens for that")
    return asked
