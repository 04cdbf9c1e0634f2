"""Where we call, and where we do not: looked at by what the name stands for, and connected to as looked at."""

import ipaddress
import socket

import pytest

from app.outbound import Refused, Unanswered
from tests.outbound.servers import certificate, receiving

_INNER = [
    "0.0.0.0",  # noqa: S104 - not bound to: refused
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "2001:0:1::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
_OUTER = ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]


def post(http, url):
    return http.post(url, b"a=b", headers={})


@pytest.fixture
def connecting(monkeypatch):
    """Where connections would have gone to. None is made."""
    tried = []

    def refuse(address, *_):
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    return tried


@pytest.mark.parametrize("address", _INNER)
def test_no_connection_goes_to_an_address_that_is_not_everybodys(caller, connecting, address):
    with pytest.raises(Refused):
        post(caller(resolve=lambda *_: [address]), "https://hooks.example/")
    with pytest.raises(Refused):
        post(caller(resolve=lambda *_: ["8.8.8.8", address]), "https://hooks.example/")
    assert connecting == []


@pytest.mark.parametrize("address", _OUTER)
def test_the_public_internet_is_called_by_https_alone(caller, connecting, address):
    http = caller(resolve=lambda *_: [address])
    with pytest.raises(Unanswered):
        post(http, "https://hooks.example/")
    assert [(ipaddress.ip_address(where), port) for where, port in connecting] == [(ipaddress.ip_address(address), 443)]
    with pytest.raises(Refused):
        post(http, "http://hooks.example/")
    assert len(connecting) == 1


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_an_address_in_any_spelling_ends_in_what_the_resolver_says(caller, connecting, host):
    with pytest.raises((Refused, Unanswered)):
        post(caller(), f"https://{host}/")
    assert connecting == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "gopher://hooks.example/",
        "//hooks.example/",
        "https://",
        "https://user@hooks.example/",
        "https://user:word@hooks.example/",
        "https://8.8.8.8#@127.0.0.1:x/",
        "https://127.0.0.1\\@8.8.8.8/",
        "https://hooks.example:0/",
        "https://hooks.example:65536/",
        "https://hooks.example/\r\nX-Header: 1",
        "https://hooks.example/ space",
        "https://hooks.exa\tmple/",
        "https://%31%32%37.0.0.1/",
        "https://[fe80::1%25eth0]/",
        "https://hööks.example/",
        "https://[::1/",
        "",
    ],
)
def test_what_is_no_plain_address_of_the_web_is_refused_before_anything_is_asked(caller, connecting, url):
    asked = []
    with pytest.raises(Refused):
        post(caller(resolve=lambda *name: asked.append(name) or ["8.8.8.8"]), url)
    assert (asked, connecting) == ([], [])


@pytest.mark.parametrize("port", [22, 25, 80, 465, 993])
def test_ports_of_other_services_are_not_called(caller, connecting, port):
    with pytest.raises(Refused):
        post(caller(resolve=lambda *_: ["8.8.8.8"]), f"https://hooks.example:{port}/")
    assert connecting == []


def test_a_network_that_is_allowed_is_called_by_http_on_its_ports(caller, receiver):
    assert post(caller("127.0.0.0/8"), receiver.url).status == 200
    assert post(caller(f"127.0.0.1:{receiver.port}"), receiver.url).status == 200
    for allowed in ("10.0.0.0/8", f"127.0.0.1:{receiver.port + 1}", "127.0.0.2"):
        with pytest.raises(Refused):
            post(caller(allowed), receiver.url)
    assert len(receiver.got) == 2


def test_a_name_is_asked_for_once_and_the_connection_goes_to_what_was_looked_at(caller, receiver):
    """DNS rebinding: a name that stands for something else the next time is not asked a next time."""
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    http = caller("127.0.0.1/32", resolve=lambda *_: next(answers))
    assert post(http, f"http://rebinding.example:{receiver.port}/hook?a=b").status == 200
    path, headers, body = receiver.got[0]
    assert (path, headers["Host"], body) == ("/hook?a=b", f"rebinding.example:{receiver.port}", b"a=b")
    assert next(answers) == ["127.0.0.2"]


def test_the_certificate_has_to_be_the_hosts(caller, tmp_path):
    server, client = certificate(tmp_path, "hooks.example")
    with receiving(tls=server) as receiver:
        http = caller("127.0.0.0/8", resolve=lambda *_: ["127.0.0.1"], tls=client)
        assert post(http, f"https://hooks.example:{receiver.port}/").status == 200
        with pytest.raises(Unanswered, match="SSLCertVerificationError"):
            post(http, f"https://other.example:{receiver.port}/")
        stranger = caller("127.0.0.0/8", resolve=lambda *_: ["127.0.0.1"])
        with pytest.raises(Unanswered, match="SSLCertVerificationError"):
            post(stranger, f"https://hooks.example:{receiver.port}/")
    assert len(receiver.got) == 1
