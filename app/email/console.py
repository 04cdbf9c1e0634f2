"""The console provider, for development: mail is printed, and kept where ``/dev/mailbox`` finds it."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import structlog

from app.clock import Clock, wall_clock
from app.email.post import Mail
from app.ids import uuid7

_KEPT = 500
_LINK = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)]")
_CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A mail in the development mailbox. ``code`` is the only six-digit number in it, if there is one."""

    id: str
    to: str
    subject: str
    text: str
    html: str
    links: list[str]
    code: str | None
    sent_at: str


class Mailbox:
    """A folder of delivered mails, one file each, the newest few hundred."""

    def __init__(self, folder: Path, *, clock: Clock = wall_clock) -> None:
        self._folder = folder
        self._clock = clock

    def carry(self, mail: Mail) -> None:
        """Deliver to the folder, and print whom it went to."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        delivered = _delivered(mail, self._clock())
        unfinished = self._folder / f".{delivered.id}"
        unfinished.write_text(json.dumps(asdict(delivered)))
        unfinished.replace(self._folder / f"{delivered.id}.json")
        _log.info("mail", to=mail.to, subject=mail.subject, read_at="/dev/mailbox")
        for old in sorted(self._folder.glob("*.json"))[:-_KEPT]:
            old.unlink(missing_ok=True)

    def read(self, *, to: str | None = None) -> Iterator[Delivered]:
        """The mails, newest first; with ``to``, only those to that address."""
        wanted = to.strip().lower() if to else None
        for file in sorted(self._folder.glob("*.json"), reverse=True):
            with suppress(FileNotFoundError):  # the oldest go while we read
                delivered = Delivered(**json.loads(file.read_text()))
                if wanted is None or delivered.to.lower() == wanted:
                    yield delivered


def _delivered(mail: Mail, now: datetime) -> Delivered:
    links = list(dict.fromkeys(_LINK.findall(mail.text)))
    codes = set(_CODE.findall(_LINK.sub("", mail.text)))
    return Delivered(
        id=str(uuid7()),
        to=mail.to,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        links=links,
        code=codes.pop() if len(codes) == 1 else None,
        sent_at=now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )
