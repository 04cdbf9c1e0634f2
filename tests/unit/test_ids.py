"""Ids are UUIDv7: they sort by the time they were made (RFC 9562, section 5.7)."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122

from app.ids import uuid7


def test_an_id_is_a_uuid_of_version_seven():
    for _ in range(1000):
        made = uuid7()
        assert made.version == 7
        assert made.variant == RFC_4122


def test_an_id_says_when_it_was_made():
    before = time.time_ns() // 1_000_000
    made = uuid7().int >> 80
    assert before <= made <= time.time_ns() // 1_000_000


def test_ids_of_later_milliseconds_sort_after_earlier_ones():
    made = []
    for _ in range(20):
        made.append(uuid7())
        time.sleep(0.002)
    assert made == sorted(made)
    assert [str(one) for one in made] == sorted(str(one) for one in made)


def test_ids_of_one_millisecond_sort_as_they_were_made_too():
    """The newest link, the newest mail and the order of the audit trail hang on it."""
    made = [uuid7() for _ in range(2000)]
    assert made == sorted(made)


def test_no_two_are_the_same_in_many_threads():
    with ThreadPoolExecutor(8) as threads:
        made = [one for many in threads.map(lambda _: [uuid7() for _ in range(2000)], range(8)) for one in many]
    assert len(set(made)) == 16_000
