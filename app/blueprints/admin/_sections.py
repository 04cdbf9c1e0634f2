"""The sections of the admin console, in groups: what exists, and what each asks for."""

from dataclasses import dataclass

from app.auth.rbac import Permission
from app.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A page of the console. Who lacks ``permission`` does not see it."""

    href: str
    label: str
    icon: str
    permission: Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Sections that belong together."""

    label: str
    sections: tuple[Section, ...]


GROUPS = (
    Group(
        label="Sign-in",
        sections=(
            Section(
                href="/admin/applications",
                label="Applications",
                icon="apps",
                permission=Permission.APPLICATIONS_MANAGE,
            ),
        ),
    ),
)


def groups_for(scope: Scope | None) -> tuple[Group, ...]:
    """What of it this caller may open; nothing for whoever manages nothing."""
    if scope is None:
        return ()
    allowed = (
        Group(label=group.label, sections=tuple(one for one in group.sections if one.permission in scope.permissions))
        for group in GROUPS
    )
    return tuple(group for group in allowed if group.sections)
