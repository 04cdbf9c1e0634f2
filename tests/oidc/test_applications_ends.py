"""Switching applications off and deleting them; and who may do any of this."""

import pytest
from sqlalchemy import text

from app.auth.errors import InvalidToken
from app.errors import NotFound
from app.storage import audit, grants
from tests.oidc.clients import an_application
from tests.oidc.holdings import a_family
from tests.oidc.issued import issued_to_itself
from tests.oidc.managing import Manager, refusal
from tests.oidc.test_applications import new
from tests.oidc.test_logos import picture


@pytest.fixture
def ada(services, cast):
    return Manager(services, cast.ada)


@pytest.fixture
def notes(services, cast):
    return an_application(services, cast.acme)


@pytest.fixture
def family(services, cast, notes):
    """What Bob has granted it: the id, and whether it still counts."""
    scope = cast.bob.scope(cast.bob.sign_in())
    family_id = a_family(services, cast.acme, notes, scope)

    def counts():
        with services.units.read(cast.acme.id) as db:
            found = grants.family(db, tenant_id=cast.acme.id, family_id=family_id)
        return found is not None and found[0].revoked_at is None

    return family_id, counts


def refused_grants(services, tenant):
    """The grants on the blacklist."""
    with services.units.read(tenant.id) as db:
        rows = db.execute(text("SELECT subject FROM revocations WHERE kind = 'grant'"))
        return {str(row[0]) for row in rows}


def test_switched_off_it_is_no_client_and_what_it_was_granted_is_taken_back(ada, notes, family, services, cast):
    family_id, counts = family
    view = ada.disable(notes.id)
    assert view.disabled_at
    assert services.openid.clients.by_id(cast.acme, notes.client_id) is None
    assert not counts()
    assert str(family_id) in refused_grants(services, cast.acme)
    assert ada.disable(notes.id) == view


def test_switched_on_it_is_a_client_again_and_what_was_taken_back_stays_so(ada, notes, family, services, cast):
    ada.disable(notes.id)
    assert ada.enable(notes.id).disabled_at is None
    assert services.openid.clients.by_id(cast.acme, notes.client_id)
    assert not family[1]()


def test_what_it_held_for_itself_counts_no_more_when_it_is_switched_on_again(ada, notes, services, cast, clock):
    held = issued_to_itself(services, cast.acme, notes)
    verify = services.openid.access_tokens.verify
    assert verify(cast.acme, held).client.id == notes.id
    ada.disable(notes.id)
    ada.enable(notes.id)
    with pytest.raises(InvalidToken):
        verify(cast.acme, held)
    clock.forward(seconds=1)
    assert verify(cast.acme, issued_to_itself(services, cast.acme, notes))


def test_deleted_it_is_gone_with_all_that_hangs_on_it(ada, notes, family, services, cast, owner):
    family_id, _ = family
    ada.set_logo(notes.id, a_picture())
    ada.delete(notes.id)
    assert refusal(ada.get, notes.id) == "not_found"
    assert refusal(ada.delete, notes.id) == "not_found"
    assert services.openid.clients.by_id(cast.acme, notes.client_id) is None
    assert str(family_id) in refused_grants(services, cast.acme)
    for table in ("application_secrets", "application_logos", "application_sessions", "refresh_families"):
        left = owner.execute(f"SELECT count(*) FROM {table} WHERE application_id = %s", (notes.id,)).fetchone()
        assert left == (0,), table


def test_what_happened_is_written_down(ada, notes, services, cast):
    ada.disable(notes.id)
    ada.enable(notes.id)
    ada.add_secret(notes.id)
    ada.delete(notes.id)
    with services.units.read(cast.acme.id) as db:
        rows = audit.newest(db, tenant_id=cast.acme.id, most=100)
    mine = [row for row in rows if row.event.startswith("application.")]
    assert [(row.event, row.details.get("changed") or row.details.get("change")) for row in mine] == [
        ("application.deleted", None),
        ("application.secret_rotated", "added"),
        ("application.updated", "enabled"),
        ("application.updated", "disabled"),
        ("application.created", None),
    ]
    assert {row.actor_id for row in mine[:4]} == {cast.ada.id}
    assert mine[4].actor_kind == "system"
    assert not any(notes.secret in str(row.details) for row in mine)


def everything(manager, application):
    """Each thing that one can do with an application, and its name."""
    return {
        "create": lambda: manager.create(new()),
        "page": lambda: manager.page(limit=1, after=None),
        "get": lambda: manager.get(application.id),
        "change": lambda: manager.change(application.id, {"name": "Mine"}),
        "disable": lambda: manager.disable(application.id),
        "enable": lambda: manager.enable(application.id),
        "secrets": lambda: manager.secrets(application.id),
        "add_secret": lambda: manager.add_secret(application.id),
        "remove_secret": lambda: manager.remove_secret(application.id, application.client.secrets[0].id),
        "set_logo": lambda: manager.set_logo(application.id, a_picture()),
        "remove_logo": lambda: manager.remove_logo(application.id),
        "delete": lambda: manager.delete(application.id),
    }


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("admin", True), ("support", False), ("member", False)])
def test_who_may(services, cast, notes, role, may):
    person = cast.person(cast.acme, f"{role}@acme.example", role=role)
    for name, act in everything(Manager(services, person), notes).items():
        assert refusal(act) == (None if may else "forbidden"), name


def test_mallory_finds_nothing_of_acme(services, cast, notes):
    mallory = Manager(services, cast.mallory)
    for name, act in everything(mallory, notes).items():
        expected = None if name in {"create", "page"} else "not_found"
        assert refusal(act) == expected, name
    assert notes.id not in {view.id for view in mallory.page(limit=100, after=None).items}
    assert services.openid.clients.by_id(cast.globex, notes.client_id) is None
    assert Manager(services, cast.ada).get(notes.id).version == 1


def test_her_picture_is_not_acmes(services, cast, notes, ada):
    ada.set_logo(notes.id, a_picture())
    assert services.openid.applications.logo(cast.acme, notes.id).png
    with pytest.raises(NotFound):
        services.openid.applications.logo(cast.globex, notes.id)


def a_picture():
    return picture(size=(20, 20))
