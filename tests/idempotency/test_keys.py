"""The header, in quotes or without: one key, or a refusal."""

import pytest

from app.idempotency.errors import InvalidIdempotencyKey
from app.idempotency.keys import key_of

LONGEST = "k" * 255


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ('"8e03978e-40d5"', "8e03978e-40d5"),
        ("8e03978e-40d5", "8e03978e-40d5"),
        ('  "a" ', "a"),
        (r'"say \"a\\b\""'.replace(" ", "_"), r'say_"a\b"'),
        ('"a,b"', "a,b"),
        ("a;b=c", "a;b=c"),
        (LONGEST, LONGEST),
        (f'"{LONGEST}"', LONGEST),
        (r'"\"' + LONGEST[1:] + '"', '"' + LONGEST[1:]),
    ],
)
def test_a_key_is_the_same_in_quotes_and_without(header, key):
    assert key_of(header) == key


@pytest.mark.parametrize(
    "header",
    [
        "",
        '""',
        " ",
        '"',
        "a b",
        '"a b"',
        "a,b",
        '"a", "b"',
        '"a"b',
        'a"b',
        r'"a\b"',
        r'"a\"',
        '"a";p=1',
        "schlüssel",
        '"a\x7f"',
        "a\tb",
        "a\nb",
        '"a\n"',
        "a\n",
        LONGEST + "k",
        f'"{LONGEST}k"',
    ],
)
def test_what_is_no_key_is_refused(header):
    with pytest.raises(InvalidIdempotencyKey):
        key_of(header)
