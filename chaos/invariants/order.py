"""2. Per match: contiguous events, one writer at a time, and a digest chain that verifies on replay."""

import asyncio
import multiprocessing
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor

from arena.core.match import Contradiction, MatchState, evolve
from arena.core.records import Entry
from arena.games import Game
from arena.review import verify
from arena.wire.events import Claimed
from chaos.invariants.case import Case, Logged, Violation

CHUNK = 100  # matches; fewer than two of these are verified without other processes

Job = tuple[str, Game, Sequence[Entry]]


async def check(case: Case, games: Mapping[str, Game]) -> list[Violation]:
    """Violations of invariant 2. A match whose events contradict each other already is not replayed."""
    found = list(case.problems)
    sound: list[Job] = []
    for match, events in case.events.items():
        if problem := _contradiction(events):
            found.append(Violation(2, match, f"{match}: {problem}"))
        elif case.games[match] not in games:
            found.append(Violation(2, match, f"{match} is of an unknown game: {case.games[match]}"))
        else:
            sound.append((match, games[case.games[match]], case.entries[match]))
    return found + await _replay(sound)


def _contradiction(events: Sequence[Logged]) -> str:
    """Why these events cannot be one writer's at a time; empty if they can."""
    state: MatchState | None = None
    epoch = 0
    for one in events:
        before = state
        try:
            state = evolve(state, one.event)
        except Contradiction as contradiction:
            return f"event {one.seq}, under epoch {epoch}: {contradiction}"
        if isinstance(one.event, Claimed):
            if one.event.epoch <= epoch:
                return f"event {one.seq}: {one.event.runner} claimed epoch {one.event.epoch} after epoch {epoch}"
            if one.event.digest and before and before.digest and one.event.digest != before.digest:
                return f"event {one.seq}: claimed with digest {one.event.digest}, where the log has {before.digest}"
            epoch = one.event.epoch
    return ""


async def _replay(jobs: list[Job]) -> list[Violation]:
    """Play all of them again, beside the event loop; many, in other processes."""
    chunks = [jobs[begin : begin + CHUNK] for begin in range(0, len(jobs), CHUNK)]
    if len(chunks) < 2:
        return await asyncio.to_thread(_verify, jobs)
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        parts = await asyncio.gather(*(loop.run_in_executor(pool, _verify, chunk) for chunk in chunks))
    return [violation for part in parts for violation in part]


def _verify(jobs: list[Job]) -> list[Violation]:
    found = []
    for match, game, entries in jobs:
        verdict = verify(game, [(entry.seq, entry.subject, entry.payload) for entry in entries])
        if not verdict.ok and not verdict.problem.startswith("the match is not over"):  # invariant 1 says so
            found.append(Violation(2, match, f"{match} cannot be replayed: {verdict.problem}"))
    return found
