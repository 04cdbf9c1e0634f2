"""How often one may try to confirm that it is you: for the account, wherever it is signed in."""

from tests.auth.showing import without_password
from tests.blueprints.stepping_up import AGAIN
from tests.cast import PASSWORD


def test_ten_tries_in_a_quarter_of_an_hour_for_each_account(strict, browse, cast):
    browsers = [browse(cast.acme, on=strict) for _ in range(2)]
    for browser in browsers:
        browser.sign_in(cast.bob)
    answers = [browsers[number % 2].post(AGAIN, {"password": ""}).status_code for number in range(11)]
    assert answers == [422] * 10 + [429]


def test_five_mails_in_a_quarter_of_an_hour(strict, browse, cast, owner):
    browser = browse(cast.acme, on=strict)
    browser.sign_in(cast.bob)
    without_password(owner, cast.bob)
    assert [browser.post(f"{AGAIN}/code").status_code for _ in range(6)] == [303] * 5 + [429]


def test_the_api_counts_with_the_pages(strict, call, browse, cast):
    browser, client = browse(cast.acme, on=strict), call(cast.acme, on=strict)
    browser.sign_in(cast.bob)
    token = client.tokens(cast.bob)["access_token"]
    for _ in range(5):
        browser.post(AGAIN, {"password": ""})
        client.post("/auth/reauthenticate", {"password": ""}, token=token)
    refused = client.post("/auth/reauthenticate", {"password": PASSWORD}, token=token)
    assert (refused.status_code, refused.json["code"]) == (429, "too_many_requests")
