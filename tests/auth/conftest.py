"""What tests of signing in share: what was written down, the owner's eyes on the database, and a Redis of one's own."""

import pytest

from app import crypto
from app.auth.leaks import Hibp, Unasked
from app.auth.login import Attempt
from app.auth.new_passwords import NewPasswords
from app.auth.passwords import Passwords
from app.auth.registration import NewAccount
from app.crypto import Cipher
from app.embedded import redis as embedded
from app.errors import Problem
from app.storage import audit, leak_checks, users
from app.storage import redis as redis_storage
from tests.auth.devices import alerts, devices
from tests.auth.hibp import StandIn
from tests.auth.linking import Links
from tests.auth.petra import EMAIL, MINE
from tests.auth.resetting import had, resets, sweep, under_way
from tests.auth.taken_over import email, stolen, thief
from tests.blueprints.conftest import browse, call
from tests.cast import Person, an_origin

__all__ = [
    "alerts",
    "browse",
    "call",
    "devices",
    "email",
    "had",
    "resets",
    "stolen",
    "sweep",
    "thief",
    "under_way",
]


@pytest.fixture
def happened(services):
    """The audit trail of a tenant, newest first: (event, outcome, reason)."""

    def happened(tenant):
        with services.units.read(tenant.id) as db:
            rows = audit.newest(db, tenant_id=tenant.id, most=1000)
        return [(row.event, row.outcome, row.details.get("reason")) for row in rows]

    return happened


@pytest.fixture
def guess(services):
    """Try to sign in, and hear the refusal's class, or ``None`` for a success."""

    def guess(tenant, email, password, *, device=None, portal=None, ip="192.0.2.7"):
        try:
            attempt = Attempt(email=email, password=password)
            (portal or services).login.with_password(tenant, attempt, origin=an_origin(device=device, ip=ip))
        except Problem as refusal:
            return type(refusal)
        return None

    return guess


@pytest.fixture
def own_redis(tmp_path):
    """A Redis that this test may kill, and a way to start it again where it was, emptied."""

    class Own:
        def __init__(self):
            self.server = embedded.start(tmp_path, durable=False)
            self.clients = []

        def connect(self):
            self.clients.append(redis_storage.connect(self.server.url))
            return self.clients[-1]

        def kill(self):
            self.server.kill()

        def revive(self):
            self.server = embedded.start(tmp_path, port=self.server.port, durable=False)

    own = Own()
    yield own
    for client in own.clients:
        client.close()
    own.server.kill()


@pytest.fixture
def listening(wired):
    """Portals that listen to the news, as web processes do; stopped at the end."""
    portals = []

    def listening(**ports):
        portals.append(wired(**ports))
        portals[-1].news.start()
        return portals[-1]

    yield listening
    for portal in portals:
        portal.news.stop()


@pytest.fixture
def active(services):
    """Whether a token is in force by signature, times and blacklist alone: no session row helps to refuse it."""

    def active(person, signed_in, portal=None):
        return (portal or services).sessions.introspect(person.tenant, signed_in.tokens.access_token).active

    return active


@pytest.fixture
def log_out(services):
    def log_out(person, signed_in, portal=None):
        token = signed_in.tokens.access_token
        (portal or services).sessions.logout(person.tenant, person.scope(signed_in), token=token)

    return log_out


@pytest.fixture
def knock(guess, cast):
    """Guess at Ada's account."""

    def knock(password="wrong", *, device=None, times=1, ip="192.0.2.7"):
        for _ in range(times):
            said = guess(cast.acme, cast.ada.email, password, device=device, ip=ip)
        return said

    return knock


@pytest.fixture
def register(services, cast):
    """Petra registers an address at Acme; hands over the challenge."""

    def register(password=MINE, tenant=None):
        new = NewAccount(email=EMAIL, password=password)
        return services.registration.register(tenant or cast.acme, new, origin=an_origin()).challenge

    return register


@pytest.fixture
def verify(services, cast):
    """Follow a link, with or without the challenge of the registration."""

    def verify(token, challenge=None, new_password=None, tenant=None):
        return services.verification.verify(
            tenant or cast.acme,
            token=token,
            challenges=[crypto.digest(challenge)] if challenge else [],
            new_password=new_password,
            origin=an_origin(),
        )

    return verify


@pytest.fixture
def hibp():
    """Have I Been Pwned, standing in for itself."""
    stand_in = StandIn()
    yield stand_in
    stand_in.stop()


@pytest.fixture
def new_passwords(services):
    """The only way a password is set; ``leaks`` says whom to ask."""
    passwords = Passwords(services.ports.hasher)

    def new_passwords(leaks=None):
        return NewPasswords(
            services.units,
            passwords=passwords,
            leaks=leaks or Unasked(),
            cipher=Cipher(services.settings.encryption_key_bytes),
            outbox=services.outbox,
            clock=services.ports.clock,
        )

    return new_passwords


@pytest.fixture
def choose(services, new_passwords):
    """Somebody chooses a new password; hears the code of the refusal, or ``None``."""

    def choose(person, password, *, leaks=None, tenant=None):
        tenant, setting = tenant or person.tenant, new_passwords(leaks)
        with services.units.read(tenant.id) as db:
            user = users.by_id(db, tenant_id=tenant.id, user_id=person.id)
        try:
            accepted = setting.check(
                tenant, password, field="new_password", own_words=[user.name, user.email], user=user
            )
        except Problem as refusal:
            return refusal.errors[0].code
        with services.units.begin(tenant.id) as unit:
            setting.keep(unit, tenant, user, accepted, now=services.ports.clock())
        return None

    return choose


@pytest.fixture
def portal(wired, hibp, letters):
    """A portal that asks, and whose worker does."""
    portal = wired(leaks=Hibp(hibp.url))
    letters.drain = portal.drainer.drain
    return portal


@pytest.fixture
def join(portal, cast):
    def join(email=EMAIL, password=MINE):
        new = NewAccount(email=email, password=password)
        return portal.registration.register(cast.acme, new, origin=an_origin()).challenge

    return join


@pytest.fixture
def rests(services, cast):
    """(the person at an address, what is to be looked up for them)."""

    def rests(email=EMAIL):
        with services.units.read(cast.acme.id) as db:
            user = users.by_email_key(db, tenant_id=cast.acme.id, email_key=email)
            now = services.ports.clock()
            return user, leak_checks.waiting(db, tenant_id=cast.acme.id, user_id=user.id, now=now)

    return rests


@pytest.fixture
def unanswered(join, hibp, letters, verify, rests, services, cast):
    """Petra has a verified address, and a password of which nobody could tell."""
    hibp.mood = "failing"
    challenge = join()
    verify(letters.token_to(EMAIL), challenge)
    letters.deliver().clear()
    hibp.mood = "well"
    user, check = rests()
    assert check, "asking again did not help yet"
    return Person(tenant=cast.acme, email=EMAIL, id=user.id, services=services, password=MINE)


@pytest.fixture
def links(services, cast, letters):
    """Acme's mailed links."""
    return Links(services, cast.acme, letters)


@pytest.fixture
def sessions_of(owner):
    """How many sessions somebody has, or anybody of a tenant."""

    def sessions_of(person):
        table = "SELECT count(*) FROM sessions WHERE tenant_id = %s AND user_id = %s"
        return owner.execute(table, [person.tenant.id, person.id]).fetchone()[0]

    return sessions_of
