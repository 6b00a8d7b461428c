"""Who meets whom: `pair(waiting, rule, now_ms, seed) -> meetings`. Pure; the live matchmaker runs this very code.

Hard rules: never one agent against itself; agents of one owner only if both allow it; a slot is used once.
Two of the platform's own agents meet only after `house_wait_ms`, and one of them meets a user's agent only after
`anchor_wait_ms`: they are there for when there is nobody better.  For the same reason a slot that plays other games too
is given to a game of one seat only after `anchor_wait_ms`: such games are always free, and would take every slot.

Soft: slots are sorted by rating, and each looks at its nearest neighbours only.  The cost of a meeting is the rating
gap in units of both uncertainties (Herbrich et al., TrueSkill, 2006: c^2 = 2 beta^2 + sigma1^2 + sigma2^2), less a
bonus for waiting, plus one for a rematch; cheapest first.  A meeting is acceptable when its gap is below a limit that
widens with the longer wait, so everyone is matched in the end.
"""

import hashlib
import math
import struct
from collections.abc import Sequence

import msgspec

NEIGHBOURS = 12  # rating neighbours a slot looks at, on either side
BETA = 25.0 / 6  # OpenSkill's performance spread


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A slot that waits: agent x instance x game, one of possibly several."""

    slot: str  # unique, and stable while it waits
    agent: str
    owner: str
    mu: float
    sigma: float
    since_ms: int
    house: bool = False
    same_owner: bool = False  # may meet agents of its owner
    other_games: bool = False  # plays other games too
    ladder: bool = True  # false: kept for matches that are asked for, and so never among those that are paired
    seat_counts: tuple[int, ...] = ()  # how often it sat in each seat of this game
    recent: tuple[str, ...] = ()  # agents it met last in this game, the latest first
    lag_ms: float = 0.0  # how long a message usually takes to it and back, beyond the platform's own
    mu_min: float = -math.inf  # declared: the ratings that it wants to meet
    mu_max: float = math.inf


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How one game is matched."""

    seats: int
    teams: tuple[int, ...] = ()  # by seat, the number of its team; none: each seat plays for itself
    gap_limit: float = 1.0  # acceptable rating gap, in units of c, for a slot that just came
    widen_per_s: float = 0.5  # added to the limit for each second of waiting
    house_wait_ms: int = 4_000
    house_matches_max: int = 1  # meetings of nobody but the platform's agents, in this wave
    anchor_wait_ms: int = 1_000
    rematch_cost: float = 0.5
    wait_bonus_per_s: float = 0.25


class Meeting(msgspec.Struct, frozen=True):
    """Slots that meet, by seat, and why."""

    slots: tuple[Waiting, ...]
    reason: str


def pair(waiting: Sequence[Waiting], rule: Rule, now_ms: int, seed: int) -> list[Meeting]:
    """Meetings among the waiting slots, best first. The order of `waiting` changes nothing."""
    if rule.house_matches_max <= 0 and all(slot.house for slot in waiting):
        return []
    ready = sorted(waiting, key=lambda slot: (slot.mu, _dice(seed, slot.slot)))
    groups = _groups(ready, rule, now_ms)
    proposals = sorted(
        (cost, _dice(seed, "".join(slot.slot for slot in group)), number) for number, (cost, group) in enumerate(groups)
    )
    used: set[str] = set()
    house_matches = 0
    meetings = []
    for cost, _, number in proposals:
        group = groups[number][1]
        house = all(slot.house for slot in group)
        if (house and house_matches >= rule.house_matches_max) or not used.isdisjoint(slot.slot for slot in group):
            continue
        house_matches += house
        used.update(slot.slot for slot in group)
        meetings.append(Meeting(_seated(group, seed), _reason(group, cost, now_ms)))
    return meetings


def why_waiting(slot: Waiting, others: Sequence[Waiting], rule: Rule, now_ms: int) -> str:
    """Why this slot has not been matched yet, in words."""
    opponents = [other for other in others if other.agent != slot.agent]
    if len({other.agent for other in opponents}) + 1 < rule.seats:
        return f"{rule.seats - 1} opponents are needed, {len({other.agent for other in opponents})} wait"
    allowed = [other for other in opponents if _may_meet(slot, other)]
    if not allowed:
        return "only agents of the same owner wait, and not both allow that (hello.same_owner)"
    nearest = min(_gap(slot, other) for other in allowed)
    limit = rule.gap_limit + rule.widen_per_s * _wait(slot, now_ms) / 1000
    if nearest > limit:
        wait_s = (nearest - rule.gap_limit) / rule.widen_per_s if rule.widen_per_s else float("inf")
        return f"the nearest rating is {nearest:.1f} units away; accepted after {wait_s:.0f} s of waiting"
    return "to be matched in the next wave"


def _groups(ready: Sequence[Waiting], rule: Rule, now_ms: int) -> list[tuple[float, tuple[Waiting, ...]]]:
    """Acceptable groups of rating neighbours, with their costs."""
    found: list[tuple[float, tuple[Waiting, ...]]] = []
    for index, slot in enumerate(ready):
        if rule.seats == 1:
            cost = _cost((slot,), rule, now_ms)
            if cost is not None:
                found.append((cost, (slot,)))
        elif rule.seats == 2:
            for other in ready[index + 1 : index + 1 + NEIGHBOURS]:
                cost = _cost((slot, other), rule, now_ms)
                if cost is not None:
                    found.append((cost, (slot, other)))
        else:
            group = _neighbourhood(slot, ready[index + 1 :], rule)
            cost = _cost(group, rule, now_ms) if group else None
            if group and cost is not None:
                found.append((cost, group))
    return found


def _neighbourhood(first: Waiting, above: Sequence[Waiting], rule: Rule) -> tuple[Waiting, ...] | None:
    """The first slot and the nearest above it that may all meet."""
    group = [first]
    for other in above[: NEIGHBOURS * rule.seats]:
        if all(_may_meet(member, other) for member in group):
            group.append(other)
            if len(group) == rule.seats:
                return tuple(group)
    return None


def _cost(group: Sequence[Waiting], rule: Rule, now_ms: int) -> float | None:
    """What this meeting costs, or None if it may not be."""
    low, high = group[0], group[-1]
    if len(group) == 2 and not _may_meet(low, high):
        return None
    waits = [_wait(slot, now_ms) for slot in group]
    if any(slot.house for slot in group):
        needed = rule.house_wait_ms if all(slot.house for slot in group) else rule.anchor_wait_ms
        if min(wait for wait, slot in zip(waits, group, strict=True) if slot.house) < needed:
            return None
        users = [wait for wait, slot in zip(waits, group, strict=True) if not slot.house]
        if users and max(users) < rule.anchor_wait_ms:
            return None
    if len(group) == 1 and low.other_games and waits[0] < rule.anchor_wait_ms:
        return None
    gap = _gap(low, high)
    if gap > rule.gap_limit + rule.widen_per_s * max(waits) / 1000:
        return None
    rematch = len(group) == 2 and high.agent in low.recent[:1] and low.agent in high.recent[:1]
    house = sum(slot.house for slot in group) / len(group)
    bonus = rule.wait_bonus_per_s * sum(waits) / len(waits) / 1000
    return gap + house + (rule.rematch_cost if rematch else 0.0) - bonus


def _may_meet(one: Waiting, other: Waiting) -> bool:
    if one.agent == other.agent:
        return False
    return one.owner != other.owner or (one.same_owner and other.same_owner)


def _gap(one: Waiting, other: Waiting) -> float:
    return abs(one.mu - other.mu) / math.sqrt(2 * BETA**2 + one.sigma**2 + other.sigma**2)


def _wait(slot: Waiting, now_ms: int) -> int:
    return max(now_ms - slot.since_ms, 0)


def _seated(group: Sequence[Waiting], seed: int) -> tuple[Waiting, ...]:
    """Seats in turn to the slot that has sat there least, ties by dice."""
    left = list(group)
    order = []
    for seat in range(len(group)):
        chosen = min(left, key=lambda slot: (_excess(slot, seat), _dice(seed, f"{slot.slot}/{seat}")))
        left.remove(chosen)
        order.append(chosen)
    return tuple(order)


def _excess(slot: Waiting, seat: int) -> float:
    """How much more often than its share a slot sat in this seat."""
    counts = slot.seat_counts
    return counts[seat] - sum(counts) / len(counts) if counts else 0.0


def _reason(group: Sequence[Waiting], cost: float, now_ms: int) -> str:
    longest = max(_wait(slot, now_ms) for slot in group) / 1000
    low, high = min(slot.mu for slot in group), max(slot.mu for slot in group)
    return f"ratings {low:.1f} to {high:.1f}, longest wait {longest:.1f} s, cost {cost:.2f}"


def _dice(seed: int, text: str) -> int:
    """A number that only the seed and the text decide."""
    hashed = hashlib.blake2b(struct.pack("<Q", seed & (2**64 - 1)) + text.encode(), digest_size=8).digest()
    return int.from_bytes(hashed)
