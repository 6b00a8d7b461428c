"""Runner <-> agent: all messages of that conversation.

    runner -> arena.agent.{agent}.{instance}.turn  Turn    request; the reply subject is fixed per match and seat
    agent  -> (reply subject)                      Action  answers that turn, once
    runner -> arena.agent.{agent}.{instance}.over  Over
    runner -> arena.agent.{agent}.{instance}.notice  lobby.Notice

Arrays: nested lists in JSON; `{"dtype", "shape", "data"}` with raw little-endian bytes in C order in msgpack
(arena.wire.codec.ArrayData).
"""

from typing import Annotated, Any

import msgspec

from arena.wire.faults import EndCause

HISTORY_BYTES_MAX = 256 * 1024  # of a turn; the newest moves that fit are sent
ACTION_BYTES_MAX = 64 * 1024  # the server closes the connection of an agent that sends more in one message


class Past(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One earlier move of the same seat."""

    ply: int
    observation: Any
    action: Any
    reward: float = 0.0  # what the seat had got since the move before it


class Turn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Your move. The same turn may come twice (after a reconnect, or a runner's death): answer it again."""

    match: str
    game: str
    seat: int  # 0-based
    ply: int  # steps of the environment before this one, 0-based
    observation: Any  # an element of the seat's observation space
    legal: list[int] | None = None  # legal actions, where the game has an action mask
    reward: float = 0.0  # what this seat got since its last turn
    left_ms: int  # clock left for this move, at the time of sending
    lag_ms: float = 0.0  # this seat's last round trip beyond its own thinking, as measured
    strikes: int = 0  # faults so far in this match
    actions: tuple[int, int] | None = None  # where the action space is discrete: the first one, and how many there are
    history: list[Past] = []  # for stateless agents, where an observation does not say all: own moves, oldest first


class Action(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The reply to a turn."""

    ply: int  # of the turn it answers
    action: Any  # an element of the seat's action space
    think_ms: Annotated[float, msgspec.Meta(ge=0)] | None = None  # own measure; the rest is lag, allowed up to a bound


class Over(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A match is over for this seat, and why."""

    match: str
    game: str
    seat: int
    placement: int  # 1 is best; equal placements are ties
    scores: list[float]  # sum of rewards, by seat
    placements: list[int]  # by seat
    cause: EndCause
    reward: float = 0.0  # what this seat got since its last turn
    plies: int
    faults: list[str] = []  # what this seat was charged with, in words
