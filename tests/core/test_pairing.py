"""Pairing's hard rules hold for any waiting slots; everyone is matched in the end."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from arena.core.pairing import Rule, Waiting, pair, why_waiting


@st.composite
def slots(draw: st.DrawFn) -> list[Waiting]:
    agents = draw(st.integers(1, 12))
    found = []
    for agent in range(agents):
        owner, house = f"u{draw(st.integers(0, 4))}", draw(st.booleans())
        mu, same_owner = draw(st.floats(0, 50)), draw(st.booleans())
        found += [
            Waiting(
                slot=f"a{agent}/i/{number}",
                agent=f"a{agent}",
                owner=owner,
                mu=mu,
                sigma=draw(st.floats(0.5, 9)),
                since_ms=draw(st.integers(0, 20_000)),
                house=house,
                same_owner=same_owner,
            )
            for number in range(draw(st.integers(1, 4)))
        ]
    return found


@given(slots(), st.integers(1, 4), st.integers(0, 2**63), st.randoms())
@settings(max_examples=200)
def test_hard_rules(waiting: list[Waiting], seats: int, seed: int, shuffler: object) -> None:
    rule = Rule(seats=seats)
    meetings = pair(waiting, rule, 20_000, seed)
    used = [slot.slot for meeting in meetings for slot in meeting.slots]
    assert len(used) == len(set(used))
    for meeting in meetings:
        assert len(meeting.slots) == seats
        assert len({slot.agent for slot in meeting.slots}) == seats
        for one in meeting.slots:
            for other in meeting.slots:
                if one is not other and one.owner == other.owner:
                    assert one.same_owner
                    assert other.same_owner
    assert sum(all(slot.house for slot in meeting.slots) for meeting in meetings) <= rule.house_matches_max
    shuffled = list(waiting)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    assert pair(shuffled, rule, 20_000, seed) == meetings


def user(name: str, mu: float = 25.0, since_ms: int = 0, **more: Any) -> Waiting:
    slot, owner = f"{name}/i/0", f"of-{name}"
    return Waiting(slot=slot, agent=name, owner=owner, mu=mu, sigma=1.0, since_ms=since_ms, **more)


def test_near_ratings_meet_at_once_and_far_ones_after_waiting() -> None:
    near, far = user("near", 25.5), user("far", 60.0)
    (meeting,) = pair([user("one"), near, far], Rule(seats=2), 0, 1)
    assert {slot.agent for slot in meeting.slots} == {"one", "near"}
    assert pair([user("one"), far], Rule(seats=2), 1_000, 1) == []
    assert "units away" in why_waiting(far, [user("one")], Rule(seats=2), 1_000)
    assert len(pair([user("one"), far], Rule(seats=2), 60_000, 1)) == 1


def test_house_bots_wait_for_users() -> None:
    bot = user("bot", house=True)
    assert pair([bot, user("one", since_ms=9_900)], Rule(seats=2), 10_000, 1) == []
    assert len(pair([bot, user("one", since_ms=8_000)], Rule(seats=2), 10_000, 1)) == 1
    other = user("other-bot", house=True)
    assert len(pair([bot, other], Rule(seats=2), 10_000, 1)) == 1
    assert pair([bot, other], Rule(seats=2, house_matches_max=0), 10_000, 1) == []
    assert pair([bot, other], Rule(seats=2), 1_000, 1) == []


def test_seats_go_to_those_who_sat_there_least() -> None:
    first = user("one", seat_counts=(9, 1))
    for seed in range(10):
        (meeting,) = pair([first, user("two", seat_counts=(1, 9))], Rule(seats=2), 0, seed)
        assert [slot.agent for slot in meeting.slots] == ["two", "one"]


def test_one_seat_games_need_nobody_else() -> None:
    assert len(pair([user("one"), user("two")], Rule(seats=1), 0, 1)) == 2


def test_why_nobody_is_there() -> None:
    assert why_waiting(user("one"), [], Rule(seats=2), 0) == "1 opponents are needed, 0 wait"
