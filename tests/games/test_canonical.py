import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from arena.games.canonical import canonical

ARRAYS = hnp.arrays(
    st.sampled_from(["i1", "u1", "<i4", ">i4", "<f4", "<f8", "?"]), hnp.array_shapes(min_dims=0, max_side=3)
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=3) | ARRAYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_the_same_value_gives_the_same_bytes(value: Any) -> None:
    assert canonical(value) == canonical(value)


@given(st.dictionaries(st.text(max_size=3), VALUES, min_size=2, max_size=4))
def test_the_order_of_a_dict_does_not_matter(value: dict[str, Any]) -> None:
    assert canonical(value) == canonical(dict(reversed(value.items())))


@given(ARRAYS)
def test_layout_and_byte_order_do_not_matter(array: np.ndarray) -> None:
    other = np.array(array, order="F").astype(array.dtype.newbyteorder())
    assert canonical(array) == canonical(other)


def test_different_values_give_different_bytes() -> None:
    values = [
        None, True, False, 0, 1, 0.0, 1.0, -0.0, "", "1", b"", b"1", [], [[]], [1], [1, 1], {}, {"1": 1}, {1: 1},
        np.int8(1), np.int16(1), np.float32(1), np.zeros(1), np.zeros((1, 1)), np.zeros(2), np.zeros((2, 0)),
        np.zeros((0, 2)), np.array(["1"]), np.array([b"1"]), np.array([None]), [0, 0.0], {"a": 1, "b": 2},
        {"a": 2, "b": 1}, ["ab", "c"], ["a", "bc"],
    ]  # fmt: skip
    assert len({canonical(value) for value in values}) == len(values)


def test_a_list_and_a_tuple_are_alike() -> None:
    assert canonical([1, (2, 3)]) == canonical((1, [2, 3]))


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(TypeError, match="an observation may hold arrays"):
        canonical({"a": object()})


def test_bytes_are_the_same_in_every_process() -> None:
    program = (
        "import numpy as np; from arena.games.canonical import canonical;"
        "print(canonical({'b': np.arange(6).reshape(2, 3), 'a': [1, 'x', 0.5], 'c': np.float32(2)}).hex())"
    )
    command = [sys.executable, "-c", program]
    root = Path(__file__).parents[2]
    outs = set()
    for seed in ("1", "2"):
        environ = {"PYTHONHASHSEED": seed}
        outs.add(subprocess.run(command, check=True, capture_output=True, cwd=root, env=environ).stdout)  # noqa: S603
    assert len(outs) == 1
