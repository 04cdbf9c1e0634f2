"""Mail over SMTP (RFC 5321), one connection kept open for as long as it is used."""

import smtplib
import ssl
import threading
import time
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr

from app.email import addresses
from app.email.post import Mail
from app.errors import InvalidInput
from app.outbox import Undeliverable
from app.settings import Settings

_PATIENCE_S = 15
_IDLE_S = 30.0
_PERMANENT = range(500, 600)


class Smtp:
    """Hands mails to a relay."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._line: smtplib.SMTP | None = None
        self._used = 0.0

    def carry(self, mail: Mail) -> None:
        """Hand it to the relay. ``Undeliverable`` when it refuses the address or the mail for good (5xx).

        What it refuses us for (no login, no relaying) is tried again: people mend that.
        """
        try:
            to = addresses.parse(mail.to).mailable
        except InvalidInput as error:
            raise Undeliverable("this is no address") from error
        message = _message(mail, to=to, sender=self._settings.email_from)
        with self._lock:
            try:
                self._send(message)
            except smtplib.SMTPRecipientsRefused as error:
                self._hang_up()
                if all(code in _PERMANENT for code, _ in error.recipients.values()):
                    raise Undeliverable("the relay refused the address") from error
                raise
            except smtplib.SMTPDataError as error:
                self._hang_up()
                if error.smtp_code in _PERMANENT:
                    raise Undeliverable(f"the relay refused the mail ({error.smtp_code})") from error
                raise
            except (OSError, smtplib.SMTPException):
                self._hang_up()
                raise

    def _send(self, message: EmailMessage) -> None:
        reused = self._line is not None
        try:
            self._connected().send_message(message)
        except smtplib.SMTPServerDisconnected:
            self._hang_up()
            if not reused:
                raise
            # The relay hung up on a connection that we had kept: that says nothing about the mail.
            self._connected().send_message(message)
        self._used = time.monotonic()

    def _connected(self) -> smtplib.SMTP:
        if self._line and time.monotonic() - self._used < _IDLE_S:
            return self._line
        self._hang_up()
        settings, context = self._settings, ssl.create_default_context()
        line: smtplib.SMTP
        if settings.smtp_tls == "implicit":
            line = smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=_PATIENCE_S, context=context)
        else:
            line = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_PATIENCE_S)
        self._line = line
        if settings.smtp_tls == "starttls":
            line.starttls(context=context)
        if settings.smtp_username:
            line.login(settings.smtp_username, settings.smtp_password.get_secret_value())
        return line

    def _hang_up(self) -> None:
        if self._line:
            with suppress(OSError, smtplib.SMTPException):
                self._line.quit()
            self._line.close()
        self._line = None


def _message(mail: Mail, *, to: str, sender: str) -> EmailMessage:
    """A multipart message. ``EmailMessage`` refuses line breaks in headers by itself."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = mail.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message
