"""Mails that warn the owner of an account, written by the worker; the links in them are minted there."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.auth import one_time
from app.auth.telling import Telling, Where
from app.clock import Clock, wall_clock
from app.email.post import Letter, Post
from app.events import Event
from app.storage import audit, backup_codes, links, risk_assessments, sessions, users
from app.storage.base import Db
from app.storage.sessions import Session
from app.storage.unit import Units
from app.storage.users import User
from app.tenancy import Tenant

# Sentence, and the page that helps.
REASONS = {
    "token_reused": (
        (
            "Somebody presented a sign-in of yours that had already been replaced. It may have been copied, so we have "
            "ended that sign-in everywhere."
        ),
        "/account/sessions",
    ),
    "application_token_reused": (
        (
            "An application that you use presented a sign-in of yours that had already been replaced. It may have been "
            "copied, so we have signed you out of that application."
        ),
        "/account/applications",
    ),
    "impersonated": (
        (
            "Somebody who may help people with their accounts acted as you in an application, for up to half an hour. "
            "They could not see or change how you sign in. If you did not expect that, ask your administrator."
        ),
        "/account/activity",
    ),
    "password_leaked": (
        (
            "Your password has turned up in a list of passwords that were stolen elsewhere. Others may try it. Please "
            "choose another one."
        ),
        "/account/password",
    ),
    "passkey_cloned": (
        (
            "One of your passkeys was used in a way that suggests that there is a copy of it, so we did not let it in. "
            "Please look at your passkeys, and remove those that you do not know."
        ),
        "/account/security",
    ),
    "backup_codes_made": (
        (
            "New backup codes were made for your account, and those that you had before do not work any more. If it "
            "was not you, somebody is signed in as you: please look at your sign-ins, and lock your account down."
        ),
        "/account/security",
    ),
    "code_guesses": (
        (
            "Wrong codes were typed for the second step of signing in as you, again and again, so codes are refused "
            "for a while. If it was not you, somebody may know your password: please choose another one."
        ),
        "/account/security",
    ),
}
_BY_PASSKEY, _BY_APP = "passkey", "authentication app"
# What came or went, in words, and what the trail calls it.
_FACTORS = {
    "totp": (_BY_APP, Event.SECOND_FACTOR_ENROLLED, Event.SECOND_FACTOR_REMOVED),
    "passkey": (_BY_PASSKEY, Event.PASSKEY_CREATED, Event.PASSKEY_REMOVED),
}
# Everything at once: an administrator has had it taken away.
_ALL_FACTORS = "second step"
_BLOCKED = "Somebody got past the first step of signing in as you, but it looked so unusual that we stopped it."
# A client that never says who it is would make a warning of each of its sign-ins.
_MOST_ALERTS_AN_HOUR = 5
Compose = Callable[[Db, User], Letter | None]


class Alerts:
    """Keeps the promises of mails that warn."""

    def __init__(self, units: Units, *, post: Post, telling: Telling, clock: Clock = wall_clock) -> None:
        self._units = units
        self._post = post
        self._telling = telling
        self._clock = clock

    def security_alert(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        sentence, path = REASONS[payload["reason"]]

        def compose(_: Db, user: User) -> Letter:
            return _letter("security_alert", user, link=tenant.origin + path, reason=sentence)

        self._send(tenant, UUID(payload["user_id"]), compose)

    def sign_in_blocked(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """A sign-in was too risky: where it came from, and the way in if it was them."""
        assessment_id = UUID(payload["assessment_id"])
        with self._units.read(tenant.id) as db:
            stopped = risk_assessments.by_id(db, tenant_id=tenant.id, assessment_id=assessment_id)
        if stopped is None:
            return
        where = self._telling.where(ip=_text(stopped.ip), user_agent=stopped.user_agent, at=stopped.at)

        def compose(db: Db, user: User) -> Letter:
            secret = one_time.mint(db, tenant, user, "allow", now=self._clock(), subject_id=assessment_id)
            link = f"{tenant.origin}/allow-sign-in?token={secret}"
            return _letter("security_alert", user, link=link, reason=_BLOCKED, where=where)

        self._send(tenant, stopped.user_id, compose)

    def account_locked(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """Too many wrong passwords from unknown origins, and the link that opens the account to them again."""

        def compose(db: Db, user: User) -> Letter:
            secret = one_time.mint(db, tenant, user, "unlock", now=self._clock())
            link = f"{tenant.origin}/unlock-account?token={secret}"
            return _letter("account_locked", user, link=link, reason=payload.get("reason", "closed"))

        self._send(tenant, UUID(payload["user_id"]), compose)

    def login_alert(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """A device that was not known before."""
        session_id = UUID(payload["session_id"])

        def compose(db: Db, user: User) -> Letter | None:
            session = sessions.by_id(db, tenant_id=tenant.id, session_id=session_id)
            since = self._clock() - timedelta(hours=1)
            told = links.minted_about(db, tenant_id=tenant.id, user_id=user.id, purpose="not_me", since=since)
            if session is None or told >= _MOST_ALERTS_AN_HOUR:
                return None
            return _letter(
                "login_alert",
                user,
                link=self._not_me(db, tenant, user, session_id),
                where=self._where_of(session),
            )

        self._send(tenant, UUID(payload["user_id"]), compose)

    def session_revoked(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """The oldest sign-in has ended, because there were as many as are allowed."""

        def compose(db: Db, user: User) -> Letter | None:
            session = sessions.by_id(db, tenant_id=tenant.id, session_id=UUID(payload["session_id"]))
            link = f"{tenant.origin}/account/sessions"
            return _letter("session_revoked", user, link=link, where=self._where_of(session)) if session else None

        self._send(tenant, UUID(payload["user_id"]), compose)

    def password_changed(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """Their password was changed or reset; ``event`` says which, and the trail where."""

        def compose(db: Db, user: User) -> Letter:
            where = self._where_last(db, tenant, user, payload["event"])
            return _letter("password_changed", user, link=self._not_me(db, tenant, user, None), where=where)

        self._send(tenant, UUID(payload["user_id"]), compose)

    def second_factor_enabled(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """They have another second factor; ``factor`` says of which kind, and the trail where. The link removes it."""
        words, came, _ = _FACTORS[payload["factor"]]

        def compose(db: Db, user: User) -> Letter:
            where = self._where_last(db, tenant, user, came)
            link = self._not_me(db, tenant, user, UUID(payload["factor_id"]) if "factor_id" in payload else None)
            return _letter("second_factor_enabled", user, link=link, reason=words, where=where)

        self._send(tenant, UUID(payload["user_id"]), compose)

    def second_factor_disabled(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """One of their second factors is gone; or all, by nobody's hand, when a reset took effect."""
        words, _, gone = _FACTORS.get(payload["factor"], (_ALL_FACTORS, None, None))

        def compose(db: Db, user: User) -> Letter:
            where = self._where_last(db, tenant, user, gone) if gone else None
            link = self._not_me(db, tenant, user, None)
            return _letter("second_factor_disabled", user, link=link, reason=words, where=where)

        self._send(tenant, UUID(payload["user_id"]), compose)

    def backup_codes_low(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        """Few backup codes are left. Nothing where they have made new ones meanwhile."""

        def compose(db: Db, user: User) -> Letter | None:
            left = backup_codes.left(db, tenant_id=tenant.id, user_id=user.id)
            made = backup_codes.of_user(db, tenant_id=tenant.id, user_id=user.id)
            if made is None or left > tenant.settings.backup_codes_low:
                return None
            link = f"{tenant.origin}/account/backup-codes"
            return _letter("backup_codes_low", user, link=link, reason=f"{left or 'no'} backup code{'s' * (left != 1)}")

        self._send(tenant, UUID(payload["user_id"]), compose)

    def welcome(self, tenant: Tenant, payload: Mapping[str, Any]) -> None:
        def compose(_: Db, user: User) -> Letter:
            return _letter("welcome", user, link=f"{tenant.origin}/account")

        self._send(tenant, UUID(payload["user_id"]), compose)

    def _not_me(self, db: Db, tenant: Tenant, user: User, about: UUID | None) -> str:
        """The link that locks the account down. ``about``: the session, or the factor, that was not theirs."""
        secret = one_time.mint(db, tenant, user, "not_me", now=self._clock(), subject_id=about)
        return f"{tenant.origin}/secure-account?token={secret}"

    def _where_last(self, db: Db, tenant: Tenant, user: User, event: str) -> Where | None:
        """Where something happened to them the last time, as the trail has it."""
        happened = audit.latest(db, tenant_id=tenant.id, subject_id=user.id, event=event)
        if happened is None:
            return None
        return self._telling.where(ip=_text(happened.ip), user_agent=happened.user_agent, at=happened.at)

    def _where_of(self, session: Session) -> Where:
        return self._telling.where(
            ip=_text(session.ip),
            user_agent=session.user_agent,
            at=session.created_at,
            browser=session.token_digest is not None,
        )

    def _send(self, tenant: Tenant, user_id: UUID, compose: Compose) -> None:
        """Write to whom it concerns, if the address is known to be theirs."""
        with self._units.begin(tenant.id) as unit:
            user = users.by_id(unit.db, tenant_id=tenant.id, user_id=user_id)
            letter = compose(unit.db, user) if user and user.email_verified_at else None
        if letter:
            self._post.send(tenant, letter)


def _letter(template: str, user: User, *, link: str, reason: str = "", where: Where | None = None) -> Letter:
    return Letter(
        template=template,
        to=user.email,
        name=user.name,
        link=link,
        reason=reason,
        client=where.client if where else "",
        place=where.place if where else "",
        ip=where.ip if where else "",
        at=where.at if where else "",
    )


def _text(ip: object) -> str | None:
    return str(ip) if ip else None
