"""5. Acknowledged means there: what an agent saw, the log has, and had before; what the log has, an agent did."""

from arena.wire import codec
from arena.wire.events import Ended, Move, Voided
from arena.wire.faults import NoticeCode
from chaos.invariants.case import Case, Logged, Violation
from chaos.records import Record

SLACK_MS = 20  # the stream's clock and an agent's are the same machine's, cut to milliseconds


def check(case: Case) -> list[Violation]:
    """Violations of invariant 5."""
    found = []
    for record in case.records:
        text = ""
        if record.what == "turn":
            text = _turn(case, record)
        elif record.what == "over":
            text = _over(case, record)
        elif record.what == "notice" and record.code == NoticeCode.VOIDED:
            text = _voided(case, record)
        if text:
            found.append(Violation(5, record.match, f"{record.agent} {text}"))
    witnesses = {record.agent for record in case.records}
    for match in case.events:
        seats = case.seats(match)
        for ply, (one, moved) in case.moves[match].items():
            for move in moved.moves:
                agent = seats[move.seat].agent if move.seat < len(seats) else ""
                if not move.by_platform and agent in witnesses:
                    text = _move(case, match, ply, agent, move)
                    found += [Violation(5, match, f"event {one.seq}: {text}")] if text else []
    return found


def _turn(case: Case, record: Record) -> str:
    """Whoever is asked for ply n must be able to rely on the moves before it."""
    match, ply = record.match, record.ply
    if match not in case.events:
        return f"was asked for {match}, of which the log knows nothing"
    if not ply:
        return ""
    before = case.moves[match].get(ply - 1)
    if before is None:
        return f"was asked for ply {ply} of {match}, but the log has no move {ply - 1}"
    if before[0].stored_ms > record.at_ms + SLACK_MS:
        late_ms = before[0].stored_ms - record.at_ms
        return f"was asked for ply {ply} of {match} {late_ms} ms before the log had move {ply - 1}"
    return ""


def _over(case: Case, record: Record) -> str:
    """A result that was told is the one in the log, and was there when it was told."""
    over = record.over
    one = _last(case, record.match, Ended)
    if one is None or over is None:
        return f"was told that {record.match} is over, but the log has no result"
    ended = one.event
    assert isinstance(ended, Ended)  # noqa: S101 - chosen by kind
    by_seat = sorted(ended.results, key=lambda result: result.seat)
    logged = ([one.placement for one in by_seat], [one.score for one in by_seat], str(ended.cause), ended.plies)
    told = (over.placements, over.scores, str(over.cause), over.plies)
    if logged != told:
        return f"was told that {record.match} ended {told}, but the log says {logged}"
    if one.stored_ms > record.at_ms + SLACK_MS:
        return f"was told the end of {record.match} {one.stored_ms - record.at_ms} ms before the log had it"
    return ""


def _voided(case: Case, record: Record) -> str:
    if record.match and _last(case, record.match, Voided) is None:
        return f"was told that {record.match} is void, but the log does not say so"
    return ""


def _move(case: Case, match: str, ply: int, agent: str, move: Move) -> str:
    """A logged action must be one the agent gave for this very ply: the first one, where that was accepted."""
    answers = case.answers.get((match, ply, agent), [])
    action = _json(move.action)
    given = [_json(answer.action) for answer in answers]
    if action not in given:
        words = ", ".join(given) or "none"
        return f"{match}, ply {ply}: the log has action {action} of {agent}, which gave {words} for it"
    accepted = [_json(answer.action) for answer in _accepted(case, match, ply, agent, answers)]
    if action not in accepted:
        words = ", ".join(accepted)
        return f"{match}, ply {ply}: {agent} answered {words} and saw the match go on, but the log has {action}"
    return ""


def _accepted(case: Case, match: str, ply: int, agent: str, answers: list[Record]) -> list[Record]:
    """The answers among which the accepted one must be: those given before the agent saw the match go on."""
    later = [
        record.at_ms
        for after in range(ply + 1, max(case.moves[match], default=0) + 2)
        for record in case.turns.get((match, after, agent), [])
    ]
    if not later:
        return answers
    return [answer for answer in answers if answer.at_ms <= min(later)] or answers


def _last(case: Case, match: str, kind: type) -> Logged | None:
    return next((one for one in reversed(case.events.get(match, [])) if isinstance(one.event, kind)), None)


def _json(action: object) -> str:
    return codec.encode_json(action).decode()
