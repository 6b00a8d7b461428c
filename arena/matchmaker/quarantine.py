"""What is quarantined: decided by the log (`arena.core.conduct`), kept in bucket QUARANTINE, and told to the agents.

Every matchmaker folds the log and mirrors the bucket; the active one writes what was decided.  A decision holds from
the event on that led to it, also before the bucket has it, and is written again until it has; so a takeover in
between loses none.  The entry's time to live is the server's to keep, and an operator may delete it earlier.

What was counted stands in the matchmaker's checkpoint: forfeits that are not a quarantine yet outlast a restart of all.
"""

from collections.abc import Callable

import structlog
from prometheus_client import Gauge

from arena.bus import Bus, BusError
from arena.bus.kv import Mirror, put
from arena.bus.pull import Delivery
from arena.core.conduct import Conduct
from arena.matchmaker.instance import Instance
from arena.matchmaker.lobby import Lobby
from arena.matchmaker.reception import Reception
from arena.service import steady_ms
from arena.wire import subjects
from arena.wire.events import MatchEvent
from arena.wire.faults import NoticeCode
from arena.wire.registry import Counts, Quarantine

WRITE_MS_MAX = 10_000  # longer than one try may take
RETRY_MS = 1_000

QUARANTINED = Gauge("arena_matchmaker_quarantined", "Quarantines in force: of games, of agents in a game", ["what"])

log = structlog.get_logger("matchmaker")


class Quarantines:
    """`in_force` by key `{game}` or `{game}.{agent}`. on_release: called when slots may wait again."""

    def __init__(self, bus: Bus, lobby: Lobby, reception: Reception, on_release: Callable[[], None]) -> None:
        self._bus = bus
        self._lobby = lobby
        self._reception = reception
        self._on_release = on_release
        self.in_force: dict[str, Quarantine] = {}
        self._unwritten: dict[str, tuple[Quarantine, int]] = {}  # with the time of the next try
        self._gone_before: set[str] = set()  # keys whose entry had gone when we began
        self._caught_up = False
        self._counted = 0  # events up to this one were counted before we began
        self._conduct = Conduct(lobby.is_house)
        self._mirror = Mirror(bus, subjects.QUARANTINE_BUCKET, Quarantine, self._on_entry)
        lobby.quarantined = self.in_force

    async def start(self, counts: Counts) -> None:
        """Learn what was counted, and what is quarantined now. To be done before the log is read."""
        self._conduct.restore(counts)
        self._counted = counts.seq
        await self._mirror.start()

    def caught_up(self) -> None:
        """The log was read up to now: from here on what it says is news."""
        self._caught_up = True
        self._gone_before.clear()

    async def stop(self) -> None:
        """Follow no more."""
        await self._mirror.stop()

    def counts(self, seq: int) -> Counts | None:
        """What was counted up to event `seq`, the last one read; None while the bucket lacks what was decided."""
        return None if self._unwritten else self._conduct.counts(seq)

    def on_event(self, delivery: Delivery, event: MatchEvent) -> None:
        """The next event of the log."""
        game, match, _ = subjects.split_event(delivery.subject)
        if delivery.seq <= self._counted:
            self._conduct.recall(match, event)
            return
        for found in self._conduct.see(game, match, event, delivery.at_ms):
            key = key_of(found)
            # An event read a second time, after a restart, must not bring back what went or was released since.
            if found.until_ms <= steady_ms() or (not self._caught_up and key in self._gone_before):
                self._conduct.released(found.game, found.agent)
                continue
            log.warning("quarantined", game=game, agent=found.agent, why=found.why, matches=found.matches)
            self._unwritten[key] = (found, 0)
            self._set(key, found)

    def sweep(self, now_ms: int, *, active: bool) -> None:
        """Write what was decided and is not in the bucket; drop what is over meanwhile."""
        for key, (found, retry_ms) in list(self._unwritten.items()):
            if found.until_ms <= now_ms:
                self._release(key)
            elif active and retry_ms <= now_ms:
                self._unwritten[key] = (found, now_ms + WRITE_MS_MAX)
                self._reception.spawn(self._write(key, found, now_ms))

    async def _write(self, key: str, found: Quarantine, now_ms: int) -> None:
        left_ms = min(found.until_ms - now_ms, found.until_ms - found.since_ms)
        headers = {"Nats-TTL": f"{max(1, -(-left_ms // 1000))}s"}
        try:
            await put(self._bus, subjects.QUARANTINE_BUCKET, key, found, headers)
        except BusError as error:  # it holds here all the same
            log.warning("a quarantine was not stored; trying on", key=key, error=str(error))
            if key in self._unwritten:
                self._unwritten[key] = (found, now_ms + RETRY_MS)

    async def tell(self, instance: Instance) -> None:
        """Say to an instance for which of its games it waits in vain, and why."""
        for game in instance.games:
            for key in (game, f"{game}.{instance.agent}"):
                if found := self.in_force.get(key):
                    await self._notice(instance, found)

    async def took_over(self) -> None:
        """We are active now: who said hello while nobody was has not been told yet; others hear it once more."""
        for instance in list(self._lobby.instances.values()):
            if instance.here and self.concerned(instance):
                await self.tell(instance)

    def concerned(self, instance: Instance) -> bool:
        """Whether one of its games is quarantined, for it or for all."""
        keys = {key for game in instance.games for key in (game, f"{game}.{instance.agent}")}
        return not keys.isdisjoint(self.in_force)

    async def _tell_all(self, found: Quarantine) -> None:
        instances = self._lobby.of(found.agent) if found.agent else list(self._lobby.instances.values())
        for instance in instances:
            if instance.here and found.game in instance.games:
                await self._notice(instance, found)

    async def _notice(self, instance: Instance, found: Quarantine) -> None:
        await self._reception.notice(instance.agent, instance.name, NoticeCode.QUARANTINED, found.why)

    def _on_entry(self, key: str, record: Quarantine | None) -> None:
        if record is None:
            self._gone_before.add(key)
            self._release(key)
            return
        self._gone_before.discard(key)
        self._unwritten.pop(key, None)
        self._conduct.begun(record)
        self._set(key, record)
        if self._reception.active:
            self._reception.spawn(self._tell_all(record))

    def _set(self, key: str, found: Quarantine) -> None:
        self.in_force[key] = found
        self._measure()

    def _release(self, key: str) -> None:
        self._unwritten.pop(key, None)
        game, _, agent = key.partition(".")
        self._conduct.released(game, agent)
        if self.in_force.pop(key, None) is not None:
            self._measure()
            log.info("no longer quarantined", game=game, agent=agent)
            self._on_release()

    def _measure(self) -> None:
        agents = sum(bool(it.agent) for it in self.in_force.values())
        QUARANTINED.labels("agent").set(agents)
        QUARANTINED.labels("game").set(len(self.in_force) - agents)


def key_of(quarantine: Quarantine) -> str:
    """Its key in the bucket."""
    return f"{quarantine.game}.{quarantine.agent}" if quarantine.agent else quarantine.game
