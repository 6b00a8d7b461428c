import math
from typing import Any

import msgspec
import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

from arena.games import Illegal, Malformed
from arena.games.spaces import check, check_legal, choose
from arena.wire import codec

DISCRETE = spaces.Discrete(7)
BOX = spaces.Box(np.float32(-1), np.float32(1), (2, 2), np.float32)
WHOLE = spaces.Box(0, 255, (3,), np.uint8)
ARM = spaces.Dict(
    {
        "reach": BOX,
        "fingers": spaces.MultiBinary(3),
        "joints": spaces.Tuple([spaces.Discrete(3, start=-1), spaces.MultiDiscrete([2, 5], start=[0, 10])]),
        "word": spaces.Text(4, charset="abc"),
        "on": spaces.Box(0, 1, (2,), bool),
        "speed": spaces.Box(-np.inf, np.inf, (), np.float64),
    }
)
SPACES = [DISCRETE, BOX, WHOLE, ARM, spaces.MultiDiscrete([[2, 3], [4, 5]]), spaces.MultiBinary((2, 2))]


@pytest.mark.parametrize("value", [3, 3.0, np.int64(3), np.float32(3), np.array(3), np.uint8(3)])
def test_an_integer_in_whatever_form(value: Any) -> None:
    action = check(DISCRETE, value)
    assert action == 3
    assert type(action) is int


WRONG = [
    (DISCRETE, 7, "an integer from 0 to 6, not 7"),
    (DISCRETE, -1, "an integer from 0 to 6, not -1"),
    (DISCRETE, True, "an integer from 0 to 6, not True"),
    (DISCRETE, np.True_, "an integer from 0 to 6"),
    (DISCRETE, 2.5, "an integer from 0 to 6, not 2.5"),
    (DISCRETE, math.nan, "an integer from 0 to 6, not nan"),
    (DISCRETE, math.inf, "an integer from 0 to 6, not inf"),
    (DISCRETE, "3", "an integer from 0 to 6, not '3'"),
    (DISCRETE, None, "an integer from 0 to 6, not None"),
    (DISCRETE, [3], r"an integer from 0 to 6, not \[3\]"),
    (DISCRETE, 10**400, r"an integer from 0 to 6, not 10+\.\.\."),
    (spaces.Discrete(3, start=-1), 2, "an integer from -1 to 1, not 2"),
    (BOX, [[0, 0]], "an array of finite numbers with shape 2x2, not shape 1x2"),
    (BOX, [[0, 0], [0]], "an array of finite numbers with shape 2x2"),
    (BOX, [["a", "b"], ["c", "d"]], "an array of finite numbers with shape 2x2"),
    (BOX, [[None, 0], [0, 0]], "an array of finite numbers with shape 2x2"),
    (BOX, 0.5, "with shape 2x2, not shape none"),
    (BOX, "north", "an array of finite numbers"),
    (BOX, [[0, math.nan], [0, 0]], "finite numbers"),
    (BOX, [[0, math.inf], [0, 0]], "finite numbers"),
    (BOX, [[0, 1.5], [0, 0]], r"a number from -1.0 to 1.0 at \[0, 1\], not 1.5"),
    (BOX, [[0, 1e300], [0, 0]], r"a number from -1.0 to 1.0 at \[0, 1\]"),
    (BOX, [[0, 10**400], [0, 0]], "an array of finite numbers"),
    (BOX, {"dtype": "f4", "shape": [2, 2], "data": b"123"}, "an array of finite numbers"),
    (BOX, {"dtype": "f4", "shape": [4], "data": bytes(16)}, "not shape 4"),
    (BOX, {"dtype": "O", "shape": [2, 2], "data": bytes(32)}, "dtype must be one of bool, integer or float"),
    (BOX, {"dtype": "nonsense", "shape": [2, 2], "data": bytes(16)}, "an array of finite numbers"),
    (BOX, {"dtype": "f4", "data": bytes(16)}, "a map must have dtype, shape and data"),
    (BOX, {"dtype": "f4", "shape": [2, 2], "data": "text"}, "an array of finite numbers"),
    (WHOLE, [1, 2, 2.5], "whole numbers"),
    (WHOLE, [1, 2, 256], r"a number from 0 to 255 at \[2\], not 256"),
    (WHOLE, [1, 2, -1], r"a number from 0 to 255 at \[2\], not -1"),
    (spaces.MultiDiscrete([2, 5]), [0, 5], r"a number from 0 to 4 at \[1\], not 5"),
    (spaces.MultiBinary(2), [0, 2], r"a number from 0 to 1 at \[1\], not 2"),
    (spaces.Text(4, charset="abc"), "abcd", "text of 1 to 4 characters, without 'd', not 'abcd'"),
    (spaces.Text(4, charset="abc"), "aaaaa", "text of 1 to 4 characters"),
    (spaces.Text(4, charset="abc"), 4, "text of 1 to 4 characters, not 4"),
    (spaces.Tuple([DISCRETE, DISCRETE]), [1], r"a list of 2 parts, not \[1\]"),
    (spaces.Tuple([DISCRETE, DISCRETE]), [1, 9], r"an integer from 0 to 6 at \[1\], not 9"),
    (spaces.Dict({"a": DISCRETE}), {"b": 1}, "a map with the keys a, not"),
    (spaces.Dict({"a": spaces.Tuple([DISCRETE])}), {"a": ["x"]}, r"an integer from 0 to 6 at .a\[0\], not 'x'"),
    (spaces.Sequence(DISCRETE), "x", "an element of Sequence"),
]


@pytest.mark.parametrize(("space", "value", "expected"), WRONG)
def test_what_is_no_action_says_what_was_expected(space: spaces.Space[Any], value: Any, expected: str) -> None:
    with pytest.raises(Malformed, match=expected):
        check(space, value)


@pytest.mark.parametrize("space", SPACES)
@given(seed=st.integers(0, 2**31 - 1))
def test_a_sample_survives_the_log_bit_for_bit(space: spaces.Space[Any], seed: int) -> None:
    space.seed(seed)
    sample = space.sample()
    text = codec.encode_json(sample)
    action = check(space, msgspec.json.decode(text))
    assert space.contains(action)
    assert codec.encode_json(action) == text
    packed = msgspec.msgpack.decode(codec.encode_msgpack(sample))
    assert codec.encode_json(check(space, packed)) == text


@pytest.mark.parametrize("space", SPACES)
@given(value=st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_whatever_comes_is_an_action_or_malformed(space: spaces.Space[Any], value: Any) -> None:
    try:
        action = check(space, value)
    except Malformed:
        return
    assert space.contains(action)


def test_illegal_names_the_legal_ones() -> None:
    assert check_legal(3, [1, 3]) == 3
    with pytest.raises(Illegal, match=r"^one of the legal actions 1, 3, not 2$"):
        check_legal(2, [1, 3])
    with pytest.raises(Illegal, match=r"18, 19 and 80 more, not 200$"):
        check_legal(200, list(range(100)))


@given(salt=st.binary(), legal=st.lists(st.integers(0, 50), min_size=1, unique=True))
def test_a_substitute_is_legal_and_depends_on_the_salt_alone(salt: bytes, legal: list[int]) -> None:
    assert choose(DISCRETE, legal, salt) in legal
    assert choose(DISCRETE, legal, salt) == choose(DISCRETE, legal, salt)


@pytest.mark.parametrize("space", [*SPACES, spaces.Discrete(3, start=5)])
def test_a_substitute_without_a_mask(space: spaces.Space[Any]) -> None:
    space.seed(1)
    chosen = [codec.encode_json(choose(space, None, bytes([number]))) for number in range(20)]
    space.seed(2)
    assert chosen == [codec.encode_json(choose(space, None, bytes([number]))) for number in range(20)]
    assert len(set(chosen)) > 1
    assert all(space.contains(check(space, msgspec.json.decode(text))) for text in chosen)
