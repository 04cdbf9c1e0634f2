"""How a refresh token is spelt: one spelling for each family and generation, and none of anything else."""

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.auth.errors import InvalidRefreshToken
from app.auth.refresh_tokens import _mac, _parse, _spell

FAMILIES = some.uuids()
GENERATIONS = some.integers(min_value=1, max_value=2**31 - 2)
SECRETS = some.binary(min_size=1, max_size=64)


@given(FAMILIES, GENERATIONS, SECRETS)
def test_what_is_spelt_is_read_again(family, generation, secret):
    token = _spell(family, generation, secret)
    read = _parse(token)
    assert (read.family_id, read.generation) == (family, generation)
    assert read.mac == _mac(secret, family, generation)
    assert token.startswith("prt_")
    assert len(token) == 74
    assert "=" not in token


@given(FAMILIES, GENERATIONS, SECRETS)
def test_each_generation_has_its_own_proof(family, generation, secret):
    assert _mac(secret, family, generation) != _mac(secret, family, generation + 1)


@given(FAMILIES, GENERATIONS, SECRETS, some.integers(min_value=4, max_value=73), some.characters(codec="utf-8"))
def test_no_other_spelling_reads_as_the_same_token(family, generation, secret, place, character):
    """base64 has spare bits at its end: only the canonical spelling counts."""
    token = _spell(family, generation, secret)
    changed = token[:place] + character + token[place + 1 :]
    if changed == token:
        return
    try:
        assert _parse(changed) != _parse(token)
    except InvalidRefreshToken:
        return


@given(some.text(max_size=100))
def test_whatever_is_typed_is_read_or_refused(text):
    for typed in (text, f"prt_{text}"):
        with pytest.raises(InvalidRefreshToken):
            _parse(typed)


@pytest.mark.parametrize("generation", [0, 2**31 - 1, 2**32 - 1])
def test_a_generation_beyond_what_the_database_holds_was_never_issued(generation):
    raw = UUID(int=7).bytes + generation.to_bytes(4, "big") + bytes(32)
    with pytest.raises(InvalidRefreshToken):
        _parse("prt_" + base64.urlsafe_b64encode(raw).rstrip(b"=").decode())
