import msgspec
import pytest

from arena.api.bootstrap import INDEX, HouseBot, ensure_admin, ensure_house_bots
from arena.api.propagation import Propagation, system_connection
from arena.api.registrar import open_registrar
from arena.bus import connect, kv
from arena.bus.provision import provision
from arena.settings import Settings
from arena.wire.registry import AgentRecord
from arena.wire.subjects import AGENTS_BUCKET, API, MATCHMAKER, REGISTRAR, inbox
from tests.conftest import BusFor, with_database

POLICIES = {"tictactoe": ["random", "search"], "go": ["random"]}


@pytest.fixture
async def own(settings: Settings, migrated: str, bus_for: BusFor) -> Settings:
    await provision(await bus_for(REGISTRAR), [], claim_lease_ms=2000)
    return with_database(settings, migrated)


async def test_the_administrators_password_is_told_once(own: Settings) -> None:
    async with open_registrar(own, REGISTRAR) as registrar:
        password = await ensure_admin(registrar)
        assert password is not None
        assert len(password) >= 16
        assert await ensure_admin(registrar) is None
        assert (await registrar.user("admin")).role == "admin"


async def test_the_houses_bots_are_made_once_and_can_connect(own: Settings) -> None:
    async with open_registrar(own, REGISTRAR) as registrar:
        bots = await ensure_house_bots(registrar, POLICIES, own.home)
        assert [(bot.game, bot.bot) for bot in bots] == [
            ("tictactoe", "random"),
            ("tictactoe", "search"),
            ("go", "random"),
        ]
        folder = own.home / "bots"
        assert msgspec.json.decode((folder / INDEX).read_bytes(), type=list[HouseBot]) == bots
        contents = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert await ensure_house_bots(registrar, POLICIES, own.home) == bots
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == contents
        agent = await registrar.agent("house/tictactoe-search")
        assert agent.house
        bus = await connect(own.nats, folder / bots[1].creds, name="bot", inbox=inbox(agent.id))
        await bus.close()


async def test_missing_revoked_and_foreign_credentials_are_renewed(own: Settings) -> None:
    async with open_registrar(own, REGISTRAR) as registrar:
        bots = await ensure_house_bots(registrar, POLICIES, own.home)
        first, second, third = (own.home / "bots" / bot.creds for bot in bots)
        before = [path.read_text() for path in (first, second, third)]
        first.unlink()
        second.write_text(before[2])
        await registrar.revoke(await registrar.agent(bots[2].agent))
        await ensure_house_bots(registrar, POLICIES, own.home)
        after = [path.read_text() for path in (first, second, third)]
        assert all(old != new for old, new in zip(before, after, strict=True))


async def mirrored(bus_for: BusFor) -> dict[str, AgentRecord]:
    mirror = kv.Mirror(await bus_for(MATCHMAKER), AGENTS_BUCKET, AgentRecord)
    await mirror.start()
    await mirror.stop()
    return mirror.records


@pytest.mark.parametrize("role", [API, REGISTRAR])
async def test_records_that_differ_are_brought_into_step(own: Settings, bus_for: BusFor, role: str) -> None:
    async with open_registrar(own, REGISTRAR) as registrar:
        await ensure_house_bots(registrar, POLICIES, own.home)
        right = await mirrored(bus_for)
        some = next(iter(right))
        await kv.put(registrar.bus, AGENTS_BUCKET, some, AgentRecord(owner="?", name="?"))
        await kv.put(registrar.bus, AGENTS_BUCKET, "ghost", AgentRecord(owner="?", name="?"))
        await kv.delete(registrar.bus, AGENTS_BUCKET, list(right)[-1])
        repairer = Propagation(registrar.database, await bus_for(role), registrar.keyring, system_connection(own))
        assert await repairer.sync() == 3
        assert await mirrored(bus_for) == right
        assert await repairer.sync() == 0
