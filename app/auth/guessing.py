"""How soon a password would be guessed. zxcvbn's words are read when the first one is looked at."""

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass

# zxcvbn reads no further.
_SCORED_LENGTH = 72
# A name and an address are shorter; whatever is longer would only cost time.
_LONGEST_TEXT = 320
_SHORTEST_WORD = 3
_ADVICE = "Add another word or two. Uncommon words are better."
# Which signs zxcvbn reads as the letters a, c, g, i, l, s and t, and one for each. See ``_plain``.
_STAND_INS = ("4@", "({[<", "69", "1!|", "1|7", "$5", "+7")
_ONE_FOR_ALL = str.maketrans("@{[<9!|$+", "4(((61157")
_MOST_READINGS = 4
# zxcvbn keeps the caller's own words in a table of the whole process.
_turn = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """From 0 (at once) to 4 (hardly ever), and a sentence that helps to make it better."""

    score: int
    advice: str


def estimate(normal: str, *, words: Iterable[str]) -> Estimate:
    """Look at the first 72 characters. ``words``: what whoever guesses will try first."""
    from zxcvbn import zxcvbn  # noqa: PLC0415 - 12 MB of words, which processes that only compare can do without

    with _turn:
        found = zxcvbn(_plain(normal[:_SCORED_LENGTH]), user_inputs=words)
    advice = found["feedback"]["warning"] or _ADVICE
    return Estimate(score=found["score"], advice=f"{advice.rstrip('.')}.")


def is_common(folded: str) -> bool:
    """Whether it is one of the most common passwords, names or words: 90,000 that anybody's list begins with.

    All of zxcvbn's lists, because each word stands only in the one where it ranks highest ("jennifer" is a name there).
    """
    from zxcvbn.matching import RANKED_DICTIONARIES  # noqa: PLC0415 - as above

    return any(folded in words for name, words in RANKED_DICTIONARIES.items() if name != "user_inputs")


def context_words(texts: Iterable[str]) -> list[str]:
    """Each text, and its parts, as far as they are long enough to matter."""
    found = set()
    for text in texts:
        lower = text[:_LONGEST_TEXT].lower()
        parts = {lower, *"".join(c if c.isalnum() else " " for c in lower).split()}
        found |= {part for part in parts if len(part) >= _SHORTEST_WORD}
    return sorted(found)


def _plain(text: str) -> str:
    """``text``, with fewer different signs where there are so many that zxcvbn would read it in hundreds of ways.

    It tries every combination of letters that the signs in "p@$$w0rd" may stand for, which takes seconds for a long
    text that has them all, and anybody may send one. Text like that is hard to guess either way.
    """
    ways = (sum(sign in text for sign in signs) for signs in _STAND_INS)
    readings = math.prod(max(count, 1) for count in ways)
    return text.translate(_ONE_FOR_ALL) if readings > _MOST_READINGS else text
