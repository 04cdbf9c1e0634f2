"""Class D, the rest: how long a session lives, and of what its secrets are made."""

import pytest

from app import crypto


def test_asvs_7_2_3_ten_thousand_secrets_are_all_different_and_long():
    secrets = {crypto.mint() for _ in range(10_000)}
    assert len(secrets) == 10_000
    assert {len(secret) for secret in secrets} == {43}


@pytest.mark.parametrize(("remember", "days"), [({}, 7), ({"remember": "1"}, 30)])
def test_asvs_7_3_2_a_session_ends_when_its_time_has_come(cast, browse, clock, remember, days):
    browser = browse(cast.acme)
    browser.sign_in(cast.ada, **remember)
    clock.forward(days=days, seconds=-5)
    assert browser.get("/account").status_code == 200
    clock.forward(seconds=6)
    assert browser.get("/account").location == "/login"
