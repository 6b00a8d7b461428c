"""Who breaks matches, and who only sits in them: a fold over the log that says what is to be quarantined. Pure.

    conduct.see(game, match, event, at_ms) -> new quarantines
    conduct.counts(seq) -> what a restart must know;  conduct.restore(counts), then `recall` what is read again

Rules
-----
1. An agent whose last FORFEITS_MAX matches of a game all ended with its own forfeit gets no new ones of that game for
   a while: AGENT_MS_FIRST, twice as long each further time, at most AGENT_MS_MAX. A match that it plays to its end
   without a forfeit of its own makes the next time a first time again.
2. What breaks a match is a platform's fault that the game itself causes (BREAKING). An operator's cancelling and a
   match that no runner took say nothing of a game or of an agent.
3. A game is quarantined when it broke ROW_MAX matches in a row, and no agent sat in all of these: GAME_MS_FIRST, twice
   as long each further time, at most GAME_MS_MAX, until SOUND_MATCHES in a row did not break.
4. Breaking a match must not pay for who is losing it. An agent that sat in VOIDS_MAX broken ones of its last
   RECENT_MATCHES matches of a game is quarantined like in rule 1, if no other agent sat in all of them.
5. Two that break matches only together cannot be told apart: after VOIDS_TOGETHER_MAX each of them is quarantined.
   A bot of the house never is, where a user's agent sat in all of them too.
6. While a quarantine lasts nothing is counted for it, and when it goes its count begins anew. Who was not seen for
   IDLE_MS is forgotten, and no more is remembered than AGENTS_MAX and MATCHES_MAX; the longest unseen go first.
"""

import copy
from collections import OrderedDict
from collections.abc import Callable, Iterable

import msgspec

from arena.wire.events import Created, Ended, Faulted, MatchEvent, Voided
from arena.wire.faults import PlatformFault, Verdict
from arena.wire.registry import AgentCounts, BrokenMatch, Counts, GameCounts, Quarantine

FORFEITS_MAX = 5
ROW_MAX = 3
VOIDS_MAX = 3
VOIDS_TOGETHER_MAX = 6
RECENT_MATCHES = 20
SOUND_MATCHES = 20
AGENT_MS_FIRST, AGENT_MS_MAX = 60_000, 3_600_000
GAME_MS_FIRST, GAME_MS_MAX = 600_000, 6 * 3_600_000
IDLE_MS = 24 * 3_600_000  # longer than any quarantine
AGENTS_MAX = 20_000  # agent x game
MATCHES_MAX = 100_000  # running at once
GAMES_MAX = 10_000
COUNTS_BYTES_MAX = 256 * 1024  # of `counts`, written every few seconds
BREAKING = frozenset({PlatformFault.CRASHED, PlatformFault.DIVERGED, PlatformFault.UNPLAYABLE})


class _Match(msgspec.Struct):
    """One that runs."""

    agents: list[str]  # by seat
    forfeits: dict[str, str] = {}  # agent -> cause


class Conduct:
    """The fold's state. house: whether an agent is the platform's own."""

    def __init__(self, house: Callable[[str], bool]) -> None:
        self._house = house
        self._matches: OrderedDict[str, _Match] = OrderedDict()
        self._agents: OrderedDict[tuple[str, str], AgentCounts] = OrderedDict()
        self._games: OrderedDict[str, GameCounts] = OrderedDict()

    def __len__(self) -> int:
        return len(self._matches) + len(self._agents) + len(self._games)

    def see(self, game: str, match: str, event: MatchEvent, at_ms: int) -> list[Quarantine]:
        """The next event of the log. at_ms: when it was stored, ms since the epoch. Unknown matches count nothing."""
        over = self.recall(match, event)
        if over is None:
            return []
        if isinstance(event, Voided):
            broken = BrokenMatch(match, event.cause, frozenset(over.agents))
            return self._broke(game, broken, at_ms) if event.cause in BREAKING else []
        return self._finished(game, match, over, at_ms)

    def recall(self, match: str, event: MatchEvent) -> _Match | None:
        """Only follow who plays in what runs; returns the match if this is its end."""
        match event:
            case Created(seats=seats):
                self._matches[match] = _Match([seat.agent for seat in seats])
                if len(self._matches) > MATCHES_MAX:
                    self._matches.popitem(last=False)
            case Faulted(verdict=Verdict.FORFEITED, seat=seat, cause=cause) if match in self._matches:
                running = self._matches[match]
                running.forfeits[running.agents[seat]] = cause
            case Ended() | Voided():
                return self._matches.pop(match, None)
        return None

    def begun(self, quarantine: Quarantine) -> None:
        """This one is in force (decided here, or found after a restart): nothing is counted until it is over."""
        times = quarantine.times
        if not quarantine.agent:
            game = self._game(quarantine.game, quarantine.since_ms)
            game.times = max(game.times, times)
            _begin(game, quarantine.until_ms)
            return
        agent = self._agent(quarantine.game, quarantine.agent, quarantine.since_ms)
        if agent.until_ms != quarantine.until_ms:  # by which of the rules is not known: both go on from there
            agent.forfeit_times = max(agent.forfeit_times, times)
            agent.void_times = max(agent.void_times, times)
        _begin(agent, quarantine.until_ms)

    def released(self, game: str, agent: str = "") -> None:
        """If one was in force it is over, by time or by an operator: count anew. How often it was remains known."""
        found = self._agents.get((game, agent)) if agent else self._games.get(game)
        if found is not None and found.until_ms:
            _begin(found, 0)

    # Across restarts

    def counts(self, seq: int) -> Counts:
        """What was counted up to this event, within COUNTS_BYTES_MAX; the longest unseen are left out first."""
        left = COUNTS_BYTES_MAX
        games, agents = [], []
        for game in self._games.values():
            if game.row or game.times:
                left -= len(msgspec.json.encode(game))
                games.append(copy.copy(game))
        for agent in reversed(self._agents.values()):
            if agent.forfeits or agent.forfeit_times or agent.void_times or any(agent.recent):
                left -= len(msgspec.json.encode(agent))
                if left < 0:
                    break
                agents.append(copy.copy(agent))
        return Counts(seq=seq, agents=agents[::-1], games=games)

    def restore(self, counts: Counts) -> None:
        """Go on from these. Events up to `counts.seq` are in them: they are to be recalled, not seen."""
        self._agents.update(((it.game, it.agent), it) for it in counts.agents)
        self._games.update((it.game, it) for it in counts.games)

    # Rules

    def _finished(self, game: str, match: str, ended: _Match, at_ms: int) -> list[Quarantine]:
        of_game = self._game(game, at_ms)
        of_game.row = []
        of_game.sound += 1
        if of_game.sound >= SOUND_MATCHES:
            of_game.times = 0
        found = []
        for agent in ended.agents:
            state = self._agent(game, agent, at_ms)
            if at_ms < state.until_ms:
                continue
            _remember(state, None)
            if agent not in ended.forfeits:
                state.forfeits, state.forfeit_times = [], 0
                continue
            state.forfeits = [*state.forfeits, (match, ended.forfeits[agent])]
            if len(state.forfeits) >= FORFEITS_MAX:
                found.append(self._forfeited(state, at_ms))
        return found

    def _broke(self, game: str, broken: BrokenMatch, at_ms: int) -> list[Quarantine]:
        found = []
        of_game = self._game(game, at_ms)
        if at_ms >= of_game.until_ms:
            of_game.sound = 0
            of_game.row = [*of_game.row, broken][-ROW_MAX:]
            if len(of_game.row) == ROW_MAX and not _in_all(of_game.row):
                found.append(self._game_broke(of_game, at_ms))
        for agent in sorted(broken.agents):
            state = self._agent(game, agent, at_ms)
            if at_ms < state.until_ms:
                continue
            _remember(state, broken)
            voids = [it for it in state.recent if it is not None]
            if len(voids) >= self._voids_max(agent, _in_all(voids) - {agent}):
                found.append(self._breaks(state, voids, at_ms))
        return found

    def _voids_max(self, agent: str, others: frozenset[str]) -> float:
        """How many broken matches are too many for an agent, when these others sat in all of them too."""
        if self._house(agent) and not all(map(self._house, others)):
            return float("inf")
        if not self._house(agent):
            others = frozenset(other for other in others if not self._house(other))
        return VOIDS_TOGETHER_MAX if others else VOIDS_MAX

    def _forfeited(self, state: AgentCounts, at_ms: int) -> Quarantine:
        state.forfeit_times += 1
        causes = ", ".join(dict.fromkeys(cause for _, cause in state.forfeits))
        what = f"your last {len(state.forfeits)} matches of {state.game} were forfeited: {causes}"
        hint = (
            "each of these matches shows what was expected and what came; the next time lasts twice as long, unless a "
            "match is played to its end before"
        )
        return _declare(state, state.forfeit_times, [match for match, _ in state.forfeits], what, hint, at_ms)

    def _breaks(self, state: AgentCounts, voids: list[BrokenMatch], at_ms: int) -> Quarantine:
        state.void_times += 1
        others = len(_in_all(voids)) - 1
        who = f"you and {others} more" if others else "you alone"
        what = (
            f"{len(voids)} of your last {len(state.recent)} matches of {state.game} were voided because the game broke "
            f"({_causes(voids)}), and {who} sat in all of them"
        )
        hint = "nobody was rated for them; the next time lasts twice as long"
        return _declare(state, state.void_times, [it.match for it in voids], what, hint, at_ms)

    def _game_broke(self, state: GameCounts, at_ms: int) -> Quarantine:
        state.times += 1
        what = (
            f"the last {len(state.row)} matches of {state.game} were voided because the game broke "
            f"({_causes(state.row)}), and no agent sat in all of them"
        )
        hint = "an operator may release it earlier"
        return _declare(state, state.times, [it.match for it in state.row], what, hint, at_ms)

    def _agent(self, game: str, agent: str, at_ms: int) -> AgentCounts:
        key = (game, agent)
        state = self._agents.setdefault(key, AgentCounts(game=game, agent=agent))
        self._agents.move_to_end(key)
        state.seen_ms = at_ms
        while len(self._agents) > AGENTS_MAX or at_ms - next(iter(self._agents.values())).seen_ms > IDLE_MS:
            self._agents.popitem(last=False)
        return state

    def _game(self, game: str, at_ms: int) -> GameCounts:
        state = self._games.setdefault(game, GameCounts(game=game))
        self._games.move_to_end(game)
        state.seen_ms = at_ms
        while len(self._games) > GAMES_MAX or at_ms - next(iter(self._games.values())).seen_ms > IDLE_MS:
            self._games.popitem(last=False)
        return state


def lasts_ms(first_ms: int, most_ms: int, times: int) -> int:
    """How long the quarantine lasts the `times`-th time in a row, counted from 1."""
    return min(first_ms << min(times - 1, 32), most_ms)


def _declare(
    state: AgentCounts | GameCounts, times: int, matches: list[str], what: str, hint: str, since_ms: int
) -> Quarantine:
    """The quarantine that these matches led to; it begins now."""
    agent = state.agent if isinstance(state, AgentCounts) else ""
    first_ms, most_ms = (AGENT_MS_FIRST, AGENT_MS_MAX) if agent else (GAME_MS_FIRST, GAME_MS_MAX)
    until_ms = since_ms + lasts_ms(first_ms, most_ms, times)
    _begin(state, until_ms)
    return Quarantine(
        game=state.game,
        agent=agent,
        why=f"{what}; no new ones until {_clock(until_ms)}; {hint}",
        matches=matches,
        times=times,
        since_ms=since_ms,
        until_ms=until_ms,
    )


def _begin(state: AgentCounts | GameCounts, until_ms: int) -> None:
    """Count anew, from `until_ms` on."""
    state.until_ms = until_ms
    if isinstance(state, AgentCounts):
        state.forfeits, state.recent = [], []
    else:
        state.row, state.sound = [], 0


def _remember(state: AgentCounts, broken: BrokenMatch | None) -> None:
    state.recent = [*state.recent, broken][-RECENT_MATCHES:]
    if broken is None and len(state.recent) == RECENT_MATCHES and not any(state.recent):
        state.void_times = 0


def _in_all(voids: Iterable[BrokenMatch]) -> frozenset[str]:
    """Agents that sat in every one of them."""
    return frozenset.intersection(*(it.agents for it in voids))


def _causes(voids: Iterable[BrokenMatch]) -> str:
    return ", ".join(dict.fromkeys(it.cause for it in voids))


def _clock(ms: int) -> str:
    """The time of day in UTC, to the minute that has begun then."""
    return f"{ms // 3_600_000 % 24:02}:{ms // 60_000 % 60:02} UTC"
