"""Mail over SMTP: what is handed over, what is tried again, and what is given up."""

import smtplib
import ssl
from email import message_from_bytes, policy

import pytest

from app.outbox import Undeliverable


def _read(envelope):
    return message_from_bytes(envelope.content, policy=policy.default)


def test_a_mail_is_one_message_in_text_and_html(smtp, relay, mail):
    smtp(email_from="Portico <no-reply@acme.example>").carry(mail(subject="Grüße an Petra"))
    (envelope,) = relay.envelopes
    message = _read(envelope)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@acme.example", ["petra@acme.example"])
    assert message["Subject"] == "Grüße an Petra"
    assert message["From"] == "Portico <no-reply@acme.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@acme.example>")
    assert message["Date"]
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message.get_body(("plain",)).get_content().strip() == "Hello,"


@pytest.mark.parametrize("field", ["to", "subject"])
@pytest.mark.parametrize("line", ["\r\nBcc: eve@evil.example", "\nBcc: eve@evil.example", "\r\n\r\nA body of Eve's"])
def test_no_header_can_be_smuggled_in(smtp, relay, mail, field, line):
    with pytest.raises((ValueError, Undeliverable)):
        smtp().carry(mail(**{field: f"petra@acme.example{line}"}))
    assert relay.envelopes == []


def test_a_dot_alone_does_not_end_the_mail(smtp, relay, mail):
    smtp().carry(mail(text="one\n.\nQUIT\ntwo\n"))
    assert _read(relay.envelopes[0]).get_body(("plain",)).get_content().split() == ["one", ".", "QUIT", "two"]


def test_an_address_with_an_international_domain_is_reached_by_every_relay(smtp, relay, mail):
    """The local part is ASCII and the domain has an ASCII spelling: no relay has to speak SMTPUTF8."""
    smtp().carry(mail(to="petra@bücher.example"))
    assert relay.envelopes[0].rcpt_tos == ["petra@xn--bcher-kva.example"]


def test_a_sender_with_an_international_name_is_encoded(smtp, relay, mail):
    smtp(email_from="Žluťoučký kůň <no-reply@acme.example>").carry(mail())
    assert relay.envelopes[0].mail_from == "no-reply@acme.example"
    assert "Žluťoučký" in _read(relay.envelopes[0])["From"]


def test_the_connection_is_kept_for_the_next_mail(smtp, relay, mail):
    carrier = smtp()
    for _ in range(3):
        carrier.carry(mail())
    assert (len(relay.envelopes), relay.connections) == (3, 1)


@pytest.mark.parametrize("verb", ["RCPT", "DATA"])
def test_a_refusal_for_good_is_given_up(smtp, relay, mail, verb):
    relay.answers[verb] = "550 no such thing here"
    with pytest.raises(Undeliverable) as refusal:
        smtp().carry(mail())
    assert "petra" not in str(refusal.value)


def test_a_relay_that_refuses_us_loses_no_mail(smtp, relay, mail):
    """It is set up wrongly, there or here: people will mend that."""
    relay.answers["MAIL"] = "550 no such thing here"
    with pytest.raises(smtplib.SMTPSenderRefused):
        smtp().carry(mail())


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_a_refusal_for_now_is_tried_again(smtp, relay, mail, verb):
    carrier = smtp()
    relay.answers[verb] = "451 come back later"
    with pytest.raises(smtplib.SMTPException) as refusal:
        carrier.carry(mail())
    assert not isinstance(refusal.value, Undeliverable)
    relay.answers.clear()
    carrier.carry(mail())
    assert len(relay.envelopes) == 1


def test_a_relay_that_is_away_is_tried_again(smtp, relay, mail):
    carrier = smtp()
    relay.controller.stop()
    with pytest.raises(ConnectionError):
        carrier.carry(mail())


def test_a_relay_that_was_restarted_between_two_mails_gets_the_second_one_too(smtp, relay, mail, start_relay):
    """A connection that the relay has closed since the last mail is no reason to make the next one late."""
    carrier = smtp()
    carrier.carry(mail())
    relay.controller.stop()
    start_relay(relay, port=relay.controller.port)
    carrier.carry(mail())
    assert len(relay.envelopes) == 2


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_where_tls_is_asked_for_nothing_goes_in_clear(smtp, relay, mail, tls):
    with pytest.raises((smtplib.SMTPException, ssl.SSLError, OSError)):
        smtp(smtp_tls=tls).carry(mail())
    assert relay.envelopes == []


def test_the_password_is_not_sent_to_a_relay_that_offers_no_tls(smtp, relay, mail, settings):
    asked = []
    relay.handle_AUTH = lambda *_: asked.append(1)
    with pytest.raises(smtplib.SMTPException):
        smtp(smtp_tls="starttls", smtp_username="portico").carry(mail())
    assert asked == []
