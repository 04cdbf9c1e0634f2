"""Pages and their parts, from the same files."""

import hashlib
from datetime import datetime
from pathlib import Path

from flask import Flask, Response, make_response, redirect, render_template
from markupsafe import Markup, escape

from app import theme
from app.blueprints import _context, _flows
from app.blueprints._problems import is_htmx
from app.clock import wall_clock

_UNITS = ((31_536_000, "year"), (2_592_000, "month"), (86_400, "day"), (3_600, "hour"), (60, "minute"))


def show(page: str, *, part: str | None = None, status: int = 200, **context: object) -> Response:
    """Render ``page``, or only its ``part`` where htmx asks for one."""
    response = make_response(render_template(part if part and is_htmx() else page, **context), status)
    if part:
        response.vary.update(["HX-Request", "HX-Request-Type", "HX-History-Restore-Request"])
    return response


def to(path: str) -> Response:
    """See there: 303, so that a POST ends in a GET (RFC 9110, section 15.4.4).

    A step of signing in keeps the application that it is for.
    """
    return make_response(redirect(_flows.onward(path), 303))


def register(app: Flask) -> None:
    """What every template may use."""
    versions = _versions(Path(app.static_folder or "static"))

    def asset(path: str) -> str:
        return f"/static/{path}?v={versions[path]}"

    def context() -> dict[str, object]:
        tenant = _context.tenant_or_none()
        return {
            "tenant": tenant,
            "theme_url": f"/_theme/{theme.version(tenant.theme)}.css" if tenant else None,
            "scope": _context.known_scope(),
            "request_id": _context.request_id(),
        }

    app.context_processor(context)
    app.jinja_env.globals.update(asset=asset, when=when)
    app.jinja_env.auto_reload = False


def when(moment: datetime) -> Markup:
    """``moment`` for people, with the exact time for those who want it."""
    exact = moment.strftime("%d %B %Y, %H:%M UTC").lstrip("0")
    machine = moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(machine, exact, escape(_ago(moment)))


def _ago(moment: datetime) -> str:
    seconds = int((wall_clock() - moment).total_seconds())
    for size, name in _UNITS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"


def _versions(folder: Path) -> dict[str, str]:
    """The digest of every static file, computed once: a URL that names it may be cached for ever."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        for path in folder.rglob("*")
        if path.is_file()
    }
