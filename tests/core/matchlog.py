"""Logs of matches for the tests of everything that reads one."""

import msgspec

from arena.wire import codec, events
from arena.wire.faults import AgentFault, Connection, EndCause, PlatformFault, Verdict
from arena.wire.subjects import event as subject

NOW_MS = 1_700_000_000_000
Line = tuple[str, bytes]  # subject, payload


def line(match: str, event: events.MatchEvent, game: str = "connect_four") -> Line:
    return subject(game, match, str(type(event).__struct_config__.tag)), msgspec.json.encode(event)


def created(
    match: str,
    agents: list[str],
    *,
    game: str = "connect_four",
    rated: bool = True,
    seed: int = 7,
    versions: tuple[int, ...] = (),
    teams: tuple[int | None, ...] = (),
    block: str = "",
) -> Line:
    seats = [
        events.Seat(agent=agent, owner=f"owner-{agent}", version=version, instance="main", team=team)
        for agent, version, team in zip(
            agents, versions or (1,) * len(agents), teams or (None,) * len(agents), strict=True
        )
    ]
    event = events.Created(
        at_ms=NOW_MS,
        seed=seed,
        seats=seats,
        clock=events.ClockRule(),
        faults=events.FaultRule(),
        rated=rated,
        block=block,
    )
    return line(match, event, game)


def claimed(match: str, epoch: int = 1, *, game: str = "connect_four") -> Line:
    return line(match, events.Claimed(at_ms=NOW_MS + 1, runner="runner-1", epoch=epoch), game)


def moved(match: str, ply: int, *, seats: int = 2, action: object = None, game: str = "connect_four") -> Line:
    move = events.Move(seat=ply % seats, action=ply if action is None else action, think_ms=1.5, lag_ms=0.25)
    event = events.Moved(
        at_ms=NOW_MS + 2 + ply, ply=ply, moves=[move], rewards=[float(ply)] * seats, digest=f"{ply:032x}"
    )
    return line(match, event, game)


def faulted(
    match: str,
    seat: int,
    *,
    evidence: str = "nonsense",
    verdict: Verdict = Verdict.WARNED,
    game: str = "connect_four",
) -> Line:
    event = events.Faulted(
        at_ms=NOW_MS + 50,
        seat=seat,
        ply=1,
        cause=AgentFault.MALFORMED,
        verdict=verdict,
        expected="an integer",
        evidence=evidence,
        asked_ms=NOW_MS,
        elapsed_ms=4.5,
    )
    return line(match, event, game)


def reseated(match: str, seat: int, instance: str = "other", *, game: str = "connect_four") -> Line:
    return line(match, events.Reseated(at_ms=NOW_MS + 60, seat=seat, instance=instance), game)


def late(match: str, seat: int, *, game: str = "connect_four") -> Line:
    """A timeout with all the evidence there can be."""
    event = events.Faulted(
        at_ms=NOW_MS + 70,
        seat=seat,
        ply=1,
        cause=AgentFault.TIMEOUT,
        verdict=Verdict.FORFEITED,
        expected="a reply within 3,000 ms",
        asked_ms=NOW_MS,
        elapsed_ms=3_004.0,
        forgiven_ms=1_200.0,
        sent=2,
        replied_ms=NOW_MS + 4_300,
        reply_bytes=12,
        connection=Connection.RETURNED,
    )
    return line(match, event, game)


def ended(match: str, placements: list[int], *, plies: int = 3, game: str = "connect_four") -> Line:
    results = [
        events.Result(seat=seat, placement=place, score=1.0 if place == 1 else -1.0)
        for seat, place in enumerate(placements)
    ]
    event = events.Ended(at_ms=NOW_MS + 100, results=results, cause=EndCause.FINISHED, plies=plies, digest="d" * 32)
    return line(match, event, game)


def voided(match: str, *, game: str = "connect_four") -> Line:
    return line(match, events.Voided(at_ms=NOW_MS + 90, cause=PlatformFault.CRASHED, detail="it broke"), game)


def later(lines: list[Line], by_ms: int) -> list[Line]:
    """The same events, so much later on the log's clock."""
    moved_on = [(to, codec.decode_event(payload)) for to, payload in lines]
    return [(to, msgspec.json.encode(msgspec.structs.replace(it, at_ms=it.at_ms + by_ms))) for to, it in moved_on]


def whole(match: str, agents: list[str], placements: list[int], plies: int = 3) -> list[Line]:
    """A match from its creation to its result."""
    return [
        created(match, agents),
        claimed(match),
        *(moved(match, ply, seats=len(agents)) for ply in range(plies)),
        ended(match, placements, plies=plies),
    ]
