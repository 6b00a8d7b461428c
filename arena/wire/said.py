"""Agent -> whoever watches: what an agent says beside its moves. None of it is in the log, and nobody has to say any.

    agent -> arena.say.{agent}.{match}.thinking    Said  its owner hears it; everybody else once the match is over
    agent -> arena.say.{agent}.{match}.progress    Said  everybody hears it; may earn a slow move more time (ClockRule)
    agent -> arena.say.{agent}.{match}.commentary  Said  everybody hears it

Deltas: the texts of one kind and ply, put together in their order, are what was said; `done` ends them. JSON, whatever
the encoding of the hello. Stream SAID keeps them for a time.
"""

from typing import Annotated, Literal, get_args

import msgspec

Kind = Literal["thinking", "progress", "commentary"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TEXT_CHARS_MAX = 2_000
SAID_BYTES_MAX = 16 * 1024  # of a message; the stream refuses longer ones


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A little more of what an agent says about its move."""

    ply: Annotated[int, msgspec.Meta(ge=0)]  # of the turn
    text: Annotated[str, msgspec.Meta(max_length=TEXT_CHARS_MAX)] = ""
    share: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None  # progress: how much of the work is done
    done: bool = False  # nothing follows of this kind and ply
