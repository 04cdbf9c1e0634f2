"""Which passwords may be chosen, and what to say of one while it is typed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from string import digits, punctuation

from app.auth import guessing
from app.auth.guessing import Estimate
from app.auth.passwords import normalise
from app.errors import refuse
from app.tenancy import CharacterKind, Tenant

PRODUCT = "portico"
# So many characters must be left when one's own words are taken out.
_OWN_PART = 6
_KINDS: dict[CharacterKind, tuple[str, Callable[[str], bool]]] = {
    "lower": ("a small letter", str.islower),
    "upper": ("a capital letter", str.isupper),
    "digit": ("a digit", str.isdigit),
    "special": ("a sign that is neither letter nor digit", lambda character: not character.isalnum()),
}
_PRAISE = {3: "Good: this is hard to guess.", 4: "Very good: this is very hard to guess."}
_ALLOWED = "You can use this, but it is easy to guess. Another word or two would help."


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """What is said of a password while it is typed. ``score``: 0 to 4; ``good``: it may be chosen."""

    score: int | None
    sentences: tuple[str, ...]
    good: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a password is refused: a stable code, and a sentence that helps to choose a better one."""

    code: str
    sentence: str


@dataclass(frozen=True)
class Candidate:
    """A password that somebody would like to have."""

    tenant: Tenant
    normal: str
    words: list[str]

    @cached_property
    def estimate(self) -> Estimate:
        return guessing.estimate(self.normal, words=self.words)


def check_policy(tenant: Tenant, password: str, *, field: str, own_words: Iterable[str]) -> None:
    """Refuse a password that the tenant's policy does, with a sentence that helps to choose a better one.

    Raises ``InvalidInput`` for ``field``. ``own_words``: the name and address of whoever it is for.
    """
    candidate = _candidate(tenant, password, own_words)
    for rule in RULES:
        if found := rule(candidate):
            raise refuse(field, found.code, found.sentence)


def rate(tenant: Tenant, password: str, *, own_words: Iterable[str]) -> Strength:
    """What to say of a password that is being typed. Never raises.

    1. Nothing yet: no score, no sentence.
    2. One that would be refused: everything that is wrong with it.
    3. One that may be chosen: praise, or what would make it better.
    """
    if not password:
        return Strength(score=None, sentences=(), good=False)
    candidate = _candidate(tenant, password, own_words)
    # Of what is too long nothing else is worth the time that it would take to look.
    rules = RULES if len(candidate.normal) <= tenant.settings.password_max_length else (length,)
    found = [finding for rule in rules if (finding := rule(candidate))]
    score = candidate.estimate.score
    sentences = tuple(finding.sentence for finding in found) or (_PRAISE.get(score, _ALLOWED),)
    return Strength(score=score, sentences=sentences, good=not found)


def length(candidate: Candidate) -> Finding | None:
    """Code points after NFC (NIST SP 800-63B-4, 3.1.1.2)."""
    rules, count = candidate.tenant.settings, len(candidate.normal)
    if count < rules.shortest_password:
        return Finding("too_short", f"Use at least {rules.shortest_password} characters.")
    if count > rules.password_max_length:
        return Finding("too_long", f"Use at most {rules.password_max_length} characters.")
    return None


def kinds(candidate: Candidate) -> Finding | None:
    """Every kind of character that the tenant asks for."""
    wanted = candidate.tenant.settings.password_kinds
    missing = [
        name for kind, (name, holds) in _KINDS.items() if kind in wanted and not any(map(holds, candidate.normal))
    ]
    return Finding("missing_kinds", f"Add {_listed(missing)}.") if missing else None


def blocklist(candidate: Candidate) -> Finding | None:
    """Nothing that the tenant has listed, nor with digits and signs put around it."""
    listed = {_folded(entry) for entry in candidate.tenant.settings.password_blocklist}
    folded = _folded(candidate.normal)
    if listed.isdisjoint({folded, folded.strip(digits + punctuation + " ")} - {""}):
        return None
    name = candidate.tenant.name
    return Finding("on_blocklist", f"{name} does not allow this one: others would think of it too. Choose another.")


def guessable(candidate: Candidate) -> Finding | None:
    """Hard enough to guess for this tenant."""
    estimate = candidate.estimate
    if estimate.score >= candidate.tenant.settings.password_min_score:
        return None
    return Finding("too_easy_to_guess", f"This is too easy to guess. {estimate.advice}")


def common(candidate: Candidate) -> Finding | None:
    """None of the most common ones, however little the tenant asks for (ASVS 5.0, 6.2.4)."""
    if guessing.is_common(_folded(candidate.normal)):
        return Finding("too_common", "This is one of the first that anybody would try. Choose another.")
    return None


def own_words(candidate: Candidate) -> Finding | None:
    """Something besides one's own name and address, the tenant's and ours (ASVS 5.0, 6.2.11)."""
    text = candidate.normal.lower()
    for word in sorted(candidate.words, key=len, reverse=True):
        text = text.replace(word, " ")
    left = sum(not (character.isspace() or character in punctuation) for character in text)
    return Finding("contains_own_words", "Leave out your name, your address and ours.") if left < _OWN_PART else None


RULES = (length, kinds, blocklist, guessable, common, own_words)


def _candidate(tenant: Tenant, password: str, texts: Iterable[str]) -> Candidate:
    words = guessing.context_words([PRODUCT, tenant.name, tenant.slug, *texts])
    return Candidate(tenant, normalise(password), words)


def _folded(text: str) -> str:
    """One form for all spellings that differ in case alone."""
    return normalise(normalise(text).casefold())


def _listed(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
