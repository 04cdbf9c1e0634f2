"""Without a mouse."""

from playwright.sync_api import expect

from e2e.journeys import PASSWORD, expect_account

FOCUS = """() => {
    const element = document.activeElement, style = getComputedStyle(element);
    const after = getComputedStyle(element, "::after");
    const outlined = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
    const box = element.getBoundingClientRect();
    return {
        name: element.id || element.textContent.trim() || element.localName,
        visible: outlined(style) || outlined(after),
        inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        body: element === document.body,
    };
}"""


def walk(page, *, most=40):
    """Every stop of the Tab key, from the top until it leaves the page or comes round."""
    page.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")
    stops = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop["body"] or stop["name"] in [seen["name"] for seen in stops]:
            break
        stops.append(stop)
    for stop in stops:
        assert stop["visible"], f"the focus cannot be seen on {stop['name']}"
        assert stop["inView"], f"the focus is out of sight on {stop['name']}"
    return [stop["name"] for stop in stops]


def test_signing_in_and_out_takes_only_the_keyboard(page, acme):
    page.goto(f"{acme}/login")
    expect(page.locator("#email")).to_be_focused()
    page.keyboard.type("ada@acme.example")
    page.keyboard.press("Enter")
    expect(page.locator("#password")).to_be_focused()
    page.keyboard.type("wrong wrong wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()

    page.keyboard.press("Tab")  # Change
    page.keyboard.press("Tab")
    expect(page.locator("#password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    for _ in range(3):  # past the button that shows the password and the link for who forgot it, to the checkbox
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("Keep me signed in")).to_be_checked()
    page.keyboard.press("Enter")
    expect_account(page, acme)

    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUS)["name"] == "sign-out":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def test_the_first_stop_of_the_account_skips_to_its_content(page, acme, people):
    people.enter(page, acme, "ada@acme.example")
    page.goto(f"{acme}/account")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()


def test_every_stop_can_be_seen_on_the_way_in(page, acme):
    page.goto(f"{acme}/login")
    assert walk(page)[:2] == ["email", "submit"]
    page.goto(f"{acme}/register")
    assert walk(page)[:3] == ["name", "email", "password"]


def test_every_stop_can_be_seen_in_the_account(visit, acme, people):
    page = visit()
    people.enter(page, acme, "bob@acme.example")
    people.enter(visit(), acme, "bob@acme.example")
    for path in ("/account", "/account/profile", "/account/sessions", "/logout"):
        page.goto(f"{acme}{path}")
        assert walk(page)


def test_the_menu_of_a_phone_opens_and_closes_by_key(visit, acme, people):
    page = visit(viewport={"width": 320, "height": 640})
    people.enter(page, acme, "bob@acme.example")
    page.goto(f"{acme}/account")
    sections = page.get_by_role("navigation", name="Your account")
    expect(sections).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    expect(sections).to_be_visible()
    page.keyboard.press("Escape")
    expect(sections).to_be_hidden()

    page.get_by_role("button", name="Menu").press("Enter")
    sections.get_by_role("link", name="Profile").press("Enter")
    expect(page).to_have_url(f"{acme}/account/profile")


def test_an_error_takes_the_focus_to_where_it_is_mended(page, acme):
    page.goto(f"{acme}/login")
    expect(page.locator("#email")).to_be_focused()
    page.keyboard.type("not an address")
    page.keyboard.press("Enter")

    expect(page.locator("#email")).to_be_focused()
