"""What pages would send, sent without them: with a browser's cookies and user agent, and what is set comes back to it.

A browser takes a quarter of a second for a page; where pages only lead to what is tested, nobody has to look at them.
"""

import http.client
import re
import time
import urllib.parse
from http.cookies import Morsel, SimpleCookie

from playwright.sync_api import Page

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_WITHIN_S = 20


class Errand:
    """From one browser to one tenant. At 127.0.0.1: not every resolver knows *.localhost."""

    def __init__(self, page: Page, origin: str) -> None:
        self._browser, self._origin = page.context, origin
        self._port = urllib.parse.urlsplit(origin).port
        self._agent = page.evaluate("navigator.userAgent")
        self._cookies = {found["name"]: found["value"] for found in self._browser.cookies(origin)}

    def send_form(self, path: str, *, at: str = "", **fields: str) -> str:
        """Send the form that is at ``path``, or ``at`` another. The path that the answer leads to."""
        _, html = self._send("GET", at or path)
        token = _TOKEN.search(html)
        assert token, f"no form at {at or path}: {html}"
        leads, html = self._send("POST", path, urllib.parse.urlencode({"csrf_token": token[1], **fields}))
        assert leads, f"what was sent to {path} was refused: {html}"
        return leads

    def _send(self, method: str, path: str, body: str | None = None) -> tuple[str, str]:
        """Where it leads, if anywhere, and what it says."""
        headers = {
            "Host": self._origin.partition("://")[2],
            "Origin": self._origin,
            "User-Agent": self._agent,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_WITHIN_S)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            said = answer.read().decode()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            for cookie in SimpleCookie(line).values():
                self._keep(cookie)
        return answer.headers.get("Location", ""), said

    def _keep(self, cookie: Morsel) -> None:
        """As the browser would."""
        life, name, value = cookie["max-age"], cookie.key, cookie.coded_value
        if life == "0":
            self._cookies.pop(name, None)
            self._browser.clear_cookies(name=name, domain=urllib.parse.urlsplit(self._origin).hostname)
            return
        self._cookies[name] = value
        until = time.time() + int(life) if life else -1
        kept = {"name": name, "value": value, "url": self._origin, "httpOnly": bool(cookie["httponly"])}
        self._browser.add_cookies([{**kept, "sameSite": cookie["samesite"] or "Lax", "expires": until}])
