"""What is asked of an OpenID provider: the same requests to ours and to the peer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.load import Operation
from bench.provider import RESOURCE, RESOURCE_SCOPE, Provider, Visitor

PEER = "peer "
_SIGN_IN = "openid profile email"
_STAY = f"{_SIGN_IN} offline_access"
_FORM = 'headers["Content-Type"] = "application/x-www-form-urlencoded"; '
# A line is what the application proves itself with, and a token.
_TWO = 'local basic, token = line:match("^(Basic %S+) (%S+)$"); headers["Authorization"] = basic; ' + _FORM
_INTROSPECTED = """body:find('"active":true', 1, true)"""

# Who is there: the cookies of each person who has a session (none where the peer signs them in by their name).
People = Sequence[dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One kind of request to either provider. ``lines`` makes what each connection brings, over HTTP."""

    endpoint: str
    method: str
    prepare: str
    proof: str
    lines: Callable[[Provider, People], list[str]]
    expects: int = 200
    refreshes: bool = False
    address: str = ""


def operation(name: str, provider: Provider, people: People, *, prefix: str = "") -> Operation:
    """The load for one of them, with fresh credentials."""
    request = REQUESTS[name]
    lines = request.lines(provider, people)
    more = {"keep": "", "take": _TAKE} if request.refreshes else {}
    return Operation(
        name=prefix + name.removeprefix("oidc ") if prefix else name,
        method=request.method,
        path=provider.endpoints[request.endpoint],
        lines=lambda _: lines,
        prepare=request.prepare,
        expects=request.expects,
        host=provider.host,
        address=request.address,
        proof=request.proof,
        **more,
    )


def _machine(provider: Provider, _: People) -> list[str]:
    return [provider.machine.basic]


def _nothing(_: Provider, __: People) -> list[str]:
    return [""]


def _refresh_tokens(provider: Provider, people: People) -> list[str]:
    """For an API: what comes of them are JWTs."""
    return [
        f"{provider.web.basic} {provider.redeem(code, resource=RESOURCE)['refresh_token']}"
        for code in _codes(provider, people, scope=_STAY, resource=RESOURCE, **provider.offline)
    ]


def _own_tokens(provider: Provider, people: People) -> list[str]:
    """For the provider itself: what userinfo accepts."""
    return [provider.redeem(code)["access_token"] for code in _codes(provider, people, scope=_SIGN_IN)]


def _introspected(provider: Provider, people: People) -> list[str]:
    return [f"{provider.web.basic} {token}" for token in _own_tokens(provider, people)]


def _codes(provider: Provider, people: People, **asked: str) -> list[str]:
    return [
        Visitor(provider, cookies=cookies).sign_in(provider.asking(**asked, login_hint=_name(number)))
        for number, cookies in enumerate(people)
    ]


def _sessions(provider: Provider, people: People) -> list[str]:
    """Where the application sends somebody who has been there before, and their cookies."""
    lines = []
    for number, cookies in enumerate(people):
        visitor = Visitor(provider, cookies=cookies)
        visitor.sign_in(provider.asking(scope=_SIGN_IN, login_hint=_name(number)))
        lines.append(f"{provider.asking(scope=_SIGN_IN)} {visitor.cookie}")
    return lines


def _name(number: int) -> str:
    return f"person-{number}"


_TAKE = """local new = body:match('"refresh_token":"([^"]+)"'); last = last + 1
  lines[last] = headers["Authorization"] .. " " .. new"""
REQUESTS = {
    "oidc client": Request(
        endpoint="token_endpoint",
        method="POST",
        lines=_machine,
        prepare=f'headers["Authorization"] = line; {_FORM}'
        f'local body = "grant_type=client_credentials&scope={RESOURCE_SCOPE}"',
        proof="""body:find('"access_token":"ey', 1, true)""",
    ),
    "oidc refresh": Request(
        endpoint="token_endpoint",
        method="POST",
        lines=_refresh_tokens,
        prepare=_TWO + 'local body = "grant_type=refresh_token&refresh_token=" .. token',
        proof="""body:find('"access_token":"ey', 1, true) and body:find('"id_token":"ey', 1, true)""",
        refreshes=True,
    ),
    "oidc introspect": Request(
        endpoint="introspection_endpoint",
        method="POST",
        lines=_introspected,
        prepare=_TWO + 'local body = "token_type_hint=access_token&token=" .. token',
        proof=_INTROSPECTED,
    ),
    "oidc opaque": Request(
        endpoint="introspection_endpoint",
        method="POST",
        lines=_refresh_tokens,
        prepare=_TWO + 'local body = "token_type_hint=refresh_token&token=" .. token',
        proof=_INTROSPECTED,
    ),
    "oidc userinfo": Request(
        endpoint="userinfo_endpoint",
        method="GET",
        lines=_own_tokens,
        prepare='headers["Authorization"] = "Bearer " .. line; local body = nil',
        proof="""body:find('"email":"', 1, true) and body:find('"name":"', 1, true)""",
    ),
    "oidc authorize": Request(
        endpoint="authorization_endpoint",
        method="GET",
        lines=_sessions,
        prepare='local path, cookie = line:match("^(%S+) (.+)$"); headers["Cookie"] = cookie; local body = nil',
        proof="""(got["location"] or got["Location"] or ""):find("[?&]code=")""",
        expects=303,
        address="path",
    ),
    "oidc jwks": Request(
        endpoint="jwks_uri",
        method="GET",
        lines=_nothing,
        prepare="local body = nil",
        proof="""body:find('"keys":[{', 1, true)""",
    ),
}
