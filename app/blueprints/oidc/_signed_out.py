"""What is left when somebody is signed out on an application's word: a clean browser, a page, and the way back."""

from flask import Response, session

from app.blueprints import _context, _cookies, _pending
from app.blueprints._render import show
from app.blueprints._services import services
from app.blueprints.oidc import _answers
from app.oidc.end_session import WayBack, Wish

ADDRESS = "/oauth2/logout"


def ticket(wish: Wish) -> str:
    """The wish, for the next request."""
    return services().openid.end_session.ticket(_context.tenant(), wish)


def way_back(wish: Wish) -> WayBack | None:
    return services().openid.end_session.way_back(_context.tenant(), wish)


def page(wish: Wish, *, moves: bool) -> Response:
    """They are signed out. ``moves``: on to the application by itself, if there is one to go on to."""
    return _answers.private(show("end_session/done.html", back=way_back(wish), moves=moves))


def forget(response: Response, *, alone: bool = True) -> Response:
    """The browser forgets the session that was in use; all else, too, where no other account is left in it.

    The device stays known.
    """
    _context.forget_scope()
    _cookies.drop(response, _cookies.SESSION)
    if alone:
        session.clear()
        _pending.end(response)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
