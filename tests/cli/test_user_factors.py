"""``portico user reset-factors``, and what ``portico user unlock`` forgets of codes."""

import pytest

from tests.auth.factored import NOTHING, WHY, add_app, guess_code, left_of


@pytest.fixture
def user(portico, cast):
    def user(verb, email, *arguments, **how):
        return portico("user", verb, "--tenant", cast.acme.slug, "--email", email, *arguments, **how)

    return user


def test_taking_factors_away_is_started_told_and_waits(user, cast, services, letters):
    add_app(cast.bob)
    started = user("reset-factors", cast.bob.email, "--reason", WHY)
    assert started.code == 0
    assert started.json.keys() == {"email", "id", "takes_effect_at"}
    assert "/keep-factors?token=" in letters.to(cast.bob.email).text
    shown = services.factor_resets.show(cast.acme, cast.ada.scope(cast.ada.sign_in()), cast.bob.id)
    assert (shown.enrolled, shown.reset.reason, shown.reset.started_by) == (True, WHY, None)


@pytest.mark.parametrize(
    ("email", "reason", "code"),
    [
        ("nobody@acme.example", WHY, "not_found"),
        ("mallory@globex.example", WHY, "not_found"),
        ("ada@acme.example", WHY, "second_factor_needed"),
        ("bob@acme.example", "lost", "invalid_input"),
    ],
)
def test_what_cannot_be_taken_away_is_said_in_one_line(user, cast, email, reason, code):
    add_app(cast.bob)
    add_app(cast.mallory)
    refused = user("reset-factors", email, "--reason", reason)
    assert (refused.code, len(refused.lines)) == (1, 1)
    assert f'"error": "{code}"' in refused.err


def test_it_is_started_once_and_has_to_have_a_reason(user, cast):
    add_app(cast.bob)
    assert user("reset-factors", cast.bob.email).code == 2
    assert user("reset-factors", cast.bob.email, "--reason", WHY).code == 0
    assert '"error": "reset_under_way"' in user("reset-factors", cast.bob.email, "--reason", WHY).err


def test_unlocking_forgets_wrong_codes_too(user, cast):
    guess_code(cast.bob)
    assert user("unlock", cast.bob.email).json["changed"] is True
    assert left_of(cast.bob) == NOTHING
