"""What the projection takes and gives: an event as the stream has it, a match as the tables have it, a batch's rows."""

from typing import Any, NamedTuple

import msgspec

from arena.core.rating import Rating
from arena.wire import events


class Entry(NamedTuple):
    """One event as the stream has it."""

    seq: int
    subject: str
    at_ms: int  # when the stream stored it
    payload: bytes


class Participation(msgspec.Struct, kw_only=True):
    """One seat of a match."""

    seat: int
    agent: str
    owner: str
    version: int
    instance: str
    placement: int | None = None
    score: float | None = None
    mu_before: float | None = None  # None: not rated
    sigma_before: float | None = None
    mu_after: float | None = None
    sigma_after: float | None = None
    faults: int = 0
    team: int | None = None
    takeovers: int = 0  # how often another instance played the seat on


class Match(msgspec.Struct, kw_only=True):
    """One match as the tables have it."""

    id: str
    game: str
    game_version: str
    status: str  # created, running, ended, voided
    seed: int
    rated: bool
    block: str
    reason: str
    runner: str | None = None
    epoch: int = 0
    cause: str | None = None
    detail: str = ""
    plies: int | None = None
    digest: str | None = None
    created_seq: int
    created_ms: int
    started_ms: int | None = None
    ended_ms: int | None = None
    request: str | None = None  # who asked for it, if somebody did
    seats: list[Participation] = []


class Change(NamedTuple):
    """An event that changes a match's row, and where its own raw row stands in the batch."""

    row: int
    seq: int
    game: str
    match: str
    event: events.MatchEvent


RatingKey = tuple[str, str]  # game, agent


class Decoded(msgspec.Struct):
    """A batch, decoded. Rows are tuples in the order of the tables' columns."""

    events: list[tuple[Any, ...]] = []  # seq, subject, match, stored_ms, payload, error
    turns: list[tuple[Any, ...]] = []
    changes: list[Change] = []
    blocks: set[str] = set()  # to which this batch adds matches

    @property
    def matches(self) -> set[str]:
        """Matches whose rows the fold needs."""
        return {change.match for change in self.changes}


class Rows(msgspec.Struct):
    """What a batch does to the tables."""

    events: list[tuple[Any, ...]]
    turns: list[tuple[Any, ...]]
    faults: list[tuple[Any, ...]] = []
    created: dict[str, Match] = {}
    changed: dict[str, Match] = {}
    ratings: dict[RatingKey, tuple[Rating, int]] = {}  # with the sequence each follows from
    history: list[tuple[Any, ...]] = []

    @property
    def errors(self) -> list[tuple[int, str, str]]:
        """(sequence, subject, error) of the events that could not be projected."""
        return [(row[0], row[1], row[5]) for row in self.events if row[5] is not None]
