"""What every table shares."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Dialect, LargeBinary, MetaData, Text, TypeDecorator, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, INET, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry

Db = Session

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Base(DeclarativeBase):
    """The declarative base. Its registry is explicit: Flask-SQLAlchemy needs it so with SQLAlchemy 2.1."""

    registry: ClassVar[registry] = registry(
        metadata=metadata,
        type_annotation_map={
            datetime: DateTime(timezone=True),
            UUID: Uuid(as_uuid=True),
            str: Text(),
            bytes: LargeBinary(),
            list[str]: ARRAY(Text()),
            list[datetime]: ARRAY(DateTime(timezone=True)),
            dict[str, Any]: JSONB(),
            list[Any]: JSONB(),
        },
    )


class OfTenant:
    """A row of one tenant: the tenant comes first in its key."""

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)


class HasId(OfTenant):
    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)


class Inet(TypeDecorator[str]):
    """An address, as text: the driver would make objects of the standard library's of it, which no JSON takes."""

    impl = INET
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else str(value)
