"""Class E, for links that sign in: headers, smuggled recipients, and tokens at doors that they are not for."""

import pytest

from tests.advisories.test_mail import NOT_ONE_ADDRESS, ODD_HOSTS
from tests.blueprints.mails import code_in, is_in, links_in, number_on

FORM = "application/x-www-form-urlencoded"


def all_ours(tenant, mails):
    found = links_in(*mails)
    assert found
    return all(link.startswith(f"{tenant.origin}/") for link in found)


@pytest.mark.parametrize("header", ODD_HOSTS)
def test_cve_2023_49097_and_cve_2025_64101_no_header_chooses_the_host_of_the_link(acme, cast, browse, letters, header):
    headers = {header: ODD_HOSTS[header]}
    acme.post("/auth/magic-links", {"email": cast.ada.email}, headers=headers)
    browse(cast.acme).post("/login/magic-link", {"email": cast.bob.email}, headers=headers)
    mails = letters.deliver()
    assert len(mails) == 2
    assert all_ours(cast.acme, mails)


@pytest.mark.parametrize("spelled", ["upper", "port", "dot"])
def test_ghsa_3529_nor_does_an_odd_spelling_of_the_host(call, cast, letters, spelled):
    origin = cast.acme.origin
    odd = {"upper": origin.upper().replace("HTTP", "http"), "port": f"{origin}:8080", "dot": f"{origin}."}[spelled]
    answer = call(odd).post("/auth/magic-links", {"email": cast.ada.email})
    mails = letters.deliver()
    assert answer.status_code == 404 or all_ours(cast.acme, mails)


def test_ghsa_3529_an_address_with_another_host_in_the_request_line_or_a_foreign_host_gets_no_link(call, cast, letters):
    """Some servers let the absolute form of a request line win over Host: whatever is seen, it is ours or nobody's."""
    body = {"email": cast.ada.email}
    client = call("http://evil.example")
    assert client.post("/auth/magic-links", body, headers={"X-Tenant": cast.acme.slug}).status_code == 404
    call(cast.acme).post(
        "/auth/magic-links", body, environ={"RAW_URI": "http://evil.example/", "REQUEST_URI": "http://evil.example/"}
    )
    call("http://portal.test").post("/auth/magic-links", body, headers={"X-Tenant": cast.acme.slug})
    mails = letters.deliver()
    assert len(mails) == 2
    assert all_ours(cast.acme, mails)


def test_cve_2023_49097_behind_a_proxy_too(portal, call, cast, letters):
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1", "X-Forwarded-Host": "evil.example"}
    call(cast.acme, on=portal(trusted_proxies=1)).post("/auth/magic-links", {"email": cast.ada.email}, headers=headers)
    assert all_ours(cast.acme, letters.deliver())


@pytest.mark.parametrize("email", NOT_ONE_ADDRESS, ids=ascii)
def test_cve_2022_35924_and_ghsa_7rqj_what_is_not_one_plain_address_gets_no_mail(acme, cast, browse, letters, email):
    answer = acme.post("/auth/magic-links", {"email": email})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/email")
    assert browse(cast.acme).post("/login/magic-link", {"email": email}).status_code == 422
    assert list(letters.deliver()) == []


def test_cve_2023_7028_two_recipients_get_no_mail(acme, cast, browse, letters):
    pair = [cast.ada.email, cast.bob.email]
    for email in (pair, {"0": pair[0]}, ",".join(pair), ";".join(pair)):
        assert acme.post("/auth/magic-links", {"email": email}).status_code == 422
    raw = f'{{"email":"{pair[0]}","email":"{pair[1]}"}}'
    assert acme.raw("/auth/magic-links", raw).status_code == 400
    browser = browse(cast.acme)
    for body in (f"email={pair[0]}&email={pair[1]}", f"email[]={pair[0]}&email[]={pair[1]}"):
        answer = browser.open(
            "POST", "/login/magic-link", data=f"csrf_token={browser.csrf()}&{body}", content_type=FORM
        )
        assert answer.status_code == 422 or answer.location == "/login"
    assert list(letters.deliver()) == []


def test_django_2016_the_mail_goes_to_the_stored_spelling_only(acme, cast, letters):
    acme.post("/auth/magic-links", {"email": "ADA@acme.EXAMPLE"})
    assert [mail.to for mail in letters.deliver()] == [cast.ada.email]


@pytest.mark.parametrize("local", ["\u0430da", "ad\u0430", "\uff41da", "a\u0501a", "ada\u200b"], ids=ascii)
def test_cve_2019_19844_a_look_alike_gets_nothing_of_the_account(acme, cast, letters, local):
    assert acme.post("/auth/magic-links", {"email": f"{local}@acme.example"}).status_code == 422
    assert list(letters.deliver()) == []


def test_cve_2022_39263_the_token_of_one_address_is_refused_with_the_mail_of_another(cast, browse, call, letters):
    browser = browse(cast.acme)
    browser.post("/login/magic-link", {"email": cast.ada.email})
    adas, code = letters.token_to(cast.ada.email), code_in(letters[-1])
    thief = browse(cast.acme)
    thief.post("/login/magic-link", {"email": cast.bob.email})
    bobs = letters.token_to(cast.bob.email)
    for fields in ({"token": adas}, {"token": adas, "email": cast.bob.email}):
        assert thief.post("/magic-link", fields).status_code == 410
    assert thief.post("/login/magic-link/code", {"code": code, "email": cast.ada.email}).status_code == 422
    approval = {"token": bobs, "number": number_on(browser.get("/login/magic-link"))}
    if number_on(thief.get("/login/magic-link")) != approval["number"]:
        assert thief.post("/magic-link/approval", approval).status_code == 422
    assert not is_in(thief)
    thief.post("/magic-link", {"token": bobs})
    assert cast.bob.email in thief.get("/account/profile").text


def test_cve_2022_31127_who_asked_is_text_in_the_mail_and_on_the_page(acme, browse, cast, letters):
    agent = '<img src=x onerror=1><a href="https://evil.example">click</a>{{7*7}}\r\nX: y'.replace("\r\n", " ")
    acme.post("/auth/magic-links", {"email": cast.ada.email}, headers={"User-Agent": agent})
    mail = letters.to(cast.ada.email)
    assert "<img src=x" not in mail.html
    assert "https://evil.example" not in mail.text + mail.html
    browser = browse(cast.acme)
    browser.get(f"/magic-link?token={letters.token_to(cast.ada.email)}")
    page = browser.get("/magic-link").text
    assert "<img src=x" not in page
    assert "evil.example" not in page
