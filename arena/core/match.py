"""A match as a fold over its events, and the decisions that make new ones. No I/O, no clock.

    evolve(state, event) -> state        what happened
    decide(state, input, now) -> events  what follows

Rules
-----
1. A match is created once, claimed one or more times, and ends exactly once: with a result, or voided.
2. Only an agent's fault costs an agent. An illegal or malformed reply is warned `strikes_max` times per seat, and the
   turn stands; the next one forfeits. A timeout and an absence forfeit at once.
3. Seats whose clocks run out together forfeit together: nobody wins by being looked at last.
4. After a forfeit the match ends if fewer than two sides (seats, or teams) are left, or the game does not play on.
   Where it plays on, the platform moves for the seats that are out.
5. Placement is by the sum of rewards, ties sharing the better place; seats that are out share the last place. Of a
   team, the mean of its seats' sums counts, and it is out when all its seats are, or when one's forfeit ends the match.
6. A platform's fault voids the match: no result, no rating, no charge.
7. A seat stays its agent's, whichever instance of a stateless agent plays it.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never

import msgspec

from arena.core import clock, standings
from arena.wire.events import (
    Claimed,
    ClockRule,
    Created,
    Ended,
    Faulted,
    FaultRule,
    MatchEvent,
    Move,
    Moved,
    Reseated,
    Result,
    Voided,
)
from arena.wire.faults import AgentFault, Connection, EndCause, PlatformFault, Verdict


class Contradiction(Exception):
    """An event that cannot follow in this phase: two writers, a gap in the log, or a bug. Never an agent's doing."""


class Phase(StrEnum):
    """Where a match stands."""

    CREATED = "created"  # no runner yet
    RUNNING = "running"
    ENDED = "ended"
    VOIDED = "voided"


# Which event may come in which phase, and where it leads. The diagram in docs/architecture.md is made from this.
TRANSITIONS: dict[tuple[Phase | None, type], Phase] = {
    (None, Created): Phase.CREATED,
    (Phase.CREATED, Claimed): Phase.RUNNING,
    (Phase.RUNNING, Claimed): Phase.RUNNING,
    (Phase.RUNNING, Moved): Phase.RUNNING,
    (Phase.RUNNING, Faulted): Phase.RUNNING,
    (Phase.RUNNING, Reseated): Phase.RUNNING,
    (Phase.RUNNING, Ended): Phase.ENDED,
    (Phase.CREATED, Voided): Phase.VOIDED,
    (Phase.RUNNING, Voided): Phase.VOIDED,
}


class MatchState(msgspec.Struct, frozen=True):
    """All that the events of a match say about what may come next. Sequences are by seat."""

    phase: Phase
    clock: ClockRule
    faults: FaultRule
    banks_ms: tuple[float, ...]
    totals: tuple[float, ...]  # rewards so far
    strikes: tuple[int, ...]
    out: frozenset[int] = frozenset()  # seats that forfeited
    epoch: int = 0
    ply: int = 0
    digest: str = ""
    charges: tuple[tuple[int, str], ...] = ()  # (seat, fault in words)
    sides: standings.Sides = ()


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """What a seat is charged with."""

    seat: int
    cause: AgentFault
    expected: str
    evidence: str = ""
    asked_ms: int = 0
    elapsed_ms: float = 0.0
    forgiven_ms: float = 0.0
    sent: int = 0
    replied_ms: int = 0
    reply_bytes: int = 0
    connection: Connection | None = None


class Rejected(msgspec.Struct, frozen=True):
    """A reply was illegal or malformed."""

    charge: Charge


class Lapsed(msgspec.Struct, frozen=True):
    """One or more seats did not answer in time, or are gone."""

    charges: tuple[Charge, ...]


class Stepped(msgspec.Struct, frozen=True):
    """The environment took a step with everyone's moves."""

    moves: list[Move]
    rewards: list[float]
    digest: str
    over: bool


class Broke(msgspec.Struct, frozen=True):
    """The platform failed."""

    cause: PlatformFault
    detail: str


class Resumed(msgspec.Struct, frozen=True):
    """Another runner has it now: what made it end may be in the log without the end. over: no seat will act again."""

    over: bool


Input = Rejected | Lapsed | Stepped | Broke | Resumed


def decide(state: MatchState, happened: Input, now_ms: int) -> list[MatchEvent]:
    """The events that follow, in order. Raises Contradiction when the match is not running (Broke: is over)."""
    match happened:
        case Stepped(moves, rewards, digest, over):
            _expect(state, Moved)
            moved = Moved(at_ms=now_ms, ply=state.ply, moves=moves, rewards=rewards, digest=digest)
            return [moved, _ended(evolve(state, moved), EndCause.FINISHED, now_ms)] if over else [moved]
        case Rejected(charge):
            _expect(state, Faulted)
            warned = state.strikes[charge.seat] < state.faults.strikes_max
            if warned:
                return [_faulted(state, charge, Verdict.WARNED, now_ms)]
            return _forfeit(state, (charge,), now_ms)
        case Lapsed(charges):
            _expect(state, Faulted)
            return _forfeit(state, charges, now_ms)
        case Resumed(over):
            _expect(state, Ended)
            if over:
                return [_ended(state, EndCause.FINISHED, now_ms)]
            return _forfeit(state, (), now_ms) if state.out else []
        case Broke(cause, detail):
            _expect(state, Voided)
            return [Voided(at_ms=now_ms, cause=cause, detail=detail)]
        case _:
            assert_never(happened)


def evolve(state: MatchState | None, event: MatchEvent) -> MatchState:
    """The state after an event. Raises Contradiction for one that cannot follow."""
    phase = TRANSITIONS.get((state.phase if state else None, type(event)))
    if phase is None:
        raise Contradiction(f"{type(event).__name__} cannot follow in phase {state.phase if state else None}")
    if state is None:
        assert isinstance(event, Created)  # noqa: S101 - the table has no other event without a state
        return _created(event)
    match event:
        case Moved():
            return _moved(state, event)
        case Claimed(epoch=epoch, digest=digest):
            return msgspec.structs.replace(state, phase=phase, epoch=epoch, digest=state.digest or digest)
        case Faulted():
            return _charged(state, event)
        case _:
            return msgspec.structs.replace(state, phase=phase)


def results(state: MatchState) -> list[Result]:
    """Placements and scores by seat (rule 5)."""
    placed = standings.placements(state.sides, state.totals, [_is_out(state, side) for side in state.sides])
    return [
        Result(seat=seat, placement=placement, score=score)
        for seat, (placement, score) in enumerate(zip(placed, state.totals, strict=True))
    ]


def charges_of(state: MatchState, seat: int) -> list[str]:
    """What a seat was charged with, in words."""
    return [words for charged, words in state.charges if charged == seat]


def _expect(state: MatchState, event: type) -> None:
    if (state.phase, event) not in TRANSITIONS:
        raise Contradiction(f"{event.__name__} cannot follow in phase {state.phase}")


def _created(event: Created) -> MatchState:
    seats = len(event.seats)
    return MatchState(
        phase=Phase.CREATED,
        clock=event.clock,
        faults=event.faults,
        banks_ms=(float(event.clock.bank_ms),) * seats,
        totals=(0.0,) * seats,
        strikes=(0,) * seats,
        sides=standings.sides([seat.team for seat in event.seats]),
    )


def _moved(state: MatchState, event: Moved) -> MatchState:
    if event.ply != state.ply:
        raise Contradiction(f"ply {event.ply} cannot follow where ply {state.ply} is due")
    banks = state.banks_ms
    if state.clock.bank_ms:
        left = list(banks)
        for move in event.moves:
            if not move.by_platform:
                left[move.seat] = clock.charge(state.clock, left[move.seat], move.think_ms)
        banks = tuple(left)
    totals = tuple(map(float.__add__, state.totals, map(float, event.rewards)))
    return MatchState(
        state.phase,
        state.clock,
        state.faults,
        banks,
        totals,
        state.strikes,
        state.out,
        state.epoch,
        state.ply + 1,
        event.digest,
        state.charges,
        state.sides,
    )


def _charged(state: MatchState, event: Faulted) -> MatchState:
    words = f"ply {event.ply}: {event.cause} ({event.verdict}); expected {event.expected}"
    return msgspec.structs.replace(
        state,
        strikes=tuple(count + (seat == event.seat) for seat, count in enumerate(state.strikes)),
        out=state.out | {event.seat} if event.verdict is Verdict.FORFEITED else state.out,
        charges=(*state.charges, (event.seat, words)),
    )


def _forfeit(state: MatchState, charges: Sequence[Charge], now_ms: int) -> list[MatchEvent]:
    events: list[MatchEvent] = [_faulted(state, charge, Verdict.FORFEITED, now_ms) for charge in charges]
    for event in events:
        state = evolve(state, event)
    still_in = sum(not _is_out(state, side) for side in state.sides)
    if still_in < 2 or not state.faults.plays_on:
        events.append(_ended(state, EndCause.FORFEIT, now_ms))
    return events


def _is_out(state: MatchState, side: Sequence[int]) -> bool:
    """Nobody of this side is left, or somebody's forfeit has ended the match."""
    gone = [seat in state.out for seat in side]
    return all(gone) if state.faults.plays_on else any(gone)


def _faulted(state: MatchState, charge: Charge, verdict: Verdict, now_ms: int) -> Faulted:
    return Faulted(
        at_ms=now_ms,
        seat=charge.seat,
        ply=state.ply,
        cause=charge.cause,
        verdict=verdict,
        expected=charge.expected,
        evidence=charge.evidence,
        asked_ms=charge.asked_ms,
        elapsed_ms=charge.elapsed_ms,
        forgiven_ms=charge.forgiven_ms,
        sent=charge.sent,
        replied_ms=charge.replied_ms,
        reply_bytes=charge.reply_bytes,
        connection=charge.connection,
    )


def _ended(state: MatchState, cause: EndCause, now_ms: int) -> Ended:
    return Ended(at_ms=now_ms, results=results(state), cause=cause, plies=state.ply, digest=state.digest)
