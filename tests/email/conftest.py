"""Relays that answer as they are told."""

import pytest
from aiosmtpd.controller import Controller

from app.email.post import Mail
from app.email.smtp import Smtp


class _Anywhere(Controller):
    """On whatever port is free: aiosmtpd knocks at its own door before it has looked which one that is."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Relay:
    """Keeps envelopes, and says ``answers[verb]`` where it is told to."""

    def __init__(self):
        self.envelopes = []
        self.answers = {}
        self.connections = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd's
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's
        if answer := self.answers.get("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's
        if answer := self.answers.get("MAIL"):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's
        if answer := self.answers.get("DATA"):
            return answer
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture
def start_relay():
    started = []

    def start(relay, **options):
        controller = _Anywhere(relay, **{"hostname": "127.0.0.1", "port": 0} | options)
        controller.start()
        started.append(controller)
        return controller

    yield start
    for controller in started:
        if controller.server:
            controller.stop()


@pytest.fixture
def relay(start_relay):
    relay = Relay()
    relay.controller = start_relay(relay, enable_SMTPUTF8=False)
    return relay


@pytest.fixture
def smtp(settings, relay):
    """The carrier over SMTP, to ``relay`` unless told otherwise."""
    made = []

    def smtp(**changes):
        changes = {"smtp_host": "127.0.0.1", "smtp_port": relay.controller.port, "smtp_tls": "none"} | changes
        made.append(Smtp(settings.model_copy(update=changes)))
        return made[-1]

    yield smtp
    for carrier in made:
        carrier._hang_up()


@pytest.fixture
def mail():
    def mail(**changes):
        parts = {"to": "petra@acme.example", "subject": "Welcome", "text": "Hello,\n", "html": "<p>Hello,</p>"}
        return Mail(**parts | changes)

    return mail
