"""Logs never hold a secret: by name or by look it is struck out."""

import io
import json
import logging

import pytest
import structlog

from app import crypto, logs
from app.logs import STRUCK, strike_out

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
REFRESH = "prt_" + "A" * 70


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "new_password",
        "PASSWORD",
        "secret",
        "client_secret",
        "access_token",
        "refresh_token",
        "token",
        "Authorization",
        "cookie",
        "set_cookie",
        "challenge",
        "api_key",
        "database_url",
        "redis_url",
    ],
)
def test_what_is_called_a_secret_is_struck_out(name):
    assert strike_out(None, "", {name: "hunter2"}) == {name: STRUCK}


@pytest.mark.parametrize(
    "text",
    [
        JWT,
        REFRESH,
        "pk_live_abcdefABCDEF0123456789",
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
        "https://acme.example/verify-email?token=s3cret-s3cret",
        "postgresql://portico:s3cret-s3cret@db.example/portico",
        "redis://:s3cret-s3cret@cache.example/0",
    ],
)
def test_what_looks_like_a_secret_is_struck_out_wherever_it_stands(text):
    said = strike_out(None, "", {"event": f"failed with {text} in hand"})["event"]
    assert STRUCK in said
    for part in (JWT, REFRESH, "abcdefABCDEF", "aGFzaGhhc2g", "s3cret"):
        assert part not in said
    assert said.startswith("failed with ")
    assert said.endswith(" in hand")


def test_what_is_harmless_stays():
    event = {"event": "answered", "ms": 12.5, "route": "/login", "tokens": 3, "email": "ada@acme.example"}
    assert strike_out(None, "", dict(event)) == event


@pytest.mark.parametrize(
    "nested", [{"password": "hunter2"}, [{"secret": "hunter2"}], {"a": {"token": "x"}}, [JWT], (JWT,)]
)
def test_what_is_nested_is_struck_out_too(nested):
    said = repr(strike_out(None, "", {"facts": nested}))
    assert "hunter2" not in said
    assert JWT not in said


@pytest.fixture
def written():
    """What goes to stderr in production, line by line."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    logs.configure(level="INFO", plain=False)
    stream = io.StringIO()
    root.handlers[0].setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def test_in_production_each_line_is_one_json_object(written):
    structlog.get_logger("tests.one").info("something\nhappened", where="here", password="hunter2")
    logging.getLogger("somebody.else").warning("token=%s", crypto.mint())
    first, second = written()
    assert (first["event"], first["where"], first["password"]) == ("something\nhappened", "here", STRUCK)
    assert first["level"] == "info"
    assert second["event"] == f"token={STRUCK}"


def test_a_traceback_is_struck_out_as_well(written):
    try:
        int(f"cannot read {JWT} of postgresql://portico:s3cret-s3cret@db/portico")
    except ValueError:
        structlog.get_logger("tests.two").exception("failed")
        logging.getLogger("somebody.else").exception("failed")
    lines = written()
    assert len(lines) == 2
    for line in lines:
        assert "ValueError" in line["exception"]
        assert JWT not in json.dumps(line)
        assert "s3cret" not in json.dumps(line)
