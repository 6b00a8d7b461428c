"""Each deliberately broken build is caught by the invariant it breaks, where the sound one is clean."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

import arena.matchmaker.service
import arena.runner.service
from agent_kit import Turn
from arena.bus.rewind import rewind
from arena.stack.embedded import EmbeddedPostgres
from arena.wire import codec, subjects
from arena.wire.events import Claimed, Ended, Moved
from arena.wire.play import Action
from arena.wire.play import Turn as WireTurn
from arena.wire.subjects import Role
from chaos.agents import Setting
from chaos.agents.bare import Bare
from chaos.agents.honest import Player, mounted
from chaos.agents.setting import pause
from chaos.broken import BREAKAGES
from chaos.invariants import Outage, Violation
from tests.chaos.evidence import Cast, Evidence, collect, database, recorded
from tests.eventually import DEADLINE_S
from tests.stage import Stage, open_stage

GAME = "connect_four"
LOCKED = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'turns'::regclass"
GAMES = f'[[game]]\nname = "{GAME}"\nclock = {{ move_ms = 1_000 }}\nfaults = {{ gone_grace_ms = 10_000 }}\n'
OUTAGE_S = 2.0  # longer than a move's time and its lag
LAUNCH = "chaos.launch"
BEHIND_S = 6.0  # a broken recorder that has not caught up by then never will


@pytest.fixture
async def hurried() -> AsyncIterator[Stage]:
    """A stage with a short clock and a matchmaker."""
    async with open_stage() as stage:
        assert stage.settings.games_file
        stage.settings.games_file.write_text(GAMES)
        await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
        yield stage


class Holding(Player):
    """Holds the first turn of its match from ply `ply` on, until `go` is set."""

    def __init__(self, setting: Setting, ply: int, reached: asyncio.Event, go: asyncio.Event) -> None:
        super().__init__(setting.witness, setting.rng, (0.05, 0.1))
        self._ply = ply
        self._reached = reached
        self._go = go

    async def turn(self, turn: Turn) -> Any:
        if turn.ply >= self._ply:
            self._reached.set()
            await self._go.wait()
        return await super().turn(turn)


class Moment:
    """A moment in a match: some agent has the turn `ply`, and nobody answers from there on until `go`."""

    def __init__(self, ply: int) -> None:
        self.ply = ply
        self.reached = asyncio.Event()
        self.go = asyncio.Event()

    async def mounted(self, setting: Setting) -> None:
        await mounted(setting, Holding(setting, self.ply, self.reached, self.go))

    async def bare(self, setting: Setting) -> None:
        """The same by an agent that remembers nothing: asked again, it may answer otherwise."""

        async def answer(bare: Bare, turn: WireTurn, reply: str) -> None:
            if turn.ply >= self.ply:
                self.reached.set()
                await self.go.wait()
            await bare.give(turn, reply)

        await Bare(setting, answer).run()

    async def __call__(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            await self.reached.wait()


def ms() -> int:
    return time.time_ns() // 1_000_000


async def brought_to(stage: Stage, ply: int, *, bare: bool = False) -> tuple[asyncio.subprocess.Process, Moment, Cast]:
    """A runner whose match has come to this ply, and two agents that wait there."""
    runner = await stage.spawn("runner", module=LAUNCH)
    moment, cast = Moment(ply), Cast(stage, [GAME], slots=1)
    for seed in range(2):
        await cast.add("holds", moment.bare if bare else moment.mounted, seed=seed)
    await moment()
    return runner, moment, cast


async def zombie(stage: Stage) -> Evidence:
    """A runner is stopped, another one takes its match over, and the first one wakes up."""
    stopped, moment, cast = await brought_to(stage, 2)
    stopped.send_signal(signal.SIGSTOP)
    since_ms = ms()
    moment.go.set()  # its answer waits for the sleeper
    await stage.spawn("runner", module=LAUNCH)
    await stage.log.until(lambda log: any(claimed.epoch > 1 for claimed in log.of(Claimed)))
    moves = len(stage.log.of(Moved))
    await stage.log.until(lambda log: len(log.of(Moved)) >= moves + 2)
    stopped.send_signal(signal.SIGCONT)
    await stage.log.until(lambda log: len(log.of(Moved)) >= moves + 5)
    stopped.send_signal(signal.SIGTERM)
    await stopped.wait()
    await cast.leave()
    return await collect(stage, cast.honest, [Outage("stop", "runner", since_ms, ms())])


async def killed(stage: Stage) -> Evidence:
    """A runner is killed the moment an agent has seen a move's consequence."""
    doomed, moment, cast = await brought_to(stage, 3, bare=True)
    doomed.kill()
    since_ms = ms()
    await doomed.wait()
    moment.go.set()
    await stage.spawn("runner", module=LAUNCH)
    await stage.log.until(lambda log: len(log.of(Ended)) >= 1)
    await cast.leave()
    return await collect(stage, cast.honest, [Outage("kill", "runner", since_ms, ms())])


async def muddled(stage: Stage) -> Evidence:
    """An agent answers its third turn as if it were its second one, and then says hello and answers it rightly."""
    await stage.spawn("runner", module=LAUNCH)
    muddle: dict[str, int] = {}

    async def play(setting: Setting) -> None:
        async def answer(bare: Bare, turn: WireTurn, reply: str) -> None:
            legal = bare.actions(turn)
            if turn.ply in {4, 5} and turn.match not in muddle:
                muddle[turn.match] = turn.ply
                bare.note("misdeed", misdeed="other_match", match=turn.match, ply=turn.ply, action=legal[0])
                await bare.send(reply, codec.encode_json(Action(ply=turn.ply - 2, action=legal[0])))
                await bare.client.request(subjects.HELLO.at(agent=bare.agent), bare.hello)
                return
            bare.note("answer", match=turn.match, seat=turn.seat, ply=turn.ply, action=legal[-1])
            await bare.send(reply, codec.encode_json(Action(ply=turn.ply, action=legal[-1])))

        await Bare(setting, answer).run()

    cast = Cast(stage, [GAME], slots=1)
    for seed in range(2):
        await cast.add("muddled", play, seed=seed)
    await stage.log.until(lambda log: len(log.of(Ended)) >= 2)
    await cast.leave()
    return await collect(stage, cast.honest)


async def away(stage: Stage) -> Evidence:
    """A runner is stopped for longer than a move may take, while an agent's answer is on its way to it."""
    runner, moment, cast = await brought_to(stage, 2)
    runner.send_signal(signal.SIGSTOP)
    since_ms = ms()
    moment.go.set()
    await pause(cast.stop, OUTAGE_S)
    runner.send_signal(signal.SIGCONT)
    until_ms = ms()
    await stage.log.until(lambda log: len(log.of(Ended)) >= 1)
    await cast.leave()
    return await collect(stage, cast.honest, [Outage("stop", "runner", since_ms, until_ms)])


CAUGHT: list[tuple[str, Callable[[Stage], Awaitable[Evidence]], int]] = [
    ("fencing", zombie, 2),
    ("ack_before_write", killed, 5),
    ("dedup", muddled, 5),
    ("charge_outage", away, 4),
]


@pytest.mark.parametrize("build", ["sound", "broken"])
@pytest.mark.parametrize(("name", "scenario", "invariant"), CAUGHT, ids=[row[0] for row in CAUGHT])
async def test_a_broken_runner_is_caught(
    hurried: Stage,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    scenario: Callable[[Stage], Awaitable[Evidence]],
    invariant: int,
    build: str,
) -> None:
    if build == "broken":
        monkeypatch.setenv("CHAOS_BREAK", name)
    violations = await (await scenario(hurried)).check()
    expect(violations, invariant, build)


async def cut_short(stage: Stage, patience_s: float) -> Evidence:
    """The recorder is killed while it writes rows: PostgreSQL holds them up."""
    url = stage.settings.database_url
    doomed, cast = await played_a_while(stage)
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE turns IN SHARE MODE")
            async with asyncio.timeout(DEADLINE_S):
                while not await connection.fetchval(LOCKED):
                    await pause(cast.stop, 0.02)
            doomed.kill()
            await doomed.wait()
    finally:
        await connection.close()
    await stage.spawn("recorder", module=LAUNCH)
    await cast.leave()
    return await collect(stage, cast.honest, patience_s=patience_s)


async def delivered_again(stage: Stage, patience_s: float) -> Evidence:
    """The stream delivers everything to the recorder once more."""
    doomed, cast = await played_a_while(stage)
    await recorded(stage.settings.database_url, stage.log.events[-1][0] - 10)
    doomed.kill()
    await doomed.wait()
    await rewind(stage.registrar, subjects.RECORDER_CONSUMER, 1)
    await stage.spawn("recorder", module=LAUNCH)
    await cast.leave()
    return await collect(stage, cast.honest, patience_s=patience_s)


async def played_a_while(stage: Stage) -> tuple[asyncio.subprocess.Process, Cast]:
    """A recorder at work on matches that go on."""
    recorder = await stage.spawn("recorder", module=LAUNCH)
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    cast = Cast(stage, [GAME], slots=1)
    for seed in range(2):
        await cast.add("honest", seed=seed)
    await recorded(stage.settings.database_url, 10)
    return recorder, cast


RECORDERS: list[tuple[str, Callable[[Stage, float], Awaitable[Evidence]], int]] = [
    ("recorder_ack_before_write", cut_short, 3),
    ("recorder_dedup", delivered_again, 3),
]


@pytest.mark.parametrize("build", ["sound", "broken"])
@pytest.mark.parametrize(("name", "scenario", "invariant"), RECORDERS, ids=[row[0] for row in RECORDERS])
async def test_a_broken_recorder_is_caught(
    hurried: Stage,
    postgres: EmbeddedPostgres,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    scenario: Callable[[Stage, float], Awaitable[Evidence]],
    invariant: int,
    build: str,
) -> None:
    if build == "broken":
        monkeypatch.setenv("CHAOS_BREAK", name)
    patience_s = DEADLINE_S if build == "sound" else BEHIND_S
    async with database(hurried, postgres, "chaos_broken"):
        violations = await (await scenario(hurried, patience_s)).check()
        await hurried.close()
    expect(violations, invariant, build)


def expect(violations: list[Violation], invariant: int, build: str) -> None:
    if build == "sound":
        assert violations == []
    else:
        assert invariant in {one.invariant for one in violations}, violations


def test_every_broken_build_is_tried() -> None:
    assert {row[0] for row in (*CAUGHT, *RECORDERS)} == set(BREAKAGES)
