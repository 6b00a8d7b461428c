"""Questions to the active matchmaker about its lobby, which is nowhere but in its memory.

API -> arena.inquiry.agent.{agent}  Inquiry  answered by AgentState: its instances, its matches, what it waits for
API -> arena.inquiry.agents         AgentsInquiry  answered by AgentsState: what each of many agents is doing
API -> arena.inquiry.queue          Inquiry  answered by QueueState: how long the queues are, how fast they move

Only the active matchmaker answers. Lists are cut at the bounds below; the totals beside them are not.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

INSTANCES_MAX = 128  # in one answer
MATCHES_MAX = 512
GAMES_MAX = 1_000
AGENTS_MAX = 500


class Inquiry(msgspec.Struct, frozen=True):
    """Nothing has to be said: the subject says all."""


class InstanceState(msgspec.Struct, frozen=True, kw_only=True):
    """One process of the agent."""

    instance: str
    state: Literal["here", "left", "absent"]  # left: plays its last matches; absent: lost, and still sits in some
    games: list[str]
    slots: int
    busy: int
    free: int
    heard_ago_ms: int
    stateless: bool
    ladder: bool = True  # false: it takes only matches that are asked for, and waits for none


class SeatState(msgspec.Struct, frozen=True, kw_only=True):
    """A match that is not over, and where the agent sits in it."""

    match: str
    game: str
    seat: int
    instance: str


# Why an agent is not matched yet in a game, and the numbers that go with it (`_ms`: from now on):
# owner_limit, platform_limit: hourly_max, wait_ms.  runners_full: ahead (slots that wait longer).  opponents_needed:
# needed, waiting.  far (the nearest rating): gap, limit (units), wait_ms.  house_soon (a house bot, if nobody better
# comes): wait_ms.  The others have none.
Code = Literal[
    "unknown_agent",
    "paused",
    "quarantined",
    "asked_only",
    "all_playing",
    "owner_limit",
    "platform_limit",
    "no_runner",
    "runners_full",
    "opponents_needed",
    "same_owner",
    "unwanted",
    "far",
    "house_soon",
    "next_wave",
]


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why there is no match yet, for programs and for other languages."""

    code: Code
    numbers: Mapping[str, float] = {}


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """What the agent waits for in one game."""

    game: str
    waiting: int  # slots
    since_ms: int | None  # the longest wait began, ms since the epoch; null: nothing waits
    why: str  # in words: why there is no match yet
    estimated_ms: int | None  # until the next match, by what stands in its way; null: nobody can say
    quarantined_until_ms: int | None = None
    reason: Reason | None = None  # `why` as a code; null: a matchmaker of an earlier version


class AgentState(msgspec.Struct, frozen=True, kw_only=True):
    """An agent as the matchmaker sees it now."""

    agent: str
    at_ms: int
    instances: list[InstanceState]
    matches: list[SeatState]
    matches_total: int
    waits: list[Wait]


Doing = Literal["playing", "waiting", "idle", "absent"]


class AgentsInquiry(msgspec.Struct, frozen=True):
    """Which agents are asked about; what is beyond AGENTS_MAX of them is not looked at."""

    agents: list[str]


class AgentPresence(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent is doing: in a word, and in numbers.

    doing: `playing` (sits in a match), `waiting` (is here with a free slot), `idle` (is here, with none), or `absent`.
    """

    agent: str
    doing: Doing
    instances: int  # that are here
    absent: int  # that are gone, and still sit in matches
    matches: int  # it sits in
    free: int  # slots


class AgentsState(msgspec.Struct, frozen=True, kw_only=True):
    """Many agents as the matchmaker sees them now, in the order in which they were asked for."""

    at_ms: int
    agents: list[AgentPresence]


class GameQueue(msgspec.Struct, frozen=True, kw_only=True):
    """Who waits for matches of one game."""

    game: str
    waiting: int  # slots; one that plays several games waits in each
    agents: int
    oldest_ms: int  # the longest wait until now; 0: nobody waits
    matches_per_minute: float  # made in the last minutes
    estimated_ms: int | None  # how long a slot waits, as the last minutes went; null: nobody was matched in them
    playable: bool  # a runner plays this game, and it is not quarantined


class QueueState(msgspec.Struct, frozen=True, kw_only=True):
    """All queues."""

    at_ms: int
    games: list[GameQueue]
    running: int  # matches made and not over
    room: int  # for so many more matches there are runners
    agents: int = 0  # with an instance that is here
    instances: int = 0  # that are here
