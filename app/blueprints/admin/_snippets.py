"""What one pastes into an application, with the real addresses: for common stacks, by kind of application."""

from dataclasses import dataclass

from flask import render_template

from app.oidc.application_details import OFFLINE_ACCESS, Details
from app.oidc.application_views import ApplicationView
from app.tenancy import Tenant

_TITLES = {
    "flask": "Flask with Authlib",
    "express": "Express with openid-client",
    "nextjs": "Next.js with Auth.js",
    "django": "Django with django-allauth",
    "spring": "Spring Boot",
    "go": "Go",
    "spa": "Browser with oidc-client-ts",
    "device": "Terminals and televisions, by device code",
    "native": "Apps with AppAuth",
    "python": "Python with Authlib",
    "node": "Node.js with openid-client",
    "curl": "curl",
}
_STACKS = {
    "web": ("flask", "express", "nextjs", "django", "spring", "go", "curl"),
    "spa": ("spa", "curl_public"),
    "native": ("native", "device"),
    "machine": ("curl_machine", "python", "node", "go_machine"),
}
_ENDPOINTS = (
    ("Authorization", "/oauth2/authorize"),
    ("Token", "/oauth2/token"),
    ("User info", "/oauth2/userinfo"),
    ("Signing keys", "/oauth2/jwks"),
    ("Sign-out", "/oauth2/logout"),
    ("Introspection", "/oauth2/introspect"),
    ("Revocation", "/oauth2/revoke"),
    ("Pushed requests", "/oauth2/par"),
    ("Device codes", "/oauth2/device_authorization"),
)
_PLACEHOLDER = {
    "native": "com.example.app:/callback",
    "spa": "https://app.example.com/",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """``name`` is an id of the page."""

    name: str
    title: str
    text: str


def endpoints_of(tenant: Tenant) -> list[tuple[str, str]]:
    """What there is to call, by name."""
    return [(name, tenant.origin + path) for name, path in _ENDPOINTS]


def snippets_of(tenant: Tenant, view: ApplicationView) -> list[Snippet]:
    """For its kind, the most common stack first."""
    said = view.details
    return [
        Snippet(
            name=stack,
            title=_TITLES[stack.partition("_")[0]],
            text=render_template(
                f"admin/applications/snippets/{stack}.txt",
                issuer=tenant.origin,
                plain=tenant.origin.startswith("http:"),
                client_id=view.client_id,
                called=tenant.name,
                scopes=_asked(said),
                auth_method=said.token_endpoint_auth_method,
                redirect_uri=_first(said.redirect_uris)
                or _PLACEHOLDER.get(said.type, "https://app.example.com/callback"),
                after_sign_out=_first(said.post_logout_redirect_uris),
                resource=_first(said.resources),
            ).strip("\n"),
        )
        for stack in _STACKS[said.type]
    ]


def _asked(said: Details) -> list[str]:
    """What the example asks for. Scopes that a shell would read as something else are left out."""
    allowed = [
        scope for scope in said.scopes or () if scope.replace(":", "").replace(".", "").replace("_", "").isalnum()
    ]
    if said.type == "machine":
        return allowed[:3]
    return [scope for scope in ("openid", "profile", "email", OFFLINE_ACCESS) if scope in allowed] or ["openid"]


def _first(uris: tuple[str, ...]) -> str:
    """The first that can stand between double quotes, in any language."""
    return next((uri for uri in uris if not set(uri) & set("'$`")), "")
