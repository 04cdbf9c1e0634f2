"""What counts as the same address, and that nobody chooses the one that is seen of them."""

import pytest

from app.auth import errors
from tests.auth.wary import Wary, assessments

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36"
FORWARDED = ("X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP", "Forwarded")


@pytest.fixture
def wary(services, cast, letters):
    """A new network is unusual once three sign-ins are known."""
    wary = Wary(services, cast, letters, {"risk_weights": {"new_address": 50}})
    for _ in range(3):
        wary.sign_in(device=wary.device, ip="2001:db8:0:1::1")
    return wary


def comes_from(wary, ip):
    return wary.attempt(device=wary.device, ip=ip)


@pytest.mark.parametrize("ip", ["2001:db8:0:1::2", "2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:0DB8:0000:0001::0001"])
def test_a_network_of_64_bits_is_one_address(wary, ip):
    assert comes_from(wary, ip) is None


@pytest.mark.parametrize("ip", ["2001:db8:0:2::1", "2001:db8:1:1::1", "192.0.2.8", "::ffff:192.0.2.8"])
def test_its_neighbour_is_another(wary, ip):
    assert comes_from(wary, ip) is errors.EmailCodeRequired


def test_an_ipv4_address_in_ipv6_clothes_is_that_address(wary, owner):
    assert comes_from(wary, "::ffff:192.0.2.7") is None
    assert assessments(owner, wary.zoe)[0]["network"] == "192.0.2.7"


@pytest.fixture
def arrive(owner, cast):
    """Sign Ada in over HTTP: the (address, network) that was stored of her."""

    def arrive(client, headers):
        answer = client.login(cast.ada, headers={"User-Agent": BROWSER, **headers})
        assert answer.status_code == 200
        query = "SELECT host(ip), network FROM risk_assessments WHERE session_id = %s"
        return owner.execute(query, [answer.json["session_id"]]).fetchone()

    return arrive


@pytest.mark.parametrize("header", FORWARDED)
def test_allauth_65_14_2_what_a_client_says_of_its_address_is_not_believed(arrive, call, cast, header):
    client = call(cast.acme, REMOTE_ADDR="198.51.100.20")
    said = "for=192.0.2.7" if header == "Forwarded" else "192.0.2.7"
    assert arrive(client, {header: said}) == ("198.51.100.20", "198.51.100.20")


@pytest.mark.parametrize(("hops", "seen"), [(1, "203.0.113.3"), (2, "203.0.113.2"), (3, "203.0.113.1")])
def test_proxies_are_believed_for_as_many_hops_as_there_are(arrive, call, cast, behind, hops, seen):
    client = call(cast.acme, on=behind(hops), REMOTE_ADDR="10.0.0.1")
    forwarded = "192.0.2.7, 203.0.113.1, 203.0.113.2, 203.0.113.3"
    assert arrive(client, {"X-Forwarded-For": forwarded}) == (seen, seen)


@pytest.mark.parametrize("said", ["unknown", "a.b.c.d", "1.2.3.4:80", "::1%eth0", "' OR 1=1", ","])
def test_what_cannot_be_read_as_an_address_breaks_nothing(arrive, call, cast, behind, said):
    client = call(cast.acme, on=behind(1), REMOTE_ADDR="10.0.0.1")
    ip, network = arrive(client, {"X-Forwarded-For": said})
    assert ip in {None, "10.0.0.1", "::1"}
    assert network in {"", "10.0.0.1", "::/64"}


@pytest.fixture
def behind(wired, services):
    """A portal behind so many proxies."""
    from app import create_app

    built = []

    def behind(hops):
        built.append(wired(settings=services.settings.model_copy(update={"trusted_proxies": hops})))
        return create_app(built[-1])

    yield behind
    for portal in built:
        portal.news.stop()
