"""3. The tables are the fold of the log, row for row and byte for byte; no event stands there with an error."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import msgspec

from arena.core.projection import decode, fold
from arena.core.records import Entry, Rows
from arena.games import Game
from arena.store import schema
from chaos.invariants.case import Violation

SHOWN = 5  # differences of one table that are spelled out

Row = tuple[Any, ...]
TABLES = ("events", *(table.name for table in schema.PROJECTIONS))
_QUERIES = {name: f"SELECT * FROM {name}" for name in TABLES}  # noqa: S608 - our own tables' names
_KEYS = {name: [column.name for column in schema.metadata.tables[name].primary_key] for name in TABLES}


async def check(log: Sequence[Entry], url: str, games: Mapping[str, Game]) -> list[Violation]:
    """Violations of invariant 3."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            at = await connection.fetchval("SELECT last_seq FROM checkpoint") or 0
            found = {name: [dict(row) for row in await connection.fetch(query)] for name, query in _QUERIES.items()}
    finally:
        await connection.close()
    violations = []
    last = log[-1].seq if log else 0
    if at != last:
        violations.append(Violation(3, "", f"the tables say they are at event {at}, the log is at {last}"))
    wanted = folded([entry for entry in log if entry.seq <= at], games)
    for name in TABLES:
        violations += _compare(name, wanted[name], found[name])
    for row in found["events"]:
        if row["error"] is not None:
            violations.append(Violation(3, row["match"] or "", f"event {row['seq']} has an error: {row['error']}"))
    return violations


def folded(log: Sequence[Entry], games: Mapping[str, Game]) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, as one fold over the whole log gives them."""
    rows = fold(decode(log), {}, {}, {name: game.rating for name, game in games.items()})
    return {name: [_named(name, row) for row in made] for name, made in _made(rows).items()}


def _made(rows: Rows) -> dict[str, list[Row]]:
    """Rows as tuples, in the order of the tables' columns."""
    columns = {name: [column.name for column in schema.metadata.tables[name].columns] for name in TABLES}
    matches = rows.created.values()
    return {
        "events": rows.events,
        "matches": [tuple(getattr(match, name) for name in columns["matches"]) for match in matches],
        "participations": [
            (match.id, *(getattr(seat, name) for name in columns["participations"][1:]))
            for match in matches
            for seat in match.seats
        ],
        "turns": rows.turns,
        "faults": rows.faults,
        "ratings": [
            (*key, *(seq if name == "seq" else getattr(rating, name) for name in columns["ratings"][2:]))
            for key, (rating, seq) in rows.ratings.items()
        ],
        "rating_history": rows.history,
    }


def _named(table: str, row: Row) -> dict[str, Any]:
    names = [column.name for column in schema.metadata.tables[table].columns]
    return dict(zip(names, row, strict=True))


def _compare(table: str, wanted: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[Violation]:
    """What one table has too little, too much, or otherwise."""
    key = _KEYS[table]
    due = {tuple(row[name] for name in key): row for row in wanted}
    there = {tuple(row[name] for name in key): row for row in found}
    words = [f"{table} lacks {_words(key, at)}" for at in due.keys() - there.keys()]
    words += [f"{table} has {_words(key, at)}, which the log does not give" for at in there.keys() - due.keys()]
    for at in due.keys() & there.keys():
        differing = [name for name, value in due[at].items() if not _same(value, there[at][name])]
        for name in differing:
            texts = f"{_brief(there[at][name])} instead of {_brief(due[at][name])}"
            words.append(f"{table} {_words(key, at)}: {name} is {texts}")
    words.sort()
    if len(words) > SHOWN:
        words = [*words[:SHOWN], f"{table}: {len(words) - SHOWN} more differences"]
    return [Violation(3, "", text) for text in words]


def _same(wanted: Any, found: Any) -> bool:
    """An action is JSON, which PostgreSQL may write in other words; anything else is the same or is not."""
    if isinstance(wanted, msgspec.Raw | bytes) and isinstance(found, str):
        return bool(msgspec.json.decode(wanted) == msgspec.json.decode(found))
    return bool(wanted == found)


def _words(key: list[str], values: Row) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(key, values, strict=True))


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
