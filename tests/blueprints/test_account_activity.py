"""The history of the account, as a page, as a part of one, and as JSON."""

import re

import pytest

HTMX = {"HX-Request": "true"}


@pytest.fixture
def ada(cast, browse):
    browser = browse(cast.acme)
    browser.sign_in(cast.ada)
    return browser


@pytest.fixture
def long_past(cast):
    for _ in range(12):
        cast.ada.sign_in()


def titles(html):
    return re.findall(r'class="row__name"[^>]*>([^<]+)<', html)


def test_the_page_tells_what_happened_with_a_way_out(ada):
    page = ada.get("/account/activity")
    assert page.status_code == 200
    assert titles(page.text)[:2] == ["Signed in", "Account created"]
    assert "127.0.0.1" in page.text
    assert 'href="/account/lock-down"' in page.text


def test_earlier_ones_are_a_link_away_without_javascript(long_past, ada):
    first = ada.get("/account/activity")
    link = re.search(r'href="(/account/activity\?cursor=[^"]+)"', first.text)[1].replace("&amp;", "&")
    second = ada.get(link)
    assert second.status_code == 200
    assert titles(first.text)
    assert titles(second.text)[-1] == "Account created"
    ids = [set(re.findall(r'id="activity-([0-9a-f-]{36})"', page.text)) for page in (first, second)]
    assert not ids[0] & ids[1]


def test_htmx_gets_the_part_alone(ada):
    part = ada.get("/account/activity", headers=HTMX)
    assert "<html" not in part.text
    assert part.text.strip().startswith("<section")
    assert "HX-Request" in part.headers["Vary"]
    assert part.text.strip() in ada.get("/account/activity").text


@pytest.mark.parametrize("cursor", ["x", "%00", "eA==", "MjAyNi0xMS0yNSB4", "a" * 3000])
def test_a_cursor_that_is_none_is_refused(ada, cast, call, cursor):
    assert ada.get(f"/account/activity?cursor={cursor}").status_code == 422
    acme = call(cast.acme)
    answer = acme.get(f"/me/activity?cursor={cursor}", token=acme.tokens(cast.ada)["access_token"])
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")


def test_the_api_pages_through_it(cast, call, long_past):
    acme = call(cast.acme)
    token = acme.tokens(cast.ada)["access_token"]
    seen, path = [], "/me/activity?limit=5"
    while path:
        answer = acme.get(path, token=token)
        assert answer.status_code == 200
        assert len(answer.json["data"]) <= 5
        seen += answer.json["data"]
        cursor = answer.json["next_cursor"]
        path = f"/me/activity?limit=5&cursor={cursor}" if cursor else None
    assert seen[-1]["event"] == "user.registered"
    assert len({one["id"] for one in seen}) == len(seen) >= 14
    assert seen[0].keys() == {"id", "at", "event", "outcome", "title", "kind", "note", "client", "ip", "place"}
    # What made room for this sign-in ended at the very same moment.
    assert {"login.succeeded", "session.revoked"} == {one["event"] for one in seen[:2]}
    assert seen[0]["at"].endswith("Z")


@pytest.mark.parametrize("limit", ["0", "101", "x", "-1"])
def test_a_limit_out_of_bounds_is_refused(cast, call, limit):
    acme = call(cast.acme)
    answer = acme.get(f"/me/activity?limit={limit}", token=acme.tokens(cast.ada)["access_token"])
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")


def test_bob_and_mallory_see_nothing_of_it(cast, call, long_past):
    for person in (cast.bob, cast.mallory):
        client = call(person.tenant)
        answer = client.get("/me/activity", token=client.tokens(person)["access_token"]).json
        assert [one["title"] for one in answer["data"]] == ["Signed in", "Account created"]


def test_anothers_cursor_shows_ones_own(cast, call, long_past):
    acme, globex = call(cast.acme), call(cast.globex)
    cursor = acme.get("/me/activity?limit=1", token=acme.tokens(cast.ada)["access_token"]).json["next_cursor"]
    answer = globex.get(f"/me/activity?cursor={cursor}", token=globex.tokens(cast.mallory)["access_token"])
    assert answer.status_code in {200, 422}
    assert all(one["ip"] != "192.0.2.7" for one in answer.json.get("data", []))
