"""From admission reports to the table that the API shows."""

from collections.abc import Iterable

import msgspec

from arena.games.report import Report, shipped
from arena.store.admissions import Admission, read_admissions, write_admissions
from arena.store.database import Connection


async def keep(connection: Connection, found: Iterable[Report], at_ms: int) -> None:
    """Show these instead of what was found before. at_ms: when the games were examined, ms since the epoch."""
    await write_admissions(connection, [(one.game, _admission(one, at_ms)) for one in found])


async def keep_shipped(connection: Connection) -> None:
    """What comes with the package, of games that nobody examined here since."""
    known = await read_admissions(connection)
    new = [
        (name, _admission(kept.report, kept.at_ms))
        for name, kept in shipped().items()
        if name not in known or known[name].at_ms < kept.at_ms
    ]
    if new:
        await write_admissions(connection, new)


def _admission(report: Report, at_ms: int) -> Admission:
    return msgspec.convert({**msgspec.structs.asdict(report), "at_ms": at_ms}, Admission)
