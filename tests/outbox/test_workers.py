"""A promise survives the death of any process and the loss of Redis: real workers, a real scheduler, a real relay."""

import asyncio
import signal
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from app.auth import errors
from app.queue import RqQueue
from app.storage import redis as redis_storage
from tests.cast import an_origin

EMAIL = "petra@acme.example"


@pytest.fixture
def token_in():
    """The secret in a message's link."""

    def token_in(message):
        text = message.get_body(("plain",)).get_content()
        link = next(word for word in text.split() if "token=" in word)
        return parse_qs(urlsplit(link).query)["token"][0]

    return token_in


@pytest.fixture
def portal(wired, redis_server):
    """A web process's services, with the true queue on the Redis that the workers look at."""
    client = redis_storage.connect(redis_server.url)
    yield wired(redis=client, queue=RqQueue(client))
    client.close()


def test_a_mail_that_was_promised_arrives_and_its_link_works(
    cast, portal, register, process, relay, until, token_in, services
):
    process("worker")
    register(portal=portal)
    (mail,) = until(lambda: relay.to(EMAIL))
    assert mail["To"] == EMAIL
    with pytest.raises(errors.PasswordRequired):
        services.verification.verify(
            cast.acme, token=token_in(mail), challenges=[], new_password=None, origin=an_origin()
        )


def test_a_worker_killed_in_the_middle_of_a_delivery_is_taken_over_from(
    cast, portal, register, process, relay, until, entries
):
    never = asyncio.Event()

    async def stall():
        await never.wait()
        return "451 too late"

    relay.answer = lambda number: stall() if number == 1 else "250 OK"
    worker = process("worker", OUTBOX_LEASE_SECONDS="2")
    register(portal=portal)
    until(lambda: relay.asked == 1)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    process("worker", OUTBOX_LEASE_SECONDS="2")
    process("scheduler")
    assert until(lambda: relay.to(EMAIL))
    until(lambda: entries(cast.acme)[0]["delivered_at"])


def test_a_redis_emptied_before_the_delivery_loses_nothing(cast, portal, register, process, relay, until, redis_server):
    register(portal=portal)
    portal.ports.redis.flushall()
    process("worker")
    process("scheduler")
    assert until(lambda: relay.to(EMAIL))


def test_with_redis_away_registering_succeeds_and_the_mail_comes_when_it_is_back(
    cast, portal, register, process, relay, until, redis_server
):
    process("worker")
    process("scheduler")
    register("early@acme.example", portal=portal)
    until(lambda: relay.to("early@acme.example"))
    redis_server.kill()
    register(portal=portal)
    redis_server.revive()
    assert until(lambda: relay.to(EMAIL))


def test_a_worker_started_while_redis_is_away_waits_for_it(portal, register, process, relay, until, redis_server):
    redis_server.kill()
    worker = process("worker")
    process("scheduler")
    register(portal=portal)
    redis_server.revive()
    assert until(lambda: relay.to(EMAIL))
    assert worker.poll() is None


@pytest.mark.parametrize("command", ["worker", "scheduler"])
def test_told_to_stop_it_ends_cleanly(process, command, until, redis_server, database_urls):
    child = process(command)
    if command == "worker":
        client = redis_storage.connect(redis_server.url)
        until(lambda: [client.hget(key, "state") for key in client.keys("rq:worker:*")] == [b"idle"])
        client.close()
    else:
        until(lambda: _connected(database_urls, "portico-scheduler"))
    child.terminate()
    assert child.wait(timeout=30) == 0


def _connected(database_urls, name):
    with psycopg.connect(database_urls[0]) as owner:
        return owner.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE %s"
            " AND datname = current_database() AND query LIKE '%%advisory%%'",
            [f"{name}%"],
        ).fetchone()[0]


def test_two_workers_and_two_schedulers_send_each_mail_once(cast, portal, register, process, relay, until, entries):
    for _ in range(2):
        process("worker")
        process("scheduler")
    for number in range(15):
        register(f"petra{number}@acme.example", portal=portal)
    until(lambda: all(entry["delivered_at"] for entry in entries(cast.acme)))
    assert sorted(envelope.rcpt_tos[0] for envelope, _ in relay.mails) == sorted(
        f"petra{number}@acme.example" for number in range(15)
    )
