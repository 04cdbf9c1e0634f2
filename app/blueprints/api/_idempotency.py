"""``Idempotency-Key``, on the operations that create something: sent again, they answer what they have answered."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson
from flask import Response, request
from pydantic import BaseModel

from app.auth.rbac import Permission, require
from app.blueprints import _context
from app.blueprints._forms import json_body
from app.blueprints._services import services
from app.blueprints.api._shown_once import shown_once
from app.idempotency.keys import key_of
from app.idempotency.service import Answer, Claim

HEADER, REPLAYED, WITHHELD = "Idempotency-Key", "Idempotency-Replayed", "Idempotency-Withheld"


@dataclass(frozen=True, slots=True, kw_only=True)
class Creates:
    """That an operation creates something, and what one needs to be shown again what one has created.

    ``needs``: the permission that the service asks for; ``None`` where anybody may do it, for themselves.
    """

    needs: Permission | None = None


def once_only(
    creates: Creates,
    act: Callable[[], Response],
    *,
    takes_body: bool,
    answers: Mapping[int, type[BaseModel] | None],
) -> Response:
    """Carry out ``act``; where the request carries a key, only if it has not been carried out before.

    Without a key, nothing is different. With one, whoever may not do it (any more) is refused first.
    """
    header = request.headers.get(HEADER)
    if header is None:
        return act()
    key, scope, idempotency = key_of(header), _context.scope(), services().idempotency
    if creates.needs:
        require(scope, creates.needs)
    before = idempotency.claim(scope, key=key, content=_content(takes_body=takes_body))
    if isinstance(before, Answer):
        return _replay(before)
    with idempotency.carrying_out(before):
        response = act()
    _keep(before, response, answers)
    return response


def _content(*, takes_body: bool) -> bytes:
    """What makes it the same request. Neither how its JSON is spelled matters, nor a body that nobody reads."""
    body = json.dumps(json_body(), sort_keys=True, separators=(",", ":")) if takes_body else ""
    return b"\n".join((request.method.encode(), request.path.encode(), request.query_string, body.encode()))


def _keep(claim: Claim, response: Response, answers: Mapping[int, type[BaseModel] | None]) -> None:
    """Without what is shown once. An answer that was not declared is not kept: nobody knows what is secret in it."""
    if response.status_code not in answers:
        return
    model, body = answers[response.status_code], response.get_data()
    withheld: tuple[str, ...] = ()
    if secret := shown_once(model) if model else ():
        said = orjson.loads(body)
        withheld = tuple(name for name in secret if said.get(name) is not None)
        body = orjson.dumps({name: None if name in withheld else value for name, value in said.items()})
    services().idempotency.keep(
        claim,
        Answer(status=response.status_code, body=body, location=response.headers.get("Location"), withheld=withheld),
    )


def _replay(answer: Answer) -> Response:
    response = Response(answer.body, answer.status, mimetype="application/json" if answer.body else None)
    response.headers[REPLAYED] = "true"
    if answer.location:
        response.headers["Location"] = answer.location
    if answer.withheld:
        response.headers[WITHHELD] = ", ".join(answer.withheld)
    return response
