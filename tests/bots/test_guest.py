"""Guests play every game without a bot of its own: by what agents are told of it, with or without a mask, in words."""

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from arena.bots import POLICIES
from arena.bots.guest import anything, sample
from arena.games import Game, load_catalogue
from arena.games.spaces import check
from arena.wire import codec, spaces
from tests.games.strange import game as strange

GAMES = {name: row for name, row in load_catalogue().items() if name not in POLICIES}
PLIES = 40


@pytest.mark.parametrize("row", GAMES.values(), ids=GAMES.keys())
def test_a_guest_plays_every_game_that_has_no_bot_of_its_own(row: Game) -> None:
    environment = row.make()
    environment.reset(2)
    policies = [anything({row.name: row})(seat) for seat in range(row.seats)]
    for ply in range(PLIES):
        if environment.over:
            break
        actions: dict[int, Any] = {}
        for seat in environment.to_act:
            view = environment.view(seat)
            seen = msgspec.json.decode(codec.encode_json(view.observation))
            turn = SimpleNamespace(observation=seen, legal=view.legal, match="m", ply=ply, seat=seat, game=row.name)
            answer = msgspec.json.decode(codec.encode_json(policies[seat](turn)))
            actions[seat] = environment.check(seat, answer)
        environment.step(actions)
    environment.close()


@pytest.mark.parametrize("seed", range(20))
def test_any_space_is_sampled(seed: int) -> None:
    import random

    row = strange("Arm", "gymnasium", 1)
    space = row.info().spaces[0].action
    environment: Any = row.make()
    assert check(environment.action_spaces[0], sample(space, random.Random(seed))) is not None
    unbounded = spaces.Box(shape=[2], dtype="float64", low=[None, -3.0], high=[-2.0, None])
    first, second = sample(unbounded, random.Random(seed))
    assert -3.0 <= first <= -2.0
    assert -3.0 <= second <= 1.0
    assert 2 <= len(sample(spaces.Text(min=2, max=4), random.Random(seed))) <= 4
    with pytest.raises(TypeError, match="nothing is known of the space"):
        sample(spaces.Other(text="Graph"), random.Random(seed))
