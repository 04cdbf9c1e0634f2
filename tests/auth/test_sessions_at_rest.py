"""What of a session rests, and what is looked up each time."""

import pytest

from tests.cast import an_origin


@pytest.mark.parametrize("secret", ["", "made up", "x" * 10_000, "é", "\x00"])
def test_a_made_up_cookie_is_nobody(cast, services, secret):
    assert services.sessions.by_cookie(cast.acme, secret, origin=an_origin()) is None


def test_neither_cookie_nor_device_rests_in_clear(cast, owner):
    signed_in = cast.ada.sign_in(tokens=False)
    rows = "SELECT s::text FROM sessions s UNION ALL SELECT d::text FROM known_devices d"
    held = repr(owner.execute(rows).fetchall())
    assert str(cast.ada.id) in held
    for secret in (signed_in.cookie, signed_in.device):
        assert secret not in held
        assert secret.encode().hex() not in held


def test_what_somebody_may_do_is_looked_up_and_not_read_from_the_token(cast, owner):
    signed_in = cast.ada.sign_in()
    assert "users:write" in cast.ada.scope(signed_in).permissions
    owner.execute("DELETE FROM role_assignments WHERE user_id = %s", [cast.ada.id])
    assert cast.ada.scope(signed_in).permissions == frozenset()
