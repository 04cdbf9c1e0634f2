"""Which address a client has: the one that configured hops vouch for, and an IPv6 network is one."""

import pytest

from tests.blueprints.conftest import portal, strict
from tests.blueprints.visitors import Api

__all__ = ["portal", "strict"]


@pytest.mark.parametrize(
    ("hops", "said", "seen"),
    [
        (0, "203.0.113.1", "198.51.100.9"),
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "203.0.113.66, 203.0.113.1", "203.0.113.1"),
        (2, "203.0.113.66, 203.0.113.1, 10.0.0.1", "203.0.113.1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "::ffff:203.0.113.1", "203.0.113.1"),
    ],
)
def test_the_trail_and_the_session_name_the_client_that_the_configured_hops_vouch_for(
    portal, cast, owner, hops, said, seen
):
    client = Api(portal(trusted_proxies=hops), cast.acme.origin, REMOTE_ADDR="198.51.100.9")
    tokens = client.tokens(cast.bob, headers={"X-Forwarded-For": said})
    for table, column in (("sessions", "id"), ("audit_events", "session_id")):
        rows = owner.execute(f"SELECT DISTINCT host(ip) FROM {table} WHERE {column} = %s", [tokens["session_id"]])
        assert rows.fetchall() == [(seen,)], table


@pytest.mark.parametrize("path", ["/auth/password-resets", "/auth/verification-emails"])
def test_cve_2026_45364_an_ipv6_network_is_one_client_for_asking_too(strict, cast, path):
    def ask(address, number):
        client = Api(strict, cast.acme.origin, REMOTE_ADDR=address)
        return client.post(path, {"email": f"p{number}@acme.example"}).status_code

    assert {ask(f"2001:db8:0:7::{number:x}", number) for number in range(50)} == {202}
    assert ask("2001:0DB8:0:7:ffff:ffff:ffff:ffff", 51) == 429
    assert ask("2001:db8:0:8::1", 52) == 202
