"""What people do to get back into an account, and how to see whether they are in: shared by the tests of recovery."""

from app.auth import errors
from tests.cast import PASSWORD, an_origin

NEW = "seven quiet otters 52"


def links_to(letters, address, path):
    """The secrets of all links to ``path`` that an address was mailed, oldest first."""
    texts = [mail.text for mail in letters.deliver() if mail.to == address]
    return [word.partition("?token=")[2] for text in texts for word in text.split() if f"{path}?token=" in word]


def ask_reset(person, email=None):
    person.services.recovery.ask(person.tenant, email=email or person.email, origin=an_origin())


def reset_link(person, letters):
    """Ask for a link and take the newest from the mail."""
    ask_reset(person)
    return links_to(letters, person.email, "/reset-password")[-1]


def reset(person, token, password=NEW, *, tenant=None, services=None):
    on = services or person.services
    return on.recovery.reset(tenant or person.tenant, token=token, new_password=password, origin=an_origin())


def change_password(person, signed_in, *, password=PASSWORD, new=NEW, keep=False):
    person.services.password_change.change(
        person.tenant, person.scope(signed_in), password=password, new_password=new, keep_sessions=keep
    )


def ask_email(person, scope, email):
    return person.services.email_change.ask(person.tenant, scope, email=email)


def email_link(person, scope, email, letters):
    """Ask for another address and take the link that was mailed to it."""
    ask_email(person, scope, email)
    return links_to(letters, email, "/account/email/confirmation")[-1]


def confirm(person, scope, token):
    return person.services.email_change.confirm(person.tenant, scope, token=token)


def move(person, scope, email, letters):
    """Change the address; hands over the link by which whoever has the old one undoes it."""
    old = scope.email
    confirm(person, scope, email_link(person, scope, email, letters))
    return links_to(letters, old, "/undo-email-change")[-1]


def undo(person, token):
    return person.services.email_change.undo(person.tenant, token=token, origin=an_origin())


def is_in(person, signed_in):
    """Whether a session still opens anything: its cookie, or its access token."""
    try:
        return person.scope(signed_in) is not None
    except errors.InvalidToken:
        return False


def refreshes(person, signed_in):
    """Whether its refresh token is still good."""
    try:
        person.services.tokens.refresh(person.tenant, signed_in.tokens.refresh_token, origin=an_origin())
    except errors.InvalidRefreshToken:
        return False
    return True


def outcome(act, *arguments, **more):
    """The class of the refusal, or ``None`` for a success; for many who try at once."""
    try:
        act(*arguments, **more)
    except Exception as refusal:  # noqa: BLE001 - whatever it was is what is asked about
        return type(refusal)
    return None
