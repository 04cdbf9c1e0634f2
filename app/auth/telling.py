"""Where something happened, in words for a mail."""

from dataclasses import dataclass
from datetime import datetime

from app.agents import describe
from app.places import Places, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """On what, where, from which address, when; each empty where it is unknown."""

    client: str
    place: str
    ip: str
    at: str


class Telling:
    """Puts it in words."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def where(self, *, ip: str | None, user_agent: str, at: datetime, browser: bool = True) -> Where:
        place = self._places.look_up(ip)
        return Where(
            client=describe(user_agent, browser=browser)[0],
            place=text(place) if place else "",
            ip=ip or "",
            at=when(at),
        )


def when(moment: datetime) -> str:
    """A moment, for people who may live anywhere."""
    return moment.strftime("%d %B %Y, %H:%M UTC").lstrip("0")
