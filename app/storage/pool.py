"""One pool of driver connections, for the hot statements and for the engine alike."""

import select
import socket
from typing import Any, cast

from psycopg import Connection, OperationalError
from psycopg.errors import UndefinedFunction, UndefinedTable
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout
from sqlalchemy import Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

Pool = ConnectionPool[Connection[Any]]


def open_pool(url: str, *, most: int, application: str) -> Pool:
    """A pool of at most ``most`` connections to ``url``, opened at first use.

    Connections rest in autocommit: a hot statement is one round trip. The engine turns that off while it has one.
    ``tcp_user_timeout`` and keepalives end a wait for a server that is gone without a word.
    """
    return ConnectionPool(
        url,
        min_size=1,
        max_size=most,
        timeout=5,
        max_lifetime=1800,
        open=False,
        close_returns=True,
        reset=_rest,
        check=_check,
        kwargs={
            "autocommit": True,
            "prepare_threshold": 1,
            "application_name": f"{application}@{socket.gethostname()}"[:63],
            "connect_timeout": 5,
            "keepalives_idle": 30,
            "tcp_user_timeout": 15000,
            "options": "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000",
        },
    )


def engine_over(pool: Pool) -> Engine:
    """The one engine. It borrows from ``pool`` and keeps none itself: closing gives back (``close_returns``)."""

    def borrow() -> Connection[Any]:
        connection = pool.getconn()
        connection.autocommit = False
        return connection

    def give_back(connection: Connection[Any], _: object) -> None:
        # One that died does not go back by being closed: it is closed. The pool has to hear of it all the same.
        if connection.closed:
            pool.putconn(connection)

    engine = create_engine(
        "postgresql+psycopg://", creator=borrow, poolclass=NullPool, use_native_hstore=False, hide_parameters=True
    )
    event.listen(engine, "close", give_back)
    return engine


def connect_once(pool: Pool) -> None:
    """Raise at once what keeps ``pool`` from a connection.

    The pool itself goes on trying, which is right while a server starts, and hides why it cannot.
    """
    # ``open_pool`` gave it plain values, not functions that make them.
    Connection.connect(cast("str", pool.conninfo), **cast("dict[str, Any]", pool.kwargs)).close()


def is_away(error: BaseException) -> bool:
    """Whether this says that the database cannot be reached or does not answer, rather than that we asked wrongly."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, OperationalError | PoolTimeout | PoolClosed)


def is_unmigrated(error: BaseException) -> bool:
    """Whether this says that a table or function is missing."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, UndefinedTable | UndefinedFunction)


def _check(connection: Connection[Any]) -> None:
    """Raise when the server has hung up on an idle connection; the pool then takes another.

    An idle connection has nothing to say: only when its socket does have something is it worth a round trip to learn
    whether that was a farewell. So a restart of PostgreSQL costs no request, and a healthy pool costs no round trip.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    if poll.poll(0):
        ConnectionPool.check_connection(connection)


def _rest(connection: Connection[Any]) -> None:
    connection.autocommit = True
