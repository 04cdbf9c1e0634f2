"""``portico tenant`` and ``portico keys``."""

import json

import jwt
import pytest

from app.auth import errors
from app.ids import uuid7
from tests.cast import PASSWORD


@pytest.fixture
def slug(services):
    return f"made-{uuid7().hex[-10:]}"


def test_a_tenant_is_founded_listed_suspended_and_activated(portico, slug, services):
    made = portico("tenant", "create", slug, "--name", "Made Here")
    assert made.code == 0
    assert made.json["slug"] == slug
    assert made.json["url"] == f"http://{slug}.portal.test"
    (listed,) = [tenant for tenant in portico("tenant", "list").json if tenant["slug"] == slug]
    assert (listed["name"], listed["suspended_at"]) == ("Made Here", None)
    assert portico("tenant", "suspend", slug).json == {"slug": slug, "changed": True}
    assert portico("tenant", "suspend", slug).json == {"slug": slug, "changed": False}
    assert services.tenants.by_header(slug).suspended
    assert portico("tenant", "activate", slug).json == {"slug": slug, "changed": True}
    assert portico("tenant", "activate", slug).json["changed"] is False


def test_a_tenant_lives_at_its_own_domain_too(portico, slug, services):
    assert portico("tenant", "create", slug, "--name", "M", "--domain", f"Login.{slug}.example").code == 0
    assert services.tenants.by_host(f"login.{slug}.example").slug == slug
    taken = portico("tenant", "create", f"{slug}-2", "--name", "M", "--domain", f"login.{slug}.example")
    assert (taken.code, "domain_taken" in taken.err) == (1, True)
    assert services.tenants.by_header(f"{slug}-2") is None, "nothing is left of what failed"


@pytest.mark.parametrize("domain", ["https://login.acme.example/", "no domain", "a..b", "*.acme.example"])
def test_what_is_no_host_is_refused_as_a_domain(portico, slug, domain):
    refused = portico("tenant", "create", slug, "--name", "M", "--domain", domain)
    assert (refused.code, refused.out) == (1, "")


@pytest.mark.parametrize(
    "bad", ["ACME", "ac me", "acme_shop", "-acme", "acme-", "x" * 64, "é", "", "a.b", "admin", "www"]
)
def test_a_bad_slug_is_refused_in_one_line(portico, bad):
    refused = portico("tenant", "create", "--name", "M", *(["--"] if bad.startswith("-") else []), bad)
    assert refused.code != 0
    assert refused.out == ""
    assert "Traceback" not in refused.err


def test_a_slug_that_is_taken_is_refused(portico, slug):
    portico("tenant", "create", slug, "--name", "M")
    refused = portico("tenant", "create", slug, "--name", "M")
    assert refused.code == 1
    assert '"slug_taken"' in refused.err


@pytest.mark.parametrize("command", [("tenant", "suspend"), ("tenant", "activate")])
def test_a_tenant_that_is_not_there_is_said_in_one_line(portico, command):
    refused = portico(*command, "nobody-here")
    assert refused.code != 0
    assert len(refused.lines) == 1
    assert "nobody-here" in refused.lines[0]


def test_suspending_puts_everybody_out(portico, cast, guess_errors):
    signed_in = cast.ada.sign_in()
    portico("tenant", "suspend", cast.acme.slug)
    with pytest.raises(errors.InvalidToken):
        cast.ada.scope(signed_in)
    assert guess_errors(cast.ada) is errors.TenantSuspended


@pytest.fixture
def guess_errors():
    def guess_errors(person):
        try:
            person.sign_in(password=PASSWORD)
        except errors.Problem as refusal:
            return type(refusal)
        return None

    return guess_errors


def test_rotating_keys_names_the_new_one_and_it_signs(portico, cast, wired):
    kid = portico("keys", "rotate", "--tenant", cast.acme.slug).json["kid"]
    cast.ada.services = wired()
    assert jwt.get_unverified_header(cast.ada.sign_in().tokens.access_token)["kid"] == kid


def test_rotating_keys_rotates_what_is_published_too(portico, cast, wired):
    before = [key["kid"] for key in wired().key_ring.published(cast.acme.id)]
    signers = portico("keys", "rotate", "--tenant", cast.acme.slug).json["published"]
    after = [key["kid"] for key in wired().key_ring.published(cast.acme.id)]
    assert signers
    assert set(signers) < set(before), "they were there to be known beforehand"
    assert set(before) < set(after)


def test_without_json_the_keys_are_on_one_line(portico, cast):
    rotated = portico("keys", "rotate", "--tenant", cast.acme.slug, as_json=False)
    (line,) = rotated.lines
    assert line.startswith("kid=")
    assert "  published=" in line


def test_a_tenant_that_is_not_there_is_said_in_a_line_and_by_code(portico):
    refused = portico("keys", "rotate", "--tenant", "nowhere")
    assert (refused.code, json.loads(refused.err)["error"]) == (1, "tenant_not_found")
    assert "portico tenant list" in portico("keys", "rotate", "--tenant", "nowhere", as_json=False).err
