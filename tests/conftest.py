"""Real servers for the tests, on free ports: a nats-server in operator mode a module, one PostgreSQL a session."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import msgspec
import pytest
import structlog
from xdist.scheduler import LoadScopeScheduling

from arena.bus import Bus, connect
from arena.credentials import Keyring, issue_agent, write_identity, write_secret
from arena.settings import Settings
from arena.stack.embedded import EmbeddedNats, EmbeddedPostgres
from arena.stack.nats_config import Websocket
from arena.store.migrate import migrate
from arena.wire.subjects import Role, inbox
from tests.stage import Stage, open_stage

hypothesis.settings.register_profile(  # an example that is slow on a busy machine is no failure
    "shared", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("shared")
BusFor = Callable[[Role | str], Awaitable[Bus]]
Find = Callable[[str], str]
TOGETHER = "tests/web"
LONG = (  # half a minute and more, the longest first
    "tests/chaos/test_short.py",
    "tests/chaos/test_broken.py",
    "tests/api/test_authorisation.py",
    "tests/platform/test_acceptance.py",
    "tests/stack/test_cluster.py",
    "tests/stack/test_up.py",
    "tests/security/test_openapi.py",
    "tests/security/test_tls.py",
    "tests/recorder/test_faults.py",
    "tests/examples/test_languages.py",
    "tests/chaos/test_invariants.py",
    "tests/runner/test_matches.py",
    "tests/runner/test_outages.py",
    "tests/api/test_faults.py",
    "tests/bots/test_policies.py",
)


def together(nodeid: str) -> str:
    """What stays on one worker: a module, or modules that share one platform and one browser."""
    module = nodeid.partition("::")[0]
    return TOGETHER if module.startswith(TOGETHER) else module


class Modules(LoadScopeScheduling):
    """Workers share the modules (`make test`)."""

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Modules:
    """Instead of `--dist loadgroup`, whose marks pytest 9.2 does not show to xdist 3.8."""
    return Modules(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long modules come first, so that none is left alone at the end; the browser last, which needs the machine."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        rank = {module: number for number, module in enumerate(LONG)} | {TOGETHER: len(LONG) + 1}
        items.sort(key=lambda item: rank.get(together(item.nodeid), len(LONG)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests measured without asserting it (`record_property("figure", ...)`)."""
    reports = terminalreporter.getreports("passed")
    for line in (value for report in reports for name, value in report.user_properties if name == "figure"):
        terminalreporter.write_line(f"measured: {line}")


@pytest.fixture(autouse=True)
def logs_as_ever() -> Iterator[None]:
    """A command sets what its whole process logs (next to nothing); here that is undone after the test."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A platform's state folder with its keys and credentials. Short: sockets live in it."""
    folder = Path(tempfile.mkdtemp(prefix="arena-"))
    write_identity(Keyring.create(folder))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def keyring(home: Path) -> Keyring:
    return Keyring.load(home)


@pytest.fixture(scope="module")
async def nats_server(home: Path) -> AsyncIterator[EmbeddedNats]:
    server = EmbeddedNats(home, websocket=Websocket(port=-1))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[EmbeddedPostgres]:
    folder = Path(tempfile.mkdtemp(prefix="arena-"))
    server = EmbeddedPostgres(folder, durable=False)
    await server.start()
    yield server
    await server.stop()
    shutil.rmtree(folder)


@pytest.fixture
async def own_postgres() -> AsyncIterator[EmbeddedPostgres]:
    """A server for one test, which may kill it: durable, with an empty platform's tables."""
    folder = Path(tempfile.mkdtemp(prefix="arena-"))
    server = EmbeddedPostgres(folder, durable=True)
    await server.start()
    await server.create("arena")
    await migrate(server.url())
    yield server
    await server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
async def database_url(postgres: EmbeddedPostgres, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """An empty database for each test module."""
    name = request.module.__name__.replace(".", "_")[-63:]
    await postgres.create(name)
    yield postgres.url(name)
    await postgres.drop(name)


@pytest.fixture(scope="module")
def settings(home: Path, nats_server: EmbeddedNats) -> Settings:
    """Settings of this module's servers; a module with a database replaces `database_url` in it."""
    return Settings(home=home, nats_url=nats_server.url, nats_websocket_url=nats_server.websocket_url)


@pytest.fixture
async def bus_for(home: Path, nats_server: EmbeddedNats, keyring: Keyring) -> AsyncIterator[BusFor]:
    """Connect as a service's role, as `"system"`, or as the agent with this id. Closed after the test."""
    async with connections(home, nats_server, keyring) as open_bus:
        yield open_bus


@contextlib.asynccontextmanager
async def connections(home: Path, nats_server: EmbeddedNats, keyring: Keyring) -> AsyncIterator[BusFor]:
    """What `bus_for` is, closed when the block ends."""
    async with contextlib.AsyncExitStack() as stack:

        async def open_bus(who: Role | str) -> Bus:
            creds = home / "creds" / f"{who}.creds"
            if not creds.exists():
                write_secret(creds, issue_agent(keyring, who, url=nats_server.url).creds or "")
            bus = await connect(nats_server.url, creds, name=f"test-{who}", inbox=inbox(who))
            stack.push_async_callback(bus.close)
            return bus

        yield open_bus


def with_database(settings: Settings, database_url: str) -> Settings:
    """The same settings with this database."""
    return msgspec.structs.replace(settings, database_url=database_url)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A platform of its own on a nats-server of its own: empty log, no services yet."""
    async with open_stage() as opened:
        yield opened


@pytest.fixture(scope="session")
def program() -> Find:
    """A program of Debian's; where it is missing the test is skipped, but not in CI, which installs it."""

    def find(name: str) -> str:
        found = shutil.which(name) or shutil.which(name, path="/usr/games")
        if found is None and os.environ.get("CI"):
            pytest.fail(f"CI installs {name}, and it is missing")
        return found or pytest.skip(f"{name} is not installed")

    return find
