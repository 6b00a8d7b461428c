import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.core.interest import POOL, Interest, Rated, Running, interest, ranked
from arena.core.rating import MU, SIGMA


def running(match: str = "m", *, mus: tuple[float, ...] = (30.0, 30.0), sigma: float = 1.0, **other: object) -> Running:
    seats = [Rated(f"{match}-{number}", mu, sigma) for number, mu in enumerate(mus)]
    fields: dict[str, object] = {"game": "g", "model": "openskill", "board": True, "age_s": 10.0, "seats": seats}
    return Running(match=match, **{**fields, **other})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (running(mus=(35.0, 35.0)), running(mus=(25.0, 25.0))),  # stronger
        (running(mus=(30.0, 30.0)), running(mus=(38.0, 22.0))),  # closer, and no weaker
        (running(sigma=1.0), running(sigma=SIGMA)),  # surer
        (running(age_s=5.0), running(age_s=3_600.0)),  # fresher
        (running(mus=(20.0, 20.0)), running(mus=(30.0, 30.0), board=False)),  # there is something to see
        (running(mus=(25.0, 25.0), sigma=SIGMA), running(model="score", mus=(30.0,))),  # somebody contests it
    ],
)
def test_what_makes_a_match_more_interesting(better: Running, worse: Running) -> None:
    assert interest(better).score > interest(worse).score


def test_why_is_said_in_codes() -> None:
    assert interest(running(mus=(33.0, 32.0))).why == ("board", "strong", "close", "settled", "new")
    assert interest(running(mus=(MU, MU + 20), board=False, age_s=61)).why == ("strong", "settled")
    assert interest(running(mus=(MU + 10, MU + 10), sigma=SIGMA, board=False, age_s=61)).why == ()  # nobody knows
    assert interest(running(model="score", board=False, age_s=61)).why == ()


def test_sides_are_compared_and_not_seats() -> None:
    seats = [Rated("a", 35.0, 1.0, 0), Rated("b", 25.0, 1.0, 1), Rated("c", 25.0, 1.0, 0), Rated("d", 35.0, 1.0, 1)]
    assert "close" in interest(running(seats=seats)).why
    alone = [Rated(seat.agent, seat.mu, seat.sigma) for seat in seats]
    assert "close" not in interest(running(seats=alone)).why


def one(match: str, score: float, game: str = "g", *agents: str) -> Interest:
    return Interest(match=match, game=game, agents=frozenset(agents), score=score, why=())


def test_not_all_is_of_one_game_or_of_one_agent() -> None:
    found = [one(f"a{number}", 0.9, "chess") for number in range(5)]
    found += [one("b", 0.8, "go"), one("c", 0.1, "nim")]
    assert [chosen.game for chosen in ranked(found, 4)] == ["chess", "chess", "go", "chess"]
    found = [one("a", 0.9, "g1", "x", "y"), one("b", 0.85, "g2", "x", "z"), one("c", 0.8, "g3", "v", "w")]
    assert [chosen.match for chosen in ranked(found, 3)] == ["a", "c", "b"]


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from("abc")), max_size=40), st.integers(0, 40))
def test_a_shorter_list_is_the_beginning_of_a_longer_one(scores: list[tuple[float, str]], limit: int) -> None:
    found = [one(f"m{number:02d}", score, game) for number, (score, game) in enumerate(scores)]
    whole = ranked(found, POOL)
    assert sorted(whole, key=lambda chosen: chosen.match) == found
    assert ranked(found, limit) == whole[:limit]


@given(
    st.lists(st.tuples(st.floats(-100, 100), st.floats(0, 20)), min_size=1, max_size=6),
    st.floats(-10, 1e7),
    st.booleans(),
)
def test_a_score_is_between_0_and_1(beliefs: list[tuple[float, float]], age_s: float, board: bool) -> None:
    seats = [Rated(f"a{number}", mu, sigma) for number, (mu, sigma) in enumerate(beliefs)]
    assert 0 <= interest(running(seats=seats, age_s=age_s, board=board)).score <= 1
