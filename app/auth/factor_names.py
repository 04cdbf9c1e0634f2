"""What people call their apps and keys."""

from app.errors import refuse

LONGEST = 60


def clean(typed: str) -> str:
    """A name as it will be shown. Raises ``InvalidInput`` for ``/name``."""
    name = " ".join(typed.split())
    if not name:
        raise refuse("name", "required", "Give it a name.")
    if len(name) > LONGEST:
        raise refuse("name", "too_long", f"Use at most {LONGEST} characters.")
    if not name.isprintable():
        raise refuse("name", "invalid_name", "Use letters, digits and ordinary signs.")
    return name
