"""Acme Notes: an application whose people sign in at Portico. Flask, and Authlib's client.

What it does: sign in (code with PKCE), read userinfo, refresh, sign out here and there (RP-initiated), and be told when
people sign out elsewhere (back-channel). README.md says how to run it. ``/login`` and ``/callback`` are all that most
applications need.
"""

import logging
import os
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, jsonify, redirect, render_template, request, session, url_for
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

ISSUER = os.environ.get("ISSUER", "http://acme.localhost:8000")
APP_URL = os.environ.get("APP_URL", "http://127.0.0.1:8080")
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ.get("SECRET_KEY") or secrets.token_urlsafe(32),
    SESSION_COOKIE_NAME="acme_notes",
    SESSION_COOKIE_SAMESITE="Lax",  # a form on a foreign page does not carry it: our POSTs need no CSRF token
    SESSION_COOKIE_SECURE=APP_URL.startswith("https:"),
)


@dataclass
class Visit:
    """Somebody who is signed in. The cookie has only its key: so it can be ended from outside (back-channel logout)."""

    claims: dict[str, Any]
    token: dict[str, Any]
    name: str = ""


# In a real application: a table. The portal's `sid` and `sub` in it say whose it is.
visits: dict[str, Visit] = {}
seen_logouts: dict[str, float] = {}
one_at_a_time = threading.Lock()


def current() -> Visit | None:
    return visits.get(session.get("visit", ""))


def keep(token: dict[str, Any], **_: Any) -> None:
    """Refresh tokens rotate: whoever gets a new one has to keep it, and forget the old one."""
    if visit := current():
        visit.token = {**visit.token, **token}


oauth = OAuth(app, update_token=keep)
portico = oauth.register(
    "portico",
    client_id=os.environ.get("CLIENT_ID", ""),
    client_secret=os.environ.get("CLIENT_SECRET", ""),
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={
        "scope": "openid profile email offline_access",
        "code_challenge_method": "S256",
        "token_endpoint_auth_method": "client_secret_basic",
        "default_timeout": 10,
    },
)


@app.get("/")
def home() -> str:
    return render_template("home.html", visit=current(), signed_out=came_from_sign_out(), issuer=ISSUER)


def came_from_sign_out() -> bool:
    """Whether the portal has sent the browser back after our own sign-out: then it has our state."""
    if "state" not in request.args:
        return False
    try:
        return bool(portico.validate_logout_response())
    except OAuthError:
        return False


@app.get("/login")
def login() -> Response:
    more = {name: request.args[name] for name in ("prompt", "login_hint") if name in request.args}
    return portico.authorize_redirect(f"{APP_URL}/callback", **more)


@app.get("/callback")
def callback() -> Response:
    # RFC 9207: an answer of another server is not for us. Authlib checks state, nonce, signature, aud and the rest.
    if request.args.get("iss") != ISSUER:
        raise OAuthError("wrong_issuer", "This answer does not come from our portal.")
    token = portico.authorize_access_token()
    claims = dict(token.pop("userinfo"))
    # A new key with every sign-in: nobody can have planted it.
    visits.pop(session.get("visit", ""), None)
    session["visit"] = secrets.token_urlsafe(32)
    visit = visits[session["visit"]] = Visit(claims=claims, token=dict(token))
    visit.name = read_userinfo(visit).get("name") or claims["sub"]
    return redirect(url_for("account"))


def read_userinfo(visit: Visit) -> dict[str, Any]:
    """What the portal tells of them now: name and address are here, not in the ID token."""
    said = dict(portico.userinfo(token=visit.token))
    if said.get("sub") != visit.claims["sub"]:  # OpenID Connect Core 1.0, section 5.3.2
        raise OAuthError("wrong_subject", "Userinfo is about somebody else.")
    return said


@app.get("/account")
def account() -> str | Response:
    if (visit := current()) is None:
        return redirect(url_for("home"))
    return render_template("account.html", visit=visit, userinfo=read_userinfo(visit), issuer=ISSUER)


@app.post("/refresh")
def refresh() -> Response:
    """Authlib does this by itself when the access token has expired; here it is a button."""
    with one_at_a_time:
        if (visit := current()) and (known := visit.token.get("refresh_token")):
            keep(portico.fetch_access_token(grant_type="refresh_token", refresh_token=known))
    return redirect(url_for("account"))


@app.post("/logout")
def logout() -> Response:
    """End our own session, then the portal's, and come back to the first page."""
    if (visit := visits.pop(session.pop("visit", ""), None)) is None:
        return redirect(url_for("home"))
    return portico.logout_redirect(f"{APP_URL}/", id_token_hint=visit.token["id_token"])


@app.post("/backchannel-logout")
def backchannel_logout() -> tuple[Response, int, dict[str, str]]:
    """The portal itself tells us that a session has ended (OpenID Connect Back-Channel Logout 1.0, section 2.5)."""
    headers = {"Cache-Control": "no-store"}
    try:
        claims = read_logout_token(request.form.get("logout_token", ""))
    except (JoseError, ValueError) as error:
        return jsonify(error="invalid_request", error_description=str(error)), 400, headers
    ended = [key for key, visit in list(visits.items()) if is_meant(visit, claims)]
    for key in ended:
        visits.pop(key, None)
    app.logger.info("back-channel logout: %d sessions ended", len(ended))
    return jsonify(ended=len(ended)), 200, headers


def read_logout_token(text: str) -> dict[str, Any]:
    """Check it as section 2.6 says. Raises ``ValueError`` or ``JoseError``."""
    token = verified(text)
    claims, now, leeway = token.claims, time.time(), 60
    audience = claims.get("aud")
    wrong = {
        "typ": str(token.header.get("typ", "")).lower() != "logout+jwt",
        "iss": claims.get("iss") != ISSUER,
        "aud": portico.client_id not in (audience if isinstance(audience, list) else [audience]),
        "exp": not claims.get("exp", 0) > now - leeway,
        "iat": not claims.get("iat", now * 2) < now + leeway,
        "events": LOGOUT_EVENT not in claims.get("events", {}),
        "nonce": "nonce" in claims,
        "sid or sub": not (claims.get("sid") or claims.get("sub")),
        "jti": not claims.get("jti") or claims["jti"] in seen_logouts,
    }
    if any(wrong.values()):
        raise ValueError(f"not a logout token for us: {', '.join(name for name, is_so in wrong.items() if is_so)}")
    for jti in [jti for jti, until in list(seen_logouts.items()) if until < now]:
        seen_logouts.pop(jti, None)
    seen_logouts[claims["jti"]] = claims["exp"] + leeway
    return dict(claims)


def verified(text: str) -> jwt.Token:
    """Check the signature; where its key is a new one, by the newest keys."""
    algorithms = portico.load_server_metadata()["id_token_signing_alg_values_supported"]
    registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
    try:
        return jwt.decode(text, KeySet.import_key_set(portico.fetch_jwk_set()), registry=registry)
    except InvalidKeyIdError:
        return jwt.decode(text, KeySet.import_key_set(portico.fetch_jwk_set(force=True)), registry=registry)


def is_meant(visit: Visit, claims: dict[str, Any]) -> bool:
    """One session where the token names it, else all of the person's."""
    name = "sid" if claims.get("sid") else "sub"
    return bool(visit.claims.get(name) == claims[name])


@app.errorhandler(OAuthError)
def refused(error: OAuthError) -> tuple[str, int]:
    return render_template("problem.html", what=error.error, why=error.description), 400


@app.errorhandler(requests.HTTPError)
def token_refused(_: requests.HTTPError) -> Response:
    """The portal no longer takes our token: the session there has ended. So has ours."""
    visits.pop(session.pop("visit", ""), None)
    return redirect(url_for("home"))


@app.errorhandler(requests.RequestException)
def away(_: requests.RequestException) -> tuple[str, int]:
    return render_template("problem.html", what="portal_away", why=f"{ISSUER} does not answer."), 502


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    address = urlsplit(APP_URL)
    make_server(address.hostname or "127.0.0.1", address.port or 80, app, threaded=True).serve_forever()
