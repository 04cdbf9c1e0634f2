"""What happened to an account, as its owner is told: their own history, and nobody else's data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.events import Event
from app.scope import ActorKind, Scope
from app.storage import audit
from app.storage.audit import AuditEvent
from app.storage.unit import Units

Kind = Literal["success", "warning", "danger", "neutral"]
Told = tuple[str, Kind]
# Where a page of the history begins: after the entry of this time and id.
Mark = tuple[datetime, UUID]

DONE: dict[Event, Told] = {
    Event.USER_REGISTERED: ("Account created", "success"),
    Event.USER_UPDATED: ("Profile changed", "neutral"),
    Event.USER_DISABLED: ("Account switched off", "danger"),
    Event.USER_ENABLED: ("Account switched on again", "success"),
    Event.USER_EMAIL_VERIFIED: ("Email address confirmed", "success"),
    Event.USER_EMAIL_CHANGED: ("Email address changed", "warning"),
    Event.USER_PASSWORD_CHANGED: ("Password changed", "warning"),
    Event.USER_PASSWORD_RESET: ("Password set anew by email", "warning"),
    Event.USER_PASSWORD_RESET_REQUESTED: ("Someone asked for a new password", "neutral"),
    Event.MAGIC_LINK_SENT: ("Someone asked for a sign-in link", "neutral"),
    Event.LOGIN_SUCCEEDED: ("Signed in", "success"),
    Event.SESSION_REVOKED: ("A sign-in was ended", "neutral"),
    Event.ACCOUNT_LOCKED: ("Sign-in paused after wrong passwords", "danger"),
    Event.ACCOUNT_UNLOCKED: ("Sign-in opened again", "success"),
    Event.DEVICE_FORGOTTEN: ("A device is no longer remembered", "neutral"),
    Event.SECOND_FACTOR_ENROLLED: ("An authentication app was added", "warning"),
    Event.SECOND_FACTOR_REMOVED: ("An authentication app was removed", "warning"),
    Event.PASSKEY_CREATED: ("A passkey was added", "warning"),
    Event.PASSKEY_REMOVED: ("A passkey was removed", "warning"),
    Event.BACKUP_CODES_GENERATED: ("New backup codes were made", "warning"),
    Event.BACKUP_CODE_USED: ("A backup code was used", "warning"),
    Event.BACKUP_CODES_LOW: ("Few backup codes are left", "neutral"),
    Event.DEVICE_TRUSTED: ("A device was trusted", "neutral"),
    Event.DATA_EXPORTED: ("A copy of your data was made", "neutral"),
    Event.IMPERSONATION_STARTED: ("Someone acted as you in an application", "danger"),
    Event.CONSENT_GRANTED: ("An application was allowed to use your account", "neutral"),
    Event.CONSENT_REVOKED: ("An application's access was removed", "neutral"),
    Event.TOKEN_REVOKED: ("An application gave its access back", "neutral"),
}
REFUSED: dict[Event, Told] = {
    Event.LOGIN_FAILED: ("Someone typed a wrong password", "warning"),
    Event.LOGIN_BLOCKED: ("A sign-in was stopped", "danger"),
    Event.LOGIN_SECOND_FACTOR_REQUIRED: ("A sign-in looked unusual, so a code was asked for", "warning"),
    Event.LOGIN_SECOND_FACTOR_FAILED: ("Someone typed a wrong code", "warning"),
    Event.SESSION_LIMIT_REACHED: ("A sign-in was refused: too many devices", "warning"),
    Event.TOKEN_REUSED: ("A sign-in was used twice, so it was ended", "danger"),
    Event.ACCOUNT_LOCKED: ("Sign-in paused after wrong passwords", "danger"),
    Event.USER_PASSWORD_CHANGED: ("A change of the password was refused", "warning"),
    Event.USER_EMAIL_CHANGED: ("A change of the email address was refused", "warning"),
    Event.IMPERSONATION_STARTED: ("An attempt to act for somebody else was refused", "warning"),
    Event.CONSENT_GRANTED: ("An application was not allowed to use your account", "warning"),
}
# Refusals that the reason makes something else.
REFUSED_FOR: dict[tuple[Event, str], Told] = {
    (Event.LOGIN_SECOND_FACTOR_REQUIRED, "second_factor"): ("A sign-in was asked for its second step", "neutral"),
    (Event.LOGIN_SECOND_FACTOR_REQUIRED, "enrolment"): ("A sign-in was asked to set up a second step", "neutral"),
    (Event.CONSENT_GRANTED, "denied"): ("You did not allow an application to use your account", "neutral"),
    (Event.ACCOUNT_LOCKED, "second_factor"): ("Codes are refused for a while, after wrong ones", "danger"),
}
# Details that say more than the event, by their value.
CHANGED: dict[str, Told] = {
    "name": ("Name changed", "neutral"),
    "acting": ("You acted for somebody else in an application", "warning"),
    "factor_name": ("An authentication app was renamed", "neutral"),
    "factor_reset_started": ("Taking away your second step was started", "danger"),
    "factor_reset_cancelled": ("Your second step stays as it is", "success"),
    "leaving": ("Deletion of the account was asked for", "danger"),
    "lock_down": ("The account was locked down", "danger"),
    "sign_in_allowed": ("A stopped sign-in was let in", "warning"),
    "sign_in_approved": ("A sign-in was let in from another device", "warning"),
    "password_leaked": ("Your password turned up among stolen ones", "danger"),
    "reauthenticated": ("You confirmed that it was you", "success"),
    "kept": ("The account is kept", "success"),
    "fetched": ("A copy of your data was downloaded", "warning"),
}
NOTES: dict[str, str] = {
    "locked": "Sign-in was paused at the time, so it was not even looked at.",
    "enabled_account": "The account is switched off.",
    "kept_account": "The account is about to be deleted.",
    "verified_email": "The email address was not confirmed yet.",
    "bearable_risk": "It looked too unusual.",
    "logout": "By signing out.",
    "revoked_by_owner": "You ended it.",
    "replaced": "Another sign-in in the same browser took its place.",
    "session_limit": "There was no room for one more device.",
    "password_changed": "Because the password changed.",
    "password_reset": "Because the password was set anew.",
    "wrong_number": "It was the number of a sign-in on another device.",
    "not_me": "Because you said that it was not you.",
    "email_undone": "Because a change of the email address was undone.",
    "undone": "It is the one from before again.",
    "totp": "It was to be from an authentication app.",
    "backup_code": "It was to be a backup code.",
    "reset": "You were told of it beforehand.",
    "factor_reset": "Because your second step was taken away.",
    "factor_used": "You have used it since.",
    "disabled": "The account was switched off.",
    "distrusted": "The second step is asked for there again.",
    "refresh_token_reused": "Because it was used twice.",
    "leaving": "Because the account is to be deleted.",
    "user_disabled": "Because the account was switched off.",
}
# Where an application asked, after its name.
_ON = {"device": ", on a device without a keyboard."}
# What was shown at a sign-in, in the order in which it is told.
SHOWED: dict[str, str] = {
    "pwd": "your password",
    "email": "a message to your email address",
    "otp": "a code from an authentication app",
    "swk": "a passkey",
    "hwk": "a passkey",
    "backup": "a backup code",
}
SHOWN = [(event.value, "success") for event in DONE] + [(event.value, "refused") for event in REFUSED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the history. ``ip``, ``user_agent`` and ``place`` are ``None`` where somebody else acted."""

    id: UUID
    event: str
    outcome: str
    title: str
    kind: Kind
    at: datetime
    ip: str | None
    user_agent: str | None
    place: str | None
    note: str


class Activity:
    """Tells people what happened to their account."""

    def __init__(self, units: Units, *, place_of: Callable[[str], str | None] | None = None) -> None:
        """``place_of``: where an address is, in words."""
        self._units = units
        self._place_of = place_of

    def entries(self, scope: Scope, *, after: Mark | None, limit: int) -> tuple[list[Entry], Mark | None]:
        """A page of the caller's history, newest first, and where the next one begins, if there is one."""
        with self._units.read(scope.tenant_id) as db:
            rows = audit.of_subject(
                db, tenant_id=scope.tenant_id, subject_id=scope.user_id, after=after, most=limit + 1, shown=SHOWN
            )
        page = rows[:limit]
        mark = (page[-1].at, page[-1].id) if len(rows) > limit else None
        return [self._entry(row) for row in page], mark

    def _entry(self, row: AuditEvent) -> Entry:
        title, kind = _told(row)
        own = is_own(row)
        return Entry(
            id=row.id,
            event=row.event,
            outcome=row.outcome,
            title=title,
            kind=kind,
            at=row.at,
            ip=row.ip if own else None,
            user_agent=row.user_agent if own else None,
            place=self._place_of(row.ip) if self._place_of and own and row.ip else None,
            note=_note(row),
        )


def is_own(row: AuditEvent) -> bool:
    """Whether the person acted themselves, or somebody who did not say who they are: no third person's address."""
    anonymous = row.actor_kind == ActorKind.ANONYMOUS
    return row.impersonator_id is None and (anonymous or row.actor_id == row.subject_id)


def _told(row: AuditEvent) -> Told:
    event = Event(row.event)
    if row.outcome == "refused":
        return REFUSED_FOR.get((event, str(row.details.get("reason"))), REFUSED[event])
    return CHANGED.get(row.details.get("changed") or row.details.get("stage", ""), DONE[event])


def _note(row: AuditEvent) -> str:
    said = str(row.details.get("reason") or row.details.get("method") or "")
    if note := NOTES.get(said) or _showed(said):
        return note
    if named := row.details.get("application_name"):
        return f"{named}{_ON.get(said, '.')}"
    return "" if is_own(row) or row.actor_kind == ActorKind.SYSTEM else "An administrator did this."


def _showed(method: str) -> str:
    """What somebody came in with, from the words of the session; empty where it is none of them."""
    words = method.split("+")
    means = [text for word, text in SHOWED.items() if word in words]
    return f"With {' and '.join(means)}." if means else ""
