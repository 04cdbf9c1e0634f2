"""Views reach the services through here."""

from typing import cast

from flask import current_app

from app.wiring import Services


def services() -> Services:
    return cast(Services, current_app.extensions["portico"])
