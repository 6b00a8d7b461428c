"""What must hold after any faults, checked from the log, the tables, and what the agents saw; nothing else is asked.

    1  ends     every created match ends exactly once, and a void is the platform's doing
    2  order    per match: contiguous events, one writer at a time, a digest chain that replays
    3  tables   the tables are the fold of the log
    4  charges  no agent pays for a fault of the platform; whoever pays can read why
    5  seen     what an agent saw, the log has; what the log has, an agent did

(6, leaks, is about processes, not about what they left behind.)  The rules themselves are not written again here:
`arena.core.match` folds, `arena.review` replays, `arena.core.projection` makes rows.
"""

import asyncio
from collections.abc import Mapping, Sequence

from arena.core.records import Entry
from arena.games import Game
from chaos.invariants import charges, ends, order, seen, tables
from chaos.invariants.case import Case, Outage, Violation
from chaos.records import Record


async def check(
    log: Sequence[Entry],
    tables_url: str,
    records: Sequence[Record],
    honest: set[str],
    outages: Sequence[Outage],
    games: Mapping[str, Game],
) -> list[Violation]:
    """All violations, in the order of the invariants; none if all is well.

    log: the whole stream, from its first event; tables_url: PostgreSQL, where the recorder has caught up ("": there are
    no tables, and invariant 3 is not checked); honest: ids of agents that must never be charged; outages: what was done
    to whom and when; games: those that were played.
    """
    case = await asyncio.to_thread(Case.of, log, records, honest, outages)
    found = ends.check(case)
    found += await order.check(case, games)
    if tables_url:
        found += await tables.check(log, tables_url, games)
    found += charges.check(case)
    found += seen.check(case)
    return sorted(found, key=lambda violation: violation.invariant)


__all__ = ["Entry", "Outage", "Violation", "check"]
