"""When results are rated, and what that changes: a part of the fold (arena.core.projection).

A match by itself is rated when it ends.  The matches of a block (arena.core.blocks) are one result, and rated once: at
the event that leaves none of them running.  Those that were voided count for nothing.  A block is what the log has of
it at that event: nothing waits for a match that never was created, and one that comes later is a result of its own.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from arena.core import rating
from arena.core.records import Match, Participation, RatingKey, Rows

OVER = frozenset({"ended", "voided"})

_Block = tuple[str, str, bool, tuple[str, ...]]


class Settling:
    """Rates what is over. Adds to `rows`; matches: all that the fold starts from.

    models: rating model by game; without one, games of one seat are rated by score and others by OpenSkill.
    """

    def __init__(
        self,
        rows: Rows,
        matches: Mapping[str, Match],
        ratings: Mapping[RatingKey, rating.Rating],
        models: Mapping[str, rating.Model],
    ) -> None:
        self._rows = rows
        self._ratings = ratings
        self._models = models
        self._blocks: defaultdict[_Block, list[Match]] = defaultdict(list)
        for match in sorted(matches.values(), key=lambda it: it.created_seq):
            self.begun(match)

    def begun(self, match: Match) -> None:
        """A match was created."""
        if match.block:
            self._blocks[_block(match)].append(match)

    def over(self, match: Match, seq: int) -> None:
        """A match ended or was voided, at this event."""
        block = self._blocks[_block(match)] if match.block else [match]
        if not match.rated or any(it.status not in OVER for it in block):
            return
        due = [it for it in block if it.status == "ended" and it.seats[0].mu_after is None]
        if due:
            self._rate(due, seq, match.ended_ms or 0)

    def _rate(self, due: Sequence[Match], seq: int, at_ms: int) -> None:
        """One result of matches of the same agents; `due` in the order of their creation."""
        first = due[0]
        agents = [seat.agent for seat in first.seats]
        if len({*agents}) < len(agents):
            return
        keys = [(first.game, agent) for agent in agents]
        model = self._models.get(first.game) or ("score" if len(keys) == 1 else "openskill")
        seats = [_by_agent(match, agents) for match in due]
        before = [
            rating.believed(model, self._known(model, key), max(seat.version for seat in own), first.created_ms)
            for key, own in zip(keys, zip(*seats, strict=True), strict=True)
        ]
        results = [([it.placement or 1 for it in table], [it.score or 0.0 for it in table]) for table in seats]
        after = rating.rate_together(model, before, results, [seat.team for seat in first.seats], at_ms)
        for table in seats:
            for seat, old, new in zip(table, before, after, strict=True):
                seat.mu_before, seat.sigma_before = old.mu, old.sigma
                seat.mu_after, seat.sigma_after = new.mu, new.sigma
        for key, new in zip(keys, after, strict=True):
            self._rows.ratings[key] = (new, seq)
            self._rows.history.append((*key, seq, due[-1].id, new.mu, new.sigma, at_ms))
        self._rows.changed |= {it.id: it for it in due if it.id not in self._rows.created}

    def _known(self, model: rating.Model, key: RatingKey) -> rating.Rating:
        if key in self._rows.ratings:
            return self._rows.ratings[key][0]
        return self._ratings.get(key) or rating.initial(model)


def _block(match: Match) -> _Block:
    """What the matches of a block have in common, whatever else the log says."""
    return match.game, match.block, match.rated, tuple(sorted(seat.agent for seat in match.seats))


def _by_agent(match: Match, agents: Sequence[str]) -> list[Participation]:
    seats = {seat.agent: seat for seat in match.seats}
    return [seats[agent] for agent in agents]
