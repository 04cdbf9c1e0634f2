"""A tenant that is nowhere stored, for whatever only looks at its settings."""

from app.ids import uuid7
from app.tenancy import Tenant, TenantSettings, Theme

ADA = ("Ada Lovelace", "ada.lovelace@acme.example")


def a_tenant(**settings):
    return Tenant(
        id=uuid7(),
        slug="acme-sporting",
        name="Acme Sporting Goods",
        origin="https://acme.example",
        settings=TenantSettings(**settings),
        theme=Theme(),
        version=1,
        suspended=False,
    )
