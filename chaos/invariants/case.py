"""The evidence, put in order: events by match, records by match and ply, and what was done to the platform when."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from arena.core.records import Entry
from arena.wire import codec, subjects
from arena.wire.events import Created, MatchEvent, Moved, Seat, kind
from chaos.records import Record


class Violation(msgspec.Struct, frozen=True):
    """Something that must not be."""

    invariant: int
    match: str  # "": it is not about one match
    text: str


class Outage(msgspec.Struct, frozen=True):
    """One injected fault."""

    kind: str
    target: str  # a process, or an agent's id
    from_ms: int  # since the epoch
    until_ms: int


class Logged(msgspec.Struct, frozen=True):
    """One event of a match."""

    seq: int
    stored_ms: int  # by the stream's clock
    event: MatchEvent


Where = tuple[str, int, str]  # match, ply, agent


@dataclass
class Case:
    """Everything that is known."""

    entries: dict[str, list[Entry]] = field(default_factory=dict)  # by match, in the log's order
    events: dict[str, list[Logged]] = field(default_factory=dict)
    moves: dict[str, dict[int, tuple[Logged, Moved]]] = field(default_factory=dict)  # by match and ply, the first each
    games: dict[str, str] = field(default_factory=dict)  # match -> game
    problems: list[Violation] = field(default_factory=list)  # found while reading
    records: list[Record] = field(default_factory=list)
    honest: set[str] = field(default_factory=set)
    outages: list[Outage] = field(default_factory=list)
    turns: dict[Where, list[Record]] = field(default_factory=dict)  # as the agents saw them
    answers: dict[Where, list[Record]] = field(default_factory=dict)  # as they gave them, misdeeds apart
    last_seen: dict[tuple[str, str], Record] = field(default_factory=dict)  # (match, agent) -> its newest turn

    @classmethod
    def of(cls, log: Sequence[Entry], records: Sequence[Record], honest: set[str], outages: Sequence[Outage]) -> "Case":
        """Read the log and sort the records."""
        case = cls(honest=honest, outages=list(outages), records=sorted(records, key=lambda record: record.at_ms))
        case._read(log)
        turns: defaultdict[Where, list[Record]] = defaultdict(list)
        answers: defaultdict[Where, list[Record]] = defaultdict(list)
        for record in case.records:
            if record.what == "turn":
                turns[record.match, record.ply, record.agent].append(record)
                newest = case.last_seen.get((record.match, record.agent))
                if newest is None or record.ply > newest.ply:
                    case.last_seen[record.match, record.agent] = record
            elif record.what == "answer":
                answers[record.match, record.ply, record.agent].append(record)
        case.turns, case.answers = dict(turns), dict(answers)
        return case

    def seats(self, match: str) -> list[Seat]:
        """Who was seated; empty without a created event."""
        return next((one.event.seats for one in self.events.get(match, []) if isinstance(one.event, Created)), [])

    def overlapping(self, from_ms: float, until_ms: float, margin_ms: float = 0) -> list[Outage]:
        """What was going on between the two, or up to `margin_ms` before."""
        return [one for one in self.outages if one.from_ms <= until_ms and one.until_ms + margin_ms >= from_ms]

    def _read(self, log: Iterable[Entry]) -> None:
        tail = 0
        for entry in log:
            if entry.seq != tail + 1:
                text = f"the log goes on with event {entry.seq} after {tail}"
                self.problems.append(Violation(5, "", f"{text}: what was acknowledged is missing"))
            tail = entry.seq
            try:
                game, match, last = subjects.split_event(entry.subject)
                event = codec.decode_event(entry.payload)
            except (ValueError, msgspec.DecodeError) as error:
                self.problems.append(Violation(2, "", f"event {entry.seq} on {entry.subject}: {error}"))
                continue
            if kind(event) != last or self.games.setdefault(match, game) != game:
                text = f"event {entry.seq} on {entry.subject} is {kind(event)!r} of a match of {self.games[match]}"
                self.problems.append(Violation(2, match, text))
            self.entries.setdefault(match, []).append(entry)
            logged = Logged(entry.seq, entry.at_ms, event)
            self.events.setdefault(match, []).append(logged)
            moves = self.moves.setdefault(match, {})
            if isinstance(event, Moved):
                moves.setdefault(event.ply, (logged, event))
