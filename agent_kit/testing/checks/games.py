"""Whole games against actions drawn at random, and what they tell of a policy."""

from collections.abc import Iterator
from typing import Any

import msgspec

from agent_kit.errors import PolicyError
from agent_kit.observed import Observed, Observer
from agent_kit.policy import Agent, Policy
from agent_kit.testing.checks.finding import Finding, Verdict
from agent_kit.testing.match import play_async
from agent_kit.turn import Over, Turn
from arena.games import Game
from arena.wire.faults import AgentFault

HELD_NOTE_S, HELD_FAILED_S = 0.1, 1.0  # of the event loop, in which the heartbeats are
SHARE_NOTE = 0.5  # of the clock: a slower machine or a longer game, and it is too late


class Seen(Observer):
    """What was seen in all games."""

    def __init__(self) -> None:
        self.took_ms: list[float] = []
        self.share = 0.0  # the most of a turn's clock that was used
        self.held_s = 0.0
        self.starts = self.ends = 0
        self.at: Turn | Over | None = None
        self.held_at: Turn | None = None

    def began(self, turn: Turn) -> None:
        """Count it."""
        self.starts += 1
        self.at = turn

    def asked(self, turn: Turn) -> None:
        """Note where we are."""
        self.at = turn

    def answered(self, turn: Turn, action: Any, took_s: float, held_s: float) -> None:
        """Note how long it took."""
        self.took_ms.append(took_s * 1000)
        self.share = max(self.share, took_s * 1000 / max(turn.left_ms, 1))
        if held_s > self.held_s:
            self.held_s, self.held_at = held_s, turn

    def ended(self, over: Over) -> None:
        """Count it."""
        self.ends += 1
        self.at = over


class Played(msgspec.Struct):
    """The games, and what became of them."""

    seen: Seen
    is_async: bool
    has_hooks: bool
    matches: int = 0
    faults: list[str] = []
    raised: PolicyError | None = None

    @property
    def late(self) -> list[str]:
        """Faults that are timeouts."""
        return [fault for fault in self.faults if AgentFault.TIMEOUT in fault]


async def play_games(policy: Policy | Agent, game: Game, matches: int, seed: int, *, stateless: bool) -> Played:
    """Play them at one seat after the other, until the policy raises."""
    observed = Observed(policy, seen := Seen())
    hooks = isinstance(policy, Agent) and (type(policy).start is not Agent.start or type(policy).over is not Agent.over)
    played = Played(seen, observed.is_async, hooks)
    try:
        for number in range(matches):
            seat = number % game.seats
            result = await play_async(game, *[None] * seat, observed, seed=seed + number, stateless=stateless)
            played.matches += 1
            played.faults += [f"seat {seat}, {fault}" for fault in result.faults[seat]]
            if played.late:
                break  # each match would take as long
    except PolicyError as error:
        played.raised = error
    finally:
        observed.release()
    return played


def findings(game: Game, played: Played) -> Iterator[Finding]:
    """What the games tell. Where the policy raised, nothing but that."""
    if played.raised is not None:
        in_hook = isinstance(played.seen.at, Over)
        yield Finding(
            "hooks" if in_hook else "exceptions",
            game.name,
            Verdict.FAILED,
            str(played.raised),
            "its traceback is in the log; online this ends the agent, and forfeits all matches that it plays",
        )
        return
    yield Finding("exceptions", game.name, Verdict.OK, f"{played.matches} matches, {len(played.seen.took_ms)} turns")
    yield _legality(game, played)
    yield _deadline(game, played)
    if played.is_async:
        yield _blocking(game, played.seen)
    if played.has_hooks:
        count = f"start was called {played.seen.starts} times, over {played.seen.ends} times"
        yield Finding("hooks", game.name, Verdict.OK, count)


def _legality(game: Game, played: Played) -> Finding:
    wrong = [fault for fault in played.faults if fault not in played.late]
    if not wrong:
        return Finding("legality", game.name, Verdict.OK, "every action was legal")
    advice = "choose from turn.legal" if "illegal" in wrong[0] else "return an element of the action space"
    return Finding(
        "legality",
        game.name,
        Verdict.FAILED,
        f"{len(wrong)} faults in {played.matches} matches; the first: {wrong[0]}",
        f"{advice}; {game.faults.strikes_max} faults are warned, the next one forfeits the match",
    )


def _deadline(game: Game, played: Played) -> Finding:
    times = sorted(played.seen.took_ms)
    thinks = (
        f"p50 {quantile(times, 0.5):.3g} ms, p99 {quantile(times, 0.99):.3g} ms, at most {times[-1]:.3g} ms"
        if (times)
        else "it never answered"
    )
    rules = [f"{game.clock.move_ms:,} ms a move"] if game.clock.move_ms else []
    if game.clock.bank_ms:
        rules.append(f"{game.clock.bank_ms:,} ms a match (+{game.clock.increment_ms:,} ms a move)")
    found = f"{thinks}; the clock allows {' and '.join(rules)}"
    if played.late:
        advice = "look at turn.left_ms and stop in time: an answer that comes too late forfeits the match"
        return Finding("deadline", game.name, Verdict.FAILED, f"{played.late[0]}; {found}", advice)
    if played.seen.share > SHARE_NOTE:
        advice = f"{played.seen.share:.0%} of a clock was used: on a busier machine that may be too late"
        return Finding("deadline", game.name, Verdict.NOTE, found, advice)
    return Finding("deadline", game.name, Verdict.OK, found)


def _blocking(game: Game, seen: Seen) -> Finding:
    found = f"it held the event loop for {ms(seen.held_s * 1000)} at most"
    if seen.held_s < HELD_NOTE_S:
        return Finding("blocking", game.name, Verdict.OK, found)
    verdict = Verdict.FAILED if seen.held_s >= HELD_FAILED_S else Verdict.NOTE
    advice = (
        "an async policy that computes stops heartbeats and all its other matches: make it a plain function, which "
        "runs in a thread, or use await asyncio.to_thread(...), agent_kit.Batch or agent_kit.Processes"
    )
    return Finding("blocking", game.name, verdict, f"{found}, at {seen.held_at!r}", advice)


def ms(number: float) -> str:
    """Milliseconds, as many digits as matter."""
    return f"{number:,.0f} ms" if number >= 10 else f"{number:.2g} ms"


def quantile(ordered: list[float], share: float) -> float:
    """Of an ordered list: what so large a share of it does not exceed."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
