"""A link that is opened on another device than it was asked for on: look, type its code there, or let that one in."""

import pytest

from app.auth import errors
from app.errors import InvalidInput
from tests.auth.linking import another, refusal_of

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1"


@pytest.fixture
def asked(links, cast):
    """(what the browser keeps, the link's secret, the code, the number on its screen)."""
    challenge, token, code = links.mailed(cast.ada, ip="198.51.100.9", agent=PHONE)
    return challenge, token, code, links.number(challenge)


def test_looking_says_who_asked_and_changes_nothing(links, cast, asked, owner, clock):
    challenge, token, code, _ = asked
    rows = "SELECT t::text FROM one_time_tokens t WHERE tenant_id = %s"
    before = owner.execute(rows, [cast.acme.id]).fetchall()
    for presented in (None, "made up", challenge):
        seen = links.look(token, presented)
        assert (seen.email, seen.ip, seen.user_agent) == (cast.ada.email, "198.51.100.9", PHONE)
        assert abs((clock() - seen.asked_at).total_seconds()) < 30
        assert (seen.for_api, seen.same_browser, seen.code) == (False, presented == challenge, code)
    assert owner.execute(rows, [cast.acme.id]).fetchall() == before


def test_the_code_that_is_shown_works_in_the_browser_that_waits(links, asked):
    challenge, token, _, _ = asked
    shown = links.look(token).code
    assert refusal_of(links.type, shown, None) is errors.InvalidCode
    assert links.type(f"{shown[:3]} {shown[3:]}", challenge).cookie


def test_the_right_number_lets_the_waiting_browser_in_and_nobody_else(links, cast, asked, sessions_of):
    challenge, token, _, number = asked
    assert links.wait(challenge) is None
    links.approve(token, number)
    assert sessions_of(cast.ada) == 0, "approving signs nobody in by itself"
    for stranger in (None, "", "made up", token, number):
        assert links.wait(stranger) is None
    signed_in = links.wait(challenge)
    assert (signed_in.person.id, signed_in.cookie is not None) == (cast.ada.id, True)


def test_it_lets_it_in_once(links, cast, asked, sessions_of):
    challenge, token, code, number = asked
    links.approve(token, number)
    assert links.wait(challenge)
    assert links.wait(challenge) is None
    assert refusal_of(links.approve, token, number) is errors.LinkExpired
    assert refusal_of(links.follow, token, challenge) is errors.LinkExpired
    assert refusal_of(links.type, code, challenge) is errors.InvalidCode
    assert sessions_of(cast.ada) == 1


def test_without_approval_waiting_leads_nowhere_however_long(links, asked, clock):
    challenge, token, _, number = asked
    for _ in range(20):
        assert links.wait(challenge) is None
    links.approve(token, number)
    clock.forward(minutes=15)
    assert links.wait(challenge) is None


@pytest.mark.parametrize("typed", ["", "  ", "abc", "\u00b2", "--"])
def test_an_empty_number_is_no_try(links, asked, typed):
    challenge, token, _, number = asked
    for _ in range(10):
        assert refusal_of(links.approve, token, typed) is InvalidInput
    links.approve(token, number)
    assert links.wait(challenge)


def test_a_wrong_number_lets_nobody_in_and_five_are_all(links, cast, asked, sessions_of):
    challenge, token, code, number = asked
    for _ in range(5):
        assert refusal_of(links.approve, token, another(number)) is InvalidInput
    assert refusal_of(links.approve, token, number) is errors.LinkExpired
    assert refusal_of(links.type, code, challenge) is errors.InvalidCode
    assert links.wait(challenge) is None
    assert sessions_of(cast.ada) == 0


def test_the_code_and_the_number_share_their_five_tries(links, asked):
    challenge, token, code, number = asked
    for _ in range(3):
        links_said = refusal_of(links.type, another(code), challenge)
        assert links_said is errors.InvalidCode
    for _ in range(2):
        assert refusal_of(links.approve, token, another(number)) is InvalidInput
    assert refusal_of(links.approve, token, number) is errors.LinkExpired
    assert refusal_of(links.type, code, challenge) is errors.InvalidCode


def test_the_link_itself_still_signs_in_where_it_was_asked_for_whatever_was_guessed(links, asked):
    challenge, token, code, number = asked
    for _ in range(6):
        refusal_of(links.type, another(code), challenge)
        refusal_of(links.approve, token, another(number))
    assert links.follow(token, challenge)


@pytest.mark.parametrize("spell", ["{0}{1}", " {0} {1} ", "{0}-{1}", "full width"])
def test_the_number_may_be_spelled_as_people_do(links, asked, spell):
    challenge, token, _, number = asked
    wide = "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in number)
    links.approve(token, wide if spell == "full width" else spell.format(*number))
    assert links.wait(challenge)


def test_number_of_another_request_is_no_good(links, cast, asked):
    """Not even of the same person's: the newest mail is about the newest screen."""
    older, number = asked[0], asked[3]
    challenge, token, _ = links.mailed(cast.ada)
    while links.number(challenge) == number:
        challenge, token, _ = links.mailed(cast.ada)
    assert refusal_of(links.approve, token, number) is InvalidInput
    links.approve(token, links.number(challenge))
    assert links.wait(older) is None
    assert links.wait(challenge)


def test_what_an_api_client_asked_for_cannot_be_approved(links, cast, sessions_of):
    challenge, token, _ = links.mailed(cast.ada, for_api=True)
    assert links.look(token, challenge).for_api
    assert not links.look(token, challenge).same_browser
    assert refusal_of(links.approve, token, links.number(challenge)) is errors.LinkExpired
    assert links.wait(challenge) is None
    assert sessions_of(cast.ada) == 0


def test_an_approval_dies_with_the_link(links, cast, asked, services):
    challenge, token, _, number = asked
    links.approve(token, number)
    links.mailed(cast.ada)
    assert links.wait(challenge) is None


def test_numbers_have_two_digits_and_say_nothing_of_the_challenge(links):
    numbers = {links.number(f"challenge {n}") for n in range(2000)}
    assert numbers == {str(n) for n in range(10, 100)}
