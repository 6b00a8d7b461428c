"""Pairing's hard rules hold for any waiting slots; everyone is matched in the end; the pairs are nearly the optimum."""

import itertools
import math
import random
from collections import Counter
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.core.groups import divided
from arena.core.pairing import Meeting, Rule, Waiting, pair
from arena.core.pool import Pool
from arena.core.waiting import patience


@st.composite
def slots(draw: st.DrawFn) -> list[Waiting]:
    agents = draw(st.integers(1, 12))
    found = []
    for agent in range(agents):
        owner, house = f"u{draw(st.integers(0, 4))}", draw(st.booleans())
        mu, same_owner = draw(st.floats(0, 50)), draw(st.booleans())
        mu_min, side = draw(st.sampled_from([-math.inf, 20.0])), draw(st.sampled_from("xy"))
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
                mu_min=mu_min,
                side=side,
                recent=tuple(f"a{it}" for it in range(agent)),
            )
            for number in range(draw(st.integers(1, 4)))
        ]
    return found


RULES = [
    *(Rule(seats=seats) for seats in range(1, 5)),
    Rule(seats=2, sides="own"),
    Rule(seats=3, teams=(0, 1, 1)),
    Rule(seats=4, teams=(0, 1, 0, 1)),
    Rule(seats=4, teams=(0, 0, 1, 1), sides="own"),
]


@given(slots(), st.sampled_from(RULES), st.integers(0, 2**63), st.randoms())
@settings(max_examples=300)
def test_hard_rules(waiting: list[Waiting], rule: Rule, seed: int, shuffler: object) -> None:
    seats, units = rule.seats, rule.sides == "own" and rule.seats > 2
    meetings = pair(waiting, rule, 20_000, seed)
    used = [slot.slot for meeting in meetings for slot in meeting.slots]
    assert len(used) == len(set(used))
    for meeting in meetings:
        assert len(meeting.slots) == seats
        assert len({slot.agent for slot in meeting.slots}) == seats
        for one, other in itertools.permutations(range(seats), 2):
            a, b = meeting.slots[one], meeting.slots[other]
            assert units or a.owner != b.owner or (a.same_owner and b.same_owner)
            if rule.sides == "own":
                together = bool(rule.teams) and rule.teams[one] == rule.teams[other]
                assert (a.side == b.side) is together
            else:
                assert a.mu >= b.mu_min
    assert sum(all(slot.house for slot in meeting.slots) for meeting in meetings) <= rule.house_matches_max
    shuffled = list(waiting)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    assert pair(shuffled, rule, 20_000, seed) == meetings


def user(name: str, mu: float = 25.0, since_ms: int = 0, **more: Any) -> Waiting:
    given: dict[str, Any] = {"slot": f"{name}/i/0", "agent": name, "owner": f"of-{name}", "mu": mu, "sigma": 1.0} | more
    return Waiting(since_ms=since_ms, **given)


def test_near_ratings_meet_at_once_and_far_ones_after_waiting() -> None:
    near, far = user("near", 25.5), user("far", 60.0)
    (meeting,) = pair([user("one"), near, far], Rule(seats=2), 0, 1)
    assert {slot.agent for slot in meeting.slots} == {"one", "near"}
    assert pair([user("one"), far], Rule(seats=2), 1_000, 1) == []
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


def test_ratings_that_nobody_wants_to_meet_are_not_met() -> None:
    proud = user("proud", mu_min=40.0)
    assert pair([proud, user("one", 26.0)], Rule(seats=2), 60_000, 1) == []
    assert len(pair([proud, user("one", 26.0), user("strong", 41.0)], Rule(seats=2), 60_000, 1)) == 1


def population(seed: int, count: int, owners: int) -> list[Waiting]:
    dice = random.Random(seed)
    return [
        Waiting(
            slot=f"a{number}/i/0",
            agent=f"a{number}",
            owner=f"u{dice.randrange(owners)}",
            mu=dice.gauss(25, 8),
            sigma=dice.uniform(1, 8),
            since_ms=dice.randrange(1_000),
            seat_counts=(dice.randrange(9), dice.randrange(9)),
            recent=tuple(f"a{dice.randrange(count)}" for _ in range(dice.randrange(5))),
        )
        for number in range(count)
    ]


def matched(meetings: list[Meeting]) -> set[str]:
    return {slot.slot for meeting in meetings for slot in meeting.slots}


@given(st.integers(0, 2**32), st.integers(2, 400), st.integers(2, 400))
@settings(max_examples=50)
def test_everybody_is_matched_as_soon_as_the_widest_gap_is_accepted(seed: int, count: int, owners: int) -> None:
    waiting, rule = population(seed, count, owners), Rule(seats=2)
    gap = (max(slot.mu for slot in waiting) - min(slot.mu for slot in waiting)) / math.sqrt(2 * (25 / 6) ** 2)
    now_ms = 1_000 + math.ceil(max(gap - rule.gap_limit, 0) / rule.widen_per_s * 1000)
    done = matched(pair(waiting, rule, now_ms, seed))
    left = [slot for slot in waiting if slot.slot not in done]
    assert len({slot.owner for slot in left}) <= 1, "two are left that might have met"
    if max(Counter(slot.owner for slot in waiting).values()) <= count / 4:
        assert len(left) == count % 2


@pytest.mark.parametrize("count", [5, 12, 14, 60, 151])
@pytest.mark.parametrize("seed", range(3))
def test_the_pairs_cost_little_more_than_the_optimum_of_all_pairs(count: int, seed: int) -> None:
    waiting, rule = population(seed, count, owners=count), Rule(seats=2)
    pool = Pool(waiting, rule, 60_000, seed)
    one, other = np.triu_indices(count, 1)
    costs = dict(zip(zip(one.tolist(), other.tolist(), strict=True), pool.cost(one, other).tolist(), strict=True))
    graph = nx.Graph()
    graph.add_weighted_edges_from([(*key, 1_000 - cost) for key, cost in costs.items() if math.isfinite(cost)])
    best = [costs[min(met), max(met)] for met in nx.max_weight_matching(graph, maxcardinality=True)]
    position = {slot.slot: at for at, slot in enumerate(pool.slots)}
    met = [sorted(position[slot.slot] for slot in it.slots) for it in pair(waiting, rule, 60_000, seed)]
    assert len(met) == len(best)
    mean = sum(costs[low, high] for low, high in met) / len(met)
    if count % 2 == 0:  # else the one that waited least is left, and the optimum leaves the one that is far from all
        assert mean - sum(best) / len(best) <= (1e-9 if count <= 13 else 0.03)


def test_who_waited_least_is_the_one_that_is_left() -> None:
    waiting = [user(f"n{number}", 25 + number, since_ms=1_000 * (number == 4)) for number in range(9)]
    done = matched(pair(waiting, Rule(seats=2), 60_000, 1))
    assert {slot.agent for slot in waiting if slot.slot not in done} == {"n4"}


def test_slots_of_one_owner_side_by_side_look_across() -> None:
    ours = [user(f"ours{number}", 25 + number / 100, owner="us") for number in range(40)]
    others = [user(f"theirs{number}", 27 + number / 100, owner="them") for number in range(40)]
    assert len(pair(ours + others, Rule(seats=2), 20_000, 1)) == 40


def test_those_who_just_met_meet_others_when_there_are_others() -> None:
    people = [user(name, recent=(other,)) for name, other in ("ab", "ba", "cd", "dc")]
    for seed in range(10):
        meetings = pair(people, Rule(seats=2), 0, seed)
        assert {frozenset(slot.agent for slot in it.slots) for it in meetings}.isdisjoint(
            {frozenset("ab"), frozenset("cd")}
        )
    (meeting,) = pair(people[:2], Rule(seats=2), 0, 1)
    assert "they met last time" in meeting.reason


@given(st.lists(st.floats(0, 50), min_size=2, max_size=10), st.integers(1, 9))
def test_two_teams_are_as_even_as_can_be(strengths: list[float], size: int) -> None:
    first = min(size, len(strengths) - 1)
    teams = divided(strengths, [first, len(strengths) - first])
    assert sorted(itertools.chain(*teams)) == list(range(len(strengths)))
    target = sum(strengths) * first / len(strengths)
    best = min(abs(sum(team) - target) for team in itertools.combinations(strengths, first))
    assert abs(sum(strengths[one] for one in teams[0]) - target) == pytest.approx(best, abs=1e-6)


@given(st.lists(st.floats(0, 50), min_size=12, max_size=12))
def test_many_teams_are_more_even_than_in_turn(strengths: list[float]) -> None:
    teams = divided(strengths, [3, 3, 3, 3])
    assert sorted(itertools.chain(*teams)) == list(range(12))

    def apart(teams: list[list[int]]) -> float:
        sums = [sum(strengths[one] for one in team) for team in teams]
        return max(sums) - min(sums)

    order = sorted(range(12), key=lambda one: strengths[one])
    assert apart(teams) <= apart([order[number::4] for number in range(4)]) + 1e-6


def test_teams_of_one_owner_meet_those_of_another() -> None:
    slots = [user(f"{owner}{n}", 25 + n, owner=owner, side=owner) for owner in "xyz" for n in range(2)]
    rule = Rule(seats=4, teams=(0, 1, 0, 1), sides="own")
    (meeting,) = pair(slots, rule, 60_000, 1)
    sides = [slot.side for slot in meeting.slots]
    assert sides[0] == sides[2] != sides[1] == sides[3]


def test_a_group_of_many_is_made_of_neighbours() -> None:
    waiting = population(1, 400, owners=400)
    meetings = pair(waiting, Rule(seats=4), 60_000, 1)
    assert len(meetings) == 100
    spans = [max(slot.mu for slot in it.slots) - min(slot.mu for slot in it.slots) for it in meetings]
    assert sum(spans) / len(spans) < 2.0


def test_who_plays_longer_waits_for_a_better_opponent() -> None:
    assert patience(1) == patience(4) == (1.0, 0.5)
    assert patience(200) == patience(2_000) == (0.25, 0.01)
    assert patience(16) == (0.5, 0.125)
