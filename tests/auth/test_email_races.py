"""Many who confirm or undo a change of the address at once."""

from app.auth import errors
from tests.auth.steps import (
    confirm,
    email_link,
    undo,
)
from tests.auth.test_deadlocks import together
from tests.auth.test_recovery_races import at_once

__all__ = ["together"]
GONE = errors.LinkExpired
MINE = "bob@acme.example"


def test_of_twenty_who_confirm_at_once_one_does(cast, thief, letters, happened):
    scope = cast.bob.scope(thief)
    token = email_link(cast.bob, scope, "robert@acme.example", letters)
    heard = at_once(20, lambda _: confirm(cast.bob, scope, token))
    assert (heard.count(None), heard.count(GONE)) == (1, 19)
    assert [event for event, *_ in happened(cast.acme)].count("user.email_changed") == 1


def test_of_twenty_who_undo_at_once_one_does(cast, stolen, happened):
    heard = at_once(20, lambda _: undo(cast.bob, stolen))
    assert (heard.count(None), heard.count(GONE)) == (1, 19)


def test_of_two_people_who_confirm_one_address_at_once_one_gets_it(cast, thief, letters, together):
    people = [(cast.bob, cast.bob.scope(thief)), (cast.ada, cast.ada.scope(cast.ada.sign_in()))]
    tokens = [email_link(person, scope, "wanted@acme.example", letters) for person, scope in people]
    acts = [lambda one=one, token=token: confirm(*one, token) for one, token in zip(people, tokens, strict=True)]
    heard = together(*acts)
    assert heard.count(None) == 1
    assert [type(one) for one in heard if one] == [GONE]


def test_an_undo_that_meets_the_thiefs_next_change_still_has_the_last_word(
    cast, thief, stolen, letters, together, email
):
    scope = cast.bob.scope(thief)
    further = email_link(cast.bob, scope, "further@x.example", letters)
    moved, undone = together(lambda: confirm(cast.bob, scope, further), lambda: undo(cast.bob, stolen))
    assert (moved, undone) == (None, None)
    assert email() == MINE
