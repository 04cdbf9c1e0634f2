"""What is remembered of a tenant's keys: never what they were before a change that was heard of."""

import pytest

from app.auth.rings import Ring, Rings
from app.storage.news import News


@pytest.mark.parametrize("way", ["changed here", "heard of", "caught up"])
def test_keys_that_changed_while_they_were_read_are_not_remembered(way, services, cast, clock):
    news, told, meanwhile = News(services.ports.redis), [], []

    def load(_, known):
        ring = Ring({}, {f"key {len(told)}": "a key"}, clock())
        if meanwhile:
            told.append(meanwhile.pop())
            told[-1]()
        return ring

    rings = Rings(load, news=news, kind="keys", clock=clock)
    happens = {
        "changed here": lambda: rings.changed(cast.acme.id),
        "heard of": lambda: news._take({"type": "message", "data": f'{{"kind":"keys","tenant_id":"{cast.acme.id}"}}'}),
        "caught up": lambda: [catch_up() for catch_up in news._catch_up],
    }
    meanwhile.append(happens[way])
    assert [*rings.of(cast.acme.id).by_id] == ["key 0"], "as they were when they were asked for"
    assert [*rings.of(cast.acme.id).by_id] == ["key 1"]
    known = rings.of(cast.acme.id)
    assert rings.of(cast.acme.id) is known, "which is remembered"
