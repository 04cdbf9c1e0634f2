"""Who signs in: tenants with people in them, made through the portal's own services."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from app.auth.login import Attempt
from app.hashing import Hasher
from app.ids import uuid7
from app.scope import Origin
from app.settings import load
from app.wiring import Services, real_ports, wire

SLUG = "bench"
PASSWORD = "correct horse battery staple"
_OTHER_TENANTS = 4
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What each connection brings: a line for each person."""

    passwords: list[str]  # addresses, for signing in
    access: list[str]
    refresh: list[str]
    cookies: list[str]


class _Once:
    """Hashes the one password once, for real, and hands that hash out."""

    def __init__(self, hasher: Hasher) -> None:
        self._hasher = hasher
        self._hash = hasher.hash(PASSWORD)

    def hash(self, password: str) -> str:
        return self._hash if password == PASSWORD else self._hasher.hash(password)

    def matches(self, hashed: str, password: str) -> bool:
        return self._hasher.matches(hashed, password)

    def is_stale(self, hashed: str) -> bool:
        return self._hasher.is_stale(hashed)


@contextmanager
def services_of(environ: dict[str, str]) -> Iterator[Services]:
    settings = load(environ)
    ports = real_ports(settings, application="bench", connections=4)
    services = wire(settings, replace(ports, hasher=_Once(ports.hasher)))
    try:
        yield services
    finally:
        services.close()


def populate(services: Services, *, people: int) -> None:
    """``people`` verified members in one tenant, and ten in each of a few others."""
    for slug, count in [(SLUG, people), *((f"other-{number}", 10) for number in range(_OTHER_TENANTS))]:
        tenant = services.tenant_administration.create(slug=slug, name=slug.title())
        for number in range(count):
            services.users.create(
                tenant,
                email=_address(slug, number),
                password=PASSWORD,
                name=f"Person {number}",
                role_names=["member"],
                check=False,
            )


def credentials(services: Services, *, people: int, held: int) -> Credentials:
    """Fresh ones for the first ``held`` people; the others are there to sign in."""
    tenant = services.tenants.by_header(SLUG)
    assert tenant is not None
    access, refresh, cookies = [], [], []
    for number in range(held):
        for wants_tokens in (True, False):
            signed_in = services.login.with_password(
                tenant,
                Attempt(email=_address(SLUG, number), password=PASSWORD, wants_tokens=wants_tokens),
                origin=Origin(ip="127.0.0.1", user_agent=_AGENT, request_id=str(uuid7())),
            )
            if signed_in.tokens:
                access.append(signed_in.tokens.access_token)
                refresh.append(signed_in.tokens.refresh_token)
            else:
                cookies.append(signed_in.cookie or "")
    return Credentials(
        passwords=[_address(SLUG, number) for number in range(held, people)],
        access=access,
        refresh=refresh,
        cookies=cookies,
    )


def _address(slug: str, number: int) -> str:
    return f"person-{number}@{slug}.example"
