"""Portico: a hosted login portal with a JSON API."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.wiring import Services


def create_app(services: "Services") -> "Flask":
    """The web application over ``services``.

    Imported only when it is wanted: worker, scheduler and ``portico`` itself live in this package too, and start
    twice as fast without Flask and every page.
    """
    from app.web import build  # noqa: PLC0415

    return build(services)
