"""The OpenID Connect provider, how it is built: apart, because it is much and hangs together."""

from collections.abc import Callable
from dataclasses import dataclass

from app.auth.blacklist import Blacklist
from app.auth.ending import Ending
from app.auth.freshness import Freshness
from app.auth.key_ring import KeyRing
from app.auth.refresh_tokens import Families
from app.auth.sessions import Sessions
from app.crypto import Cipher
from app.oidc.access_tokens import AccessTokens
from app.oidc.answering import Answering
from app.oidc.applications import Applications
from app.oidc.assertions import Assertions
from app.oidc.authorization import Authorization
from app.oidc.backchannel import BackchannelLogout
from app.oidc.bridge import Bridge
from app.oidc.client_auth import ClientAuthentication
from app.oidc.clients import Clients
from app.oidc.consent import Consents
from app.oidc.devices import Devices
from app.oidc.dpop import Dpop
from app.oidc.end_session import EndSession
from app.oidc.exchange import TokenExchange
from app.oidc.exchange_log import ExchangeLog
from app.oidc.exchange_parties import Parties
from app.oidc.flows import Flows
from app.oidc.id_tokens import IdTokens
from app.oidc.introspection import ClientIntrospection
from app.oidc.issuing import Issuing
from app.oidc.opening import Opening
from app.oidc.people import People
from app.oidc.presented import PresentedTokens
from app.oidc.pushed import PushedRequests
from app.oidc.reading import Reading
from app.oidc.redeeming import Redeeming
from app.oidc.refreshing import Refreshing
from app.oidc.reuse import Reuse
from app.oidc.revocation import Revocation
from app.oidc.revoking import Revoking
from app.oidc.user_codes import UserCodes
from app.oidc.userinfo import UserInfo
from app.outbox import Outbox
from app.storage.news import News
from app.storage.unit import Units
from app.wiring.ports import Ports


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenId:
    """What relying apps are served by."""

    clients: Clients
    applications: Applications
    client_auth: ClientAuthentication
    bridge: Bridge
    access_tokens: AccessTokens
    dpop: Dpop
    people: People
    revoking: Revoking
    user_info: UserInfo
    introspection: ClientIntrospection
    revocation: Revocation
    consents: Consents
    devices: Devices
    flows: Flows
    pushed_requests: PushedRequests
    authorization: Authorization
    end_session: EndSession
    backchannel: BackchannelLogout


def openid_of(
    ports: Ports,
    units: Units,
    *,
    news: News,
    key_ring: KeyRing,
    cipher: Cipher,
    blacklist: Blacklist,
    outbox: Outbox,
    families: Families,
    ending: Ending,
    sessions: Sessions,
    freshness: Freshness,
    plain: Callable[[str], bool],
    secret: str,
) -> OpenId:
    pool, clock = ports.pool, ports.clock
    clients = Clients(pool, units, news=news)
    access_tokens = AccessTokens(key_ring=key_ring, clients=clients, blacklist=blacklist, clock=clock)
    dpop = Dpop(pool, clock=clock)
    revoking = Revoking(ending=ending)
    consents = Consents(units, revoking=revoking, outbox=outbox, clock=clock)
    client_auth = ClientAuthentication(units, clients=clients, assertions=Assertions(pool, clock=clock), clock=clock)
    people = People(pool)
    issuing = Issuing(key_ring=key_ring, id_tokens=IdTokens(key_ring=key_ring, people=people))
    opening = Opening(units, families=families, clock=clock)
    reuse = Reuse(units, revoking=revoking, outbox=outbox, clock=clock)
    flows = Flows(units, clients=clients, clock=clock)
    reading = Reading(key_ring=key_ring)
    pushed = PushedRequests(units, authentication=client_auth, dpop=dpop, reading=reading, clock=clock)
    devices = Devices(units, clients=clients, consents=consents, opening=opening, codes=UserCodes(secret), clock=clock)
    return OpenId(
        clients=clients,
        applications=Applications(
            units,
            freshness=freshness,
            clients=clients,
            revoking=revoking,
            plain=plain,
            clock=clock,
        ),
        client_auth=client_auth,
        bridge=Bridge(
            client_auth=client_auth,
            dpop=dpop,
            issuing=issuing,
            opening=opening,
            redeeming=Redeeming(units, opening=opening, reuse=reuse, clock=clock),
            refreshing=Refreshing(pool, units, families=families, reuse=reuse, clock=clock),
            devices=devices,
            exchanges=TokenExchange(
                units,
                parties=Parties(pool, access_tokens=access_tokens, clock=clock),
                issuing=issuing,
                log=ExchangeLog(units, outbox=outbox),
                clock=clock,
            ),
            clock=clock,
        ),
        end_session=EndSession(key_ring=key_ring, clients=clients, cipher=cipher, clock=clock),
        backchannel=BackchannelLogout(clients=clients, key_ring=key_ring, http=ports.http, clock=clock),
        access_tokens=access_tokens,
        dpop=dpop,
        people=people,
        revoking=revoking,
        user_info=UserInfo(pool, presented_tokens=PresentedTokens(access_tokens=access_tokens, dpop=dpop), clock=clock),
        introspection=ClientIntrospection(
            pool, access_tokens=access_tokens, families=families, sessions=sessions, clock=clock
        ),
        revocation=Revocation(
            units, access_tokens=access_tokens, families=families, revoking=revoking, ending=ending, clock=clock
        ),
        consents=consents,
        devices=devices,
        flows=flows,
        pushed_requests=pushed,
        authorization=Authorization(
            units,
            clients=clients,
            flows=flows,
            reading=reading,
            pushed=pushed,
            answering=Answering(pool, units, clock=clock),
            consent=consents,
            clock=clock,
        ),
    )
