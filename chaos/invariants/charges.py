"""4. No agent pays, in time, faults or rating, for a fault of the platform; whoever pays can read why."""

from arena.core import clock
from arena.core.match import Contradiction, MatchState, evolve
from arena.wire.events import Created, Ended, Faulted, Move, Seat
from arena.wire.faults import AgentFault, EndCause
from chaos.invariants.case import Case, Logged, Violation
from chaos.records import Record

BACK_MS = 500  # from a new connection until the lobby has said welcome, and the turns come again
SLACK_MS = 50.0  # what two clocks and two event loops may differ by
ROUNDED_MS = 1.0
REPLIED = {AgentFault.ILLEGAL, AgentFault.MALFORMED}


def check(case: Case) -> list[Violation]:
    """Violations of invariant 4."""
    away = _absences(case)
    found = []
    for match, events in case.events.items():
        seats = case.seats(match)
        allowances_ms = _allowances_ms(events)
        for one in events:
            if isinstance(one.event, Faulted) and one.event.seat < len(seats):
                texts = _fault(case, seats[one.event.seat], match, one, allowances_ms.get(one.seq, 0.0))
                found += [Violation(4, match, text) for text in texts]
            elif isinstance(one.event, Ended):
                found += [Violation(4, match, text) for text in _result(match, one.event, events)]
        for ply, (logged, moved) in case.moves[match].items():
            for move in moved.moves:
                agent = seats[move.seat].agent if move.seat < len(seats) else ""
                if agent in case.honest and not move.by_platform:
                    found += _clock(case, (match, ply, agent), logged, move, away.get(agent, []))
    return found


def _allowances_ms(events: list[Logged]) -> dict[int, float]:
    """By sequence of each fault: what its seat's clock allowed for the move."""
    state: MatchState | None = None
    found: dict[int, float] = {}
    for one in events:
        if isinstance(one.event, Faulted) and state and one.event.seat < len(state.banks_ms):
            found[one.seq] = clock.allowance_ms(state.clock, state.banks_ms[one.event.seat])
        try:
            state = evolve(state, one.event)
        except Contradiction:
            break  # invariant 2 says so
    return found


def _fault(case: Case, seat: Seat, match: str, one: Logged, allowance_ms: float) -> list[str]:
    """A fault of an honest agent is ours; anybody else's must say why."""
    fault = one.event
    assert isinstance(fault, Faulted)  # noqa: S101 - chosen by the caller
    who = f"{match}, ply {fault.ply}: {seat.agent}"
    if seat.agent in case.honest:
        from_ms = (fault.asked_ms or one.stored_ms) - SLACK_MS
        at = ", ".join(f"{outage.kind} of {outage.target}" for outage in case.overlapping(from_ms, one.stored_ms))
        what = f"{fault.cause} ({fault.verdict}); expected {fault.expected}; {fault.evidence}"
        return [f"{who} is honest and was charged: {what}; meanwhile: {at or 'nothing injected'}"]
    lacking = [
        name
        for name, given in (
            ("expected", fault.expected),
            ("asked_ms", fault.asked_ms),
            ("elapsed_ms", _took_long_enough(fault, allowance_ms)),
            ("connection", fault.connection),
            ("replied_ms", fault.replied_ms or fault.cause not in REPLIED),
            ("reply_bytes", fault.reply_bytes or fault.cause not in REPLIED or _empty(case, match, fault, seat)),
        )
        if not given
    ]
    return [f"{who} was charged ({fault.cause}) without evidence: no {', '.join(lacking)}"] if lacking else []


def _took_long_enough(fault: Faulted, allowance_ms: float) -> bool:
    """Whether the time that was charged bears the charge: for a timeout, all that the clock allowed.

    What is wrong with a reply is wrong in no time too: of one that came out of an outage all of it may be forgiven.
    """
    if fault.cause is AgentFault.TIMEOUT:
        return fault.elapsed_ms >= allowance_ms - ROUNDED_MS
    return fault.elapsed_ms > 0 or fault.forgiven_ms > 0


def _empty(case: Case, match: str, fault: Faulted, seat: Seat) -> bool:
    """Whether the reply may have had no bytes at all: agents of ours that do so say so."""
    return not fault.evidence and any(
        record.misdeed == "garbage" and (record.match, record.ply, record.agent) == (match, fault.ply, seat.agent)
        for record in case.records
    )


def _result(match: str, ended: Ended, events: list[Logged]) -> list[str]:
    """Nobody loses by a forfeit that no fault stands for."""
    forfeits = any(isinstance(one.event, Faulted) and one.event.verdict == "forfeited" for one in events)
    if ended.cause is EndCause.FORFEIT and not forfeits:
        return [f"{match} ended by forfeit, but nobody forfeited"]
    return []


def _clock(
    case: Case, where: tuple[str, int, str], logged: Logged, move: Move, absences: list[tuple[int, int]]
) -> list[Violation]:
    """What was charged for a move must have been the agent's own time."""
    answers, turns = case.answers.get(where, []), case.turns.get(where, [])
    if not answers:
        return []  # invariant 5 says so
    created = next((one.event for one in case.events[where[0]] if isinstance(one.event, Created)), None)
    allowance_ms = created.clock.lag_ms_max if created else 0
    asked_ms = logged.stored_ms - move.think_ms - move.lag_ms - move.forgiven_ms
    since_ms = min(asked_ms, *(turn.at_ms for turn in (*turns, *answers)))
    own_ms = max(answer.think_ms for answer in answers) + _passed_on(turns, answers)
    own_ms += sum(max(min(until, logged.stored_ms) - max(since, since_ms), 0) for since, until in absences)
    if move.think_ms <= own_ms + allowance_ms + SLACK_MS:
        return []
    match, ply, agent = where
    meanwhile = [one for one in case.overlapping(since_ms, logged.stored_ms) if one.target != agent]
    if len(meanwhile) < len(case.overlapping(since_ms, logged.stored_ms)):
        return []  # its own network was cut or slowed: its time, and not its fault
    at = ", ".join(f"{one.kind} of {one.target}" for one in meanwhile)
    text = f"{match}, ply {ply}: {agent} was charged {move.think_ms:.0f} ms for {own_ms:.0f} ms of its own"
    return [Violation(4, match, f"{text}; meanwhile: {at or 'nothing injected'}")]


def _passed_on(turns: list[Record], answers: list[Record]) -> float:
    """How long the turn lay with another instance, which died with it, before the one that answered had it."""
    answered = {answer.instance for answer in answers}
    died = [turn.at_ms for turn in turns if turn.instance not in answered]
    had = [turn.at_ms for turn in turns if turn.instance in answered]
    return max(min(had) - min(died), 0) if died and had else 0


def _absences(case: Case) -> dict[str, list[tuple[int, int]]]:
    """When agents were away by their own doing (a `bye` of an instance to its next `hello`), or got no processor."""
    found: dict[str, list[tuple[int, int]]] = {}
    gone: dict[tuple[str, str], int] = {}
    for record in case.records:
        who = (record.agent, record.instance)
        if record.what == "stall":
            found.setdefault(record.agent, []).append((record.at_ms - int(record.think_ms), record.at_ms))
        elif record.what == "bye":
            gone.setdefault(who, record.at_ms)
        elif record.what == "hello" and who in gone:
            found.setdefault(record.agent, []).append((gone.pop(who), record.at_ms + BACK_MS))
    return found
