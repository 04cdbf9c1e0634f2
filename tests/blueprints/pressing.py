"""Pressing the passkey buttons of pages, as ``js/passkeys.js`` does."""

import json

from tests.soft_passkey import SoftPasskey


def options(browser, path, **headers):
    """What a page's script is told to ask the device."""
    sent = {"X-CSRFToken": browser.csrf(), "Accept": "application/json", "Sec-Fetch-Site": "same-origin", **headers}
    return browser.open("POST", path, headers=sent)


def add(browser, *, key=None, **more):
    """Add a passkey on the account's page; hands over (the passkey, the answer)."""
    key = key or SoftPasskey(origin=browser.origin)
    asked = options(browser, "/account/passkeys/options")
    assert asked.status_code == 200, asked.text
    answer = browser.post("/account/passkeys", {"credential": json.dumps(key.create(asked.json)), **more})
    return key, answer


def sign_in(browser, key, *, asked=None, wrong=None, **more):
    """Press "Sign in with a passkey"."""
    asked = asked or options(browser, "/login/passkey-options")
    assert asked.status_code == 200, asked.text
    credential = json.dumps(key.get(asked.json, **(wrong or {})))
    return browser.post("/login/passkey", {"credential": credential, **more})
