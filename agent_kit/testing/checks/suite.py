"""All checks of one policy at one game."""

import gc
import itertools
import statistics
import time
import tracemalloc
from collections.abc import AsyncIterator, Collection

import msgspec

from agent_kit.errors import PolicyError
from agent_kit.testing.checks import games
from agent_kit.testing.checks.finding import Finding, Verdict
from agent_kit.testing.checks.trials import Maker, Recorded, Relay, Twice
from agent_kit.testing.match import play_async
from agent_kit.testing.rows import row
from arena.games import Game

OF_GAMES = ("exceptions", "legality", "deadline", "blocking", "hooks")
CHECKS = (*OF_GAMES, "determinism", "reconnect", "takeover", "memory")
WARM_UP_MATCHES, MEMORY_MATCHES = 2, 6
MEMORY_S_MAX = 30.0
GREW_NOTE, GREW_FAILED = 16 * 1024, 256 * 1024  # bytes a match
MANY = 10_000  # matches: a day of short games
TAKEN_AFTER = 2  # own turns


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What is tried. make: the policy as a new process would have it; stateless: whether it says that it is.

    matches: whole games, at least one at every seat; checks: which ones.
    """

    make: Maker
    stateless: bool = False
    matches: int = 4
    seed: int = 1
    checks: Collection[str] = CHECKS


async def examine(trial: Trial, game: str | Game) -> AsyncIterator[Finding]:
    """One finding after the other, as they come. Raises MountFailed where the game or the mount is not there."""
    chosen = row(game)
    matches = max(trial.matches, chosen.seats)
    if set(OF_GAMES) & set(trial.checks):
        played = await games.play_games(trial.make(), chosen, matches, trial.seed, stateless=trial.stateless)
        for finding in games.findings(chosen, played):
            if finding.check in trial.checks or finding.verdict is Verdict.FAILED:
                yield finding
        if played.raised is not None or played.faults:
            return  # it would go wrong again
    checks = {"determinism": _determinism, "reconnect": _reconnect, "takeover": _takeover, "memory": _memory}
    for name, check in checks.items():
        if name in trial.checks:
            try:
                yield await check(trial, chosen)
            except PolicyError as error:
                advice = "it did not raise before: whole games went well"
                yield Finding(name, chosen.name, Verdict.FAILED, str(error), advice)


async def _determinism(trial: Trial, game: Game) -> Finding:
    tries = []
    for _ in range(2):
        recorded = Recorded(trial.make)
        try:
            await play_async(game, recorded, seed=trial.seed, stateless=trial.stateless)
        finally:
            recorded.release()
        tries.append(recorded.actions)
    first, again = tries
    if first == again:
        return Finding("determinism", game.name, Verdict.OK, f"the same {len(first)} actions twice, in the same game")
    differ = (number for number, pair in enumerate(zip(first, again, strict=False)) if pair[0] != pair[1])
    if (at := next(differ, None)) is None:
        return Finding(
            "determinism", game.name, Verdict.NOTE, "the same actions, but the game itself went on otherwise"
        )
    found = f"in the same game its turn {at + 1} was answered {first[at].decode()} and {again[at].decode()}"
    return Finding("determinism", game.name, Verdict.NOTE, found, "as it should be, if it draws; else look for state")


async def _reconnect(trial: Trial, game: Game) -> Finding:
    twice = Twice(trial.make)
    try:
        result = await play_async(game, twice, seed=trial.seed, stateless=trial.stateless)
    finally:
        twice.release()
    turns = len(twice.actions)
    if result.faults[0]:
        found = f"a turn that came twice was answered wrongly: {result.faults[0][0]}"
        advice = "after a lost connection a turn may come again: answer from the turn, and do not count calls"
        return Finding("reconnect", game.name, Verdict.FAILED, found, advice)
    if twice.changed:
        found = f"{twice.changed} of {turns} turns that came twice were answered in another way, and legally"
        return Finding("reconnect", game.name, Verdict.NOTE, found, "harmless: the first answer counts")
    return Finding("reconnect", game.name, Verdict.OK, f"{turns} turns came twice, and had the same answer")


async def _takeover(trial: Trial, game: Game) -> Finding:
    relay = Relay(trial.make, TAKEN_AFTER)
    advice = (
        "read turn.history, and begin from any turn in start(turn); or do not say stateless"
        if trial.stateless
        else "online this happens when its process is started again; begin from any turn (turn.ply) in start(turn)"
    )
    bad = Verdict.FAILED if trial.stateless else Verdict.NOTE
    try:
        result = await play_async(game, relay, seed=trial.seed, stateless=trial.stateless)
    except PolicyError as error:
        return Finding("takeover", game.name, bad, f"another instance went on in the middle: {error}", advice)
    finally:
        relay.release()
    if result.faults[0]:
        found = f"another instance went on in the middle: {result.faults[0][0]}"
        return Finding("takeover", game.name, bad, found, advice)
    if not relay.taken_over:
        found = f"not tried: the match had only {len(relay.actions)} turns of it"
        return Finding("takeover", game.name, Verdict.NOTE, found)
    found = f"another instance went on after turn {TAKEN_AFTER}, and played {len(relay.actions) - TAKEN_AFTER} legally"
    return Finding("takeover", game.name, Verdict.OK, found)


async def _memory(trial: Trial, game: Game) -> Finding:
    recorded = Recorded(trial.make)
    sizes: list[int] = []
    began_s = time.monotonic()
    ours = not tracemalloc.is_tracing()
    if ours:
        tracemalloc.start()
    try:
        for number in range(WARM_UP_MATCHES + MEMORY_MATCHES):
            await play_async(game, recorded, seed=trial.seed + number, stateless=trial.stateless)
            recorded.actions.clear()
            gc.collect()
            if number >= WARM_UP_MATCHES - 1:
                sizes.append(tracemalloc.get_traced_memory()[0])
            if time.monotonic() - began_s > MEMORY_S_MAX:
                break
    finally:
        recorded.release()
        if ours:
            tracemalloc.stop()
    grew = [after - before for before, after in itertools.pairwise(sizes)]
    if len(grew) < MEMORY_MATCHES // 2:
        found = f"not measured: matches take too long to play many within {MEMORY_S_MAX:.0f} s"
        return Finding("memory", game.name, Verdict.NOTE, found)
    typical = statistics.median(grew)
    if typical < GREW_NOTE:
        return Finding("memory", game.name, Verdict.OK, f"{max(typical, 0) / 1024:.0f} KiB more after each match")
    found = f"{typical / 1024:,.0f} KiB more after each match: {typical * MANY / 2**30:.1f} GiB after {MANY:,}"
    verdict = Verdict.FAILED if typical >= GREW_FAILED else Verdict.NOTE
    return Finding("memory", game.name, verdict, found, "forget in over(over) what was kept of that match")
