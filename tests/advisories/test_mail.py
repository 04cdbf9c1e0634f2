"""Class E: links built from headers, recipients smuggled in, text that looks like another address."""

import re

import pytest

ODD_HOSTS = {
    "X-Forwarded-Host": "evil.example",
    "Forwarded": "host=evil.example;proto=https",
    "X-Original-Host": "evil.example",
    "X-Host": "evil.example",
    "X-Forwarded-Server": "evil.example",
    "X-HTTP-Host-Override": "evil.example",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Port": "666",
    "X-Original-URL": "/evil",
    "X-Rewrite-URL": "/evil",
    "Origin-Host": "evil.example",
    "Referer": "https://evil.example/",
}
PASSWORD = "three uncommon gherkins"
NOT_ONE_ADDRESS = [
    "a@x.example,b@y.example", "a@x.example;b@y.example", "a@x.example b@y.example", '"a"@x.example',
    "Ada <a@x.example>", "<a@x.example>", "a@x.example\r\nBcc: b@y.example", "a@x.example\nBcc: b@y.example",
    "a@x.example%0ABcc:b@y.example", "a@x.example\x00@y.example", "a\uff20x.example", "a@x.example\u2028b@y.example",
    "@x.example", "a@", "a@@x.example", "a@[127.0.0.1]", "a@localhost", "mailto:a@x.example",
    "a@x.example?cc=b@y.example", "a(comment)@x.example", "a@x..example", ".a@x.example", "a..b@x.example",
    "a@-x.example", "a\u200b@x.example", "\u202ea@x.example", "a" * 65 + "@x.example", "a@" + "x" * 250 + ".example",
    "{{7*7}}", "a@x.example<svg>",
]  # fmt: skip
LOOKS_LIKE = [
    "m\u0131ke",
    "mi\u0307ke",
    "mik\u0435",
    "\u217fike",
    "mi\u212ae",
    "\uff4dike",
    "m\u00edke",
    "mi\u0136e",
    "mi\u017fe",
]


def links_in(mails):
    return {link for mail in mails for link in re.findall(r"https?://[^\s<>\"']+", mail.text + mail.html)}


@pytest.mark.parametrize("header", ODD_HOSTS)
def test_cve_2023_49097_a_mailed_link_is_the_tenants_own_whatever_headers_say(acme, cast, letters, header):
    headers = {header: ODD_HOSTS[header]}
    acme.post("/auth/register", {"email": "zoe@x.example", "password": PASSWORD}, headers=headers)
    acme.post("/auth/register", {"email": cast.ada.email, "password": PASSWORD}, headers=headers)
    acme.post("/auth/verification-emails", {"email": "zoe@x.example"}, headers=headers)
    found = links_in(letters.deliver())
    assert found
    assert all(link.startswith(f"{cast.acme.origin}/") for link in found), found


def test_cve_2023_49097_behind_a_proxy_too(portal, call, cast, letters):
    client = call(cast.acme, on=portal(trusted_proxies=1))
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
    client.post("/auth/register", {"email": "zoe@x.example", "password": PASSWORD}, headers=headers)
    assert all(link.startswith(f"{cast.acme.origin}/") for link in links_in(letters.deliver()))


def test_ghsa_3529_an_odd_spelling_of_the_host_is_not_in_the_mail(call, cast, letters):
    for origin in (
        cast.acme.origin.upper().replace("HTTP", "http"),
        cast.acme.origin + ":8080",
        cast.acme.origin + ".",
    ):
        call(origin).post("/auth/register", {"email": "zoe@x.example", "password": PASSWORD})
    assert all(link.startswith(f"{cast.acme.origin}/") for link in links_in(letters.deliver()))


@pytest.mark.parametrize("email", NOT_ONE_ADDRESS, ids=ascii)
@pytest.mark.parametrize("path", ["/auth/register", "/auth/verification-emails"])
def test_cve_2022_35924_what_is_not_one_plain_address_gets_no_mail(acme, letters, path, email):
    body = {"email": email} | ({"password": PASSWORD} if "register" in path else {})
    answer = acme.post(path, body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/email")
    assert list(letters.deliver()) == []


@pytest.mark.parametrize("email", [["a@x.example", "b@y.example"], {"0": "a@x.example"}, None, True, 7])
def test_cve_2023_7028_a_list_of_addresses_gets_no_mail(acme, letters, email):
    for path in ("/auth/register", "/auth/verification-emails"):
        assert acme.post(path, {"email": email, "password": PASSWORD}).status_code == 422
    assert list(letters.deliver()) == []


def test_cve_2023_7028_two_fields_of_a_form_get_no_mail(browse, cast, letters):
    browser = browse(cast.acme)
    for body in ("email=a@x.example&email=b@y.example", "email[]=a@x.example&email[]=b@y.example"):
        fields = f"csrf_token={browser.csrf()}&password=three+uncommon+gherkins&{body}"
        answer = browser.open("POST", "/register", data=fields, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 422
    assert list(letters.deliver()) == []


@pytest.mark.parametrize("local", LOOKS_LIKE, ids=ascii)
def test_cve_2019_19844_a_look_alike_is_not_the_account(acme, cast, letters, local):
    cast.person(cast.acme, "mike@x.example")
    refused = acme.post("/auth/login", {"email": f"{local}@x.example", "password": cast.ada.password})
    assert refused.status_code == 401
    acme.post("/auth/verification-emails", {"email": f"{local}@x.example"})
    acme.post("/auth/register", {"email": f"{local}@x.example", "password": PASSWORD})
    assert {mail.to for mail in letters.deliver()} <= {"mike@x.example"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zoe@X.example", "zoe@x.EXAMPLE"),
        ("zoe@b\u00fccher.example", "zoe@xn--bcher-kva.example"),
        ("zoe@stra\u00dfe.example", "zoe@xn--strae-oqa.example"),
    ],
)
def test_two_spellings_of_one_address_are_one_account(acme, letters, cast, services, one, other):
    services.users.create(cast.acme, email=one, password=PASSWORD, check=False)
    assert acme.post("/auth/login", {"email": other, "password": PASSWORD}).status_code == 200
    acme.post("/auth/register", {"email": other, "password": PASSWORD})
    assert [mail.to for mail in letters.deliver()] == [one]


def test_django_2016_mail_goes_to_the_stored_spelling_only(acme, cast, letters):
    acme.post("/auth/register", {"email": "ADA@acme.EXAMPLE", "password": PASSWORD})
    assert [mail.to for mail in letters.deliver()] == ["ada@acme.example"]


def test_cve_2022_31127_a_name_is_text_in_a_mail_and_never_markup(acme, letters):
    name = '<img src=x onerror=1><a href="https://evil.example">click</a>{{7*7}}'
    acme.post("/auth/register", {"email": "zoe@x.example", "password": PASSWORD, "name": name})
    mail = letters.to("zoe@x.example")
    assert "<img src=x" not in mail.html
    assert 'href="https://evil.example"' not in mail.html
    assert "{{7*7}}" in mail.text
    assert not {"\r", "\n"} & set(mail.subject)


def test_keycloak_50622_nothing_but_the_link_verifies_an_address(acme, cast, services):
    acme.post("/auth/register", {"email": "zoe@x.example", "password": PASSWORD})
    for _ in range(2):
        answer = acme.post("/auth/login", {"email": "zoe@x.example", "password": PASSWORD})
        assert (answer.status_code, answer.json["code"]) == (403, "email_not_verified")
