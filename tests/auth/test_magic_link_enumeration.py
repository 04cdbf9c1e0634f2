"""Class G: asking for a link tells nobody who is known here; the owners learn by mail."""

import re

import pytest

from tests.advisories.test_enumeration import masked
from tests.auth.linking import code_in
from tests.cast import PASSWORD

KINDS = ("unknown", "known", "no password", "unverified", "disabled", "leaving", "locked")
_NUMBER = re.compile(r'(id="number"[^>]*>)\d\d')


@pytest.fixture
def people(cast, services, call, knock, owner, letters):
    """An address of each kind."""
    for local in ("known", "gone", "leaving", "locked"):
        cast.person(cast.acme, f"{local}@acme.example")
    cast.person(cast.acme, "social@acme.example", password=None)
    call(cast.acme).post("/auth/register", {"email": "fresh@acme.example", "password": PASSWORD})
    services.users.disable(cast.acme, email="gone@acme.example")
    owner.execute("UPDATE users SET leaving_at = now() WHERE email_key = 'leaving@acme.example'")
    for _ in range(5):
        call(cast.acme).post("/auth/login", {"email": "locked@acme.example", "password": "wrong"})
    letters.deliver().clear()
    locals_ = ("nobody", "known", "social", "fresh", "gone", "leaving", "locked")
    return {kind: f"{local}@acme.example" for kind, local in zip(KINDS, locals_, strict=True)}


@pytest.fixture
def written(owner, cast):
    """How many rows a request has left behind: (requests, promises, pending sign-ins, tokens, audit rows)."""
    tables = ("link_requests", "outbox", "pending_logins", "one_time_tokens", "audit_events")

    def written():
        counts = [owner.execute(f"SELECT count(*) FROM {t} WHERE tenant_id = %s", [cast.acme.id]) for t in tables]
        return [count.fetchone()[0] for count in counts]

    return written


def test_the_api_says_the_same_at_the_same_price(people, cast, call, hasher, written):
    client, said, price = call(cast.acme), set(), set()
    for email in people.values():
        hashes, rows = hasher.computed, written()
        answer = client.post("/auth/magic-links", {"email": email})
        assert (answer.status_code, answer.json.keys()) == (202, {"challenge"})
        assert len(answer.json["challenge"]) == 43
        said.add(masked(answer))
        price.add((hasher.computed - hashes, *(now - then for now, then in zip(written(), rows, strict=True))))
    assert len(said) == 1
    assert price == {(0, 1, 1, 1, 0, 0)}


def test_the_pages_say_the_same_at_the_same_price(people, cast, browse, hasher, written):
    said, price = set(), set()
    for email in people.values():
        browser = browse(cast.acme)
        token = browser.csrf()
        hashes, rows = hasher.computed, written()
        answers = [browser.open("POST", "/login/magic-link", data={"csrf_token": token, "email": email})]
        price.add((hasher.computed - hashes, *(now - then for now, then in zip(written(), rows, strict=True))))
        answers += [browser.get("/login/magic-link"), browser.get("/login")]
        answers += [browser.post("/login/magic-link/code", {"code": "000000"}) for _ in range(7)]
        answers += [browser.post("/login/magic-link/approval"), browser.get("/login/magic-link")]
        answers.append(browser.post("/login/magic-link", {"email": email}, headers={"HX-Request": "true"}))
        said.add(_NUMBER.sub(r"\1NN", "\n".join(masked(answer) for answer in answers)))
    assert len(said) == 1
    assert price == {(0, 1, 1, 1, 0, 0)}


def test_once_the_mails_have_gone_out_it_still_says_the_same(people, cast, browse, call, letters):
    """What the worker has made of each request is not to be seen where it was asked for."""
    pages, answers = set(), set()
    for email in people.values():
        browser, client = browse(cast.acme), call(cast.acme)
        browser.post("/login/magic-link", {"email": email})
        letters.deliver()
        seen = [browser.get("/login/magic-link"), browser.post("/login/magic-link/approval")]
        seen += [browser.post("/login/magic-link/code", {"code": "no code"}) for _ in range(7)]
        pages.add(_NUMBER.sub(r"\1NN", "\n".join(masked(answer) for answer in seen)))
        challenge = client.post("/auth/magic-links", {"email": email}).json["challenge"]
        letters.deliver()
        for body in ({"code": "no code"}, {"token": "x" * 43}):
            tried = [client.post("/auth/magic-links/redeem", {"challenge": challenge, **body}) for _ in range(7)]
            answers.add((*body, "\n".join(masked(answer) for answer in tried)))
    assert len(pages) == 1
    assert len(answers) == 2


def test_owners_learn_by_mail(people, cast, call, letters):
    for email in people.values():
        call(cast.acme).post("/auth/magic-links", {"email": email})
    mails = {mail.to: mail for mail in letters.deliver()}
    assert mails.keys() == {people[kind] for kind in KINDS} - {people["unknown"], people["disabled"]}
    for kind in ("known", "no password", "locked", "leaving"):
        mail = mails[people[kind]]
        assert "/magic-link?token=" in mail.text
        assert code_in(mail) in mail.html
        assert mail.subject == "Sign in to Acme"
    unverified = mails[people["unverified"]]
    assert "/verify-email?token=" in unverified.text
    assert "magic-link" not in unverified.text + unverified.html


def test_the_link_that_an_unverified_address_gets_verifies_it_and_signs_nobody_in(people, cast, browse, letters):
    """Rule 11: elsewhere than in the browser that registered, it asks for a password, which replaces the first."""
    browser = browse(cast.acme)
    browser.post("/login/magic-link", {"email": people["unverified"]})
    browser.get(f"/verify-email?token={letters.token_to(people['unverified'])}")
    assert 'name="new_password"' in browser.get("/verify-email").text
    assert browser.post("/verify-email", {"new_password": "another set of radishes"}).status_code == 303
    assert browser.get("/account").location == "/login"
    assert browser.post("/login/magic-link", {"email": people["unverified"]}).location == "/login/magic-link"
    assert "/magic-link?token=" in letters.to(people["unverified"]).text


def test_mails_of_two_people_differ_in_nothing_but_what_is_theirs(cast, call, letters):
    for person in (cast.ada, cast.bob):
        call(cast.acme).post("/auth/magic-links", {"email": person.email})
    texts = set()
    for person in (cast.ada, cast.bob):
        mail = letters.to(person.email)
        text = f"{mail.subject}\n{mail.text}\n{mail.html}".replace(code_in(mail), "CODE")
        name = person.email.split("@")[0]
        text = re.sub(r"token=[\w-]+", "token=X", text).replace(person.email, "EMAIL").replace(name.title(), "NAME")
        texts.add(re.sub(r"\d\d:\d\d UTC", "THEN", text))
    assert len(texts) == 1
