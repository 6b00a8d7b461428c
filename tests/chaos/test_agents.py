"""The agents of the suite do what they are said to do, on the real parts; the honest among them are never charged."""

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest

import arena.matchmaker.service
import arena.runner.service
from arena.wire.events import Created, Ended, Faulted, Moved, Reseated
from arena.wire.faults import AgentFault
from arena.wire.subjects import Role
from chaos.agents import BEHAVIOURS, bad, honest
from chaos.records import Record, read
from tests.chaos.evidence import Cast, collect
from tests.stage import Stage, open_stage

GAMES = ["tictactoe", "connect_four"]
HERE = ("twice", "late", "other_match", "flood", "garbage", "huge", "hangs", "reconnects")


@pytest.fixture
async def playing() -> AsyncIterator[Stage]:
    """A stage with a short clock, a matchmaker and a runner."""
    async with open_stage() as stage:
        assert stage.settings.games_file
        rows = (
            f'[[game]]\nname = "{game}"\nclock = {{ move_ms = 2_000 }}\nfaults = {{ gone_grace_ms = 8_000 }}\n'
            for game in GAMES
        )
        stage.settings.games_file.write_text("".join(rows))
        await stage.serve(Role.RUNNER, arena.runner.service.run)
        await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
        yield stage


def misdeeds(records: list[Record]) -> set[str]:
    return {record.misdeed for record in records if record.misdeed}


async def test_bad_agents_misbehave_and_only_they_are_charged(playing: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bad, "SELDOM", 0.2)
    monkeypatch.setattr(bad, "BETWEEN_BURSTS_S", (0.5, 1.0))
    monkeypatch.setattr(bad, "BURST", 300)
    monkeypatch.setattr(bad, "HANGS_S", (3.0, 4.0))
    monkeypatch.setattr(honest, "CONNECTED_S", (1.0, 2.0))
    cast = Cast(playing, GAMES)
    for behaviour in (*HERE, "honest", "honest"):
        await cast.add(behaviour)
    folder = playing.settings.home / "records"
    wanted = {"twice", "late", "other_match", "trespass", "flood", "garbage", "huge", "hangs", "reconnects"}
    await playing.log.until(
        lambda log: (
            {AgentFault.TIMEOUT, AgentFault.MALFORMED} <= {fault.cause for fault in log.of(Faulted)}
            and wanted <= misdeeds(read(folder))
        )
    )
    await cast.leave()
    evidence = await collect(playing, cast.honest)
    assert await evidence.check() == []


async def test_one_that_dies_leaves_its_records_and_one_that_is_stateless_lives_on(playing: Stage) -> None:
    folder = playing.settings.home / "records"
    honest_ids, processes = set(), []
    for behaviour in ("stateless", "dies", "honest"):
        agent, creds = await playing.agent()
        if BEHAVIOURS[behaviour].honest:
            honest_ids.add(agent)
        options = {
            "--creds": creds,
            "--url": playing.settings.nats,
            "--games": ",".join(GAMES),
            "--slots": 3,
            "--behaviour": behaviour,
            "--records": folder,
            "--name": behaviour,
        }
        words = [str(word) for option in options.items() for word in option]
        processes.append(await asyncio.create_subprocess_exec(sys.executable, "-m", "chaos.agents", *words))
    stateless, dies, other = processes
    await playing.log.until(lambda log: log.of(Reseated))
    async with asyncio.timeout(60):
        assert await dies.wait() == -9
    moves = len(playing.log.of(Moved))
    await playing.log.until(lambda log: len(log.of(Moved)) > moves + 20)
    for process in (stateless, other):
        process.terminate()
    async with asyncio.timeout(60):
        assert [await stateless.wait(), await other.wait()] == [0, 0]
    evidence = await collect(playing, honest_ids)
    assert await evidence.check() == []
    assert {"dies"} <= misdeeds(list(evidence.records))
    assert len(playing.log.of(Created)) == len(playing.log.of(Ended))
