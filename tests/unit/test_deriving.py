"""Deriving: the same password and recipe give the same bytes, wherever they are computed."""

import pytest
from nacl.pwhash import argon2id

from app.hashing import Argon2
from tests.unit.test_hashing import _ready, apart, argon2, hashers

__all__ = ["apart", "argon2", "hashers"]
CODE = "ABCDE23456"


@pytest.mark.parametrize("lanes", [1, 2])
def test_the_same_gives_the_same_and_anything_else_something_else(lanes):
    argon2 = Argon2(memory_kib=16, passes=1, lanes=lanes, at_once=1)
    recipe, other = argon2.recipe(), argon2.recipe()
    derived = argon2.derive(CODE, recipe)
    assert len(derived) == 32
    assert derived == argon2.derive(CODE, recipe)
    assert derived not in {argon2.derive(CODE, other), argon2.derive(CODE + "X", recipe)}


def test_asvs_6_5_2_it_is_argon2id_over_a_salt_of_128_bits(argon2):
    recipe = argon2.recipe()
    assert argon2.derive(CODE, recipe) == argon2id.kdf(32, CODE.encode(), recipe[-16:], 1, 8 * 1024)
    assert len({argon2.recipe()[-16:] for _ in range(50)}) == 50


@pytest.mark.parametrize("lanes", [1, 2])
def test_what_was_derived_is_found_again_after_the_parameters_were_raised(argon2, lanes):
    recipe = argon2.recipe()
    raised = Argon2(memory_kib=64, passes=3, lanes=lanes, at_once=1)
    assert raised.derive(CODE, recipe) == argon2.derive(CODE, recipe)
    assert raised.recipe()[:-16] != recipe[:-16]


def test_the_processes_compute_the_same_and_we_do_not(hashers, apart, argon2):
    _ready(apart)
    recipe = apart.recipe()
    for phrase in (CODE, "Žluťoučký 🐴", ""):
        assert apart.derive(phrase, recipe) == argon2.derive(phrase, recipe)
    assert apart._here.asked == 0


def test_with_nobody_there_it_is_computed_here(apart, argon2):
    recipe = argon2.recipe()
    assert apart.derive(CODE, recipe) == argon2.derive(CODE, recipe)
    assert apart._here.asked == 1
