"""Units of work: a transaction that knows its tenant, begun by a use case and by nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

_log = structlog.get_logger()
_open: ContextVar[bool] = ContextVar("a unit is open", default=False)
_last: ContextVar[Callable[[Session], None] | None] = ContextVar("what units do last", default=None)
_ENTER = text("SELECT set_config('role', :role, true), set_config('app.tenant_id', :tenant, true)")


@dataclass(slots=True)
class Unit:
    """An open transaction, and what is to be done once it has been committed."""

    db: Session
    promises: list[Callable[[], None]] = field(default_factory=list)

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do ``act`` once the change is durable. For the outbox and the blacklist; nobody else (a test)."""
        self.promises.append(act)


def unit_is_open() -> bool:
    """Whether this thread holds a transaction now. What is slow asks, and refuses (hashing, mail, HTTP)."""
    return _open.get()


class Units:
    """Opens units over one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def begin(self, tenant_id: UUID) -> Iterator[Unit]:
        """A unit that writes for one tenant: committed at its end, rolled back when an exception leaves it."""
        with self._enter("portico_app", str(tenant_id)) as unit:
            yield unit
            _close(unit)
        _keep(unit)

    @contextmanager
    def read(self, tenant_id: UUID) -> Iterator[Session]:
        """A unit that only reads."""
        with self._enter("portico_app", str(tenant_id)) as unit:
            yield unit.db

    @contextmanager
    def platform(self) -> Iterator[Unit]:
        """A unit over all tenants: for operators and sweeps, which have none."""
        with self._enter("portico_platform", "") as unit:
            yield unit
            _close(unit)
        _keep(unit)

    @contextmanager
    def each_ends_with(self, act: Callable[[Session], None]) -> Iterator[None]:
        """Every unit that may write, begun by this thread within, does ``act`` as its last statement: both or neither.

        For what has to know whether something was done, whoever does it (idempotency; nobody else). Hot statements are
        no units.
        """
        token = _last.set(act)
        try:
            yield
        finally:
            _last.reset(token)

    @contextmanager
    def _enter(self, role: str, tenant: str) -> Iterator[Unit]:
        if _open.get():
            raise RuntimeError("a unit inside a unit: pass the open one on instead")
        token = _open.set(True)
        try:
            with Session(self._engine, expire_on_commit=False) as db, db.begin():
                db.execute(_ENTER, {"role": role, "tenant": tenant})
                yield Unit(db)
        finally:
            _open.reset(token)


def _close(unit: Unit) -> None:
    last = _last.get()
    if last:
        last(unit.db)


def _keep(unit: Unit) -> None:
    """The change is durable, so what fails from here on must not look like a failure of it: sweeps do it again."""
    for act in unit.promises:
        try:
            act()
        except Exception:  # noqa: BLE001 - see above
            _log.exception("failed after the commit")
