"""Rate limits: how often, of whom, and what is said."""

import re

import pytest

FORWARDED = ("X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP", "X-Cluster-Client-IP")


def knock(client, email="eve@acme.example", **more):
    return client.post("/auth/login", {"email": email, "password": "wrong"}, **more)


def spread(client, number, **more):
    """The answers to that many sign-ins, each of another address: only the client is counted."""
    return [knock(client, f"p{n}@acme.example", **more).status_code for n in range(number)]


def test_sign_in_is_ten_a_quarter_of_an_hour_for_each_identifier_known_or_not(strict, cast, call):
    for email in (cast.ada.email, "nobody@acme.example"):
        client = call(cast.acme, on=strict)
        answers = [knock(client, email) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [401] * 10 + [429]
        refused = answers[-1]
        assert refused.json["code"] == "too_many_requests"
        assert 0 < int(refused.headers["Retry-After"]) <= 901
        assert refused.headers["RateLimit-Policy"] == '"sign-in";q=10;w=900'
        assert re.fullmatch(r'"sign-in";r=0;t=\d+', refused.headers["RateLimit"])
        assert refused.headers["X-RateLimit-Limit"] == "10"
        assert refused.headers["X-RateLimit-Remaining"] == "0"
        assert int(refused.headers["X-RateLimit-Reset"]) > 1_700_000_000


def test_every_limited_answer_says_what_is_left(strict, cast, call):
    client = call(cast.acme, on=strict)
    left = [int(knock(client).headers["X-RateLimit-Remaining"]) for _ in range(3)]
    assert left == [9, 8, 7]
    token = client.tokens(cast.ada)["access_token"]
    assert client.get("/me", token=token).headers["RateLimit-Policy"] == '"api";q=600;w=60'


def test_a_limit_reached_is_a_page_for_a_browser(strict, cast, browse):
    browser = browse(cast.acme, on=strict)
    for _ in range(10):
        browser.post("/login", {"email": "eve@acme.example", "password": "wrong"})
    answer = browser.post("/login", {"email": "eve@acme.example", "password": "wrong"})
    assert answer.status_code == 429
    assert answer.mimetype == "text/html"
    assert int(answer.headers["Retry-After"]) > 0
    assert "You can try again in" in answer.text


def test_naming_an_address_alone_is_no_guess(strict, cast, browse):
    browser = browse(cast.acme, on=strict)
    assert [browser.post("/login", {"email": cast.ada.email}).status_code for _ in range(15)] == [303] * 15


def test_sign_in_is_a_hundred_for_each_client(strict, cast, call):
    assert spread(call(cast.acme, on=strict, REMOTE_ADDR="198.51.100.7"), 101) == [401] * 100 + [429]
    assert knock(call(cast.acme, on=strict, REMOTE_ADDR="198.51.100.8")).status_code == 401


def test_an_ipv6_network_is_one_client_and_its_neighbour_another(strict, cast, call):
    for n in range(100):
        knock(call(cast.acme, on=strict, REMOTE_ADDR=f"2001:db8:0:1::{n:x}"), f"p{n}@acme.example")
    assert knock(call(cast.acme, on=strict, REMOTE_ADDR="2001:db8:0:1:ffff::1")).status_code == 429
    assert knock(call(cast.acme, on=strict, REMOTE_ADDR="2001:0DB8:0000:0001::0001")).status_code == 429
    assert knock(call(cast.acme, on=strict, REMOTE_ADDR="2001:db8:0:2::1")).status_code == 401


def test_an_ipv4_address_in_ipv6_clothes_is_that_address(strict, cast, call):
    spread(call(cast.acme, on=strict, REMOTE_ADDR="::ffff:198.51.100.9"), 100)
    assert knock(call(cast.acme, on=strict, REMOTE_ADDR="198.51.100.9")).status_code == 429
    assert knock(call(cast.acme, on=strict, REMOTE_ADDR="::ffff:c633:6409")).status_code == 429


@pytest.mark.parametrize("address", ["", "unix:", "not an address", "fe80::1%eth0"])
def test_a_client_without_an_address_is_counted_too_and_breaks_nothing(strict, cast, call, address):
    client = call(cast.acme, on=strict, REMOTE_ADDR=address)
    assert spread(client, 101) == [401] * 100 + [429]
    assert strict.extensions["portico_limiter"]._storage_dead is False


def test_what_a_client_says_of_its_address_is_not_believed(strict, cast, call):
    for n in range(100):
        headers = dict.fromkeys(FORWARDED, f"203.0.113.{n}") | {"Forwarded": f"for=203.0.113.{n}"}
        client = call(cast.acme, on=strict, REMOTE_ADDR="198.51.100.20")
        assert knock(client, f"p{n}@acme.example", headers=headers).status_code == 401
    assert (
        knock(
            call(cast.acme, on=strict, REMOTE_ADDR="198.51.100.20"), headers={"X-Forwarded-For": "1.1.1.1"}
        ).status_code
        == 429
    )


def test_one_trusted_proxy_is_believed_for_one_hop(portal, cast, call):
    behind = portal(rate_limit_scale=1.0, trusted_proxies=1)
    client = call(cast.acme, on=behind, REMOTE_ADDR="10.0.0.1")
    for n in range(100):
        said = {"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.30"}  # the first is the client's own invention
        assert knock(client, f"p{n}@acme.example", headers=said).status_code == 401
    assert knock(client, headers={"X-Forwarded-For": "198.51.100.30"}).status_code == 429
    assert knock(client, headers={"X-Forwarded-For": "198.51.100.31"}).status_code == 401


@pytest.mark.parametrize("said", ["a", "1.2.3.4:80", "::1%lo", "", ",", "unknown", "2001:db8::1", "[2001:db8::1]:80"])
def test_an_address_that_cannot_be_read_skips_no_step(portal, cast, call, said):
    """CVE-2024-47070: an unparsable X-Forwarded-For skipped the password."""
    client = call(cast.acme, on=portal(trusted_proxies=1))
    assert knock(client, cast.ada.email, headers={"X-Forwarded-For": said}).status_code == 401


def test_registration_verification_and_refresh_have_their_own(strict, cast, call):
    client = call(cast.acme, on=strict)
    new = {"email": "zoe@acme.example", "password": "three uncommon gherkins"}
    assert [client.post("/auth/register", new).status_code for _ in range(6)] == [202] * 5 + [429]
    again = [client.post("/auth/verification-emails", {"email": "zoe@acme.example"}).status_code for _ in range(4)]
    assert again == [202] * 3 + [429]
    token = client.tokens(cast.ada)["refresh_token"]
    other = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    statuses = [client.post("/auth/refresh", {"refresh_token": other}).status_code for _ in range(100)]
    assert set(statuses) == {401}
    assert client.post("/auth/refresh", {"refresh_token": token}).status_code == 429


def test_the_api_is_six_hundred_a_minute_for_each_token(strict, cast, call):
    client = call(cast.acme, on=strict)
    tokens = [client.tokens(cast.ada)["access_token"] for _ in range(2)]
    assert {client.get("/me", token=tokens[0]).status_code for _ in range(600)} == {200}
    assert client.get("/me", token=tokens[0]).status_code == 429
    assert client.get("/me", token=tokens[1]).status_code == 200


def test_files_health_and_reading_pages_are_not_limited(strict, cast, browse):
    browser = browse(cast.acme, on=strict)
    for path in ("/livez", "/static/css/base.css", "/login"):
        assert "RateLimit" not in browser.get(path).headers
