"""What people find in their mail."""

import re

_CODE = re.compile(r"^(\d{6})$", re.MULTILINE)
_LINK = re.compile(r"https?://[^\s<>\"']+")
_NUMBER = re.compile(r'id="number"[^>]*>(\d\d)<')
WARY = {"risk_weights": {"new_device": 50}}


def code_in(mail):
    return _CODE.search(mail.text)[1]


def links_in(*mails):
    """Every address in some mails, in their text and their HTML."""
    return sorted({link.replace("&amp;", "&") for mail in mails for link in _LINK.findall(mail.text + mail.html)})


def number_on(page):
    """The number that a waiting screen shows."""
    return _NUMBER.search(page.text)[1]


def open_link(browser, token, path="/magic-link"):
    """Follow a mailed link to the page that it leads to."""
    opened = browser.get(f"{path}?token={token}")
    assert (opened.status_code, opened.location) == (303, path)
    return browser.get(path)


def went(answer):
    return (answer.status_code, answer.location)


def is_in(browser):
    return browser.get("/account").status_code == 200
