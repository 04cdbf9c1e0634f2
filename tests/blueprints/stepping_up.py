"""Browsers of people who have to confirm that it is them."""

from tests.cast import PASSWORD

AGAIN = "/reauthenticate"


def went(answer):
    return answer.status_code, answer.location


def confirm(browser, password=PASSWORD, **shown):
    """Confirm it, and hear where that leads."""
    return went(browser.post(AGAIN, {"password": password, **shown}))


def main_of(answer):
    """What the page says, without its frame."""
    return answer.text.partition("<main")[2]
