"""The lobby: which instances are here, what they play, and how many of their slots are free. No I/O, no clock."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from arena.core.pairing import Waiting
from arena.core.rating import MU, SIGMA, Model, Rating, believed
from arena.core.traffic import Traffic
from arena.matchmaker.histories import Histories
from arena.matchmaker.instance import Instance
from arena.matchmaker.sittings import Running, Sittings
from arena.wire.events import Ended, Reseated, Seat
from arena.wire.lobby import Hello
from arena.wire.registry import AgentRecord, Quarantine, RatingRecord

MISSED_BEATS_MAX = 3
INSTANCES_PER_AGENT_MAX = 64  # here at once
HOUSE_KEPT = 8  # of so many slots of a house bot one is kept free of the ladder, for people
SLOTS_PER_WAVE_MAX = 8  # of one instance and game; the others come with the next waves, which then weigh less


class Lobby:
    """Everybody who is ready. Times in ms of one clock, given by the caller."""

    def __init__(self, beat_ms: int, hourly_max: int = 0) -> None:
        """hourly_max: matches an hour of one agent of a user; 0: no bound."""
        self.beat_ms = beat_ms
        self._hourly_max = hourly_max
        self._traffic = Traffic()
        self.agents: dict[str, AgentRecord] = {}
        self.ratings: dict[str, RatingRecord] = {}  # by `{game}.{agent}`
        self.models: Mapping[str, Model] = {}  # how each game is rated
        self.quarantined: Mapping[str, Quarantine] = {}  # by `{game}` or `{game}.{agent}`
        self.instances: dict[tuple[str, str], Instance] = {}
        self._sittings = Sittings()
        self.running = self._sittings.matches
        self._names: defaultdict[str, set[str]] = defaultdict(set)  # of an agent's instances
        self._players: defaultdict[str, dict[tuple[str, str], Instance]] = defaultdict(dict)  # instances, by game
        self._house_began_ms: dict[str, int] = {}  # by game, when its last match among house bots only began
        self._histories = Histories()

    # Who is here

    def arrive(self, agent: str, hello: Hello, games: list[str], now_ms: int) -> Instance:
        """An accepted hello. A repeated one keeps the place in the queue."""
        key = (agent, hello.instance)
        before = self.instances.get(key)
        free = max(hello.slots - self.busy(key), 0)
        kept = before.free_since_ms[:free] if before and before.here else []
        self._names[agent].add(hello.instance)
        self._leave_games(before)
        found = Instance.of(agent, hello, games, now_ms, kept + [now_ms] * (free - len(kept)))
        self.instances[key] = found
        for game in games:
            self._players[game][key] = found
        return found

    def taken(self, agent: str, hello: Hello, now_ms: int) -> bool:
        """Whether another living process has this instance's name."""
        other = self.instances.get((agent, hello.instance))
        return (
            other is not None
            and other.here
            and bool(hello.session and other.session)
            and hello.session != other.session
            and not other.doubted
            and now_ms - other.heard_ms < 2 * self.beat_ms
        )

    def full(self, agent: str, instance: str) -> bool:
        """Whether so many other instances of this agent are here that this one is too many."""
        return sum(it.here and it.name != instance for it in self.of(agent)) >= INSTANCES_PER_AGENT_MAX

    def of(self, agent: str) -> list[Instance]:
        """All instances of an agent: those that are here, and those that are not but still sit in matches."""
        return [self.instances[agent, name] for name in sorted(self._names.get(agent, ()))]

    def heard(self, agent: str, instance: str, session: str, now_ms: int) -> bool:
        """A beat; False if this instance must say hello: it is unknown, was lost, or was paused.

        A beat lists nobody again: one that took leave stays away, however late its last beats come.
        """
        found = self.instances.get((agent, instance))
        if found is None:
            return False
        if not session or session == found.session:
            found.heard_ms = now_ms
            found.doubted = False
        return found.here or (found.left and not found.lost)

    def doubt(self, agent: str) -> None:
        """A connection of this agent ended: a new process that claims an instance's name may be its successor."""
        for instance in self.of(agent):
            instance.doubted = True

    def depart(self, agent: str, instance: str, session: str) -> list[str]:
        """It took leave: no new matches. Returns those in which it still sits."""
        found = self.instances.get((agent, instance))
        if found and (not session or session == found.session):
            found.here, found.left = False, True
        return self._sittings.of(agent, instance)

    def lose(self, instance: Instance) -> None:
        """Nobody is subscribed as this instance any more."""
        instance.here, instance.lost = False, True

    def missing(self, agent: str, instance: str) -> Instance:
        """Sits in matches, was never seen since this matchmaker began, and nobody is subscribed as it."""
        self._names[agent].add(instance)
        found = Instance(agent, instance, "", [], 0, "json", False, False, 0, here=False, lost=True)
        return self.instances.setdefault((agent, instance), found)

    def excuse(self, gap_ms: int, now_ms: int) -> None:
        """Nobody could be heard for `gap_ms` until now, by our fault: it does not count as silence.

        Nor was the end of a connection heard: a new process may have an instance's name.
        """
        for instance in self.instances.values():
            instance.heard_ms = min(instance.heard_ms + gap_ms, now_ms)
            instance.doubted = True

    def forget_silent(self, now_ms: int) -> list[Instance]:
        """Take those off the list that were not heard for too long, or left; returns the silent ones.

        Who took leave and plays its last matches needs no beats: the clocks of these matches are enough.
        """
        limit = MISSED_BEATS_MAX * self.beat_ms
        silent = [it for it in self.instances.values() if it.here and now_ms - it.heard_ms > limit]
        for instance in silent:
            self.lose(instance)
        for key in [key for key, it in self.instances.items() if not it.here and not self.busy(key)]:
            self._leave_games(self.instances.pop(key))
            self._names[key[0]].discard(key[1])
            if not self._names[key[0]]:
                del self._names[key[0]]
        return silent

    # What runs

    def begun(self, game: str, match: str, seq: int, seats: list[Seat], at_ms: int, *, requested: bool = False) -> None:
        """A match was created. Hearing it twice changes nothing."""
        if match in self.running:
            self._sittings.number(match, seq)
            return
        house_only = all(self.is_house(seat.agent) for seat in seats)
        if house_only:
            self._house_began_ms[game] = at_ms
        self._sittings.begin(match, Running(game, seq, seats, house_only, requested, at_ms))
        for seat in seats:
            self._take_slot(seat)
        for agent in {seat.agent for seat in seats}:
            self._traffic.began(agent, self.hourly_max(agent), at_ms)
        self._histories.note(game, seats)

    def reseated(self, match: str, event: Reseated, now_ms: int) -> None:
        """Another instance plays a seat on. Hearing it twice changes nothing."""
        if moved := self._sittings.move(match, event):
            self._free_slot(moved[0], now_ms)
            self._take_slot(moved[1])

    def over(self, match: str, now_ms: int, ended: Ended | None = None) -> None:
        """A match ended or was voided: its slots are free again. ended: what its end says of it, if it has one."""
        running = self._sittings.end(match)
        if running is None:
            return
        for seat in running.seats:
            self._free_slot(seat, now_ms)
        if ended is not None:
            self._histories.note_lags(running.seats, ended.lags_ms)
            if not running.requested:
                self._histories.note_length(running.game, max(ended.at_ms - running.begun_ms, 0))

    def usual_match_ms(self, game: str) -> float | None:
        """How long the ladder's matches of a game usually last; None if none ended yet."""
        return self._histories.length_ms(game)

    def first_running_seq(self, default: int) -> int:
        """Where a restart must begin to read the log to know all that runs."""
        return self._sittings.first_seq(default)

    def on_ladder(self, game: str) -> int:
        """Matches of a game that run, and that nobody asked for."""
        return self._sittings.on_ladder[game]

    @property
    def seats_by_owner(self) -> Mapping[str, int]:
        """How many seats each owner's agents have in matches that run."""
        return self._sittings.of_owner

    def busy(self, key: tuple[str, str]) -> int:
        """In how many matches an (agent, instance) sits."""
        return self._sittings.count(*key)

    def sits(self, agent: str, instance: str) -> list[str]:
        """The matches in which an instance sits."""
        return self._sittings.of(agent, instance)

    def is_house(self, agent: str) -> bool:
        """Whether an agent is the platform's own."""
        record = self.agents.get(agent)
        return record is not None and record.house

    # Who may go on for whom

    def orphans(self, agent: str) -> list[str]:
        """Instances that are not here, and sit in matches that another instance of this agent could play on."""
        absent = [
            name
            for name in self._sittings.instances(agent)
            if (found := self.instances.get((agent, name))) is None or not found.here
        ]
        return [name for name in absent if self._sittings.inheritance(agent, name)]

    def successor(self, agent: str, instance: str) -> Instance | None:
        """Who plays on for an instance that is gone: here, stateless, plays all of these games; the least busy one.

        Its slots do not count: a match that runs is worth more than a slot too many.
        """
        games = self._sittings.inheritance(agent, instance)
        able = [
            it for it in self.of(agent) if it.here and it.stateless and it.name != instance and games <= {*it.games}
        ]
        return min(able, key=lambda it: (self.busy((agent, it.name)), it.name), default=None) if games else None

    # Bookkeeping

    def _take_slot(self, seat: Seat) -> None:
        instance = self.instances.get((seat.agent, seat.instance))
        if instance and instance.free_since_ms:
            instance.free_since_ms.pop(0)

    def _free_slot(self, seat: Seat, now_ms: int) -> None:
        key = (seat.agent, seat.instance)
        instance = self.instances.get(key)
        if instance and len(instance.free_since_ms) + self.busy(key) < instance.slots:
            instance.free_since_ms.append(now_ms)

    def _leave_games(self, instance: Instance | None) -> None:
        if instance is not None:
            for game in instance.games:
                self._players[game].pop((instance.agent, instance.name), None)

    # Who waits

    def games(self) -> set[str]:
        """Games that somebody here plays for whom matches are made.

        The house's guests, who play every game, are there for others: where nobody else is, nothing is done for them.
        """
        return {game for game, players in self._players.items() if any(self._calls(it) for it in players.values())}

    def _calls(self, it: Instance) -> bool:
        return it.here and it.ladder and not (len(it.games) > 1 and self.is_house(it.agent))

    def free(self, game: str) -> int:
        """How many slots of the ladder are free to play a game, whether or not anything keeps them from it."""
        players = self._players.get(game, {}).values()
        return sum(len(it.free_since_ms) for it in players if it.here and it.ladder)

    def house_matches(self, game: str, at_once: int, interval_ms: int, now_ms: int) -> int:
        """How many matches among the platform's own agents may begin: few, lest an idle platform is a busy one."""
        began_ms = self._house_began_ms.get(game)
        if began_ms is not None and now_ms - began_ms < interval_ms:
            return 0
        return max(at_once - self._sittings.house_only(game), 0)

    def waiting(self, game: str, now_ms: int) -> list[Waiting]:
        """The slots that wait for a match of the ladder, the longest waiting ones of each instance."""
        return [slot for slot in self.askable(game, now_ms) if slot.ladder]

    def askable(self, game: str, now_ms: int) -> list[Waiting]:
        """The slots that are free for a match that is asked for, the longest waiting ones of each instance."""
        if game in self.quarantined:
            return []
        return [slot for instance in self._players[game].values() for slot in self._slots(instance, game, now_ms)]

    def hourly_max(self, agent: str) -> int:
        """How many matches an hour it may begin, by its owner's bound and the platform's; 0: any number."""
        record = self.agents.get(agent)
        bounds = (record.hourly_max, 0 if record.house else self._hourly_max) if record else ()
        return min(filter(None, bounds), default=0)

    def next_match_ms(self, agent: str, now_ms: int) -> int:
        """From when on its next match may begin; what is past, or 0, is at once."""
        return self._traffic.next_ms(agent, self.hourly_max(agent), now_ms)

    def instance(self, slot: Waiting) -> Instance:
        """Whose slot it is."""
        return self.instances[slot.agent, slot.slot.split("/")[1]]

    def seat(self, slot: Waiting, game: str, now_ms: int) -> Seat:
        """The seat that a waiting slot takes: version, encoding and rating are pinned now."""
        instance = self.instance(slot)
        rated = self._rating(game, slot.agent, now_ms)
        return Seat(
            agent=slot.agent,
            owner=slot.owner,
            version=self.agents[slot.agent].version,
            instance=instance.name,
            encoding=instance.encoding,
            stateless=instance.stateless,
            mu=rated.mu if rated else None,
            sigma=rated.sigma if rated else None,
        )

    def _rating(self, game: str, agent: str, now_ms: int) -> Rating | None:
        """What is believed of the version that plays now, as the recorder will believe it of a match made now."""
        known = self.ratings.get(f"{game}.{agent}")
        if known is None:
            return None
        version = self.agents[agent].version
        last = Rating(
            mu=known.mu,
            sigma=known.sigma,
            played=known.played,
            version=known.version or version,
            rated_ms=known.rated_ms,
        )
        return believed(self.models.get(game, "openskill"), last, version, now_ms)

    def _longest_free(self, agent: str, game: str) -> Instance | None:
        able = [it for it in self.of(agent) if it.here and it.free_since_ms and game in it.games]
        return min(able, key=lambda it: it.free_since_ms[0], default=None)

    def _slots(self, instance: Instance, game: str, now_ms: int) -> Iterable[Waiting]:
        record = self.agents.get(instance.agent)
        if not instance.here or record is None or record.paused or game not in instance.games:
            return
        if f"{game}.{instance.agent}" in self.quarantined:
            return
        hourly_max, next_ms = self.hourly_max(instance.agent), self.next_match_ms(instance.agent, now_ms)
        if next_ms > now_ms or (hourly_max and instance is not self._longest_free(instance.agent, game)):
            return
        kept = instance.slots // HOUSE_KEPT if record.house else 0
        for_ladder = len(instance.free_since_ms) - kept if instance.ladder else 0
        history = self._histories.of(game, instance.agent)
        rated = self._rating(game, instance.agent, now_ms)
        lag_ms = self._histories.lag_ms(instance.agent)
        mu = rated.mu if rated else MU
        mu_min, mu_max = instance.wanted(mu)
        for number, since_ms in enumerate(instance.free_since_ms[: 1 if hourly_max else SLOTS_PER_WAVE_MAX]):
            yield Waiting(
                slot=f"{instance.agent}/{instance.name}/{number}",
                agent=instance.agent,
                owner=record.owner,
                mu=mu,
                sigma=rated.sigma if rated else SIGMA,
                since_ms=max(since_ms, next_ms),
                house=record.house,
                same_owner=instance.same_owner or record.house,
                other_games=len(instance.games) > 1,
                ladder=number < for_ladder,
                seat_counts=tuple(history.seat_counts),
                recent=tuple(history.recent),
                lag_ms=lag_ms,
                mu_min=mu_min,
                mu_max=mu_max,
            )
