"""The ladder's part of a wave: which matches to make of the waiting slots, in the room that the runners have.

Every game gets its fair share of the room (arena.core.sharing), and a game that is given none is not paired at all.
What one game could not use, another gets in the same wave.  A slot of an instance that plays several games waits in
each of them, and is used once.

Games that are played in blocks (arena.core.blocks) get theirs last, of slots and room that nobody else could use.

Requested matches share the room as one more game would: they get that much before the ladder takes its own, so that
neither starves the other.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

import msgspec

from arena.core.blocks import Block, arrange
from arena.core.pairing import Meeting, Rule, Waiting, pair
from arena.core.sharing import Demand, in_turn, shares
from arena.matchmaker.lobby import Lobby

MATCHES_PER_WAVE_MAX = 1_000  # of all games together; the next wave makes the others
REQUESTED = "*"  # stands for all requested matches where room is shared; no game has this name


class GameWave(msgspec.Struct, frozen=True):
    """One game in one wave."""

    waiting: list[Waiting]  # before it
    matched: frozenset[str]  # slots that it gave a match, of this game or another
    rule: Rule
    room: bool  # runners had room for all matches that could be made of them
    played: bool  # a runner plays this game

    def left(self) -> list[Waiting]:
        """Who waits on."""
        return [slot for slot in self.waiting if slot.slot not in self.matched]


class Found(NamedTuple):
    """What a wave makes, and how each game fared in it."""

    blocks: dict[str, list[Block]]
    games: dict[str, GameWave]

    @property
    def meetings(self) -> dict[str, list[Meeting]]:
        """By game, those of all blocks."""
        return {game: [meeting for block in blocks for meeting in block] for game, blocks in self.blocks.items()}


class Ladder:
    """Remembers when each game was given room last.

    rule_of: how a game is matched at this time; in_blocks: games that are played in blocks.
    """

    def __init__(self, lobby: Lobby, rule_of: Callable[[str, int], Rule], in_blocks: Collection[str] = ()) -> None:
        self._lobby = lobby
        self._rule_of = rule_of
        self._in_blocks = frozenset(in_blocks)
        self._served_ms: dict[str, int] = {}

    def requested_room(self, room: int, running: int, playable: Collection[str], now_ms: int) -> int:
        """How much of the room requested matches may take before the ladder. running: such that are not over."""
        demands = {
            game: self._demand(game, self._lobby.free(game) // self._rule_of(game, now_ms).seats)
            for game in self._lobby.games() & {*playable}
        }
        demands[REQUESTED] = Demand(max(room, 0), running, self._served_ms.get(REQUESTED, 0))
        return shares(room, demands)[REQUESTED]

    def requested(self, now_ms: int) -> None:
        """Requested matches took some of their room."""
        self._served_ms[REQUESTED] = now_ms

    def wave(self, room: int, playable: Collection[str], now_ms: int) -> Found:
        """What to make of all that wait now: at most `room` matches, of games that a runner plays."""
        games = sorted(self._lobby.games())
        waiting = {game: self._lobby.waiting(game, now_ms) for game in games}
        rules = {game: self._rule_of(game, now_ms) for game in games}
        demands = {
            game: self._demand(game, len(waiting[game]) // rules[game].seats) for game in games if game in playable
        }
        plan = _Plan(waiting, rules, demands, self._lobby.seats_by_owner, min(room, MATCHES_PER_WAVE_MAX), now_ms)
        while plan.room > 0 and plan.share_out():
            pass
        self._served_ms |= {game: now_ms for game, meetings in plan.made.items() if meetings}
        blocks = plan.blocks(self._in_blocks)
        seen = {
            game: GameWave(waiting[game], frozenset(plan.used), rules[game], not plan.cut_short(game), game in playable)
            for game in games
        }
        return Found(blocks, seen)

    def _demand(self, game: str, wanted: int) -> Demand:
        return Demand(wanted, self._lobby.on_ladder(game), self._served_ms.get(game, 0))


class _Plan:
    """A wave in the making. demands: what each game could use at most, until it is paired."""

    def __init__(
        self,
        waiting: Mapping[str, list[Waiting]],
        rules: Mapping[str, Rule],
        demands: dict[str, Demand],
        seats_by_owner: Mapping[str, int],
        room: int,
        now_ms: int,
    ) -> None:
        self._waiting = waiting
        self._rules = rules
        self._demands = demands
        self._seats = Counter(seats_by_owner)
        self.room = room
        self._now_ms = now_ms
        self._proposed: dict[str, list[Meeting]] = {}
        self.made: dict[str, list[Meeting]] = {game: [] for game in demands}
        self.used: set[str] = set()

    def share_out(self) -> bool:
        """Make matches in the room that is left. Returns whether anybody wanted any.

        What a game could not use after all is left for the next call; nobody asks for it twice.
        """
        given = {game: share for game, share in shares(self.room, self._demands).items() if share}
        for game in sorted(given, key=lambda game: (self._demands[game].running, self._demands[game].served_ms, game)):
            self._make(game, given[game])
        return bool(given)

    def cut_short(self, game: str) -> bool:
        """Whether more matches of it could have been made, had there been room."""
        return game in self._demands and self._demands[game].wanted > 0

    def blocks(self, in_blocks: Collection[str]) -> dict[str, list[Block]]:
        """The matches that were made, and in these games what is added to them in the room that is left."""
        found: dict[str, list[Block]] = {}
        for game, made in self.made.items():
            if game not in in_blocks:
                found[game] = [(meeting,) for meeting in made]
                continue
            left = [slot for slot in self._waiting[game] if slot.slot not in self.used]
            found[game] = arrange(made, left, self.room)
            self.room -= sum(map(len, found[game])) - len(made)
            self.used.update(slot.slot for block in found[game] for meeting in block for slot in meeting.slots)
        return found

    def _make(self, game: str, share: int) -> None:
        open_ = [it for it in self._proposals(game) if self.used.isdisjoint(slot.slot for slot in it.slots)]
        owners = [{slot.owner for slot in it.slots if not slot.house} for it in open_]
        chosen = in_turn(owners, self._seats, share)
        for index in chosen:
            self.made[game].append(open_[index])
            self.used.update(slot.slot for slot in open_[index].slots)
            self._seats.update(slot.owner for slot in open_[index].slots)
        self.room -= len(chosen)
        taken = {*chosen}
        self._proposed[game] = [it for index, it in enumerate(open_) if index not in taken]
        running = self._demands[game].running + len(chosen)
        self._demands[game] = Demand(len(self._proposed[game]), running, self._now_ms)

    def _proposals(self, game: str) -> list[Meeting]:
        """Its meetings that were not made yet. A game is paired once in a wave, when it first gets room."""
        if game not in self._proposed:
            free = [slot for slot in self._waiting[game] if slot.slot not in self.used]
            self._proposed[game] = pair(free, self._rules[game], self._now_ms, secrets.randbits(64))
        return self._proposed[game]
