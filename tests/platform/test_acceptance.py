"""The whole platform, every service in a process of its own: nothing lost, nothing doubled, whoever dies."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from agent_kit import Turn, play
from arena.core.match import Phase, evolve
from arena.recorder.rebuild import rebuild
from arena.stack.embedded import EmbeddedPostgres
from arena.store.database import Database
from arena.store.migrate import migrate
from arena.wire.events import Claimed, Created, Ended, Faulted, Moved, Voided
from tests.eventually import DEADLINE_S, eventually
from tests.recorder.conftest import projections, rows
from tests.stage import Stage

GAME = "connect_four"
CROWD_S = 3 * DEADLINE_S  # thousands of moves, each by two processes and through the log


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Crowds arrive at once, in one process beside many: each agent may take longer than one alone."""
    monkeypatch.setattr("agent_kit.connection.CONNECT_TIMEOUT_S", DEADLINE_S)


@pytest.fixture
async def recorded(stage: Stage, postgres: EmbeddedPostgres) -> AsyncIterator[Stage]:
    """A stage whose services have a database."""
    name = "platform"
    await postgres.create(name)
    url = postgres.url(name)
    await migrate(url)
    stage.settings = msgspec.structs.replace(stage.settings, database_url=url, games_file=None)
    yield stage
    await stage.close()
    await postgres.drop(name)


class Crowd:
    """Agents of several users that hold every match at its first move until `go` is set."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.waiting: set[str] = set()

    async def policy(self, turn: Turn) -> int:
        self.waiting.add(turn.match)
        await self.go.wait()
        assert turn.legal
        return random.choice(turn.legal)

    @contextlib.asynccontextmanager
    async def playing(self, stage: Stage, agents: int, users: int, slots: int) -> AsyncIterator[None]:
        stop = asyncio.Event()
        people = [await stage.agent(f"user{number % users}") for number in range(agents)]
        tasks = [
            asyncio.create_task(play(self.policy, creds=creds, games=[GAME], slots=slots, stop=stop))
            for _, creds in people
        ]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*tasks)


def check_log(stage: Stage) -> None:
    """Every match ended once; its events are contiguous, each by the newest claimant, and replay bit for bit."""
    by_match: dict[str, Any] = {}
    for _, _, match, event in stage.log.events:
        by_match[match] = evolve(by_match.get(match), event)  # raises for an event that cannot follow
    assert {state.phase for state in by_match.values()} == {Phase.ENDED}
    assert stage.log.of(Voided) == []
    assert stage.log.of(Faulted) == []
    assert stage.log.verify() == []


async def recorder_has_all(stage: Stage) -> None:
    """Wait until the tables have the last event of the log."""
    last = stage.log.events[-1][0]

    async def recorded() -> bool:
        found = await rows(stage.settings.database_url, "checkpoint")  # none: its first batch is still to come
        return any(int(checkpoint["last_seq"]) >= last for checkpoint in found)

    await eventually(recorded)


async def test_200_matches_at_once_among_40_agents_of_8_users(recorded: Stage) -> None:
    stage = recorded
    for role in ("matchmaker", "recorder", "runner", "runner"):
        await stage.spawn(role)
    crowd = Crowd()
    async with crowd.playing(stage, agents=40, users=8, slots=11):
        await stage.log.until(lambda log: len(log.of(Claimed)) >= 200, CROWD_S)
        assert len(stage.log.of(Ended)) == 0
        crowd.go.set()
        await stage.log.until(lambda log: len(log.of(Ended)) >= 200, CROWD_S)
    await stage.log.until(lambda log: len(log.of(Ended)) == len(log.of(Created)), CROWD_S)
    check_log(stage)
    await recorder_has_all(stage)
    url = stage.settings.database_url
    assert len(await rows(url, "events")) == len(stage.log.events)
    assert len(await rows(url, "turns")) == len(stage.log.of(Moved))
    assert {row["status"] for row in await rows(url, "matches")} == {"ended"}
    before = await projections(url)
    database = Database(url)
    await rebuild(database, {GAME: "openskill"}, lambda *_: None)
    await database.close()
    assert await projections(url) == before


async def test_a_killed_runner_costs_nobody_anything(recorded: Stage) -> None:
    stage = recorded
    doomed = await stage.spawn("runner")
    await stage.spawn("matchmaker")
    crowd = Crowd()
    async with crowd.playing(stage, agents=20, users=10, slots=12):
        await stage.log.until(lambda log: len(log.of(Claimed)) >= 100)
        await stage.spawn("runner")
        crowd.go.set()
        await stage.log.until(lambda log: len(log.of(Moved)) >= 300)
        running = len(stage.log.of(Created)) - len(stage.log.of(Ended))
        doomed.kill()
        assert running >= 90
        await stage.log.until(lambda log: len([1 for event in log.of(Claimed) if event.epoch > 1]) >= running * 3 // 4)
    await stage.log.until(lambda log: len(log.of(Ended)) == len(log.of(Created)))
    check_log(stage)


async def test_matches_outlive_a_restart_of_nats(recorded: Stage) -> None:
    stage = recorded
    for role in ("matchmaker", "recorder", "runner"):
        await stage.spawn(role)
    crowd = Crowd()
    crowd.go.set()
    async with crowd.playing(stage, agents=6, users=6, slots=4):
        await stage.log.until(lambda log: len(log.of(Moved)) >= 100)
        await stage.server.stop()
        await stage.server.start()
        done = len(stage.log.of(Ended))
        await stage.log.until(lambda log: len(log.of(Ended)) >= done + 12)
    await stage.log.until(lambda log: len(log.of(Ended)) == len(log.of(Created)))
    check_log(stage)
    await recorder_has_all(stage)


async def test_matches_go_on_while_postgresql_is_down(stage: Stage) -> None:
    postgres = EmbeddedPostgres(stage.settings.home, durable=False)
    await postgres.start()
    try:
        await postgres.create("platform")
        await migrate(postgres.url("platform"))
        stage.settings = msgspec.structs.replace(stage.settings, database_url=postgres.url("platform"), games_file=None)
        for role in ("matchmaker", "recorder", "runner"):
            await stage.spawn(role)
        crowd = Crowd()
        crowd.go.set()
        async with crowd.playing(stage, agents=6, users=6, slots=2):
            await stage.log.until(lambda log: len(log.of(Ended)) >= 10)
            await postgres.stop()
            done = len(stage.log.of(Ended))
            await stage.log.until(lambda log: len(log.of(Ended)) >= done + 20)
        await stage.log.until(lambda log: len(log.of(Ended)) == len(log.of(Created)))
        check_log(stage)
        await postgres.start()
        await recorder_has_all(stage)
        assert len(await rows(stage.settings.database_url, "turns")) == len(stage.log.of(Moved))
        await stage.close()
    finally:
        await postgres.stop()
