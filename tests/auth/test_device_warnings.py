"""Who is warned of a new device, and that nobody can keep the warning from its owner."""

ALERT = "New sign-in to your Acme account"


def test_who_is_warned_of_a_new_device(cast, alerts):
    first = cast.bob.sign_in(tokens=False).device
    assert alerts() == 0, "there is nothing to be warned of at the first sign-in"
    cast.bob.sign_in(tokens=False, device=first)
    assert alerts() == 0, "this one is known"
    second = cast.bob.sign_in(tokens=False).device
    assert alerts() == 1
    cast.bob.sign_in(device=second)
    assert alerts() == 0
    cast.ada.sign_in(tokens=False)
    cast.bob.sign_in(tokens=False, device=cast.ada.sign_in(tokens=False).device)
    assert alerts() == 1, "Ada's browser is new to Bob"


def test_a_wrong_password_makes_no_device_known_and_warns_nobody(cast, guess, devices, alerts):
    cast.bob.sign_in()
    alerts()
    guess(cast.acme, cast.bob.email, "wrong", device="x")
    assert len(devices(cast.bob)) == 1
    assert alerts() == 0


def test_many_sign_ins_of_a_client_that_keeps_nothing_are_not_a_mail_each(cast, alerts):
    for _ in range(12):
        cast.bob.sign_in()
        sent = alerts()
    assert sent == 0


def test_a_thief_cannot_silence_the_warning_by_signing_in_often(cast, alerts):
    """Before the worker gets to it: seven sign-ins in a row must not be quieter than one."""
    cast.bob.sign_in()
    alerts()
    for _ in range(7):
        cast.bob.sign_in()
    assert alerts() > 0


def test_the_owners_own_sign_ins_do_not_silence_the_warning(cast, alerts):
    device = cast.bob.sign_in().device
    for _ in range(6):
        cast.bob.sign_in(device=device)
    alerts()
    cast.bob.sign_in()
    assert alerts() == 1
