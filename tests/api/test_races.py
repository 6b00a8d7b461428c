"""Two who do something at the same moment: bounds hold, NATS ends up as the table, what is deleted gets nothing."""

import asyncio
from collections.abc import AsyncIterator, Collection

import pytest

from arena.api import propagation, registrar
from arena.api.acceptable import Invalid, Unknown
from arena.api.deletion import delete_account
from arena.api.registrar import Registrar, open_registrar
from arena.bus import kv
from arena.store.accounts import User, UserRole
from arena.store.agent_records import agent_records
from arena.store.database import Connection
from arena.wire.registry import AgentRecord
from arena.wire.subjects import AGENTS_BUCKET, REGISTRAR
from tests.api.conftest import Web

USER: UserRole = "user"


@pytest.fixture
async def office(web: Web) -> AsyncIterator[Registrar]:
    async with open_registrar(web.settings, REGISTRAR) as opened:
        yield opened


@pytest.fixture
async def owner(office: Registrar, request: pytest.FixtureRequest) -> User:
    return await office.create_user(request.node.name[:40], None, USER)


async def known(office: Registrar) -> dict[str, AgentRecord]:
    mirror = kv.Mirror(office.bus, AGENTS_BUCKET, AgentRecord)
    await mirror.start()
    await mirror.stop()
    return mirror.records


async def test_who_told_what_is_old_tells_again(
    office: Registrar, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await office.create_agent(owner, "one")
    meanwhile = asyncio.Event()

    async def read(connection: Connection, only: Collection[str] | None = None) -> dict[str, AgentRecord]:
        found = await agent_records(connection, only)
        if not meanwhile.is_set():  # another process changes it and tells so, before the first one has told
            meanwhile.set()
            await office.change_agent(agent, paused=True)
        return found

    monkeypatch.setattr(propagation, "agent_records", read)
    changed = await office.change_agent(agent, name="two")
    assert (changed.name, changed.paused) == ("two", True)
    assert (await known(office))[agent.id] == AgentRecord(owner=owner.id, name="two", paused=True)


async def test_a_deleted_agent_gets_nothing_from_who_saw_it_before(office: Registrar, owner: User) -> None:
    agent = await office.create_agent(owner, "one")
    await office.delete_agent(agent)
    for late in (
        office.issue(agent),
        office.rotate(agent),
        office.change_agent(agent, name="back"),
        office.add_version(agent, "back"),
        office.delete_agent(agent),
    ):
        with pytest.raises(Unknown):
            await late
    assert await office.credentials(agent) == []
    assert agent.id not in await known(office)


async def test_a_deleted_user_gets_no_agent_and_no_credential(office: Registrar, owner: User) -> None:
    agent = await office.create_agent(owner, "one")
    await delete_account(office, owner.id)
    with pytest.raises(Unknown):
        await office.create_agent(owner, "two")
    with pytest.raises(Unknown):
        await office.issue(agent)
    assert agent.id not in await known(office)


async def test_of_many_at_once_no_more_than_allowed_are_made(
    office: Registrar, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registrar, "AGENTS_MAX", 2)
    monkeypatch.setattr(registrar, "CREDENTIALS_MAX", 3)
    made = await asyncio.gather(
        *(office.create_agent(owner, f"a{number}") for number in range(6)), return_exceptions=True
    )
    assert sum(isinstance(one, Invalid) for one in made) == 4
    agent = next(one for one in made if not isinstance(one, BaseException))
    issued = await asyncio.gather(*(office.issue(agent) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(one, Invalid) for one in issued) == 3
    assert len(await office.credentials(agent)) == 3


async def test_nobody_fills_the_list_of_the_revoked(
    office: Registrar, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registrar, "UNEXPIRED_MAX", 3)
    first, second = [await office.create_agent(owner, name) for name in ("one", "two")]
    for agent in (first, second, first):
        await office.rotate(agent)
    for agent in (first, second):
        with pytest.raises(Invalid, match="not expired, revoked ones too"):
            await office.rotate(agent)
    assert sum(one.revoked_ms is None for one in await office.credentials(first)) == 1  # the old one stays
    other = await office.create_user(f"other of {owner.id}", None, USER)
    assert await office.issue(await office.create_agent(other, "one"))
