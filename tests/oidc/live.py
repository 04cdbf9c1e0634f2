"""The portal on a real port, and Node, whose client libraries come to it as anybody's would."""

import json
import os
import socket
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.serving import make_server

from app import create_app
from app.embedded import node
from app.ids import uuid7
from app.oidc.application_details import AUTHORIZATION_CODE, TOKEN_EXCHANGE
from app.wiring import wire
from tests.oidc.clients import STANDARD_SCOPES, an_application

NODE = Path(__file__).parent / "node"
_TOP = Path(__file__).parents[2]
_WITHIN = 120  # seconds
_CALLBACK = "https://notes.example/cb"
_HOME = "https://notes.example/"
KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="session")
def live(_services):
    """The services behind a portal that listens on this machine."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    settings = _services.settings.model_copy(update={"base_url": f"http://localhost:{server.port}"})
    portal = wire(settings, _services.ports)
    server.app = create_app(portal)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield portal
    server.shutdown()
    thread.join()
    server.server_close()
    portal.news.stop()


@pytest.fixture(scope="session")
def node_path():
    found = node.find(os.environ)
    if found is None or not (_TOP / "node_modules" / "openid-client").is_dir():
        pytest.fail("no Node with the client libraries of others: run `make node`", pytrace=False)
    return found.path


@pytest.fixture
def world(live, cast):
    """A tenant, somebody in it, and an application of each kind, as a case is told of them.

    So many sign-ins in a minute would be unusual: nobody is asked for codes by mail here.
    """
    founded = cast.found(f"live-{uuid7().hex[-10:]}", "Acme", risk_mode="off")
    person, tenant = cast.person(founded, "eve@acme.example"), live.tenants.by_header(founded.slug)
    return {
        "issuer": tenant.origin,
        "person": {"email": person.email, "password": person.password},
        "clients": dict(_clients(live, tenant)),
    }


def _clients(live, tenant):
    keyed = {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [_jwk(KEY.public_key())]}}
    invoices = {"scopes": ("invoices:read",), "resources": ("https://invoices.example/",)}
    for name, said in {
        "web": {},
        "post": {"token_endpoint_auth_method": "client_secret_post"},
        "lax": {"require_pkce": False},
        "keyed": keyed,
        "strict": {
            **keyed,
            "id_token_signed_response_alg": "ES256",
            "require_pushed_authorization_requests": True,
            "dpop_bound_access_tokens": True,
        },
        "called": {"backchannel_logout_uri": f"http://127.0.0.1:{(port := _a_free_port())}/logged-out"},
        "es256": {"id_token_signed_response_alg": "ES256"},
        "eddsa": {"id_token_signed_response_alg": "EdDSA"},
        "agent": {"grant_types": (AUTHORIZATION_CODE, TOKEN_EXCHANGE)},
        "spa": {"type": "spa"},
        "native": {"type": "native"},
        "machine": {"type": "machine", **invoices},
    }.items():
        made = an_application(live, tenant, **{"name": name.title(), "scopes": STANDARD_SCOPES, **_returning(said)})
        yield (
            name,
            {
                "client_id": made.client_id,
                "secret": made.secret,
                "method": made.client.auth_method,
                "algorithm": made.client.signing_algorithm,
                "key": _jwk(KEY) if made.client.auth_method == "private_key_jwt" else None,
                "port": port,
                "redirect_uri": _CALLBACK,
                "post_logout_redirect_uri": _HOME,
            },
        )


def _a_free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def _returning(said):
    home = {} if said.get("type") == "machine" else {"post_logout_redirect_uris": (_HOME,)}
    return {**home, **said}


def _jwk(key):
    said = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key))
    return {**said, "kid": "one", "use": "sig", "alg": "ES256"}


@contextmanager
def a_worker(live):
    """It keeps what is promised, as the worker does, while this goes on."""
    over = threading.Event()

    def work():
        while not over.wait(0.1):
            live.drainer.drain()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture
def run(node_path, world):
    """``run(file)``: whether all of its cases go as they say."""

    def run(file, *cases, **more):
        done = subprocess.run(
            [node_path, "--import", str(_TOP / "examples" / "localhost.mjs"), str(NODE / "run.mjs"), file, *cases],
            input=json.dumps({**world, **more}),
            text=True,
            capture_output=True,
            timeout=_WITHIN,
            check=False,
        )
        if done.returncode != 0 or not done.stdout:
            pytest.fail(f"{done.stdout}\n{done.stderr}", pytrace=False)
        return [line.removeprefix("ok ") for line in done.stdout.splitlines()]

    return run
