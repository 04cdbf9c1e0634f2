"""Class G: nobody learns who is known here, by status, words, headers, cookies or the price of the answer."""

import re

import pytest

PASSWORD = "three uncommon gherkins"
CASES = ("unknown", "wrong", "no password", "unverified, wrong", "disabled, wrong", "locked, wrong", "locked, right")
_MASKS = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "ID"),
    (re.compile(r'(name="csrf_token" value=|"X-CSRFToken":)"[^"]+"'), "CSRF"),
    (re.compile(r"[\w.]+(<wbr>)?@acme\.example"), "EMAIL"),
    (re.compile(r'(class="avatar" aria-hidden="true">)\w'), r"\1A"),  # its first letter
    (re.compile(r'"challenge":"[^"]+"'), "CHALLENGE"),
    (re.compile(r"(portico_\w+)=[^;]*"), r"\1=VALUE"),
    (re.compile(r"(Expires|Max-Age)=[^;]*"), r"\1=THEN"),
    (re.compile(r";r=\d+;t=\d+"), ";r=N;t=N"),
)
_VARYING = {"X-RateLimit-Reset", "X-RateLimit-Remaining", "Content-Length", "Date"}


def masked(answer):
    """What an observer can tell apart."""
    lines = [f"{name}: {value}" for name, value in answer.headers if name not in _VARYING]
    text = "\n".join([answer.status, *lines, answer.text])
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


@pytest.fixture
def people(cast, call, services):
    """An address of each kind, and the password that is tried with it."""
    cast.person(cast.acme, "social@acme.example", password=None)
    cast.person(cast.acme, "gone@acme.example")
    services.users.disable(cast.acme, email="gone@acme.example")
    cast.person(cast.acme, "locked@acme.example", password=PASSWORD)
    client = call(cast.acme)
    client.post("/auth/register", {"email": "fresh@acme.example", "password": PASSWORD})
    for _ in range(5):
        client.post("/auth/login", {"email": "locked@acme.example", "password": "wrong"})
    emails = dict(zip(CASES, ("nobody", "bob", "social", "fresh", "gone", "locked", "locked"), strict=True))
    return {
        case: (f"{local}@acme.example", PASSWORD if case == "locked, right" else "wrong")
        for case, local in emails.items()
    }


def test_the_api_says_the_same_at_the_same_price(people, cast, call, hasher):
    client, said, price = call(cast.acme), {}, {}
    client.post("/auth/login", {"email": "warm@acme.example", "password": "up"})
    for case, (email, password) in people.items():
        before = hasher.computed
        answer = client.post("/auth/login", {"email": email, "password": password})
        said[case], price[case] = masked(answer), hasher.computed - before
        assert (answer.status_code, answer.json["code"]) == (401, "invalid_credentials")
    assert set(price.values()) == {1}, price
    assert len(set(said.values())) == 1


def test_the_page_says_the_same_at_the_same_price(people, cast, browse, hasher):
    said, price = {}, {}
    for case, (email, password) in people.items():
        browser = browse(cast.acme)
        token = browser.csrf()
        before = hasher.computed
        answer = browser.open("POST", "/login", data={"csrf_token": token, "email": email, "password": password})
        said[case], price[case] = masked(answer), hasher.computed - before
        assert answer.status_code == 422
    assert set(price.values()) == {1}, price
    assert len(set(said.values())) == 1


def test_cve_2026_4633_naming_an_address_leads_everybody_to_the_same_step(people, cast, browse, hasher):
    said, before = set(), hasher.computed
    for email, _ in people.values():
        browser = browse(cast.acme)
        answers = [browser.post("/login", {"email": email}), browser.get("/login/password"), browser.get("/login")]
        said.add("\n".join(masked(answer) for answer in answers))
    assert len(said) == 1
    assert hasher.computed == before


def test_allauth_0_63_4_registering_says_the_same_for_everybody(people, cast, call, browse, hasher):
    api, pages, price = set(), set(), set()
    for email, _ in people.values():
        before = hasher.computed
        api.add(masked(call(cast.acme).post("/auth/register", {"email": email, "password": PASSWORD})))
        price.add(hasher.computed - before)
        browser = browse(cast.acme)
        answers = [browser.post("/register", {"email": email, "password": PASSWORD}), browser.get("/login/verify")]
        pages.add("\n".join(masked(answer) for answer in answers))
    assert len(set(api)) == 1
    assert len(set(pages)) == 1
    assert price == {1}


def test_cve_2023_39522_asking_for_a_link_says_the_same_for_everybody(people, cast, call):
    said = {masked(call(cast.acme).post("/auth/verification-emails", {"email": email})) for email, _ in people.values()}
    assert len(set(said)) == 1


def test_registering_refuses_a_password_alike_for_everybody(people, cast, call):
    """A known person's password, name and state are no part of the verdict."""
    for password in ("password123", "short", "x" * 129, cast.bob.tenant.slug + "1"):
        body = {"password": password}
        said = {masked(call(cast.acme).post("/auth/register", {"email": e, **body})) for e, _ in people.values()}
        assert len(said) == 1
        assert "422" in said.pop()


def test_owners_learn_by_mail_and_strangers_learn_nothing(people, cast, call, letters):
    letters.deliver().clear()
    for email in ("nobody@acme.example", cast.bob.email, "gone@acme.example"):
        call(cast.acme).post("/auth/register", {"email": email, "password": PASSWORD})
    mails = {mail.to: mail.subject for mail in letters.deliver()}
    assert mails.keys() == {"nobody@acme.example", cast.bob.email}
    assert mails[cast.bob.email] != mails["nobody@acme.example"]


def test_allauth_65_11_1_a_blank_password_is_nobodys(people, cast, call, browse):
    for password in ("", " ", "None", "null", "\x00"):
        answer = call(cast.acme).post("/auth/login", {"email": "social@acme.example", "password": password})
        assert answer.status_code in {401, 422}
    assert (
        browse(cast.acme).post("/login/password", {"email": "social@acme.example", "password": ""}).status_code == 422
    )
