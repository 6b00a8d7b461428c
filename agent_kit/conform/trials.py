"""All trials of one program, each with an agent and a process of its own, side by side on one server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from agent_kit.conform import breaking, playing, ranked
from agent_kit.conform.check import Check, Outcome, attempt_all
from agent_kit.conform.ground import open_ground
from agent_kit.conform.trial import Trial

PATIENCE_S = 10.0
BEAT_MS = 1_000
ALL: tuple[Check, ...] = (*playing.CHECKS, *breaking.CHECKS, *breaking.REFUSED, *breaking.REVOKED, *ranked.CHECKS)


async def conform(
    command: Sequence[str], *, patience_s: float = PATIENCE_S, beat_ms: int = BEAT_MS, match: bool = True
) -> list[Outcome]:
    """Try a program. Its outcomes, in the order of the table.

    command: the program and its arguments; `{creds}` in one is replaced by the credentials' path, which is in
    ARENA_CREDS too. patience_s: how long to wait for what a right agent does at once. beat_ms: what the welcome asks
    for. match: play one on the real matchmaker and runner, too.
    Raises MountFailed where it cannot be started, ServerError or Unreachable where there is no nats-server.
    """
    async with open_ground() as ground:

        def trial(**how: Any) -> contextlib.AbstractAsyncContextManager[Trial]:
            return _opened(Trial(ground, command, patience_s=patience_s, beat_ms=beat_ms), **how)

        refusal = breaking.refusal()
        async with trial(unanswered=1) as whole, trial(refusal=refusal) as refused, trial() as revoked:
            side_by_side = await asyncio.gather(
                attempt_all(whole, (*playing.CHECKS, *breaking.CHECKS)),
                attempt_all(refused, breaking.REFUSED),
                attempt_all(revoked, breaking.REVOKED),
            )
        outcomes = [outcome for group in side_by_side for outcome in group]
        if match:  # now: its lobby would hear those hellos too
            async with trial(alone=True) as real:
                outcomes += await attempt_all(real, ranked.CHECKS)
        return outcomes


@contextlib.asynccontextmanager
async def _opened(trial: Trial, **how: Any) -> AsyncIterator[Trial]:
    await trial.open(**how)
    try:
        yield trial
    finally:
        await trial.close()
