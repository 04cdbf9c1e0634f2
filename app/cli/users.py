"""Accounts."""

import sys
from dataclasses import asdict
from typing import Any

import click

from app.cli._frame import command, email_option, main, open_tenant, slug_option


@main.group()
def user() -> None:
    """Make, unlock, disable and enable accounts."""


@command(user, "create")
@slug_option
@email_option
@click.option("--name", default="")
@click.option("--role", "role_names", multiple=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def user_create(slug: str, email: str, name: str, role_names: tuple[str, ...], password_stdin: bool) -> dict[str, Any]:
    """Make an account whose address you vouch for."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    with open_tenant(slug) as (services, found):
        return asdict(services.users.create(found, email=email, password=password, name=name, role_names=role_names))


def _user_command(verb: str, explanation: str) -> None:
    @slug_option
    @email_option
    def run(slug: str, email: str) -> dict[str, Any]:
        with open_tenant(slug) as (services, found):
            return {"email": email, "changed": getattr(services.users, verb)(found, email=email)}

    run.__doc__ = explanation
    command(user, verb)(run)


@command(user, "reset-factors")
@slug_option
@email_option
@click.option("--reason", required=True, help="Why, in 10 to 500 characters. They are told.")
def user_reset_factors(slug: str, email: str, reason: str) -> dict[str, Any]:
    """Start to take somebody's second factors away. They are told at once, and can say no until it takes effect."""
    with open_tenant(slug) as (services, found):
        started = services.factor_resets.start_as_operator(found, email=email, reason=reason)
        return {"email": email, "id": started.id, "takes_effect_at": started.takes_effect_at}


_user_command("unlock", "Forget failed sign-ins and wrong codes.")
_user_command("disable", "Let them in no more, and end their sessions.")
_user_command("enable", "Let them in again.")
