import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.wire import ids

times = st.integers(0, 2**48 - 1)
entropies = st.binary(min_size=ids.ENTROPY_BYTES, max_size=ids.ENTROPY_BYTES)


@given(times, entropies)
def test_an_id_is_one_safe_token(now_ms: int, entropy: bytes) -> None:
    made = ids.make(now_ms, entropy)
    assert ids.is_id(made)
    assert ids.is_token(made)
    assert len(made) == 26


@given(times, times, entropies, entropies)
def test_ids_sort_by_time(first_ms: int, second_ms: int, first: bytes, second: bytes) -> None:
    if first_ms < second_ms:
        assert ids.make(first_ms, first) < ids.make(second_ms, second)


@given(st.lists(st.tuples(times, entropies), unique=True))
def test_different_ingredients_give_different_ids(ingredients: list[tuple[int, bytes]]) -> None:
    assert len({ids.make(now_ms, entropy) for now_ms, entropy in ingredients}) == len(ingredients)


@pytest.mark.parametrize("length", [0, 9, 11])
def test_entropy_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="10 bytes of entropy"):
        ids.make(0, bytes(length))


@pytest.mark.parametrize("text", ["", "*", ">", "a.b", "a b", "a\n", "\n", "a*", "x" * 65, "é", "a\x00"])
def test_what_could_reach_other_subjects_is_no_token(text: str) -> None:
    assert not ids.is_token(text)
    assert not ids.is_id(text)


@given(st.text())
def test_every_token_is_free_of_wildcards_and_separators(text: str) -> None:
    if ids.is_token(text):
        assert not set(text) & set(".*> \t\r\n\x00")
        assert text.isascii()
