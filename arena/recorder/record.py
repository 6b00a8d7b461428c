"""One batch of events into the tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from arena.core.projection import decode, fold, rated
from arena.core.rating import Model, Rating
from arena.core.records import Decoded, Entry, Match, RatingKey, Rows
from arena.store.database import Refused
from arena.store.recording import Recording

Models = Mapping[str, Model]


async def record(tables: Recording, entries: Sequence[Entry], models: Models, *, stored: bool = False) -> list[Rows]:
    """Write a batch, inside a transaction of the caller's. Raises Unavailable; never fails for an event's content.

    stored: the raw events are in the tables already (`arena rebuild`). What PostgreSQL or the fold refuses is found by
    halving the batch, and is kept raw, with the reason.
    """
    try:
        async with tables.transaction():
            decoded = decode(entries)
            matches = await tables.matches(decoded.matches, decoded.blocks)
            ratings = await tables.ratings(rated(decoded, matches))
            rows = _fold(decoded, matches, ratings, models)
            await _write_events(tables, rows.events, stored)
            await tables.write(rows)
            return [rows]
    except Refused as refusal:
        if len(entries) == 1:
            rows = _refused(entries[0], str(refusal))
            await _write_events(tables, rows.events, stored)
            return [rows]
    middle = len(entries) // 2
    first = await record(tables, entries[:middle], models, stored=stored)
    return first + await record(tables, entries[middle:], models, stored=stored)


def _fold(decoded: Decoded, matches: Mapping[str, Match], ratings: Mapping[RatingKey, Rating], models: Models) -> Rows:
    try:
        return fold(decoded, matches, ratings, models)
    except Exception as error:  # whatever one event does to the fold, it must not stop the log
        raise Refused(f"{type(error).__name__}: {error}") from error


def _refused(entry: Entry, why: str) -> Rows:
    """Only the raw event, with the reason."""
    row = decode([entry]).events[0]
    match = row[2] if row[2] and "\0" not in row[2] else None
    return Rows(events=[(row[0], _clean(row[1]), match, *row[3:5], _clean(row[5] or why))], turns=[])


def _clean(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


async def _write_events(tables: Recording, rows: list[tuple[Any, ...]], stored: bool) -> None:
    if stored:
        await tables.flag_events({row[0]: row[5] for row in rows if row[5] is not None})
    else:
        await tables.write_events(rows)
