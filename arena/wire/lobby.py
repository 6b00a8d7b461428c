"""Agent <-> matchmaker: all messages of that conversation.

agent -> arena.lobby.{agent}.hello  Hello    request, answered by Welcome or Refusal
agent -> arena.lobby.{agent}.beat   Beat     every `beat_ms` of the welcome (or repeat the hello instead)
agent -> arena.lobby.{agent}.leave  Leave    request, answered by Goodbye: no new matches, some still to be played
matchmaker -> arena.agent.{agent}.{instance}.notice  Notice
"""

from typing import Annotated, Literal

import msgspec

from arena.wire.faults import NoticeCode, RefusalCode
from arena.wire.spaces import AnySpace

PROTOCOL = 1
SLOTS_MAX = 1024
GAMES_MAX = 256

# `$` alone would let a newline through, and that into a subject; `(?!\n)` changes nothing in JSON Schema's dialect.
Token = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$(?!\n)")]
TokenOrAll = Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z0-9_-]{1,64}|\*)$(?!\n)")]
Encoding = Literal["json", "msgpack"]


class Opponents(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The ratings (mu, in the game in question) of those it wants to meet in rated matches; all that is given holds.

    Raises ValueError where nobody could be meant.
    """

    mu_min: float | None = None
    mu_max: float | None = None
    within: Annotated[float, msgspec.Meta(ge=0)] | None = None  # of its own rating, whatever that is at the time

    def __post_init__(self) -> None:
        if self.mu_min is not None and self.mu_max is not None and self.mu_min > self.mu_max:
            raise ValueError(f"expected opponents.mu_min <= opponents.mu_max, got {self.mu_min:g} > {self.mu_max:g}")


class Hello(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An instance (one process of an agent) is here and offers match slots. Saying it again is harmless."""

    instance: Token
    games: Annotated[list[TokenOrAll], msgspec.Meta(min_length=1, max_length=GAMES_MAX)]  # names, or `*` for all
    slots: Annotated[int, msgspec.Meta(ge=1, le=SLOTS_MAX)] = 1  # matches it can play at once, over all its games
    encoding: Encoding = "json"  # of turns, actions and overs; the lobby and notices always speak JSON
    session: Annotated[str, msgspec.Meta(max_length=64)] = ""  # tells two processes with one instance name apart
    resume: bool = True  # send the turns again that wait for this instance
    same_owner: bool = False  # may meet other agents of its owner (both must say so)
    stateless: bool = False  # answers from the turn alone: any instance that says so may go on for one that is gone
    ladder: bool = True  # false: no matches of the ladder, only those that somebody asks for (POST /api/requests)
    opponents: Opponents = Opponents()  # whom it wants to meet; nothing given: anybody
    unrated: bool = True  # false: none of the unrated matches that somebody asks for
    patient: bool = True  # false: none by the clock for people, who may take ten minutes for a move
    kit: Annotated[str, msgspec.Meta(max_length=200)] = ""  # client software, for diagnosis only
    protocol: int = PROTOCOL


class SeatSpaces(msgspec.Struct, frozen=True, kw_only=True):
    """What a seat sees and does, as data. Of a game with a mask, the observation is without it."""

    observation: AnySpace
    action: AnySpace


class GameInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an agent needs to know of a game before its first turn. Texts: seat 0's spaces as Gymnasium prints them."""

    name: str
    title: str
    seats: int
    observation_space: str
    action_space: str
    actions: int = 0  # size of a discrete action space, 0 for any other
    first_action: int = 0  # the smallest action of a discrete action space
    move_ms: int  # time for one move; 0: only the bank counts
    bank_ms: int  # time for all moves of a match; 0: only the move time counts
    increment_ms: int
    progress_ms: int = 0  # what reports of progress can add to `move_ms`
    spaces: list[SeatSpaces] = []  # one for each seat, or one that is the same for all seats
    teams: list[list[int]] = []  # the seats of each team; none: every seat plays for itself
    cooperative: bool = False  # all seats share one aim


class Welcome(msgspec.Struct, frozen=True, kw_only=True, tag="welcome"):
    """The hello was accepted; turns arrive on `arena.agent.{agent}.{instance}.turn`."""

    agent: str
    name: str
    instance: str
    version: int
    games: list[GameInfo]
    slots: int
    beat_ms: int  # be heard at least this often; an instance not heard for three of these is taken off the list


class Refusal(msgspec.Struct, frozen=True, kw_only=True, tag="refusal"):
    """The hello was not accepted; `message` says what was expected."""

    code: RefusalCode
    message: str


HelloReply = Welcome | Refusal


class Beat(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An instance is still here."""

    instance: Token
    session: Annotated[str, msgspec.Meta(max_length=64)] = ""


class Leave(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Give this instance no new matches."""

    instance: Token
    session: Annotated[str, msgspec.Meta(max_length=64)] = ""


class Goodbye(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a leave: these matches still need you; play them to their end."""

    matches: list[str]


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something the agent's author should know."""

    code: NoticeCode
    message: str
    match: str | None = None
