"""A user agent, in words that people know."""

from functools import lru_cache

from ua_parser import parse

_PHONES = frozenset({"iOS", "Android", "Windows Phone"})


def _plain(name: str) -> str:
    return name.removeprefix("Mobile ").removesuffix(" Mobile").partition(" UI/")[0]


@lru_cache(maxsize=2048)
def describe(user_agent: str, *, browser: bool) -> tuple[str, str]:
    """What signed in ("Chrome on Linux"), and its kind: desktop, phone, tablet or api."""
    if not browser:
        return (f"API client ({user_agent.split(maxsplit=1)[0][:40]})" if user_agent.strip() else "API client"), "api"
    found = parse(user_agent)
    name = found.user_agent.family if found.user_agent else "A browser"
    system = found.os.family if found.os else ""
    device = found.device.family if found.device else ""
    kind = "tablet" if "iPad" in device or "Tablet" in user_agent else "phone" if system in _PHONES else "desktop"
    return f"{_plain(name)} on {system}" if system else _plain(name), kind
