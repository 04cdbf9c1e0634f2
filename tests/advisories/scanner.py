"""A mail scanner: it follows every link of a mail and presses every button of every page, with cookies of its own."""

import html
import re
from urllib.parse import urlsplit

_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_FIELD = re.compile(r"<(?:input|button|textarea|select)\b([^>]*)>", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w:-]+)(?:="([^"]*)")?')
_HREF = re.compile(r'<a\b[^>]*href="([^"]+)"')
_MOST_PAGES = 60


class Scanner:
    """``typed``: what it types into fields of these names."""

    def __init__(self, browser, **typed):
        self.browser = browser
        self.typed = typed
        self.seen = set()
        self.pressed = []
        self.answers = []

    def scan(self, mail):
        """Open what a mail links to, and everything that leads on from there."""
        for link in re.findall(r"https?://[^\s<>\"']+", html.unescape(mail.text + mail.html)):
            self.open(link)

    def open(self, link):
        parts = urlsplit(html.unescape(link))
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        ours = not parts.netloc or f"{parts.scheme}://{parts.netloc}" == self.browser.origin
        if not ours or not path.startswith("/") or path in self.seen or len(self.seen) >= _MOST_PAGES:
            return
        self.seen.add(path)
        for method in ("HEAD", "OPTIONS", "GET"):
            answer = self.browser.open(method, path)
        self._read(answer)

    def _read(self, answer):
        self.answers.append(answer)
        assert answer.status_code < 500
        if answer.location:
            self.open(answer.location)
        if answer.mimetype != "text/html":
            return
        for attributes, body in _FORM.findall(answer.text):
            self._press(_attributes(attributes), body)
        for link in _HREF.findall(answer.text):
            self.open(link)

    def _press(self, form, body):
        fields = {}
        for field in map(_attributes, _FIELD.findall(body)):
            name = field.get("name")
            if name and (field.get("type") != "checkbox" or "checked" in field):
                fields[name] = self.typed.get(name, field.get("value", ""))
        press = (form.get("action"), tuple(sorted((k, v) for k, v in fields.items() if k != "csrf_token")))
        if form.get("method") != "post" or press in self.pressed:
            return
        self.pressed.append(press)
        self._read(self.browser.open("POST", html.unescape(form["action"]), data=fields))


def _attributes(text):
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(text)}
