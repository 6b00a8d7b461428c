"""Tables as a fold over the log: raw events in, rows out.

    decode(entries)  ->  fold(decoded, matches, ratings)  ->  Rows

Between the two the caller loads what the fold starts from: the matches that `decoded.matches` names, with all others of
the same blocks and of `decoded.blocks`, then the ratings that `rated(decoded, matches)` names.  An event that cannot be
understood, or that makes no sense where it stands, is kept raw with an `error` and changes nothing else.  The same
events in the same order give the same rows, however they are cut into batches.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec

from arena.core import rating
from arena.core.records import Change, Decoded, Entry, Match, Participation, RatingKey, Rows
from arena.core.settling import OVER, Settling
from arena.wire import events
from arena.wire.codec import decode_event
from arena.wire.subjects import split_event


class _Move(msgspec.Struct, frozen=True):
    """events.Move; the action goes into its column as it is, unparsed."""

    seat: Annotated[int, msgspec.Meta(ge=0)]
    action: msgspec.Raw
    think_ms: float = 0.0
    lag_ms: float = 0.0
    forgiven_ms: float = 0.0
    by_platform: bool = False


class _Moved(msgspec.Struct, frozen=True, tag_field="kind", tag="moved"):
    """events.Moved, of which there are far more than of all others."""

    at_ms: int
    ply: int
    moves: list[_Move]
    rewards: list[float]
    digest: str


_decode_moved = msgspec.json.Decoder(_Moved).decode
_NUL = b"\\u0000"  # JSON may hold it, PostgreSQL's text and jsonb may not


def decode(entries: Iterable[Entry]) -> Decoded:
    """Decode a batch. Never raises: what cannot be decoded gets an error in its raw row."""
    decoded = Decoded()
    rows, turns = decoded.events, decoded.turns
    for entry in entries:
        seq, subject, at_ms, payload = entry
        match = error = None
        try:
            game, match, kind = split_event(subject)
            if kind == "moved":
                _turns(turns, match, payload)
            else:
                event = decode_event(payload)
                if event.__struct_config__.tag != kind:
                    raise ValueError(f"expected an event of kind {kind}, got {event.__struct_config__.tag}")
                decoded.changes.append(Change(len(rows), seq, game, match, event))
                if isinstance(event, events.Created) and event.block:
                    decoded.blocks.add(_text(event.block))
        except (msgspec.DecodeError, ValueError, IndexError) as problem:
            error = str(problem) or type(problem).__name__
        rows.append((seq, subject, match, at_ms, payload, error))
    return decoded


def _turns(turns: list[tuple[Any, ...]], match: str, payload: bytes) -> None:
    moved = _decode_moved(payload)
    clean = _NUL not in payload
    turns += [
        (
            match,
            moved.ply,
            move.seat,
            move.action if clean else msgspec.json.encode(_cleaned(msgspec.json.decode(move.action))),
            move.think_ms,
            move.lag_ms,
            moved.rewards[move.seat],
            move.by_platform,
            moved.at_ms,
            moved.digest,
            move.forgiven_ms,
        )
        for move in moved.moves
    ]


def _cleaned(value: Any) -> Any:
    """The same value with every NUL character replaced."""
    match value:
        case str():
            return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
        case list():
            return [_cleaned(item) for item in value]
        case dict():
            return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    return value


def rated(decoded: Decoded, matches: Mapping[str, Match]) -> set[RatingKey]:
    """Whose ratings the fold may need: the seats of all matches that are over in this batch."""
    over = {change.match for change in decoded.changes if isinstance(change.event, events.Ended | events.Voided)}
    keys = {
        (change.game, seat.agent)
        for change in decoded.changes
        if change.match in over and isinstance(change.event, events.Created)
        for seat in change.event.seats
    }
    return keys | {(matches[id_].game, seat.agent) for id_ in over & matches.keys() for seat in matches[id_].seats}


def fold(
    decoded: Decoded,
    matches: Mapping[str, Match],
    ratings: Mapping[RatingKey, rating.Rating],
    models: Mapping[str, rating.Model],
) -> Rows:
    """All rows of a batch. `matches` are changed in place. models: rating model by game (arena.core.settling)."""
    rows = Rows(events=decoded.events, turns=decoded.turns)
    known = dict(matches)
    settling = Settling(rows, matches, ratings, models)
    for change in decoded.changes:
        try:
            match = _apply(rows, known, settling, change)
        except ValueError as error:
            raw = rows.events[change.row]
            rows.events[change.row] = (*raw[:5], str(error))
        else:
            if match.id not in rows.created:
                rows.changed[match.id] = match
    return rows


def _apply(rows: Rows, known: dict[str, Match], settling: Settling, change: Change) -> Match:
    """One event. Raises ValueError when it makes no sense here; nothing is changed then."""
    match = known.get(change.match)
    if isinstance(change.event, events.Created):
        if match is not None:
            raise ValueError("the match was created before")
        match = known[change.match] = rows.created[change.match] = _created(change, change.event)
        settling.begun(match)
        return match
    if match is None:
        raise ValueError("no created event of this match comes before")
    if match.status in OVER:
        raise ValueError(f"the match was {match.status} before")
    match change.event:
        case events.Claimed(at_ms=at_ms, runner=runner, epoch=epoch):
            match.status, match.runner, match.epoch = "running", _text(runner), epoch
            match.started_ms = match.started_ms or at_ms
        case events.Faulted() as fault:
            _faulted(rows, match, change.seq, fault)
        case events.Reseated(seat=seat, instance=instance):
            taken = _seat(match, seat)
            taken.instance, taken.takeovers = _text(instance), taken.takeovers + 1
        case events.Ended() as ended:
            _ended(match, ended)
            settling.over(match, change.seq)
        case events.Voided(at_ms=at_ms, cause=cause, detail=detail):
            match.status, match.cause, match.detail, match.ended_ms = "voided", cause.value, _text(detail), at_ms
            settling.over(match, change.seq)
    return match


def _created(change: Change, created: events.Created) -> Match:
    if not 0 <= created.seed < 1 << 64:
        raise ValueError(f"expected a seed of 64 bits, got {created.seed}")
    return Match(
        id=change.match,
        game=change.game,
        game_version=_text(created.game_version),
        status="created",
        seed=created.seed,
        rated=created.rated,
        block=_text(created.block),
        reason=_text(created.reason),
        created_seq=change.seq,
        created_ms=created.at_ms,
        request=_text(created.request) or None,
        seats=[
            Participation(
                seat=index,
                agent=seat.agent,
                owner=seat.owner,
                version=seat.version,
                instance=_text(seat.instance),
                team=seat.team,
            )
            for index, seat in enumerate(created.seats)
        ],
    )


def _faulted(rows: Rows, match: Match, seq: int, fault: events.Faulted) -> None:
    _seat(match, fault.seat).faults += 1
    rows.faults.append(
        (
            seq,
            match.id,
            fault.seat,
            fault.ply,
            fault.cause.value,
            fault.verdict.value,
            _text(fault.expected),
            _text(fault.evidence),
            fault.asked_ms,
            fault.elapsed_ms,
            fault.at_ms,
            fault.forgiven_ms,
            fault.sent,
            fault.replied_ms,
            fault.reply_bytes,
            fault.connection and fault.connection.value,
        )
    )


def _seat(match: Match, seat: int) -> Participation:
    if not 0 <= seat < len(match.seats):
        raise ValueError(f"expected a seat below {len(match.seats)}, got {seat}")
    return match.seats[seat]


def _ended(match: Match, ended: events.Ended) -> None:
    if sorted(result.seat for result in ended.results) != list(range(len(match.seats))):
        raise ValueError(f"expected one result for each of {len(match.seats)} seats")
    for result in ended.results:
        match.seats[result.seat].placement = result.placement
        match.seats[result.seat].score = result.score
    match.status, match.cause, match.plies = "ended", ended.cause.value, ended.plies
    match.digest, match.ended_ms = _text(ended.digest), ended.at_ms


def _text(text: str) -> str:
    """Without NUL characters, which PostgreSQL's text cannot hold."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
