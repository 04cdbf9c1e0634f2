"""The code of a mailed link: for the browser or client that asked, five tries, the newest only, while it is good."""

import pytest

from app.auth import errors
from tests.auth.linking import UNKNOWN, another, refusal_of

WIDE = str.maketrans("0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")


@pytest.fixture(params=[False, True], ids=["page", "api"])
def for_api(request):
    return request.param


@pytest.fixture
def asked(links, cast, for_api):
    return links.mailed(cast.ada, for_api=for_api)


def test_the_code_signs_in_whoever_asked(links, cast, asked, for_api, happened):
    challenge, _, code = asked
    signed_in = links.type(code, challenge, for_api=for_api)
    assert (signed_in.person.id, signed_in.tokens is not None) == (cast.ada.id, for_api)
    assert cast.ada.scope(signed_in).amr == ("email",)
    assert ("magic_link.used", "success", None) in happened(cast.acme)


@pytest.mark.parametrize("spell", ["blanks", "hyphen", "full width"])
def test_it_may_be_spelled_as_people_do(links, asked, for_api, spell):
    challenge, _, code = asked
    typed = {
        "blanks": f" {code[:3]} {code[3:]}\u00a0",
        "hyphen": f"{code[:3]}-{code[3:]}",
        "full width": code.translate(WIDE),
    }
    assert links.type(typed[spell], challenge, for_api=for_api)


def test_five_wrong_ones_are_all(links, asked, for_api, cast, sessions_of):
    challenge, _, code = asked
    for _ in range(5):
        assert refusal_of(links.type, another(code), challenge, for_api=for_api) is errors.InvalidCode
    assert refusal_of(links.type, code, challenge, for_api=for_api) is errors.InvalidCode
    assert sessions_of(cast.ada) == 0


def test_the_fifth_may_be_the_right_one(links, asked, for_api):
    challenge, _, code = asked
    for _ in range(4):
        refusal_of(links.type, another(code), challenge, for_api=for_api)
    assert links.type(code, challenge, for_api=for_api)


@pytest.mark.parametrize("spell", ["{}0", "0{}", "{0}{0}", "{:.5}", ""])
def test_more_or_fewer_digits_are_another_code(links, asked, for_api, spell):
    challenge, _, code = asked
    assert refusal_of(links.type, spell.format(code), challenge, for_api=for_api) is errors.InvalidCode


@pytest.mark.parametrize("held", [None, "", "made up"])
def test_without_the_challenge_it_is_worth_nothing_and_stays_good(links, asked, for_api, held):
    challenge, _, code = asked
    for _ in range(10):
        assert refusal_of(links.type, code, held, for_api=for_api) is errors.InvalidCode
    assert links.type(code, challenge, for_api=for_api)


def test_asvs_6_6_2_the_code_of_another_request_is_wrong(links, cast, asked, for_api):
    challenge, _, code = asked
    others, _, others_code = links.mailed(cast.bob, for_api=for_api)
    assert refusal_of(links.type, code, others, for_api=for_api) is errors.InvalidCode
    assert refusal_of(links.type, others_code, challenge, for_api=for_api) is errors.InvalidCode
    assert links.type(code, challenge, for_api=for_api).person.id == cast.ada.id


def test_only_the_newest_code_works_and_only_where_it_was_asked_for(links, cast, asked, for_api):
    challenge, _, code = asked
    newer, _, newer_code = links.mailed(cast.ada, for_api=for_api)
    assert refusal_of(links.type, code, challenge, for_api=for_api) is errors.InvalidCode
    assert refusal_of(links.type, newer_code, challenge, for_api=for_api) is errors.InvalidCode
    assert links.type(newer_code, newer, for_api=for_api)


def test_tries_at_an_old_request_take_none_from_the_new_one(links, cast, asked, for_api):
    challenge = asked[0]
    newer, _, code = links.mailed(cast.ada, for_api=for_api)
    for _ in range(10):
        refusal_of(links.type, another(code), challenge, for_api=for_api)
    assert links.type(code, newer, for_api=for_api)


def test_it_is_good_for_a_quarter_of_an_hour(links, asked, for_api, clock):
    challenge, _, code = asked
    clock.forward(minutes=15)
    assert refusal_of(links.type, code, challenge, for_api=for_api) is errors.InvalidCode


def test_it_is_good_once_and_so_is_the_link_beside_it(links, asked, for_api):
    challenge, token, code = asked
    links.type(code, challenge, for_api=for_api)
    assert refusal_of(links.type, code, challenge, for_api=for_api) is errors.InvalidCode
    assert refusal_of(links.follow, token, challenge, for_api=for_api) is errors.LinkExpired


def test_guessing_at_an_unknown_address_reads_like_guessing_at_a_known_one(links, cast, asked, for_api, hasher):
    challenge, _, code = asked
    nobody = links.ask(UNKNOWN, for_api=for_api)
    said, before = {}, hasher.computed
    for name, held in (("known", challenge), ("unknown", nobody), ("made up", "made up")):
        refusals = []
        for _ in range(7):
            with pytest.raises(errors.InvalidCode) as refusal:
                links.type(another(code), held, for_api=for_api)
            refusals.append(
                (str(refusal.value), refusal.value.members, refusal.value.errors, refusal.value.retry_after)
            )
        said[name] = refusals
    assert said["known"] == said["unknown"] == said["made up"]
    assert hasher.computed == before


def test_the_code_of_a_risky_sign_in_is_no_code_of_a_link(links, asked, for_api, cast, services, owner):
    """Each purpose has its own: a token of another never counts, even under the same challenge."""
    challenge, token, code = asked
    owner.execute("UPDATE one_time_tokens SET purpose = 'email_code' WHERE tenant_id = %s", [cast.acme.id])
    assert refusal_of(links.type, code, challenge, for_api=for_api) is errors.InvalidCode
    assert refusal_of(links.follow, token, challenge, for_api=for_api) is errors.LinkExpired
