"""What may come back, and for how long we wait."""

import time

import pytest

from app.outbound import LARGEST, Unanswered
from tests.outbound.servers import answering

OK = b"HTTP/1.1 200 OK\r\n"


def post(http, url):
    return http.post(url, b"a=b", headers={"Content-Type": "application/x-www-form-urlencoded"})


def test_a_redirect_is_an_answer_and_nobody_goes_there(caller, receiver):
    receiver.status = 302
    receiver.headers = {"Location": f"http://127.0.0.1:{receiver.port}/elsewhere", "Set-Cookie": "a=b"}
    http = caller("127.0.0.0/8")
    assert post(http, receiver.url).status == 302
    assert post(http, receiver.url).status == 302
    assert [path for path, *_ in receiver.got] == ["/logout", "/logout"]
    assert all("Cookie" not in headers for _, headers, _ in receiver.got)


def test_the_environment_has_no_say(caller, receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post(caller("127.0.0.0/8"), receiver.url).status == 200


def test_a_long_answer_is_cut(caller, receiver):
    receiver.body = b"x" * LARGEST
    assert post(caller("127.0.0.0/8"), receiver.url).body == receiver.body
    receiver.body += b"x"
    with pytest.raises(Unanswered, match="without an end"):
        post(caller("127.0.0.0/8"), receiver.url)


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (OK,),
        (OK + b"Content-Length: 10\r\n\r\n", b"x"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["nothing", "no headers", "half a body", "a chunk"],
)
def test_who_says_nothing_more_is_left(caller, parts):
    with answering(*parts) as port, pytest.raises(Unanswered):
        post(caller("127.0.0.0/8", patience=0.1), f"http://127.0.0.1:{port}/")


def test_who_says_a_little_again_and_again_is_left_when_the_time_is_up(caller):
    began = time.monotonic()
    continued = [b"HTTP/1.1 100 Continue\r\n\r\n"] * 1000
    with answering(*continued, pause=0.02) as port, pytest.raises(Unanswered, match="too long"):
        post(caller("127.0.0.0/8", patience=5, budget=0.3), f"http://127.0.0.1:{port}/")
    assert time.monotonic() - began < 3


def test_a_name_server_that_does_not_answer_is_left_too(caller):
    http = caller("127.0.0.0/8", resolve=lambda *_: time.sleep(0.5) or ["127.0.0.1"], budget=0.05)
    with pytest.raises(Unanswered, match="too long"):
        post(http, "http://slow.example/")


@pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 abc\r\n\r\n", OK + b"A: " + b"x" * 70_000])
def test_what_is_not_http_is_no_answer(caller, said):
    with answering(said) as port, pytest.raises(Unanswered):
        post(caller("127.0.0.0/8", patience=0.2), f"http://127.0.0.1:{port}/")


def test_nobody_is_called_inside_a_transaction(caller, receiver, services, cast):
    with services.units.begin(cast.acme.id), pytest.raises(RuntimeError):
        post(caller("127.0.0.0/8"), receiver.url)
    assert receiver.got == []
