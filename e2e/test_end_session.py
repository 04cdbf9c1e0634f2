"""Signing out on an application's word, by a form on another site: cookies of ours come with the hop after it alone."""

from html import escape
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from e2e.examples import await_listener, sign_in_from
from e2e.journeys import expect_signed_out

ELSEWHERE = "http://notes.elsewhere.test/"


@pytest.fixture
def signed_in(page_either_way, portal, visit, acme, people, fresh):
    """The page of somebody who is signed in, and an ID token of theirs that Acme Notes was given."""
    await_listener(portal.demo)
    email = fresh()
    other = visit()
    people.join(acme, email)
    other.context.close()
    page = page_either_way
    sign_in_from(page, portal.demo, acme, email)
    page.locator("#allow").click()
    expect(page).to_have_url(f"{portal.demo}/account")
    hint = hint_of(page, acme)
    people.enter(page, acme, email)
    return page, hint


def hint_of(page, acme):
    """The ID token that Acme Notes signs them out with."""
    with page.expect_request(f"{acme}/oauth2/logout?**") as leaving:
        page.locator("#sign-out").click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out")
    return parse_qs(urlsplit(leaving.value.url).query)["id_token_hint"][0]


def form_elsewhere(page, acme, **fields):
    """A page of another site with a form to our endpoint; press its button."""
    inputs = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items())
    body = f'<form method="post" action="{acme}/oauth2/logout">{inputs}<button>Leave</button></form>'
    page.route(ELSEWHERE, lambda route: route.fulfill(body=f"<!doctype html>{body}", content_type="text/html"))
    page.goto(ELSEWHERE)
    page.get_by_role("button", name="Leave").click()


def test_with_the_id_token_they_are_signed_out_and_back_at_the_application(signed_in, portal, acme):
    page, token = signed_in
    form_elsewhere(page, acme, id_token_hint=token, post_logout_redirect_uri=f"{portal.demo}/")
    expect(page).to_have_url(f"{portal.demo}/")
    expect_signed_out(page, acme)


def test_without_it_they_are_asked(signed_in, acme):
    page, _ = signed_in
    form_elsewhere(page, acme)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sign out of")
    page.goto(f"{acme}/account")
    expect(page).to_have_url(f"{acme}/account")

    page.goto(f"{acme}/oauth2/logout")
    page.locator("#submit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    expect_signed_out(page, acme)
