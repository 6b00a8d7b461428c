"""Seat-fair blocks: one seed in every order of the seats, and one result. Pure.

    arrange(meetings, left, more_max) -> blocks      as many matches as the game has seats, or the meeting alone

What makes one result of them is `arena.core.standings.together`, and when it is rated says `arena.core.settling`.

In the matches of a block each agent sits once in each seat, and all begin from the same seed: what a seat or a draw is
worth comes to everybody's share alike, and what is left of the result is skill (duplicate bridge; in computer poker the
Annual Computer Poker Competition's duplicate matches; in engine testing, an opening played with both colours).

Nobody waits for a block.  It is made of what a wave has anyway: meetings of the same agents, and slots that the wave
left over.  Where these do not suffice a meeting is one match, as it would be without blocks.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from arena.core.pairing import Meeting, Waiting

SEED_BITS = 31  # of a match's seed: what every environment takes

Block = tuple[Meeting, ...]  # by turn; in turn t seat i is taken by who sat in seat i + t (mod seats) in turn 0


class Draw(NamedTuple):
    """What the matches of a block share."""

    block: str  # its id; empty: the match is by itself
    seed: int


def arrange(meetings: Sequence[Meeting], left: Iterable[Waiting], more_max: int) -> list[Block]:
    """The meetings of one wave as blocks, in their order. Every meeting is in one block, a slot in one meeting.

    meetings: of one game of two seats or more; left: slots that the wave gave no meeting; more_max: matches that may be
    made beyond `meetings`.  Among the platform's own agents no more are made: how many they play is limited elsewhere.
    """
    of_agents: defaultdict[tuple[str, ...], list[Meeting]] = defaultdict(list)
    for meeting in meetings:
        of_agents[_agents(meeting)].append(meeting)
    playing = {agent for agents in of_agents for agent in agents}
    free: defaultdict[str, list[Waiting]] = defaultdict(list)
    for slot in left:
        if slot.agent in playing:
            free[slot.agent].append(slot)
    blocks: list[Block] = []
    for meeting in meetings:
        same = of_agents[_agents(meeting)]
        if not same or same[0] is not meeting:
            continue  # it is in a block already
        turns = [list(it.slots) for it in same[: len(meeting.slots)]]
        missing = len(meeting.slots) - len(turns)
        added = _added(meeting, free, missing) if missing <= more_max else None
        if added is None:
            del same[0]
            blocks.append((meeting,))
            continue
        del same[: len(turns)]
        more_max -= missing
        blocks.append(_rotated(meeting, [*turns, *added]))
    return blocks


def _agents(meeting: Meeting) -> tuple[str, ...]:
    return tuple(sorted(slot.agent for slot in meeting.slots))


def _added(meeting: Meeting, free: dict[str, list[Waiting]], count: int) -> list[list[Waiting]] | None:
    """So many times a free slot of each of the agents, taken out of `free`; None if there are too few."""
    if count and all(slot.house for slot in meeting.slots):
        return None
    twins = [[it for it in free.get(slot.agent, ()) if _alike(slot, it)][:count] for slot in meeting.slots]
    if any(len(found) < count for found in twins):
        return None
    for found in twins:
        for slot in found:
            free[slot.agent].remove(slot)
    return [list(turn) for turn in zip(*twins, strict=True)]


def _alike(met: Waiting, other: Waiting) -> bool:
    """Whether the other slot of an agent accepts whom this one met: they differ in nothing that was declared."""
    own = {"slot": met.slot, "since_ms": met.since_ms, "lag_ms": met.lag_ms}
    return msgspec.structs.replace(other, **own) == met


def _rotated(first: Meeting, turns: Sequence[Sequence[Waiting]]) -> Block:
    seats = len(first.slots)
    order = [slot.agent for slot in first.slots]
    block = []
    for turn, slots in enumerate(turns):
        by_agent = {slot.agent: slot for slot in slots}
        seated = tuple(by_agent[order[(seat + turn) % seats]] for seat in range(seats))
        reason = f"{first.reason}; seats in turn, {turn + 1} of {seats}"
        block.append(msgspec.structs.replace(first, slots=seated, reason=reason))
    return tuple(block)
