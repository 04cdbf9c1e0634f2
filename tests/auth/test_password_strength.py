"""What is said of a password while it is typed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from app.auth.password_policy import check_policy, rate
from app.errors import InvalidInput
from tests.auth.policies import ADA, a_tenant


def rated(password, *, own_words=ADA, **wanted):
    return rate(a_tenant(**wanted), password, own_words=own_words)


def test_before_anything_is_typed_nothing_is_said():
    empty = rated("")
    assert (empty.score, empty.sentences, empty.good) == (None, (), False)


def test_a_good_password_is_praised():
    strength = rated("correct horse battery staple")
    assert (strength.score, strength.good) == (4, True)
    assert strength.sentences == ("Very good: this is very hard to guess.",)


def test_everything_that_is_wrong_is_said_at_once():
    strength = rated("abcd", password_kinds=("digit", "upper"))
    assert not strength.good
    assert strength.sentences[:2] == ("Use at least 10 characters.", "Add a capital letter and a digit.")
    assert strength.sentences[2].startswith("This is too easy to guess.")


def test_one_that_is_allowed_but_weak_is_not_praised():
    strength = rated("aabbaabbaabb", password_min_score=0)
    assert strength.good
    assert strength.score < 3
    assert "easy to guess" in strength.sentences[0]


def test_one_that_is_too_long_is_cut_for_scoring_and_said_to_be_too_long():
    strength = rated("petra velvet orbit 71 " * 50_000)
    assert (strength.score, strength.sentences, strength.good) == (4, ("Use at most 128 characters.",), False)


@settings(max_examples=300, deadline=None)
@given(some.text(some.characters() | some.sampled_from("4@8({[<369!1|0$5+7%2 aA٣²")), some.text(), some.integers(0, 4))
def test_it_never_raises_and_agrees_with_what_is_refused(password, name, score):
    lax = {"password_min_score": score, "password_min_length": 8}
    strength = rated(password, own_words=[name], **lax)
    refused = None
    try:
        check_policy(a_tenant(**lax), password, field="password", own_words=[name])
    except InvalidInput as problem:
        refused = problem.errors[0].detail
    assert strength.good == (refused is None)
    assert refused is None or not password or refused in strength.sentences
    assert all(sentence.endswith(".") for sentence in strength.sentences)


def test_many_who_type_at_once_are_each_judged_by_their_own_words():
    """zxcvbn keeps own words in one table of the process."""
    people = [f"{letter * 3}zyxomp{letter * 4}" for letter in "bcdfghjklmnpqrst"] * 8
    alone = [rated(f"{name} 7", own_words=[name], password_min_score=0).score for name in people[:16]] * 8
    with ThreadPoolExecutor(8) as threads:
        together = threads.map(lambda name: rated(f"{name} 7", own_words=[name], password_min_score=0).score, people)
        assert list(together) == alone


@pytest.mark.parametrize("password", ["password1", "Tr0ub4dor&3", "lovelace-lovelace", "12345678901234567890"])
def test_no_sentence_repeats_the_password(password):
    assert not any(password in sentence for sentence in rated(password).sentences)
