"""One match on the real matchmaker and runner, against an agent that moves at random."""

import asyncio
import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

from agent_kit.conform.check import Check
from agent_kit.conform.ground import Ground
from agent_kit.conform.trial import NotTried, Trial, Unmet
from agent_kit.mount import play
from agent_kit.turn import Turn
from arena.bus import Bus, connect
from arena.bus.kv import put
from arena.bus.provision import provision
from arena.games import load_catalogue
from arena.stack.processes import die_with_parent, end, tail
from arena.wire import codec, subjects
from arena.wire.events import Created, Ended, Faulted, MatchEvent, Voided
from arena.wire.registry import AgentRecord, Quarantine
from arena.wire.subjects import Role

SERVICES = (Role.MATCHMAKER, Role.RUNNER)
START_S = 60.0  # for two processes to start, find each other and make a match, on a busy machine
MATCH_S = 600.0
CLOSED_S = 3600  # longer than all of it
STOP_S = 25.0


async def plays_ranked(trial: Trial) -> None:
    """From the pairing to the result, with no fault. Raises Unmet."""
    if not trial.game.actions:
        raise NotTried("the agents that it would meet play games of discrete actions only")
    ground, log = trial.ground, Log(trial)
    await ground.bus.subscribe(subjects.EVENTS_ALL, log.on)
    opponents = [ground.agent(ground.server.url) for _ in range(trial.game.seats - 1)]
    await _register(ground, trial.game.name, trial.subject.agent, *(opponent.agent for opponent in opponents))
    async with contextlib.AsyncExitStack() as stack:
        for role in SERVICES:
            await stack.enter_async_context(_service(ground, role))
        url, games = ground.server.url, [trial.game.name]
        tasks = [asyncio.create_task(play(_anything, creds=one.creds, url=url, games=games)) for one in opponents]
        try:
            await log.until_over()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


class Log:
    """The events of the platform's log, as they come."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._seat: dict[str, int] = {}  # the agent's, by match
        self._over: MatchEvent | None = None
        self._faults: list[Faulted] = []

    async def on(self, message: Any) -> None:
        """One event."""
        _, match, _ = subjects.split_event(message.subject)
        agent = self._trial.subject.agent
        match codec.decode_event(message.data):
            case Created(seats=seats) if agent in (ids := [seat.agent for seat in seats]):
                self._seat[match] = ids.index(agent)
            case Faulted(seat=seat) as fault if self._seat.get(match) == seat:
                self._faults.append(fault)
            case Ended() | Voided() as over if match in self._seat:
                self._over = over
        self._trial.host.changed()

    async def until_over(self) -> None:
        """Wait for the end of the first match. Raises Unmet for one that did not end as it should."""
        trial = self._trial
        try:
            await trial.until(lambda: self._seat, "a match to begin", START_S)
            await trial.until(lambda: self._over, "the match's end", MATCH_S)
        except Unmet as unmet:
            logs = "\n".join(tail(trial.ground.home / "logs" / f"{role}.log") for role in SERVICES)
            raise Unmet(f"{unmet}; the services' logs end:\n{logs}") from None
        if self._faults:
            words = "; ".join(
                f"{fault.cause}: expected {fault.expected}, got {fault.evidence}" for fault in self._faults
            )
            raise Unmet(f"it was charged: {words}")
        if not isinstance(self._over, Ended):
            raise Unmet("the match was voided by a fault of the platform")


async def _register(ground: Ground, game: str, *agents: str) -> None:
    """Make the streams, let the matchmaker know the agents, and close all games but one: who plays all meets that."""
    now_ms, catalogue = time.time_ns() // 1_000_000, load_catalogue()
    closed: dict[str, Any] = {
        "why": f"only {game} is played here",
        "since_ms": now_ms,
        "until_ms": now_ms + CLOSED_S * 1000,
    }
    creds = ground.home / "creds" / f"{Role.REGISTRAR}.creds"
    bus: Bus = await connect(ground.server.url, creds, name="conform", inbox=subjects.inbox(Role.REGISTRAR))
    try:
        await provision(bus, catalogue, claim_lease_ms=2_000)
        for other in set(catalogue) - {game}:
            await put(bus, subjects.QUARANTINE_BUCKET, other, Quarantine(game=other, matches=[], **closed))
        for agent in agents:
            await put(bus, subjects.AGENTS_BUCKET, agent, AgentRecord(owner=f"u{agent}", name=f"n{agent[-6:]}"))
    finally:
        await bus.close()


@contextlib.asynccontextmanager
async def _service(ground: Ground, role: Role) -> AsyncIterator[None]:
    """One of the platform's services, as a process, until the end of the block."""
    log = ground.home / "logs" / f"{role}.log"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ARENA_")}
    environ |= {"ARENA_HOME": str(ground.home), "ARENA_NATS_URL": ground.server.url}
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "arena", str(role)),
            env=environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
    try:
        yield
    finally:
        await end(process.pid, signal.SIGTERM, STOP_S)
        await process.wait()


def _anything(turn: Turn) -> Any:
    return random.choice(turn.legal or turn.actions)


CHECKS = (
    Check(
        "ranked", True, "plays a match on the real matchmaker and runner, without a fault",
        "See what it was charged with.",
        plays_ranked,
    ),
)  # fmt: skip
