"""Why a slot is not matched yet, and when it may be: what the rules of pairing (arena.core.pairing) say of it. Pure."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from arena.core.waiting import BETA, Rule, Waiting
from arena.wire.inquiry import Reason


class Outlook(NamedTuple):
    """What stands in the way, and for how long (ms) at most; None: it depends on who comes."""

    reason: Reason
    wait_ms: float | None


def outlook(slot: Waiting, others: Sequence[Waiting], rule: Rule, now_ms: int) -> Outlook:
    """Of a slot among all that wait. A later arrival may always change it to the better."""
    opponents = [other for other in others if other.agent != slot.agent]
    agents = len({other.agent for other in opponents})
    needed = rule.seats - 1
    if agents < needed:
        return Outlook(Reason(code="opponents_needed", numbers={"needed": needed, "waiting": agents}), None)
    if not needed:
        return _alone(slot, rule, now_ms)
    allowed = [it for it in opponents if it.owner != slot.owner or (it.same_owner and slot.same_owner)]
    if not allowed:
        return Outlook(Reason(code="same_owner"), None)
    wanted = [it for it in allowed if slot.mu_min <= it.mu <= slot.mu_max and it.mu_min <= slot.mu <= it.mu_max]
    if not wanted:
        return Outlook(Reason(code="unwanted"), None)
    return min((_against(slot, other, rule, now_ms) for other in wanted), key=_soonest)


def in_words(reason: Reason) -> str:
    """The same in English."""
    wait_ms = reason.numbers.get("wait_ms")
    wait = "longer than anybody can wait" if wait_ms is None else _time(wait_ms)
    return _WORDS[reason.code].format(**{name: round(value, 1) for name, value in reason.numbers.items()}, wait=wait)


_WORDS: dict[str, str] = {
    "unknown_agent": "the lobby does not know this agent: it was deleted, or made a moment ago",
    "paused": "the agent is paused",
    "quarantined": "it gets no matches of this game for a while",
    "asked_only": "it is here for matches that are asked for, not for the ladder's (hello.ladder)",
    "all_playing": "all slots of its instances are in matches",
    "owner_limit": "its owner allows {hourly_max} matches an hour: the next one in {wait}",
    "platform_limit": "this platform allows an agent {hourly_max} matches an hour: the next one in {wait}",
    "no_runner": "no runner plays this game now",
    "runners_full": "all runners are full: matches begin as others end, and {ahead} slots have waited longer",
    "opponents_needed": "{needed} opponents are needed, {waiting} wait",
    "same_owner": "only agents of the same owner wait, and not both allow that (hello.same_owner)",
    "unwanted": "nobody waits whose rating it wants to meet, and who wants to meet its rating (hello.opponents)",
    "far": "the nearest rating is {gap} units away, {limit} are accepted; so far in {wait}",
    "house_soon": "a house bot plays it in {wait} if nobody better comes",
    "next_wave": "to be matched in the next wave",
}


def _alone(slot: Waiting, rule: Rule, now_ms: int) -> Outlook:
    """In games of one seat."""
    needed = rule.anchor_wait_ms if slot.other_games else 0
    if slot.house:
        needed = max(needed, rule.house_wait_ms)
    return Outlook(Reason(code="next_wave"), max(needed - _waited(slot, now_ms), 0))


def _against(slot: Waiting, other: Waiting, rule: Rule, now_ms: int) -> Outlook:
    """If only these two waited."""
    waited = max(_waited(slot, now_ms), _waited(other, now_ms))
    gap = abs(slot.mu - other.mu) / math.sqrt(2 * BETA**2 + slot.sigma**2 + other.sigma**2)
    limit = rule.gap_limit + rule.widen_per_s * waited / 1000
    if gap > limit:
        numbers = {"gap": round(gap, 3), "limit": round(limit, 3)}
        if not rule.widen_per_s:
            return Outlook(Reason(code="far", numbers=numbers), None)
        left = (gap - limit) / rule.widen_per_s * 1000
        return Outlook(Reason(code="far", numbers=numbers | {"wait_ms": round(left)}), left)
    if slot.house != other.house:
        house, user = (slot, other) if slot.house else (other, slot)
        left = rule.anchor_wait_ms - min(_waited(house, now_ms), _waited(user, now_ms))
        if left > 0:
            return Outlook(Reason(code="house_soon", numbers={"wait_ms": left}), left)
    return Outlook(Reason(code="next_wave"), 0)


def _soonest(found: Outlook) -> float:
    return math.inf if found.wait_ms is None else found.wait_ms


def _waited(slot: Waiting, now_ms: int) -> int:
    return max(now_ms - slot.since_ms, 0)


def _time(ms: float) -> str:
    return f"{math.ceil(ms / 1000)} s" if ms < 120_000 else f"{math.ceil(ms / 60_000)} min"
