"""Forged access tokens, and how each has to be refused."""

import base64
import json

import jwt


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forge(token, secret, *, header=None, claims=None, drop=(), algorithm="HS256"):
    head = {**jwt.get_unverified_header(token), **(header or {})}
    body = {**jwt.decode(token, options={"verify_signature": False}), **(claims or {})}
    body = {name: value for name, value in body.items() if name not in drop}
    return jwt.api_jws.encode(json.dumps(body).encode(), secret, algorithm=algorithm, headers=head)


def refused(acme, token):
    answer = acme.get("/me", token=token)
    assert (answer.status_code, answer.json["code"]) == (401, "invalid_token"), answer.text
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
