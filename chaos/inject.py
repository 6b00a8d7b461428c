"""Injects faults at random times into random targets, several at once, and measures what followed."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable

import msgspec

from arena.core.records import Entry
from chaos.agents.setting import pause
from chaos.faults import Fault, targets
from chaos.platform import Platform, Say
from chaos.watch import Watch, next_any, next_of, tables_reach

GAP_S = 2.5  # between two injections, on average
AT_ONCE_MAX = 3
RECOVERY_S_MAX = 60.0  # who is not back by then is not coming back
HTTP_POLL_S = 0.05


class Injection(msgspec.Struct, kw_only=True):
    """A fault that was injected."""

    fault: str
    recovery: str
    target: str
    from_ms: int
    until_ms: int = 0
    touched: list[str] = []  # matches that ran on the target then
    recoveries_ms: list[float] = []
    lost: bool = False  # no recovery was seen in time


class Injector:
    """One round's faults. Everything random comes from `rng`."""

    def __init__(
        self,
        platform: Platform,
        watch: Watch,
        faults: list[Fault],
        rng: random.Random,
        say: Say,
        gap_s: float = GAP_S,
    ) -> None:
        self.done: list[Injection] = []
        self.now: dict[str, str] = {}  # target -> fault that it suffers
        self.impossible: set[str] = set()  # faults that cannot be injected here
        self._platform = platform
        self._watch = watch
        self._faults = faults
        self._rng = rng
        self._order = random.Random(rng.random())  # of its own: how long things take must not change what comes next
        self._say = say
        self._gap_s = gap_s
        self._deck: list[Fault] = []

    async def run(self, enough: asyncio.Event) -> None:
        """Inject until `enough` is set, and wait until everything that was injected is healed."""
        async with asyncio.TaskGroup() as group:
            while await pause(enough, self._rng.expovariate(1 / self._gap_s)):
                if len(self.now) >= AT_ONCE_MAX:
                    continue
                fault = self._next()
                found = await targets(fault, self._platform, self._rng)
                if not found:
                    self.impossible.add(fault.name)
                target = next((name for name in found if name not in self.now and self._may(fault)), "")
                if target:
                    self.now[target] = fault.name
                    group.create_task(self._inject(fault, target, self._rng.uniform(*fault.lasts_s)))

    def _next(self) -> Fault:
        """Each fault once, in a random order, before one comes again."""
        if not self._deck:
            self._deck = self._order.sample(self._faults, len(self._faults))
        return self._deck.pop()

    def _may(self, fault: Fault) -> bool:
        """The majority of a cluster lives, and a server is not filled while it is down."""
        ours = {"nats", "member", "leader", "store"}
        return fault.role not in ours or not any(target.startswith("server-") for target in self.now)

    async def _inject(self, fault: Fault, target: str, lasts_s: float) -> None:
        injection = Injection(
            fault=fault.name, recovery=fault.recovery, target=target, from_ms=_now_ms(), touched=self._touched(target)
        )
        self.done.append(injection)
        self._say(f"{fault.name} -> {target}" + (f" for {lasts_s:.1f} s" if lasts_s else ""))
        rng = random.Random(self._rng.random())
        try:
            async with fault.act(self._platform, target, rng):
                await asyncio.sleep(lasts_s)
            injection.until_ms = _now_ms()
        finally:
            del self.now[target]
        await self._measure_live(injection)

    def _touched(self, target: str) -> list[str]:
        """Matches that run on the target: a runner's own, an agent's own, and all for what all depend on."""
        party = self._platform.parties.get(target)
        if party and party.role == "runner":
            return self._watch.held_by(party.service_id())
        if party and party.role == "agent":
            return self._watch.played_by(party.id)
        if party and party.role == "api":
            return []
        return list(self._watch.running)

    async def _measure_live(self, injection: Injection) -> None:
        """What only the tables and the web server can tell, and only now."""
        url = self._platform.settings.database_url
        took: float | None = None
        match injection.recovery:
            case "tables":
                took = await tables_reach(url, self._watch.last_seq, RECOVERY_S_MAX)
            case "http":
                took = await _healthy(self._platform.settings.api_port, RECOVERY_S_MAX)
            case _:
                return
        injection.lost = took is None
        injection.recoveries_ms = [] if took is None else [took]


async def _healthy(port: int, timeout_s: float) -> float | None:
    """Milliseconds until /api/health answers 200; None if it did not in time."""
    began = time.monotonic()
    while time.monotonic() - began < timeout_s:
        try:
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                status = await reader.readline()
                writer.close()
                if b" 200 " in status:
                    return (time.monotonic() - began) * 1000
        except (OSError, TimeoutError):
            pass  # not yet
        await asyncio.sleep(HTTP_POLL_S)
    return None


def measure(injections: Iterable[Injection], entries: list[Entry], prompt: Callable[[str], bool]) -> None:
    """Read from the log when things went on after each fault.

    prompt: whether all who play a match answer in time. Of the others nobody can say what their moves waited for.
    """
    for injection in injections:
        touched = set(injection.touched)
        match injection.recovery:
            case "claimed":
                found = next_of(entries, touched, {"claimed"}, injection.from_ms)
                injection.recoveries_ms = [float(took) for took in found.values()]
            case "resumed":
                kinds = {"claimed", "moved", "faulted", "reseated", "ended", "voided"}
                found = next_of(entries, set(filter(prompt, touched)), kinds, injection.until_ms)
                injection.recoveries_ms = [float(took) for took in found.values()]
            case "created" | "moved" as kind:
                took = next_any(entries, kind, injection.until_ms)
                injection.recoveries_ms = [] if took is None else [float(took)]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
