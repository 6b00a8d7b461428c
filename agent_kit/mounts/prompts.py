"""What a language model is told of a turn, and its answer as an action."""

import json
from collections.abc import Sequence
from typing import Any

from agent_kit.mounts.rules import RULES
from agent_kit.readings import Reading
from agent_kit.turn import Turn

MOVES_SHOWN_MAX = 400
PAST_CHARS_MAX = 300  # of an earlier position; longer ones are left out, their moves are told


class NoAction(Exception):
    """An answer without an action that is legal. The message is for the model: what was wrong, what is expected."""


def system(turn: Turn, rules: str) -> str:
    """Who it is, what the game is, and how to answer."""
    rules = rules or RULES.get(turn.game, "")
    return (
        f"You play the game {turn.game} as player {turn.seat}, as well as you can.\n{rules}\n"
        "Each message shows the position as you see it. Think as briefly as you can, then end your answer with one "
        'JSON object: {"action": ...}.'
    )


def position(turn: Turn, reading: Reading, past: Sequence[str]) -> str:
    """The position, what came before it, and what may be done."""
    parts = ["\n".join(["Your earlier turns:", *past])] if past else []
    parts.append(f"Position (move {turn.ply}):\n{reading.text}")
    if turn.reward:
        parts.append(f"Your reward since your last turn: {turn.reward:g}")
    if turn.strikes:
        parts.append(f"The platform did not accept {turn.strikes} of your actions so far; the next one may lose.")
    parts.append(_expected(reading))
    return "\n\n".join(parts)


def action_of(answer: str, reading: Reading) -> Any:
    """The action of an answer's last JSON object. Raises NoAction."""
    found = _last_object(answer)
    if found is None:
        raise NoAction(f'Your answer has no JSON object {{"action": ...}}. {_expected(reading)}')
    action = found["action"]
    if not reading.moves:
        return action
    names = {name.lower(): move for name, move in reading.moves.items()}
    named = str(action).strip().lower()
    if isinstance(action, str | int) and not isinstance(action, bool) and named in names:
        return names[named]
    if isinstance(action, int) and not isinstance(action, bool) and action in reading.moves.values():
        return action
    raise NoAction(f"{json.dumps(action)} is not a legal action. {_expected(reading)}")


def remembered(turn: Turn, reading: Reading, action: Any) -> str:
    """This turn as a line for later ones."""
    name = next((name for name, move in reading.moves.items() if move == action), json.dumps(action, default=str))
    shown = f"{' / '.join(reading.text.splitlines())} -> " if len(reading.text) <= PAST_CHARS_MAX else ""
    return f"move {turn.ply}: {shown}{name}"


def _expected(reading: Reading) -> str:
    if not reading.moves:
        return 'Answer {"action": ...} with an element of the action space, or with your text where you speak.'
    names = list(reading.moves)
    more = f" and {len(names) - MOVES_SHOWN_MAX} more" if len(names) > MOVES_SHOWN_MAX else ""
    return f'Answer {{"action": ...}} with one of: {", ".join(names[:MOVES_SHOWN_MAX])}{more}'


def _last_object(text: str) -> dict[str, Any] | None:
    """The last JSON object with an action in it; models write before it, around it and after it."""
    decoder, found, at = json.JSONDecoder(), None, text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
        else:
            if "action" in value:
                found = value
        at = text.find("{", end)
    return found
