"""ssrf_matrix: the address that applications are told at leads nowhere but outside (security.md, 4 L; ASVS 1.3.6)."""

import socket

import pytest

from app.errors import InvalidInput
from app.outbound import GuardedHttp
from tests.oidc.clients import an_application
from tests.oidc.issued import issued
from tests.oidc.telling import listener
from tests.outbound.servers import receiving

__all__ = ["listener"]


@pytest.fixture
def told(services, cast, wired, owner):
    """Let Notes be told at an address that somehow got registered, by a name server of ours: its promise's error."""
    portals = []

    def told(url, **names):
        http = GuardedHttp(resolve=lambda host, _: names.get(host.replace(".", "_")) or [host.strip("[]")])
        portal = wired(http=http)
        portals.append(portal)
        notes = an_application(services, cast.acme, backchannel_logout_uri="https://notes.example/told")
        owner.execute("UPDATE applications SET backchannel_logout_uri = %s WHERE id = %s", [url, notes.id])
        services.sessions.logout(cast.acme, issued(services, cast.bob, notes).scope)
        portal.drainer.drain()
        query = "SELECT failed_at IS NOT NULL, last_error FROM outbox WHERE tenant_id = %s AND kind LIKE 'oidc.%%'"
        return owner.execute(query + " ORDER BY created_at DESC LIMIT 1", [cast.acme.id]).fetchone()

    yield told
    for portal in portals:
        portal.news.stop()


@pytest.fixture
def connecting(monkeypatch):
    tried = []

    def refuse(address, *_):
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    return tried


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.8", "192.168.1.1", "[::ffff:127.0.0.1]", "[fd00::1]"],
)
def test_ghsa_29jh_inner_addresses_are_not_called(told, connecting, host):
    """Zitadel: the back-channel logout URI reached into the network."""
    failed, error = told(f"https://{host}/latest/meta-data")
    assert failed
    assert "Undeliverable" in error
    assert connecting == []


def test_a_name_that_stands_for_an_inner_address_is_not_called(told, connecting):
    assert told("https://inner.example/", inner_example=["10.0.0.8"])[0]
    assert told("https://mixed.example/", mixed_example=["8.8.8.8", "10.0.0.8"])[0]
    assert connecting == []


def test_rebinding_the_connection_goes_to_what_was_looked_at(told, connecting):
    """What it stands for the next time is not asked (``tests/outbound`` has a server for it)."""
    failed, _ = told("https://rebinding.example/", rebinding_example=["8.8.8.8"])
    assert not failed
    assert connecting == ["8.8.8.8"]


def test_cve_2026_4366_a_redirect_inwards_is_not_followed(services, cast, listener):
    with receiving() as inner:
        listener.server.status = 307
        listener.server.headers = {"Location": inner.url}
        notes = listener.application(cast.acme)
        services.sessions.logout(cast.acme, issued(services, cast.bob, notes).scope)
        assert len(listener.heard) == 1
        assert inner.got == []


@pytest.mark.parametrize(
    "uri",
    [
        "http://10.0.0.8/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://017700000001/",
        "https://user@notes.example/",
        "https://notes.example:0/",
        "https://notes.example/#part",
        "ftp://notes.example/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_x",
    ],
)
def test_what_is_no_address_of_the_web_is_not_registered(services, cast, uri):
    with pytest.raises(InvalidInput):
        an_application(services, cast.acme, backchannel_logout_uri=uri)


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Zitadel-Forward-Host", "Forwarded"])
def test_ghsa_7wfc_no_header_picks_where_we_call(services, cast, listener, browse, name):
    notes = listener.application(cast.acme)
    browser = browse(cast.acme)
    browser.sign_in(cast.bob)
    issued(services, cast.bob, notes)
    browser.post("/logout", headers={name: "evil.example"})
    assert all(headers["Host"].startswith("127.0.0.1:") for _, headers, _ in listener.server.got)


def test_cve_2026_4874_no_parameter_picks_whom_we_tell(services, cast, listener, browse):
    """Keycloak: a parameter of a refresh chose the host. Where somebody is told stands in the registration alone."""
    notes = listener.application(cast.acme)
    got = issued(services, cast.bob, notes)
    with receiving() as other:
        browse(cast.acme).get(f"/oauth2/logout?id_token_hint={got.id_token}&backchannel_logout_uri={other.url}")
        services.sessions.logout(cast.acme, got.scope)
        assert len(listener.heard) == 1
        assert other.got == []
