"""All trials of one program, each with an agent and a process of its own, side by side on one server."""

import contextlib
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any, NamedTuple

from agent_kit.conform import breaking, playing, ranked, tictactoe
from agent_kit.conform.check import Check, Tried, attempt_all
from agent_kit.conform.ground import open_ground
from agent_kit.conform.positions import asked
from agent_kit.conform.trial import Trial
from arena.stack.processes import together

PATIENCE_S = 10.0
START_S = 30.0
BEAT_MS = 1_000


class Group(NamedTuple):
    """Checks of one trial, and how its `open` is called."""

    checks: tuple[Check, ...]
    how: dict[str, Any]


REAL = Group(ranked.CHECKS, {"alone": True})
GROUPS = (
    Group((*playing.CHECKS, *breaking.CHECKS), {}),
    Group(breaking.REFUSED, {"refusal": breaking.refusal()}),
    Group(breaking.REVOKED, {}),
    REAL,
)
ALL: tuple[Check, ...] = tuple(check for group in GROUPS for check in group.checks)
NAMES = tuple(check.name for check in ALL)


async def conform(
    command: Sequence[str],
    *,
    patience_s: float = PATIENCE_S,
    start_s: float = START_S,
    beat_ms: int = BEAT_MS,
    only: Collection[str] = NAMES,
    game: str = tictactoe.NAME,
) -> Tried:
    """Try a program; outcomes are in the order of the table.

    command: the program and its arguments; `{creds}` in one is replaced by the credentials' path, which is in
    ARENA_CREDS too. patience_s: how long to wait for what a right agent does at once. start_s: until it says hello,
    from its start. beat_ms: what the welcome asks for. only: names of checks; those that these cannot do without are
    tried, too. game: what it is asked to play.
    Raises ValueError for an unknown check, MountFailed where the program cannot be started or the game is not there,
    ServerError or Unreachable where there is no nats-server.
    """
    if (unknown := set(only) - set(NAMES)) or not only:
        raise ValueError(f"no such check: {', '.join(sorted(unknown)) or '(none)'}; known: {', '.join(NAMES)}")
    asked_game = asked(game)
    tried: dict[tuple[Check, ...], Tried] = {}
    async with open_ground() as ground:

        async def attempt(group: Group) -> None:
            checks = [check for check in group.checks if check.gate or check.name in only]
            how = group.how | ({"unanswered": 1} if playing.INSISTS in checks else {})
            trial = Trial(ground, command, asked_game, patience_s=patience_s, start_s=start_s, beat_ms=beat_ms)
            async with _opened(trial, **how):
                tried[group.checks] = Tried(await attempt_all(trial, checks), trial.program.said())

        wanted = [group for group in GROUPS if {check.name for check in group.checks} & set(only)]
        await together(*(attempt(group) for group in wanted if group is not REAL))
        if REAL in wanted:  # now: the real lobby would hear the others' hellos too
            await attempt(REAL)
    outcomes = [outcome for group in wanted for outcome in tried[group.checks].outcomes]
    return Tried(outcomes, tried[wanted[0].checks].output)


@contextlib.asynccontextmanager
async def _opened(trial: Trial, **how: Any) -> AsyncIterator[Trial]:
    try:
        await trial.open(**how)
        yield trial
    finally:
        await trial.close()
