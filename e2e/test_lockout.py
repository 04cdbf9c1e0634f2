"""Somebody guesses: what they see, and what the owner does not notice."""

from playwright.sync_api import expect

from e2e.journeys import expect_account, expect_field_error, give_address, give_password, sign_in

WRONG = "That email address and password don't match."


def test_after_five_guesses_the_right_one_reads_like_a_wrong_one_and_the_owner_still_gets_in(
    visit, acme, fresh, people
):
    owner, thief, email = visit(), visit(javascript=False), fresh()
    people.arrive(owner, acme, email)  # from here on this browser is known
    people.leave(owner, acme)

    give_address(thief, acme, email)
    for guess in range(5):
        give_password(thief, f"wrong guess {guess}")
        expect(thief.get_by_role("alert")).to_have_text(WRONG)
    give_password(thief)
    expect(thief.get_by_role("alert")).to_have_text(WRONG)

    sign_in(owner, acme, email)


def test_pressing_enter_too_early_is_no_guess(page_either_way, visit, acme, fresh, people):
    page, email = page_either_way, fresh()
    people.join(acme, email)
    give_address(page, acme, email)
    for _ in range(5):
        give_password(page, "")
        expect_field_error(page, "password", "")

    give_password(page)
    expect_account(page, acme)
