"""Small shared state in NATS key-value buckets: what services know of each other without asking.

AGENTS   {agent}          AgentRecord   written by the registrar (API, command line), read by the matchmaker
RATINGS  {game}.{agent}   RatingRecord  written by the recorder, read by the matchmaker
LEASES   {what}           Lease         one writer at a time; the entry expires with its holder
QUARANTINE {game}, {game}.{agent}  Quarantine  written by the matchmaker, released by an operator or by time
REQUESTS {request}        Request       written by the API, closed by the matchmaker, forgotten by time
arena.runner.{runner}.beat  RunnerBeat  runner -> matchmaker: capacity
"""

from typing import Literal

import msgspec

OpenTo = Literal["nobody", "everybody"]
HOURLY_MAX = 1_000_000  # highest bound of matches an hour; who wants more has none
Clock = Literal["game", "patient"]  # the game's own, or one that people can play with (arena.core.clock.patient)


class AgentRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What matching needs to know of an agent."""

    owner: str
    name: str
    version: int = 1
    paused: bool = False
    house: bool = False  # run by the platform: an anchor and a sparring partner, used when there is nobody better
    open_to: OpenTo = "everybody"  # who may ask for matches against it; its owner may always
    hourly_max: int = 0  # matches that may begin in an hour, evenly spread, as its owner wants it; 0: no bound


class RatingRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's rating in one game. `seq` is the log sequence it follows from."""

    mu: float
    sigma: float
    played: int
    seq: int
    version: int = 0  # the newest of the agent's versions that was rated; 0: none, or not known
    rated_ms: int = 0  # when its newest rated match ended; 0: none, or not known


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a lease, and since when (ms since the epoch)."""

    holder: str
    since_ms: int


class RunnerBeat(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A runner is here. Sent every second, and at once when it drains."""

    runner: str
    games: list[str]
    capacity: int  # matches it can play at once
    playing: int
    draining: bool = False


class Quarantine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """No new matches of a game for a while: of all agents (the game breaks), or of one (it breaks matches).

    The entry carries `Nats-TTL` and goes at `until_ms`; an operator may delete it earlier.
    """

    game: str
    agent: str = ""  # id; empty: the game itself
    why: str  # in words, for the agent's owner or the operator
    matches: list[str]  # the evidence
    times: int = 1  # how often in a row; each time is longer
    since_ms: int
    until_ms: int


class DeadLetter(msgspec.Struct, frozen=True):
    """A `created` event that no runner could finish with in so many deliveries, as the server reports it.

    Stream DEAD keeps these (io.nats.jetstream.advisory.v1.max_deliver); the matchmaker voids the match.
    """

    consumer: str
    stream_seq: int  # in EVENTS
    deliveries: int


class RatingRange(msgspec.Struct, frozen=True, kw_only=True):
    """Ratings (mu) from `low` to `high`, both included."""

    low: float
    high: float


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """So many matches of an agent, which somebody asked for. The entry carries `Nats-TTL`."""

    owner: str  # the user who asked
    game: str
    agent: str
    opponents: list[str] = []  # agents; each match takes as many of them as the game has other seats
    rating: RatingRange | None = None  # instead of `opponents`: whoever is here with such a rating
    rated: bool = False  # only with `rating`, and among agents of different owners
    clock: Clock = "game"
    seat: int = 0  # of the agent in the first match; in the following ones it goes round
    count: int  # matches
    created_ms: int
    cancelled_ms: int = 0  # when it was cancelled; 0: it was not
    closed: bool = False  # the log has all its matches: no more are made, whatever became of them


class BrokenMatch(msgspec.Struct, frozen=True):
    """A match that was voided because its game broke."""

    match: str
    cause: str
    agents: frozenset[str]


class AgentCounts(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What stands against an agent in one game. Its lists are replaced, never written into."""

    game: str
    agent: str
    seen_ms: int = 0
    until_ms: int = 0  # of its quarantine
    forfeits: list[tuple[str, str]] = []  # (match, cause) in a row
    recent: list[BrokenMatch | None] = []  # its last matches; None: one that did not break
    forfeit_times: int = 0
    void_times: int = 0


class GameCounts(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What stands against a game. Its list is replaced, never written into."""

    game: str
    seen_ms: int = 0
    until_ms: int = 0  # of its quarantine
    row: list[BrokenMatch] = []  # the last matches, all of them broken
    sound: int = 0  # matches in a row that did not break
    times: int = 0


class Counts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `arena.core.conduct` counted up to event `seq` of the log. Who has nothing against him is left out."""

    seq: int = 0
    agents: list[AgentCounts] = []  # the longest unseen first
    games: list[GameCounts] = []


class LogPosition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """LEASES matchmaker-from: the first log sequence that a restarted matchmaker must read to know all that runs."""

    seq: int
    made: dict[str, int] = {}  # by open request: how many of its matches were created before `seq`
    counts: Counts = Counts()  # later than `seq`: events up to `counts.seq` are read again, and not counted again


EVERY_GAME = "*"  # a house bot's game, if it plays all that no other house bot plays


class HouseBot(msgspec.Struct, frozen=True, kw_only=True):
    """One agent of the house, as {home}/bots/index.json lists it: from the registrar to the bots' process."""

    game: str  # or EVERY_GAME
    bot: str
    agent: str  # id
    creds: str  # file name in the same folder
