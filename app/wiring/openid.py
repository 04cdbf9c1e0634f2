"""The OpenID Connect provider, how it is built: apart, because it is much and hangs together."""

from dataclasses import dataclass

from app.auth.blacklist import Blacklist
from app.auth.key_ring import KeyRing
from app.oidc.access_tokens import AccessTokens
from app.oidc.clients import Clients
from app.storage.news import News
from app.storage.unit import Units
from app.wiring.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenId:
    """What relying apps are served by."""

    clients: Clients
    access_tokens: AccessTokens


def openid_of(ports: Ports, units: Units, *, news: News, key_ring: KeyRing, blacklist: Blacklist) -> OpenId:
    clients = Clients(ports.pool, units, news=news)
    return OpenId(
        clients=clients,
        access_tokens=AccessTokens(key_ring=key_ring, clients=clients, blacklist=blacklist, clock=ports.clock),
    )
