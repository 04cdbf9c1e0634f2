"""Before the first factor is right, nothing tells who exists, or what they have (security.md, 4 G)."""

import json
import re

import pytest

from tests.auth.apps import Apps
from tests.auth.holding import Holder
from tests.auth.second_steps import with_app
from tests.blueprints.pressing import options
from tests.soft_passkey import SoftPasskey

NOBODY = "nobody@acme.example"
# What is random, and the address as it was typed.
CHANGING = re.compile(
    r'[A-Za-z0-9_.-]{40,}|[0-9a-f]{8}-[0-9a-f-]{27}|\w+(<wbr>)?@acme\.example|"avatar"[^<]*<|value="[^"]*"'
)


@pytest.fixture
def people(cast, services, clock):
    """Somebody with everything, somebody with a password, and nobody."""
    with_app(cast.bob, clock)
    Holder(services, cast.bob).add()
    Apps(services).make(cast.bob)
    return [cast.bob.email, cast.ada.email, NOBODY]


def seen(browser, answer):
    """What a stranger sees: all but what is random, was typed, or counts how often they have asked."""
    own = {"X-Request-Id", "Set-Cookie", "Date", "Content-Length"}
    headers = {name: value for name, value in answer.headers if name not in own and "ratelimit" not in name.lower()}
    cookies = sorted(cookie.key for cookie in browser.client._cookies.values())
    return answer.status_code, headers, cookies, CHANGING.sub("", answer.text)


def test_naming_an_address_shows_everybody_the_same(people, browse, cast):
    heard = []
    for email in people:
        browser = browse(cast.acme)
        answers = [browser.post("/login", {"email": email}), browser.get("/login/password"), browser.get("/login")]
        heard.append([seen(browser, answer) for answer in answers])
    assert heard[0] == heard[1] == heard[2]


def test_what_a_passkey_has_to_sign_names_nobody_whoever_was_named_before(people, browse, cast):
    heard = []
    for email in people:
        browser = browse(cast.acme)
        browser.post("/login", {"email": email})
        asked = options(browser, "/login/passkey-options")
        assert asked.json["allowCredentials"] == []
        heard.append(seen(browser, asked))
    assert heard[0] == heard[1] == heard[2]


def test_the_second_step_has_no_page_for_whoever_has_not_shown_the_first(people, browse, cast):
    heard = []
    for email in people:
        browser = browse(cast.acme)
        browser.post("/login", {"email": email})
        answers = [
            browser.get("/login/second-factor"),
            browser.post("/login/second-factor", {"method": "totp", "code": "123456"}),
            browser.post("/login/second-factor/code"),
            options(browser, "/login/second-factor/passkey-options"),
            browser.get("/login/enrolment"),
            options(browser, "/login/enrolment/passkey-options"),
        ]
        heard.append([seen(browser, answer) for answer in answers])
    assert heard[0] == heard[1] == heard[2]


def test_a_wrong_password_says_the_same_of_everybody_on_the_api(people, call, cast):
    api, heard = call(cast.acme), []
    for email in people:
        answer = api.post("/auth/login", {"email": email, "password": "not the right one"})
        heard.append((answer.status_code, sorted(answer.json), answer.json["code"], sorted(answer.headers.keys())))
    assert heard[0] == heard[1] == heard[2]


def test_a_passkey_of_nobody_and_one_of_somebody_are_refused_alike(people, browse, cast, services):
    """Not known, known but not checked who holds it, and with a wrong signature."""
    held = Holder(services, cast.ada)
    weak = held.add(held.new(verifies=False))
    unknown = SoftPasskey(origin=cast.acme.origin, user_handle=cast.ada.id.bytes)
    forged = SoftPasskey(
        origin=cast.acme.origin, user_handle=cast.ada.id.bytes, credential_id=weak.credential_id, verifies=True
    )
    heard = []
    for key in (unknown, weak, forged):
        asked = services.passkeys.ask_to_sign_in(cast.acme)
        browser = browse(cast.acme)
        browser.plant("portico_passkey", asked.secret)
        answer = browser.post("/login/passkey", {"credential": json.dumps(key.get(asked.options))})
        heard.append(seen(browser, answer))
    assert heard[0] == heard[1] == heard[2]
    assert heard[0][0] == 422


def test_asking_for_the_mailed_code_of_a_made_up_challenge_says_nothing(people, call, cast, letters):
    api = call(cast.acme)
    for challenge in ("x" * 43, *people):
        assert api.post("/auth/second-factor/codes", {"challenge": challenge}).status_code == 202
    assert not [mail for mail in letters.deliver() if "code" in mail.subject.lower()]
