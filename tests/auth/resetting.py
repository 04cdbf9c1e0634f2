"""Bob, whose second factors are being taken away."""

import pytest

from tests.auth.factored import add_app, add_codes, add_passkey, guess_code, left_of, start_reset, trust


@pytest.fixture
def under_way(cast):
    """Bob is signed in, has everything that one can have, and it is being taken away."""
    trust(cast.bob)
    signed_in = cast.bob.sign_in()
    cast.bob.app = add_app(cast.bob)
    add_app(cast.bob, name="Half", confirmed=False)
    add_passkey(cast.bob)
    add_codes(cast.bob)
    guess_code(cast.bob)
    start_reset(cast.ada.scope(cast.ada.sign_in()), cast.bob)
    return signed_in


@pytest.fixture
def sweep(services):
    return services.upkeep._factor_resets.effect_due


@pytest.fixture
def had(cast):
    return lambda: left_of(cast.bob)


@pytest.fixture
def resets(owner, cast):
    """(called off, done) of each of Bob's."""

    def resets():
        query = "SELECT cancelled_at IS NOT NULL, done_at IS NOT NULL FROM factor_resets WHERE user_id = %s"
        return owner.execute(query, [cast.bob.id]).fetchall()

    return resets
