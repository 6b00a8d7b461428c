from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from arena.wire import codec, events, lobby, play
from arena.wire.lobby import Encoding

ENCODINGS: tuple[Encoding, ...] = ("json", "msgpack")
DECODERS = {"json": msgspec.json.decode, "msgpack": msgspec.msgpack.decode}
DTYPES = [
    "bool",
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    "float32",
    "float64",
]

dtypes = st.sampled_from(DTYPES).flatmap(
    lambda name: st.sampled_from([np.dtype(name), np.dtype(name).newbyteorder(">")])
)
arrays = npst.arrays(
    dtypes, npst.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4), elements={"allow_nan": False}
)
finite = st.floats(allow_nan=False, allow_infinity=False)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | finite | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def unpacked(value: dict[str, Any]) -> np.ndarray:
    """An array as any msgpack reader rebuilds it."""
    return np.frombuffer(value["data"], np.dtype(value["dtype"]).newbyteorder("<")).reshape(value["shape"])


@given(arrays)
def test_arrays_survive_msgpack_whatever_their_order_in_memory(array: np.ndarray) -> None:
    for layout in (array, np.asfortranarray(array), array[::-1]):
        value = msgspec.msgpack.decode(codec.encode({"board": layout}, "msgpack"))["board"]
        assert value["dtype"] == array.dtype.newbyteorder("=").name
        assert unpacked(value).tolist() == layout.tolist()


@given(
    npst.arrays(
        dtypes, npst.array_shapes(max_dims=3, max_side=3), elements={"allow_nan": False, "allow_infinity": False}
    )
)
def test_arrays_are_nested_lists_in_json(array: np.ndarray) -> None:
    assert msgspec.json.decode(codec.encode(array, "json")) == array.tolist()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_scalars_are_numbers(encoding: Encoding) -> None:
    value = {"i": np.int64(-3), "b": np.bool_(True), "f": np.float32(0.5), "zero_dimensional": np.array(7)}
    decoded = DECODERS[encoding](codec.encode(value, encoding))
    assert decoded == {"i": -3, "b": True, "f": 0.5, "zero_dimensional": 7}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_text_and_objects_travel_as_lists_never_as_memory(encoding: Encoding) -> None:
    value = {"text": np.array(["pass", "draw"]), "objects": np.array(["a", None], dtype=object)}
    decoded = DECODERS[encoding](codec.encode(value, encoding))
    assert decoded == {"text": ["pass", "draw"], "objects": ["a", None]}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_cannot_be_encoded_is_named(encoding: Encoding) -> None:
    with pytest.raises(TypeError, match="cannot encode complex"):
        codec.encode({"z": 1j}, encoding)


turns = st.builds(
    play.Turn,
    match=st.text(),
    game=st.text(),
    seat=st.integers(0, 9),
    ply=st.integers(0, 10_000),
    observation=plain,
    legal=st.none() | st.lists(st.integers(0, 500)),
    reward=finite,
    left_ms=st.integers(0, 10**9),
    lag_ms=finite,
    strikes=st.integers(0, 5),
)
actions = st.builds(
    play.Action, ply=st.integers(0, 10_000), action=plain, think_ms=st.none() | st.floats(0, 1e9, allow_nan=False)
)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(turn=turns, action=actions)
def test_turns_and_actions_round_trip(encoding: Encoding, turn: play.Turn, action: play.Action) -> None:
    speak = codec.CODECS[encoding]
    assert speak.turn(speak.encode(turn)) == turn
    assert speak.action(speak.encode(action)) == action


@given(st.binary(max_size=64))
def test_noise_is_a_decode_error_and_nothing_else(noise: bytes) -> None:
    for speak in codec.CODECS.values():
        for decode in (speak.action, speak.turn, speak.over, speak.notice):
            with pytest.raises(msgspec.DecodeError):
                decode(noise)
    with pytest.raises(msgspec.DecodeError):
        codec.decode_event(noise)


def test_an_unknown_kind_of_event_raises_and_an_unknown_field_does_not() -> None:
    with pytest.raises(msgspec.ValidationError, match="kind"):
        codec.decode_event(b'{"kind":"teleported","at_ms":1}')
    event = codec.decode_event(b'{"kind":"claimed","at_ms":1,"runner":"r","epoch":2,"mood":"fine"}')
    assert event == events.Claimed(at_ms=1, runner="r", epoch=2)


@pytest.mark.parametrize("instance", ["a b", "a.b", "*", ">", "", "a\n", "x" * 65])
def test_an_instance_name_that_is_no_token_is_refused(instance: str) -> None:
    hello = msgspec.json.encode({"instance": instance, "games": ["chess"]})
    with pytest.raises(msgspec.ValidationError, match="instance"):
        msgspec.json.decode(hello, type=lobby.Hello)


@pytest.mark.parametrize("games", [["*"], ["chess"], ["chess", "*"]])
def test_all_games_may_be_named_by_a_star(games: list[str]) -> None:
    hello = msgspec.json.encode({"instance": "laptop", "games": games})
    assert msgspec.json.decode(hello, type=lobby.Hello).games == games


@pytest.mark.parametrize("games", [[], ["a.b"], ["**"], [">"], ["*\n"], ["chess"] * 257])
def test_what_names_no_game_is_refused(games: list[str]) -> None:
    hello = msgspec.json.encode({"instance": "laptop", "games": games})
    with pytest.raises(msgspec.ValidationError, match="games"):
        msgspec.json.decode(hello, type=lobby.Hello)
