"""The mails that the console provider kept."""

from dataclasses import asdict
from datetime import datetime

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.blueprints._guards import open_to_anyone
from app.blueprints._render import show
from app.blueprints._services import services

bp = Blueprint("mailbox", __name__, url_prefix="/dev")


@bp.get("/mailbox")
@open_to_anyone
def index() -> ResponseReturnValue:
    to = request.args.get("to", "")
    mails = services().mailbox.read(to=to or None)
    messages = [{**asdict(mail), "sent_at": datetime.fromisoformat(mail.sent_at)} for mail in mails]
    return show("dev/mailbox.html", messages=messages, to=to)


@bp.get("/mailbox.json")
@open_to_anyone
def feed() -> ResponseReturnValue:
    """Newest first; with ``?to=``, only those to that address."""
    return jsonify([asdict(mail) for mail in services().mailbox.read(to=request.args.get("to") or None)])
