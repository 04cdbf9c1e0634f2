"""One address is one account, however it is spelt and however many try at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.auth import errors
from app.auth.registration import NewAccount
from app.errors import InvalidInput
from tests.cast import an_origin

NEW = "petra velvet orbit 71"


@pytest.fixture
def register(services):
    def register(tenant, email, password=NEW, **wanted):
        return services.registration.register(
            tenant, NewAccount(email=email, password=password, **wanted), origin=an_origin()
        )

    return register


@pytest.mark.parametrize(
    "spelling",
    ["Petra@Bücher.Example", "petra@xn--bcher-kva.example", " PETRA@BÜCHER.EXAMPLE ", "petra@bu\u0308cher.example"],
)
def test_one_address_is_one_account_however_it_is_spelt(cast, register, owner, spelling):
    register(cast.acme, "petra@bücher.example")
    try:
        register(cast.acme, spelling)
    except InvalidInput:
        assert "\u0308" in spelling, "only what is not normalised may be refused"
    assert _accounts(owner, cast.acme) == 3


def test_what_is_typed_is_what_is_shown(cast, register, owner):
    register(cast.acme, "Petra.Novak@Bücher.example")
    row = "SELECT email, email_key FROM users WHERE tenant_id = %s AND name = ''"
    assert owner.execute(row, [cast.acme.id]).fetchall() == [
        ("Petra.Novak@Bücher.example", "petra.novak@xn--bcher-kva.example")
    ]


@pytest.mark.parametrize("tag", ["petra+shop@acme.example", "pe.tra@acme.example"])
def test_tags_and_dots_are_other_addresses(cast, register, owner, tag):
    register(cast.acme, "petra@acme.example")
    register(cast.acme, tag)
    assert _accounts(owner, cast.acme) == 4


def test_the_same_address_at_two_tenants_is_two_accounts(cast, register, owner):
    register(cast.acme, "petra@acme.example")
    register(cast.globex, "petra@acme.example")
    assert (_accounts(owner, cast.acme), _accounts(owner, cast.globex)) == (3, 2)


@pytest.mark.parametrize("strict", [True, False])
def test_of_twenty_parallel_registrations_one_account_is_left(cast, register, owner, strict, services):
    tenant = services.tenant_administration.change_settings(cast.acme, {"email_verification_required": strict})
    barrier = Barrier(20)

    def try_it(number):
        barrier.wait()
        try:
            return register(tenant, "PETRA@acme.example" if number % 2 else "petra@acme.example")
        except errors.EmailTaken as refusal:
            return refusal.code

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(try_it, range(20)))
    assert answers.count("email_taken") == (0 if strict else 19)
    assert _accounts(owner, cast.acme) == 3


def _accounts(owner, tenant):
    return owner.execute("SELECT count(*) FROM users WHERE tenant_id = %s", [tenant.id]).fetchone()[0]
