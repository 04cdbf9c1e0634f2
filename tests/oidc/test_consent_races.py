"""Taking back what was allowed, while an application asks for it: nothing is left, whoever was first."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from app.oidc.requests import AuthorizationRequest
from tests.oidc.clients import CALLBACK, an_application
from tests.oidc.holdings import codes_left


def test_no_code_survives_it(services, cast, owner):
    notes, openid = an_application(services, cast.acme), services.openid
    bob = cast.bob.scope(cast.bob.sign_in(tokens=False))
    asked = AuthorizationRequest(redirect_uri=CALLBACK, scopes=("openid",), code_challenge="E" * 43)
    for _ in range(10):
        openid.consents.allow(cast.acme, bob, notes.client, ["openid"])
        barrier = Barrier(4)

        def ask(barrier=barrier):
            barrier.wait()
            openid.authorization.advance(cast.acme, openid.flows.new(notes.client, asked), bob)

        def take_back(barrier=barrier):
            barrier.wait()
            openid.consents.revoke(cast.acme, bob, notes.id)

        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(act) for act in (ask, ask, ask, take_back)]:
                done.result()
        assert codes_left(owner, notes) == 0


def test_allowing_in_two_tabs_at_once_allows_both(services, cast):
    notes, openid = an_application(services, cast.acme), services.openid
    bob = cast.bob.scope(cast.bob.sign_in(tokens=False))
    barrier = Barrier(4)

    def allow(scope):
        barrier.wait()
        openid.consents.allow(cast.acme, bob, notes.client, [scope])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(allow, ["openid", "email", "phone", "profile"]))
    assert openid.consents.remembered(cast.acme, notes.client, cast.bob.id) == {"openid", "email", "phone", "profile"}
