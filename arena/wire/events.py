r"""The log: every event of stream EVENTS, `arena.event.{game}.{match}.{kind}`.

    created -> claimed -> moved* (faulted*) -> ended
                  \-> claimed (another runner takes over) ...    any -> voided
                  \-> reseated (another instance of a stateless agent takes over)

Events grow by addition only: a new field has a default, no field changes its meaning, no kind is removed. A golden
file of every version ever published decodes for ever (tests/golden). The subject carries game and match; the payload
is JSON. Unknown kinds raise on decoding (a tagged union must), so readers keep the raw bytes first.
"""

from typing import Any

import msgspec

from arena.wire.faults import AgentFault, Connection, EndCause, PlatformFault, Verdict
from arena.wire.lobby import Encoding


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """What all events have."""

    at_ms: int  # milliseconds since the epoch, by the writer's clock


class ClockRule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Time to think. A move must end before `move_ms`, and before the bank is empty; 0 switches either off."""

    move_ms: int = 10_000
    bank_ms: int = 0
    increment_ms: int = 0  # added to the bank after each own move
    lag_ms_max: int = 200  # most of a round trip's lag that is not charged
    progress_ms: int = 0  # what a move may take beyond `move_ms` while the agent reports progress; the bank stays


class FaultRule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a fault costs. Timeouts and absences always forfeit."""

    strikes_max: int = 2  # illegal or malformed replies of one seat that are only warned
    gone_grace_ms: int = 10_000  # how long nobody may be subscribed before the seat is `gone`
    plays_on: bool = False  # after a forfeit the platform moves for the seat (games of three and more seats)


class Seat(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who sits where: agent and version are pinned for the match."""

    agent: str
    owner: str
    version: int
    instance: str
    encoding: Encoding = "json"
    stateless: bool = False  # another instance of this agent may take over
    mu: float | None = None  # rating when the match was made
    sigma: float | None = None
    team: int | None = None  # seats with one number win and lose together; none: every seat plays for itself


class Created(Event, frozen=True, kw_only=True, tag="created"):
    """The matchmaker made a match. All a runner needs to play it is in here."""

    seed: int
    seats: list[Seat]
    clock: ClockRule
    faults: FaultRule
    rated: bool = True
    block: str = ""  # matches that share a seed with the seats permuted, rated together
    game_version: str = ""
    reason: str = ""  # why these agents met, in words
    request: str = ""  # id of the registry.Request that asked for it


class Claimed(Event, frozen=True, kw_only=True, tag="claimed"):
    """A runner plays it now. `epoch` counts the claims; only the newest one can still write."""

    runner: str
    epoch: int
    digest: str = ""  # of the environment as set up or replayed


class Move(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One seat's action in one step."""

    seat: int
    action: Any
    think_ms: float = 0.0  # charged to the clock
    lag_ms: float = 0.0  # not charged
    forgiven_ms: float = 0.0  # not charged: the platform was away
    by_platform: bool = False  # the seat has forfeited and the match plays on


class Moved(Event, frozen=True, kw_only=True, tag="moved"):
    """The environment took one step: one move in turn-based games, one per seat in simultaneous ones."""

    ply: int
    moves: list[Move]
    rewards: list[float]  # by seat, for this step
    digest: str  # hash chain over all that was observed, done and got until here (hex)


class Faulted(Event, frozen=True, kw_only=True, tag="faulted"):
    """An agent's fault, with the evidence its owner can read."""

    seat: int
    ply: int
    cause: AgentFault
    verdict: Verdict
    expected: str  # what would have been right
    evidence: str = ""  # the reply, cut to 500 characters, or what was seen of the connection
    asked_ms: int = 0  # when the turn was first sent, ms since the epoch
    elapsed_ms: float = 0.0  # from then until the fault, without what is forgiven
    forgiven_ms: float = 0.0  # not charged: the platform was away
    sent: int = 0  # how often the turn was sent
    replied_ms: int = 0  # when the reply came, ms since the epoch; 0: there was none
    reply_bytes: int = 0  # its size
    connection: Connection | None = None


class Reseated(Event, frozen=True, kw_only=True, tag="reseated"):
    """Another instance of the same agent plays the seat on: the one before is gone, and the agent is stateless."""

    seat: int
    instance: str
    encoding: Encoding = "json"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """How a seat did."""

    seat: int
    placement: int  # 1 is best; equal placements are ties
    score: float  # sum of rewards


class Ended(Event, frozen=True, kw_only=True, tag="ended"):
    """The match has a result."""

    results: list[Result]
    cause: EndCause
    plies: int
    digest: str
    lags_ms: list[float] = []  # by seat: of its last move's round trip what was not charged; none: of an older runner


class Voided(Event, frozen=True, kw_only=True, tag="voided"):
    """A platform fault: there is no result, and nobody is charged."""

    cause: PlatformFault
    detail: str = ""


MatchEvent = Created | Claimed | Moved | Faulted | Reseated | Ended | Voided
KINDS: tuple[str, ...] = ("created", "claimed", "moved", "faulted", "reseated", "ended", "voided")


def kind(event: MatchEvent) -> str:
    """The event's kind: its tag, and the last token of its subject."""
    return str(type(event).__struct_config__.tag)
