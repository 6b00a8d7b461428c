"""A game's spaces as the welcome brings them: the very ones of its environment, and elements of them."""

import numpy as np
import pytest
from gymnasium import spaces

from agent_kit.spaces import GameSpaces, blank, element, space
from agent_kit.turn import Turn
from arena.games import Game, load_catalogue
from arena.games.described import described, unmasked
from arena.games.spaces import Utterance
from arena.wire import codec
from arena.wire.play import Turn as WireTurn
from arena.wire.spaces import Other

KINDS = [
    spaces.Discrete(4, start=-2),
    spaces.Box(-1.5, np.inf, (2, 3), np.float32),
    spaces.Box(np.array([0, 1], "int64"), np.array([5, 2**40], "int64"), dtype=np.int64),
    spaces.Box(0, 255, (), np.uint8),
    spaces.Box(0, 1, (3,), bool),
    spaces.MultiDiscrete([[2, 3], [4, 5]]),
    spaces.MultiDiscrete([2, 3], start=[5, -5]),
    spaces.MultiBinary([2, 2]),
    spaces.Text(5, min_length=2, charset="abc"),
    Utterance(20),
    spaces.Tuple([spaces.Discrete(2), spaces.Box(3, 4, (1,), np.float64)]),
    spaces.Dict({"a": spaces.MultiBinary(3), "b": spaces.Tuple([spaces.Text(3)])}),
]
QUICK = ("tictactoe", "rock_paper_scissors", "leduc_holdem", "lowest_unique", "cartpole")


@pytest.mark.parametrize("original", KINDS, ids=str)
@pytest.mark.parametrize("encoding", ["json", "msgpack"])
def test_what_comes_over_the_wire_is_an_element_of_the_same_space(
    original: spaces.Space[object], encoding: codec.Encoding
) -> None:
    made = space(described(original))
    assert isinstance(original, Utterance) or made == original
    for number in range(20):
        original.seed(number)
        sent = WireTurn(match="m", game="g", seat=0, ply=0, observation=original.sample(), left_ms=1)
        came = Turn(codec.CODECS[encoding].turn(codec.encode(sent, encoding)))
        assert made.contains(element(made, came.observation))
        made.seed(number)
        assert original.contains(element(made, made.sample()))  # Gymnasium samples a scalar for an array of none
    assert made.contains(blank(made))


def test_bounds_of_64_bits_survive_as_data() -> None:
    original = spaces.Box(-(2**63), 2**63 - 1, (2,), np.int64)
    assert space(described(original)) == original


def test_text_in_any_language_is_text() -> None:
    made = space(described(Utterance(10)))
    assert made.contains("日本語\nж")
    assert not made.contains("\x00")


def test_a_space_without_a_description_is_named() -> None:
    with pytest.raises(TypeError, match=r"cannot be described: .*Graph\(\)"):
        space(Other(text="Graph()"))


@pytest.mark.parametrize("name", QUICK)
def test_a_games_spaces_are_those_of_its_environment(name: str) -> None:
    game: Game = load_catalogue()[name]
    found, environment = GameSpaces(game.info()), game.make()
    for seat in range(game.seats):
        seen = environment.observation_spaces[seat]  # type: ignore[attr-defined]
        assert found.observation(seat) == unmasked(seen)
        assert found.with_mask(seat) == seen
        assert found.action(seat) == environment.action_spaces[seat]  # type: ignore[attr-defined]
        assert found.action(seat) is found.action(seat)
    environment.close()
