"""Rated matches with what was believed of their agents before: what predictions are compared with."""

import msgspec
from sqlalchemy import ARRAY, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.core.calibration import Prediction, predict
from arena.core.rating import Rating
from arena.store.ladders import PROVISIONAL_PLAYED
from arena.store.schema import Id


class RatedMatch(msgspec.Struct, frozen=True, kw_only=True):
    """One match; lists are by seat."""

    match: str
    game: str
    mu: list[float]
    sigma: list[float]
    placements: list[int]
    teams: list[int | None]
    before: int  # rated matches that its least experienced agent had in this game before

    @property
    def settled(self) -> bool:
        """Whether nobody's rating was provisional."""
        return self.before >= PROVISIONAL_PLAYED

    @property
    def prediction(self) -> Prediction:
        """What the ratings before it said, and what came of it."""
        believed = [Rating(mu=mu, sigma=sigma) for mu, sigma in zip(self.mu, self.sigma, strict=True)]
        return predict(believed, self.placements, self.teams)


_RATED = text("""
    WITH seated AS (
        SELECT m.game, p.match, p.seat, p.team, p.placement, p.mu_before, p.sigma_before,
               row_number() OVER (PARTITION BY m.game, p.agent ORDER BY p.match) - 1 AS before
        FROM participations p JOIN matches m ON m.id = p.match
        WHERE p.mu_before IS NOT NULL AND p.placement IS NOT NULL AND m.game = ANY(:games)
    )
    SELECT match, game, array_agg(mu_before ORDER BY seat) AS mu, array_agg(sigma_before ORDER BY seat) AS sigma,
           array_agg(placement ORDER BY seat) AS placements, array_agg(team ORDER BY seat) AS teams,
           min(before) AS before
    FROM seated GROUP BY match, game HAVING count(*) > 1 ORDER BY match DESC LIMIT :matches
""").bindparams(bindparam("games", type_=ARRAY(Id)))


async def rated_matches(connection: AsyncConnection, games: list[str], *, matches: int) -> list[RatedMatch]:
    """The newest of these games, newest first; those of one seat are left out, as nobody is compared there.

    It reads all rated matches of the games: not for what people wait for.
    """
    rows = (await connection.execute(_RATED, {"games": games, "matches": matches})).mappings()
    return [RatedMatch(**row) for row in rows]
