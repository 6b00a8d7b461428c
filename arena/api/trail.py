"""/api/agents/{agent_id}/trail: an agent's own turns of one match, for its owner to see what it saw.

Observations are not in the log. They are made again by playing the match again (`arena.api.replays`: child processes, a
time limit, a small memory), and of each position only what this agent's own seats saw gets out.
"""

from typing import Annotated, Any

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter

from arena.api.acceptable import Invalid, Unknown
from arena.api.agents import provide_agent
from arena.api.answers import problems_of
from arena.api.matches import OVER, PLY_MAX, known_match
from arena.api.replays import EVENTS_MAX, Key, Replays, Unshowable, What
from arena.store import reading
from arena.store.accounts import Agent
from arena.store.database import Database
from arena.store.reading import Fault, Match, PlayedTurn
from arena.store.trail import own_faults, own_turns
from arena.wire.board import Guide

PLIES_MAX = 100  # in one answer
FAULTS_MAX = 1_000


class OwnTurn(msgspec.Struct, frozen=True, kw_only=True):
    """What one seat saw, and did about it."""

    ply: int
    seat: int
    observation: Any = None  # null, and `legal` too: it could not be made again (see `problem`), or is too large
    legal: list[int] | None = None  # null: every action of the space
    guide: Guide | None = None  # for a person who plays the seat; null: it was not asked for, or could not be made
    played: PlayedTurn | None  # null: nothing yet, or nothing that counted
    faults: list[Fault]


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """Own turns of a match, in order. next: null: these are the last ones so far."""

    items: list[OwnTurn]
    next: str | None
    match: str
    game: str
    status: reading.Status
    seats: list[int]  # the agent's
    problem: str  # why observations are missing; empty: they are not


class _View(msgspec.Struct, frozen=True):
    seat: int
    observation: Any
    legal: list[int] | None
    guide: Guide | None = None


class _Position(msgspec.Struct, frozen=True):
    ply: int
    views: list[_View]


class TrailController(Controller):
    """What only an agent's owner may see."""

    path = "/agents/{agent_id:str}/trail"
    tags = ("agents",)
    dependencies = {"agent": Provide(provide_agent)}  # noqa: RUF012 - Litestar's way

    @get(responses=problems_of(400, 401, 403, 404, 503))
    async def trail(
        self,
        agent: NamedDependency[Agent],
        database: NamedDependency[Database],
        replays: NamedDependency[Replays],
        match: FromQuery[str | None] = None,
        cursor: Annotated[int, QueryParameter(ge=0, le=PLY_MAX)] = 0,
        limit: Annotated[int, QueryParameter(ge=1, le=PLIES_MAX)] = 50,
        guide: FromQuery[bool] = False,
    ) -> Trail:
        """Show its own turns of a match: observation, legal actions, action, times, faults; `limit` plies.

        guide: with each what a person needs who plays the seat: its actions by name, and where they are pressed.
        """
        if match is None:  # after it is clear that the agent is the caller's own
            raise Invalid("expected `match`: the id of one of its matches")
        found = await known_match(database, match)
        seats = [seat.seat for seat in found.seats if seat.agent == agent.id]
        if not seats:
            raise Unknown(f"agent {agent.name} has no seat in match {match}")
        plies = range(cursor, cursor + limit)
        async with database.begin() as connection:
            played = await own_turns(connection, match, seats, plies)
            faults = await own_faults(connection, match, seats, plies, FAULTS_MAX)
        views, problem = await _views(replays, database, found, plies, "turns" if guide else "frames")
        own = {key: view for key, view in views.items() if key[1] in seats}
        return Trail(
            match=match,
            game=found.game,
            status=found.status,
            seats=seats,
            items=_turns(own, played, faults),
            next=str(plies.stop) if plies.stop < found.plies else None,
            problem=problem,
        )


def _turns(views: dict[tuple[int, int], _View], played: list[PlayedTurn], faults: list[Fault]) -> list[OwnTurn]:
    """One for each (ply, seat) of which anything is known."""
    did = {(turn.ply, turn.seat): turn for turn in played}
    charged: dict[tuple[int, int], list[Fault]] = {}
    for fault in faults:
        charged.setdefault((fault.ply, fault.seat), []).append(fault)
    turns = []
    for key in sorted(views.keys() | did.keys() | charged.keys()):
        view = views.get(key)
        turns.append(
            OwnTurn(
                ply=key[0],
                seat=key[1],
                observation=view.observation if view else None,
                legal=view.legal if view else None,
                guide=view.guide if view else None,
                played=did.get(key),
                faults=charged.get(key, []),
            )
        )
    return turns


async def _views(
    replays: Replays, database: Database, match: Match, plies: range, what: What
) -> tuple[dict[tuple[int, int], _View], str]:
    """What every seat saw, by (ply, seat); or why that cannot be said."""
    key: Key = (match.id, what, str(plies.start), str(len(plies))) if match.status in OVER else ()
    async with database.begin() as connection:
        stored = await reading.match_events(connection, match.id, limit=EVENTS_MAX + 1)
    if len(stored) > EVENTS_MAX:
        return {}, f"more than {EVENTS_MAX:,} events: play it again with `arena match replay`"
    events = [(event.seq, event.subject, event.payload) for event in stored]
    try:
        body = await replays.ask(what, match.game, events, first=plies.start, count=len(plies), key=key)
    except Unshowable as error:
        return {}, str(error)
    found = msgspec.json.decode(body, type=list[_Position])
    return {(position.ply, view.seat): view for position in found for view in position.views}, ""
