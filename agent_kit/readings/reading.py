"""What reading a turn gives, and how any observation is read that nothing more is known of."""

from typing import Any, NamedTuple

import msgspec

from agent_kit.turn import Turn

CHARS_MAX = 20_000  # of an observation as text; more says nothing to a reader


class Reading(NamedTuple):
    """A turn as text; `moves` names the legal actions, as far as they are known."""

    text: str
    moves: dict[str, Any]


def plain(turn: Turn) -> Reading:
    """The observation as it is if it is text, else as JSON; actions are named by their numbers."""
    seen = turn.observation
    text = seen if isinstance(seen, str) else _json(seen)
    if len(text) > CHARS_MAX:  # a game of words grows at its end, and explains itself at its beginning
        left_out = len(text) - CHARS_MAX
        text = f"{text[: CHARS_MAX // 4]}\n({left_out} characters left out)\n{text[-CHARS_MAX * 3 // 4 :]}"
    return Reading(text, numbered(turn))


def numbered(turn: Turn) -> dict[str, Any]:
    """The legal actions, or all of a discrete space, by their numbers."""
    actions = turn.actions if turn.legal is None else turn.legal
    return {str(action): action for action in actions}


def named(turn: Turn, names: tuple[str, ...]) -> dict[str, Any]:
    """The legal actions by these names; the first name is that of the first action."""
    first = turn.actions.start
    return {names[action - first]: action for action in numbered(turn).values()}


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{key}: {item if isinstance(item, str) else _json(item)}" for key, item in value.items())
    return msgspec.json.encode(value, enc_hook=_listed).decode()


def _listed(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"cannot show {type(value).__name__}")
