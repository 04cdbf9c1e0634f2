"""Nothing that we hold on people is forgotten when they ask for it."""

import inspect

from app.storage import dossier, models

# Told of by another section, or about the asking itself.
NOT_TOLD = {"data_exports", "leak_checks"}


def test_every_table_that_hangs_on_a_person_has_a_section():
    read = set()
    for value in vars(dossier).values():
        if inspect.isclass(value) and hasattr(value, "__tablename__"):
            read.add(value.__tablename__)
    of_people = {
        table.name
        for table in models.metadata.tables.values()
        if any(key.column.table.name == "users" for key in table.foreign_keys)
    }
    assert of_people - NOT_TOLD <= read
    assert {"users", "link_requests", "pending_logins"} <= read


def test_no_column_with_a_secret_is_read():
    source = inspect.getsource(dossier)
    for word in ("digest", "_hash", "encrypted", "proof", "public_key", "recipe", "credential_id"):
        assert word not in source
