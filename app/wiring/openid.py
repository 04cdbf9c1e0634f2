"""The OpenID Connect provider, how it is built: apart, because it is much and hangs together."""

from dataclasses import dataclass

from app.oidc.clients import Clients
from app.storage.news import News
from app.storage.unit import Units
from app.wiring.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenId:
    """What relying apps are served by."""

    clients: Clients


def openid_of(ports: Ports, units: Units, *, news: News) -> OpenId:
    return OpenId(clients=Clients(ports.pool, units, news=news))
