"""Answers of passkeys that are not believed."""

import pytest

from app.auth.errors import PasskeyRefused
from app.storage import tenants
from tests.auth.holding import Holder
from tests.auth.linking import refusal_of
from tests.cast import an_origin
from tests.soft_passkey import SoftPasskey


@pytest.fixture
def ada(services, cast):
    return Holder(services, cast.ada)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"rp": "evil.example"},
        {"challenge": b"x" * 32},
        {"type_": "webauthn.create"},
        {"signer": SoftPasskey(origin="x").key},
        {"handle": None},
        {"handle": b"x" * 16},
        {"up": False},
        {"flags": 0b11001},
        {"flags": 0b10101},
        {"client": {"crossOrigin": True}},
    ],
    ids=[
        "origin",
        "rp id",
        "challenge",
        "type",
        "key",
        "no handle",
        "handle",
        "absent",
        "unverified",
        "backup",
        "frame",
    ],
)
def test_a_wrong_answer_is_refused_and_leaves_a_mark(ada, happened, wrong):
    key = ada.add()
    assert refusal_of(ada.sign_in, key, **wrong) is PasskeyRefused
    event, outcome, _ = happened(ada.tenant)[0]
    assert (event, outcome) == ("login.failed", "refused")


def test_another_port_or_a_longer_host_is_another_site(ada):
    key = ada.add()
    for origin in (ada.tenant.origin + ":444", ada.tenant.origin + ".evil.example", ada.tenant.origin + "/"):
        assert refusal_of(ada.sign_in, key, origin=origin) is PasskeyRefused


def test_a_domain_of_the_tenants_own_is_as_good(ada, services):
    key, host = ada.add(), f"{ada.tenant.slug}.example"
    with services.units.platform() as unit:
        tenants.add_domain(unit.db, tenant_id=ada.tenant.id, host=host, now=services.ports.clock())
    assert ada.sign_in(key, origin=f"https://{host}")
    assert refusal_of(ada.sign_in, key, origin=f"http://{host}") is PasskeyRefused


def test_one_that_nobody_knows_is_refused_in_the_same_words(ada):
    ada.add()
    stranger = ada.new()
    stranger.user_handle = ada.person.id.bytes
    assert refusal_of(ada.sign_in, stranger) is PasskeyRefused


def test_globex_knows_nothing_of_a_passkey_of_acme(ada, services, cast):
    key, mallory = ada.add(), Holder(services, cast.mallory)
    asked = ada.passkeys.ask_to_sign_in(ada.tenant)
    assert refusal_of(ada.sign_in, key, asked=asked, tenant=cast.globex) is PasskeyRefused
    key.origin = cast.globex.origin
    assert refusal_of(mallory.sign_in, key) is PasskeyRefused
    assert mallory.list() == []


def test_a_question_is_good_for_five_minutes(ada, clock):
    key = ada.add()
    asked = ada.passkeys.ask_to_sign_in(ada.tenant)
    clock.forward(minutes=4, seconds=59)
    assert ada.sign_in(key, asked=asked)
    asked = ada.passkeys.ask_to_sign_in(ada.tenant)
    clock.forward(minutes=5)
    assert refusal_of(ada.sign_in, key, asked=asked) is PasskeyRefused


def test_a_question_is_answered_by_whoever_asked_it(ada):
    key = ada.add()
    asked = ada.passkeys.ask_to_sign_in(ada.tenant)
    for secret in ("", "another", ada.passkeys.ask_to_sign_in(ada.tenant).secret):
        credential = key.get(asked.options)
        refusal = refusal_of(
            ada.passkeys.sign_in, ada.tenant, secret=secret, credential=credential, for_api=True, origin=an_origin()
        )
        assert refusal is PasskeyRefused
    assert ada.sign_in(key, asked=asked)


def test_one_browser_may_have_two_tabs(ada):
    key = ada.add()
    first = ada.passkeys.ask_to_sign_in(ada.tenant)
    second = ada.passkeys.ask_to_sign_in(ada.tenant, secret=first.secret)
    assert first.secret == second.secret
    assert ada.sign_in(key, asked=second)
    assert ada.sign_in(key, asked=first)
