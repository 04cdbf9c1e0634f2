"""Servers that these tests start, and hurt: a relay and a Redis."""

from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

from app.embedded import redis as embedded


class Relay:
    """An SMTP server that keeps what it is given; ``answer`` may say no, or take its time."""

    def __init__(self):
        self.mails = []
        self.asked = 0
        self.answer = lambda _: "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's word
        self.asked += 1
        answer = self.answer(self.asked)
        if not isinstance(answer, str):
            answer = await answer
        if answer.startswith("250"):
            self.mails.append((envelope, message_from_bytes(envelope.content, policy=policy.default)))
        return answer

    def to(self, address):
        """The messages to an address."""
        return [message for envelope, message in list(self.mails) if address in envelope.rcpt_tos]


class Anywhere(Controller):
    """On whatever port is free: aiosmtpd knocks at its own door before it has looked which one that is."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class RedisServer:
    """A Redis of a test's own, that it may empty and kill."""

    def __init__(self, folder):
        self.folder = folder
        self.running = embedded.start(folder, durable=False)

    @property
    def url(self):
        return self.running.url

    def kill(self):
        self.running.kill()

    def revive(self):
        self.running = embedded.start(self.folder, port=self.running.port, durable=False)
