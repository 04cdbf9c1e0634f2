"""The way back from confirming that it is you: where somebody was, and what they had typed there.

It rests in the browser's signed session and never in an address, so that nobody else can say where it leads.
"""

import json
import re

from flask import current_app, request, session
from werkzeug.exceptions import HTTPException

REAUTHENTICATION = "/reauthenticate"
HOME = "/account/security"
_WAY, _KEPT = "step_up", "kept"
# What the session's cookie can bear beside all else: browsers forget one above 4096 bytes (ASVS 5.0, 3.3.5).
_MOST_BYTES = 2048
_LONGEST_QUERY = 500
_SECRET = re.compile(r"password|code|credential|csrf|token|secret|challenge", re.IGNORECASE)


def remember() -> None:
    """Here they were turned away. A form comes back as it was, but for what is secret in it."""
    reading = request.method == "GET"
    way: dict[str, object] = {"path": here() if reading else _page_of(request.path)}
    form = {} if reading else {name: value for name, value in request.form.items() if not _SECRET.search(name)}
    if not reading:
        way["sent"] = True
    if form and len(json.dumps(form)) <= _MOST_BYTES:
        way["form"] = form
    session[_WAY] = way


def here() -> str:
    """The address of this request; of one that is endless, without its query."""
    return request.full_path.rstrip("?") if len(request.query_string) <= _LONGEST_QUERY else request.path


def path() -> str:
    """Where they came from."""
    return str(session.get(_WAY, {}).get("path", HOME))


def sent() -> bool:
    """Whether a form was sent there, which has to be sent once more."""
    return bool(session.get(_WAY, {}).get("sent"))


def go(*, anew: bool = False) -> str:
    """The same, now that they go there. ``anew``: all else of the session is forgotten, the CSRF token too."""
    whither, way = path(), session.pop(_WAY, {})
    if anew:
        session.clear()
    if form := way.get("form"):
        session[_KEPT] = {"path": whither, "form": form}
    return whither


def kept() -> dict[str, str]:
    """What they had typed into the form of this page before they had to confirm that it is them; once."""
    found = session.get(_KEPT)
    if not found or found["path"] != request.path:
        return {}
    del session[_KEPT]
    return dict(found["form"])


def _page_of(path: str) -> str:
    """The page whose form was sent to ``path``: the same address, or the nearest above it that can be looked at."""
    adapter = current_app.create_url_adapter(request)
    while adapter and path:
        try:
            adapter.match(path, method="GET")
        except HTTPException:
            path = path.rpartition("/")[0]
        else:
            return path
    return HOME
