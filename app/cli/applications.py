"""Relying applications."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from app.cli._frame import command, main, open_tenant, slug_option

_id = click.argument("application_id", type=click.UUID)
_ALL = 100


@main.group()
def application() -> None:
    """Register, list and delete the applications that people sign in to."""


@command(application, "create")
@slug_option
@click.option("--name", required=True)
@click.option("--type", "type_", required=True, type=click.Choice(["web", "spa", "native", "machine"]))
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="Where people come back to, exactly.")
@click.option("--post-logout-redirect-uri", "post_logout_redirect_uris", multiple=True)
@click.option("--backchannel-logout-uri", help="What is called when a session ends.")
@click.option("--scope", "scopes", multiple=True, help="What it may ask for. [all the standard ones]")
@click.option("--resource", "resources", multiple=True, help="An API that it may ask tokens for.")
@click.option("--serves", multiple=True, help="An API that it is: the audience of tokens for it.")
@click.option("--grant-type", "grant_types", multiple=True)
@click.option("--auth-method", "token_endpoint_auth_method")
@click.option("--alg", "id_token_signed_response_alg", type=click.Choice(["RS256", "ES256", "EdDSA"]), default="RS256")
@click.option("--jwks", "jwks_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file.")
@click.option("--no-pkce", is_flag=True, help="Not required, for a confidential application that can't.")
@click.option("--first-party", is_flag=True, help="People are not asked whether they allow it.")
def application_create(
    *,
    slug: str,
    type_: str,
    scopes: tuple[str, ...],
    grant_types: tuple[str, ...],
    jwks_file: Path | None,
    no_pkce: bool,
    **said: Any,
) -> dict[str, Any]:
    """Register an application. Its secret is shown this once."""
    from app.oidc.application_details import Details

    new = Details(
        type=type_,
        scopes=_words(scopes) or None,
        grant_types=grant_types or None,
        jwks=_read(jwks_file) if jwks_file else None,
        require_pkce=not no_pkce,
        **said,
    )
    with open_tenant(slug) as (services, found):
        made = services.openid.applications.create_unasked(found, new)
    shown = {"client_id": made.view.client_id, "name": made.view.name, "type": type_}
    return shown | ({"client_secret": made.client_secret} if made.client_secret else {})


@command(application, "list")
@slug_option
def application_list(slug: str) -> list[dict[str, Any]]:
    """List all applications, the newest first."""
    from app.oidc.application_views import operator

    rows, after = [], None
    with open_tenant(slug) as (services, found):
        while True:
            page = services.openid.applications.page(found, operator(found), limit=_ALL, after=after)
            rows += [_line(view) for view in page.items]
            if (after := page.after) is None:
                return rows


@command(application, "show")
@slug_option
@_id
def application_show(slug: str, application_id: UUID) -> dict[str, Any]:
    """Show all that is registered of an application, but for its secrets."""
    from dataclasses import asdict

    from app.oidc.application_views import operator

    with open_tenant(slug) as (services, found):
        view = services.openid.applications.get(found, operator(found), application_id)
        secrets = services.openid.applications.secrets(found, operator(found), application_id)
    return {**_line(view), **_plain(asdict(view.details)), "secrets": [_plain(asdict(secret)) for secret in secrets]}


@command(application, "rotate-secret")
@slug_option
@_id
@click.option(
    "--overlap-hours", type=click.IntRange(0, 720), default=24, show_default=True, help="0: those before end at once."
)
def application_rotate_secret(slug: str, application_id: UUID, overlap_hours: int) -> dict[str, Any]:
    """Make a new secret, which is shown this once; the one before counts a while longer."""
    from app.oidc.application_views import operator

    with open_tenant(slug) as (services, found):
        made = services.openid.applications.add_secret(
            found, operator(found), application_id, overlap_hours=overlap_hours
        )
    return {"client_id": str(application_id), "client_secret": made.client_secret}


@command(application, "delete")
@slug_option
@_id
def application_delete(slug: str, application_id: UUID) -> dict[str, Any]:
    """Delete an application for good, with all that it was granted."""
    from app.oidc.application_views import operator

    with open_tenant(slug) as (services, found):
        services.openid.applications.delete(found, operator(found), application_id)
    return {"client_id": str(application_id), "deleted": True}


def _words(given: tuple[str, ...]) -> tuple[str, ...]:
    """Each on its own, or several in one, as OAuth writes scopes."""
    return tuple(word for one in given for word in one.split())


def _read(file: Path) -> Any:
    try:
        read = json.loads(file.read_text())
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise click.BadParameter("a JSON Web Key Set was expected", param_hint="--jwks")
    return read


def _line(view: Any) -> dict[str, Any]:
    status = "disabled" if view.disabled_at else "active"
    return {"client_id": view.client_id, "name": view.name, "type": view.details.type, "status": status}


def _plain(said: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}
