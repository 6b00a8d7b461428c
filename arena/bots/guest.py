"""Any legal action of any game, by what agents are told of its spaces; in games of words, something they understand."""

import math
import random
from collections.abc import Mapping
from functools import singledispatch
from typing import Any

from arena.bots.policy import Factory, Policy
from arena.games import Game
from arena.games.phrases import PHRASES, Phrase, small_talk
from arena.wire import spaces
from arena.wire.lobby import GameInfo

UNBOUNDED = 1.0  # how far from 0 numbers without a bound are drawn


def anything(games: Mapping[str, Game]) -> Factory:
    """Plays these games. Raises Unplayable for one whose spaces are not known and that cannot be set up."""
    infos = {name: game.info() for name, game in games.items()}
    phrases = {name: phrase for name, game in games.items() if (phrase := _phrase(game)) is not None}

    def factory(seed: int | None = None) -> Policy:
        chance = random.Random(seed)

        def act(turn: Any) -> Any:
            if turn.legal:
                return chance.choice(turn.legal)
            if turn.game in phrases:
                return phrases[turn.game](chance, turn.observation)
            return sample(_action(infos[turn.game], turn.seat), chance)

        return act

    return factory


def _phrase(game: Game) -> Phrase | None:
    own = game.environment.startswith("arena.games.textarena:")
    return PHRASES.get(str(game.arguments.get("game"))) if own else None


def _action(info: GameInfo, seat: int) -> spaces.AnySpace:
    return info.spaces[seat if len(info.spaces) > 1 else 0].action


@singledispatch
def sample(space: spaces.AnySpace, chance: random.Random) -> Any:
    """An element of a space as JSON has it: arrays as nested lists. TypeError for a space without a description."""
    raise TypeError(f"nothing is known of the space {space}")


@sample.register
def _(space: spaces.Discrete, chance: random.Random) -> Any:
    return chance.randrange(space.start, space.start + space.n)


@sample.register
def _(space: spaces.Box, chance: random.Random) -> Any:
    count = math.prod(space.shape)
    lows, highs = (
        bound if isinstance(bound, list) else [bound] * count for bound in (space.low, space.high)
    )  # one for all, or one each
    whole = not space.dtype.startswith("float")
    flat = []
    for low, high in zip(lows, highs, strict=True):
        first = (high if high is not None and high < 0 else 0) - UNBOUNDED if low is None else low
        last = max(first, 0) + UNBOUNDED if high is None else high
        flat.append(chance.randint(math.ceil(first), math.floor(last)) if whole else chance.uniform(first, last))
    return _shaped(flat, space.shape)


@sample.register
def _(space: spaces.MultiDiscrete, chance: random.Random) -> Any:
    starts = space.start or [0] * len(space.n)
    flat = [chance.randrange(start, start + n) for start, n in zip(starts, space.n, strict=True)]
    return _shaped(flat, space.shape)


@sample.register
def _(space: spaces.MultiBinary, chance: random.Random) -> Any:
    return _shaped([chance.randrange(2) for _ in range(math.prod(space.shape))], space.shape)


@sample.register
def _(space: spaces.Text, chance: random.Random) -> Any:
    words = small_talk(chance)
    if space.characters:
        return "".join(chance.choices(space.characters, k=chance.randint(space.min, min(space.max, space.min + 10))))
    return words[: space.max].ljust(space.min, ".")


@sample.register
def _(space: spaces.Tuple, chance: random.Random) -> Any:
    return [sample(part, chance) for part in space.parts]


@sample.register
def _(space: spaces.Dict, chance: random.Random) -> Any:
    return {key: sample(part, chance) for key, part in space.parts.items()}


def _shaped(flat: list[Any], shape: list[int]) -> Any:
    """Nested lists of this shape; a number for no shape."""
    for size in reversed(shape[1:]):
        flat = [flat[at : at + size] for at in range(0, len(flat), size)]
    return flat if shape else flat[0]
