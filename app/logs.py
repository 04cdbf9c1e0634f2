"""Structured logs, one JSON object a line in production. What looks like a secret is struck out."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

STRUCK = "[struck out]"
_SECRET_NAME = re.compile(
    r"password|secret|token|authorization|cookie|challenge|api_key|database_url|redis_url", re.IGNORECASE
)
_SECRET_VALUE = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]*"  # a JWT
    r"|(?:prt|pcs)_[\w-]{20,}|pk_(?:live|test)_\w+"  # our own tokens and keys
    r"|(?<=token=)[^\s&\"']+"  # a link's secret
    r"|\$argon2id?\$[^\s\"']+"  # a password's hash
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # credentials in a URL
)
_QUIET = (
    "rq.worker",
    "rq.job",
    "alembic",
    "alembic.runtime.migration",
    "httpx",
    "flask-limiter",
    "limits",
)


def strike_out(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: nothing secret leaves, by name or by look."""
    for name, value in event.items():
        event[name] = _struck(name, value)
    return event


def _struck(name: str, value: Any) -> Any:
    if _SECRET_NAME.search(name) and not isinstance(value, bool | int | float):
        return STRUCK
    if isinstance(value, str):
        return _SECRET_VALUE.sub(STRUCK, value)
    if isinstance(value, Mapping):
        return {key: _struck(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_struck("", inner) for inner in value]
    return value


def configure(*, level: str, plain: bool) -> None:
    """Send structlog and the standard library's logging to stderr, through the same processors.

    ``plain``: for people at a terminal; else JSON.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
        strike_out,
    ]
    last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if plain else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # psycopg has a level of its own: its pool would speak where the rest is silent, and chat at INFO.
    logging.getLogger("psycopg").setLevel(max(logging.WARNING, root.level))
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
