"""How often one may ask for a link and try a code, whoever asks, wherever."""

import pytest

from tests.blueprints.mails import WARY, code_in, is_in

REDEEM = "/auth/magic-links/redeem"


@pytest.fixture
def ask(strict, call):
    def ask(tenant, email, **more):
        client = call(tenant, on=strict, **more.pop("environ", {}))
        return client.post("/auth/magic-links", {"email": email, **more})

    return ask


def test_a_link_is_three_an_hour_for_each_identifier_known_or_not(ask, cast):
    for email in (cast.ada.email, "nobody@acme.example"):
        answers = [ask(cast.acme, email) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [202] * 3 + [429]
        refused = answers[-1]
        assert refused.json["code"] == "too_many_requests"
        assert refused.headers["RateLimit-Policy"] == '"magic-link";q=3;w=3600'
        assert 0 < int(refused.headers["Retry-After"]) <= 3601
    assert ask(cast.globex, cast.ada.email).status_code == 202


def test_however_it_is_spelled_and_from_wherever_it_is_asked(ask, cast, strict, browse, letters):
    browser = browse(cast.acme, on=strict, REMOTE_ADDR="198.51.100.77")
    assert ask(cast.acme, cast.ada.email).status_code == 202
    assert ask(cast.acme, " ADA@ACME.example ").status_code == 202
    assert browser.post("/login/magic-link", {"email": cast.ada.email}).status_code == 303
    assert browser.post("/login/magic-link").status_code == 429, "the address of the step before counts"
    assert browser.post("/login/magic-link", {"email": "aDa@acme.example"}).status_code == 429
    assert ask(cast.acme, cast.ada.email).status_code == 429
    assert len([mail for mail in letters.deliver() if mail.to == cast.ada.email]) == 3


def test_a_known_browser_has_an_allowance_of_its_own(ask, cast, strict, browse):
    browser = browse(cast.acme, on=strict)
    browser.sign_in(cast.ada)
    browser.post("/logout")
    assert [ask(cast.acme, cast.ada.email).status_code for _ in range(4)] == [202] * 3 + [429]
    asked = [browser.post("/login/magic-link", {"email": cast.ada.email}).status_code for _ in range(4)]
    assert asked == [303] * 3 + [429]


def test_being_known_to_one_account_is_no_allowance_for_another(ask, cast, strict, browse):
    thief = browse(cast.acme, on=strict)
    thief.sign_in(cast.bob)
    thief.post("/logout")
    for _ in range(3):
        ask(cast.acme, cast.ada.email)
    assert thief.post("/login/magic-link", {"email": cast.ada.email}).status_code == 429
    thief.plant("portico_device", "x" * 43)
    assert thief.post("/login/magic-link", {"email": cast.ada.email}).status_code == 429


def test_it_is_fifty_an_hour_for_each_client(ask, cast):
    here, there = ({"REMOTE_ADDR": ip} for ip in ("198.51.100.40", "198.51.100.41"))
    asked = [ask(cast.acme, f"p{n}@acme.example", environ=here).status_code for n in range(51)]
    assert asked == [202] * 50 + [429]
    assert ask(cast.acme, "p51@acme.example", environ=there).status_code == 202


def test_a_code_is_ten_a_quarter_of_an_hour_for_each_account_on_every_route(cast, strict, call, browse, ask):
    """CVE-2024-32868, allauth 65.2.0: the limit of the pages is the API's too, however many requests wait."""
    client = call(cast.acme, on=strict)
    browser = browse(cast.acme, on=strict)
    browser.post("/login/magic-link", {"email": cast.ada.email})
    challenge = ask(cast.acme, cast.ada.email).json["challenge"]
    tried = [browser.post("/login/magic-link/code", {"code": "1"}).status_code for _ in range(5)]
    tried += [client.post(REDEEM, {"challenge": challenge, "code": "1"}).status_code for _ in range(5)]
    assert tried == [422] * 5 + [401] * 5
    assert client.post(REDEEM, {"challenge": challenge, "code": "1"}).status_code == 429
    assert browser.post("/login/magic-link/code", {"code": "1"}).status_code == 429


def test_strangers_who_try_codes_do_not_use_up_the_owners_tries(cast, strict, browse, letters):
    """Anybody may ask for a link to any address, and then type what they like."""
    owner, stranger = browse(cast.acme, on=strict), browse(cast.acme, on=strict)
    owner.sign_in(cast.ada)
    owner.post("/logout")
    stranger.post("/login/magic-link", {"email": cast.ada.email})
    for _ in range(10):
        stranger.post("/login/magic-link/code", {"code": "1"})
    owner.post("/login/magic-link", {"email": cast.ada.email})
    code = code_in(letters.to(cast.ada.email))
    assert owner.post("/login/magic-link/code", {"code": code}).status_code == 303
    assert is_in(owner)


@pytest.fixture
def zoe(cast):
    tenant = cast.found(f"{cast.acme.slug}-w", "Wary", **WARY)
    zoe = cast.person(tenant, "zoe@wary.example")
    zoe.sign_in()
    return zoe


def test_many_unusual_sign_ins_at_once_win_no_more_than_ten_codes(zoe, strict, call):
    client = call(zoe.tenant, on=strict)
    challenges = [client.login(zoe).json["challenge"] for _ in range(3)]
    tried = []
    for n in range(12):
        body = {"challenge": challenges[n % 3], "method": "email_code", "code": f"{n:06d}"}
        tried.append(client.post("/auth/second-factor", body).status_code)
    assert tried == [401] * 10 + [429] * 2


def test_a_code_is_sent_again_five_times_at_most(zoe, strict, browse, letters):
    browser = browse(zoe.tenant, on=strict)
    browser.sign_in(zoe)
    letters.deliver().clear()
    again = [browser.post("/login/second-factor/code").status_code for _ in range(6)]
    assert again == [303] * 5 + [429]
    assert len(letters.deliver()) == 5


def test_a_page_may_ask_every_three_seconds_as_long_as_a_link_lives(cast, strict, browse):
    browser = browse(cast.acme, on=strict)
    browser.post("/login/magic-link", {"email": cast.ada.email})
    csrf = {"HX-Request": "true", "X-CSRFToken": browser.csrf()}
    asked = {browser.post("/login/magic-link/approval", csrf=False, headers=csrf).status_code for _ in range(300)}
    assert asked == {204}
