"""The development mailbox."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.email.console import Mailbox
from app.email.post import Mail


@pytest.fixture
def mailbox(tmp_path):
    return Mailbox(tmp_path / "mailbox")


@pytest.fixture
def carry(mailbox):
    def carry(text="Hello", *, to="ada@acme.example", subject="Hello"):
        mailbox.carry(Mail(to=to, subject=subject, text=text, html=f"<p>{text}</p>"))

    return carry


def test_an_empty_mailbox_is_empty(mailbox):
    assert list(mailbox.read()) == []


def test_the_newest_comes_first(mailbox, carry):
    for number in range(20):
        carry(subject=f"Mail {number}")
    assert [mail.subject for mail in mailbox.read()] == [f"Mail {number}" for number in reversed(range(20))]


def test_only_mails_to_an_address_are_shown_when_it_is_asked_for(mailbox, carry):
    carry(to="ada@acme.example")
    carry(to="bob@acme.example")
    assert [mail.to for mail in mailbox.read(to=" ADA@acme.example ")] == ["ada@acme.example"]
    assert list(mailbox.read(to="ada@acme")) == []


def test_it_keeps_the_newest_five_hundred(mailbox, carry, tmp_path):
    for number in range(503):
        carry(subject=str(number))
    kept = [mail.subject for mail in mailbox.read()]
    assert len(kept) == 500
    assert {"502", "501"} <= set(kept)
    assert len(list((tmp_path / "mailbox").iterdir())) == 500


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Your code is 123456.", "123456"),
        ("123456", "123456"),
        ("123456 and again 123456", "123456"),
        ("123456 or 654321", None),
        ("1234567", None),
        ("12345", None),
        ("See https://acme.example/verify?token=123456", None),
        ("Call 123 456", None),
        ("nothing", None),
    ],
)
def test_the_code_is_the_only_six_digit_number(mailbox, carry, text, code):
    carry(text)
    assert next(mailbox.read()).code == code


def test_links_are_found_in_order_and_once(mailbox, carry):
    one, two = "https://acme.example/verify-email?token=a-b_c", "http://localhost:8000/login"
    carry(f"Please follow\n\n{one}\n\nor <{two}>, or {one}")
    assert next(mailbox.read()).links == [one, two]


def test_a_mail_is_either_there_or_not_while_many_are_written(mailbox, carry):
    with ThreadPoolExecutor(8) as threads:
        written = [threads.submit(carry, subject=str(number)) for number in range(80)]
        while not all(job.done() for job in written):
            for mail in mailbox.read():
                assert mail.subject
    assert [job.exception() for job in written] == [None] * 80
    assert len(list(mailbox.read())) == 80


def test_reading_while_old_mails_are_removed_is_no_error(mailbox, carry, tmp_path):
    """Two readers of a full mailbox: one file goes between listing and opening."""
    for number in range(5):
        carry(subject=str(number))
    reading = mailbox.read()
    next(reading)
    for path in sorted((tmp_path / "mailbox").glob("*.json"))[:2]:
        path.unlink()
    assert len(list(reading)) == 2


def test_only_its_owner_can_read_it(carry, tmp_path):
    carry()
    assert (tmp_path / "mailbox").stat().st_mode & 0o777 == 0o700


def test_a_mail_is_shown_as_the_contract_says(carry, tmp_path):
    carry("Your code is 123456.")
    (path,) = (tmp_path / "mailbox").glob("*.json")
    shown = json.loads(path.read_text())
    assert set(shown) == {"id", "to", "subject", "text", "html", "links", "code", "sent_at"}
    assert shown["sent_at"].endswith("Z")
