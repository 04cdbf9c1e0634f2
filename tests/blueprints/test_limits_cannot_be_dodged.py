"""Limits count what they should, whatever is sent along."""

import pytest

WRONG = {"password": "wrong"}


def knock(client, email, **more):
    return client.post("/auth/login", {"email": email, "password": "wrong", **more})


def spent(client, email, *, amount=10):
    for _ in range(amount):
        assert knock(client, email).status_code == 401
    assert knock(client, email).status_code == 429


@pytest.mark.parametrize(
    "poison",
    [b'{"email":"\\ud800","password":"x"}', b'{"email":"' + b"x" * 2_000_000 + b'"}'],
    ids=["lone surrogate", "two megabytes"],
)
def test_a_bad_body_does_not_put_the_limiter_out_of_use(strict, cast, call, poison):
    """An exception while the key is made is no sign that Redis is away."""
    client = call(cast.acme, on=strict)
    spent(client, "eve@acme.example")
    client.raw("/auth/login", poison)
    assert strict.extensions["portico_limiter"]._storage_dead is False
    assert knock(client, "eve@acme.example").status_code == 429


@pytest.mark.parametrize("shown", [{}, {"email": "bob@acme.example"}], ids=["the step before", "the form"])
def test_the_password_step_counts_the_address_that_it_tries(strict, cast, browse, call, shown):
    """Whether the form shows it or the pending sign-in names it."""
    browser = browse(cast.acme, on=strict)
    browser.post("/login", {"email": "somebody.else@acme.example" if shown else cast.bob.email})
    statuses = [browser.post("/login/password", {**shown, **WRONG}).status_code for _ in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    assert knock(call(cast.acme, on=strict), cast.bob.email).status_code == 429
    assert knock(call(cast.acme, on=strict), "somebody.else@acme.example").status_code == 401


def test_people_do_not_share_an_allowance_because_a_form_names_no_address(strict, cast, browse, letters):
    """Resending from the page without an address: the pending sign-in's counts."""
    for number in range(5):
        browser = browse(cast.acme, on=strict)
        browser.post("/login", {"email": f"person{number}@acme.example"})
        assert browser.post("/login/verify").status_code != 429, number


def test_resending_is_three_an_hour_for_each_address_however_it_is_named(strict, cast, browse, call):
    client, browser = call(cast.acme, on=strict), browse(cast.acme, on=strict)
    browser.post("/login", {"email": cast.bob.email})
    assert browser.post("/login/verify").status_code != 429
    assert browser.post("/login/verify", {"email": "BOB@acme.example"}).status_code != 429
    assert client.post("/auth/verification-emails", {"email": cast.bob.email}).status_code == 202
    assert browser.post("/login/verify").status_code == 429
    assert browser.post("/login/verify", {"email": cast.bob.email}).status_code == 429
    assert client.post("/auth/verification-emails", {"email": cast.bob.email}).status_code == 429


def test_page_and_api_share_one_allowance(strict, cast, browse, call):
    client, browser = call(cast.acme, on=strict), browse(cast.acme, on=strict)
    for _ in range(5):
        knock(client, cast.bob.email)
        browser.post("/login", {"email": cast.bob.email, **WRONG})
    assert knock(client, cast.bob.email).status_code == 429
    assert browser.post("/login", {"email": cast.bob.email, **WRONG}).status_code == 429


@pytest.mark.parametrize("spelling", ["BOB@acme.example", " bob@acme.example ", "bob@ACME.EXAMPLE"])
def test_another_spelling_is_the_same_identifier(strict, cast, call, spelling):
    client = call(cast.acme, on=strict)
    spent(client, cast.bob.email)
    assert knock(client, spelling).status_code == 429


@pytest.mark.parametrize(
    "path",
    ["//api/v1/auth/login", "/api/v1//auth/login", "/api/v1/auth/login/", "/API/v1/auth/login", "/api/v1/auth/login;x",
     "/api/v1/auth/login.json", "/api/v1/auth/./login", "/api/v1/x/../auth/login"],
)  # fmt: skip
def test_ghsa_x732_another_spelling_of_the_path_is_not_here_or_counts_the_same(strict, cast, call, path):
    client = call(cast.acme, on=strict)
    spent(client, cast.bob.email)
    answer = knock_at(client, path, cast.bob.email)
    assert answer.status_code in {404, 429}


def knock_at(client, path, email):
    body = {"email": email, "password": "wrong"}
    return client.post("/auth/login", body, environ={"PATH_INFO": path})


def test_a_known_device_has_an_allowance_of_its_own(strict, cast, call, browse):
    browser = browse(cast.acme, on=strict)
    assert browser.sign_in(cast.bob).status_code == 303
    browser.post("/logout")
    spent(call(cast.acme, on=strict), cast.bob.email, amount=9)
    assert browser.sign_in(cast.bob).status_code == 303


def test_a_known_api_client_has_an_allowance_of_its_own(strict, cast, call):
    owner, stranger = call(cast.acme, on=strict), call(cast.acme, on=strict)
    device = owner.tokens(cast.bob)["device_token"]
    spent(stranger, cast.bob.email, amount=9)
    assert owner.login(cast.bob, device_token=device).status_code == 200


def test_a_tenant_counts_for_itself(strict, cast, call):
    spent(call(cast.acme, on=strict), "eve@acme.example")
    assert knock(call(cast.globex, on=strict), "eve@acme.example").status_code == 401
