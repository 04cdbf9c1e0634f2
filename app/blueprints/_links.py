"""Links that were mailed: opened by GET, which changes nothing; acted upon by POST.

The secret goes from the address bar into a cookie at once, so that it is in no history, no log and no Referer; the page
then shows what the link is for, and its form carries the secret on.
"""

from datetime import timedelta
from typing import Any

from flask import Response, request

from app.auth.errors import LinkExpired
from app.blueprints import _cookies
from app.blueprints._forms import field
from app.blueprints._render import show, to

_LIFE = timedelta(hours=1)
_LONGEST = 200


def opened() -> Response | None:
    """The way from the mailed address to the same one without its secret; ``None`` when we are there already."""
    secret = request.args.get("token")
    if not secret:
        return None
    response = to(request.path)
    _cookies.put(response, _cookies.LINK, secret[:_LONGEST], life=_LIFE)
    return private(response)


def token() -> str:
    """The secret: the form's own first, as another tab may have opened another link since. Raises ``LinkExpired``."""
    secret = field("token") or _cookies.read(_cookies.LINK)
    if not secret:
        raise LinkExpired
    return secret


def page(template: str, *, status: int = 200, **context: Any) -> Response:
    """A page that a link leads to: its form gets the secret."""
    return private(show(template, status=status, token=token(), **{"values": {}, "errors": {}, **context}))


def done(response: Response) -> Response:
    """The link has been used: the browser forgets it."""
    _cookies.drop(response, _cookies.LINK)
    return private(response)


def private(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
