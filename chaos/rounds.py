"""One round: start all, let agents play while faults are injected, let everything come to rest, and look."""

import asyncio
import random
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import msgspec

from arena.api.registrar import open_registrar
from arena.core.records import Entry
from arena.games import load_catalogue
from arena.wire import subjects
from chaos import records
from chaos.agents import BEHAVIOURS
from chaos.faults import wanted
from chaos.inject import GAP_S, Injection, Injector, measure
from chaos.invariants import Outage, Violation, check
from chaos.platform import Part, Platform, Say, open_platform
from chaos.quiet import LEFT_OVER_S, Usage, left_over, not_a_fold, not_published, usage
from chaos.watch import Watch, tables_reach, whole_log

BEGIN_S = 60.0  # first moves
AGAIN_S = 45.0  # from the last fault's end until matches are made and played again, at the very latest
OVER_S = 90.0  # from the last agent's leave until every match is over
TABLES_S = 60.0
HONEST = ("honest", "reconnects", "stateless")  # beside the slow, who hold matches; none of them must ever be charged
SLOTS = 2  # of an agent that is not slow
GAMES = "tictactoe,connect_four,rock_paper_scissors,leduc_holdem"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a round does."""

    number: int
    seed: int
    seconds: float
    servers: int = 1
    faults_min: int = 0  # go on longer until so many were injected
    matches_max: int = 0  # stop injecting after so many matches; 0: never
    gap_s: float = GAP_S  # between two injections, on average
    only: str = ""  # names of faults, separated by commas; empty: all
    slow: int = 6  # honest agents that think
    linked: int = 2  # more of them, on a network that fails
    bad: bool = True
    games: str = GAMES
    slots: int = 6  # of a slow agent
    settle_s: float = LEFT_OVER_S  # how long what was left over may take to go
    breakage: str = ""  # one of chaos.broken.BREAKAGES


class Outcome(msgspec.Struct, kw_only=True):
    """What came of it."""

    number: int
    seed: int
    servers: int
    home: str  # kept when there are violations
    matches: int = 0
    events: int = 0
    seconds: float = 0.0
    kinds: dict[str, int] = {}
    injections: list[Injection] = []
    impossible: list[str] = []
    violations: list[Violation] = []
    notes: list[str] = []
    before: Usage = {}
    after: Usage = {}


Show = Callable[[Watch, Injector, float], None]  # called once a second while faults are injected


async def play_round(plan: Plan, say: Say, show: Show) -> Outcome:
    """Play one round. Raises ServerError, Unhealthy and their like when the platform does not even start."""
    home = Path(tempfile.mkdtemp(prefix="chaos-"))
    outcome = Outcome(number=plan.number, seed=plan.seed, servers=plan.servers, home=str(home))
    environ = {"CHAOS_BREAK": plan.breakage} if plan.breakage else {}
    began = time.monotonic()
    async with open_platform(home, plan.servers, say, environ) as platform:
        outcome.before = await usage(platform)
        watch = Watch(platform.bus)
        await watch.start()
        try:
            await _play(plan, platform, watch, outcome, say, show)
            await _look(plan, platform, watch, outcome)
        except Exception as error:  # noqa: BLE001 - whatever it is: what was found so far is worth keeping
            outcome.violations.append(Violation(0, "", f"the round was not finished: {error!r}"))
            (home / "traceback.txt").write_text("".join(traceback.format_exception(error)))
        finally:
            await watch.stop()
    outcome.seconds = time.monotonic() - began
    (home / "outcome.json").write_bytes(msgspec.json.format(msgspec.json.encode(outcome)))
    if not outcome.violations:
        shutil.rmtree(home)
    return outcome


async def _play(plan: Plan, platform: Platform, watch: Watch, outcome: Outcome, say: Say, show: Show) -> None:
    """Agents arrive, faults happen, agents leave."""
    rng = random.Random(plan.seed)
    injector = Injector(platform, watch, wanted(plan.only, plan.servers), rng, say, plan.gap_s)
    outcome.injections = injector.done
    async with AsyncExitStack() as stack:
        await _crowd(plan, platform, stack, rng)
        if not await watch.until(lambda: any(e.subject.endswith("moved") for e in watch.entries), BEGIN_S):
            outcome.violations.append(Violation(1, "", f"no move within {BEGIN_S:g} s of the agents' arrival"))
        enough = asyncio.Event()
        injecting = asyncio.create_task(injector.run(enough))
        began = time.monotonic()
        try:
            while not injecting.done() and (
                time.monotonic() - began < plan.seconds or len(injector.done) < plan.faults_min
            ):
                show(watch, injector, time.monotonic() - began)
                if 0 < plan.matches_max <= watch.created:
                    break
                await asyncio.wait((injecting,), timeout=1)
        finally:
            enough.set()
            await injecting
        outcome.impossible = sorted(injector.impossible)
        await _goes_on(watch, outcome)
        say("no more faults; agents leave")
        await platform.dismiss_agents()


async def _goes_on(watch: Watch, outcome: Outcome) -> None:
    """A platform that does nothing loses nothing: matches must be made and played again when the faults are over."""
    before = len(watch.entries)

    def again(kind: str) -> bool:
        return any(entry.subject.endswith(kind) for entry in watch.entries[before:])

    for kind in ("created", "moved"):
        if not await watch.until(partial(again, kind), AGAIN_S):
            text = f"no `{kind}` within {AGAIN_S:g} s after the last fault, although agents wait"
            outcome.violations.append(Violation(1, "", text))


async def _crowd(plan: Plan, platform: Platform, stack: AsyncExitStack, rng: random.Random) -> None:
    """Honest agents, some of them on bad lines, and one of every bad kind."""
    cast = [(behaviour, False) for behaviour in (*HONEST, *["slow"] * plan.slow)] + [("slow", True)] * plan.linked
    cast += [(name, False) for name, behaviour in BEHAVIOURS.items() if not behaviour.honest and plan.bad]
    async with open_registrar(platform.settings, subjects.REGISTRAR) as registrar:
        for number, (behaviour, linked) in enumerate(cast, 1):
            name = f"agent-{number}-{behaviour}{'-linked' if linked else ''}"
            slots = plan.slots if behaviour == "slow" else SLOTS
            part = Part(name, behaviour, slots, BEHAVIOURS[behaviour].honest, linked)
            await platform.add_agent(stack, registrar, part, plan.games, rng.getrandbits(32))


async def _look(plan: Plan, platform: Platform, watch: Watch, outcome: Outcome) -> None:
    """Wait for rest, then check everything."""
    found = outcome.violations
    if not await watch.until(lambda: not watch.running, OVER_S):
        found += [
            Violation(1, match, f"not over {OVER_S:g} s after the last agent left; its runner: {runner or 'none'}")
            for match, runner in watch.running.items()
        ]
    url = platform.settings.database_url
    if await tables_reach(url, watch.last_seq, TABLES_S) is None:
        found.append(Violation(3, "", f"the tables do not have event {watch.last_seq} within {TABLES_S:g} s"))
    outcome.matches, outcome.events = watch.created, len(watch.entries)
    log = await whole_log(platform.bus)
    lines = [msgspec.json.encode((*entry[:3], msgspec.Raw(entry.payload))) for entry in log]
    (platform.home / "log.jsonl").write_bytes(b"\n".join(lines))
    outcome.kinds = _kinds(log)
    found += _missing(watch, log)
    prompt = {party.id for party in platform.agents if party.honest}
    measure(outcome.injections, watch.entries, lambda match: prompt.issuperset(watch.seats[match]))
    honest = {party.id for party in platform.agents if party.honest and not party.links}
    outages = [
        Outage(injection.fault, _target(platform, injection), injection.from_ms, injection.until_ms)
        for injection in outcome.injections
    ]
    catalogue = load_catalogue(platform.settings.games_file)
    found += await check(log, url, records.read(platform.records), honest, outages, catalogue)
    leaked, outcome.after = await left_over(platform, outcome.before, plan.settle_s)
    found += [Violation(6, "", line) for line in leaked]
    found += [Violation(3, "", line) for line in (*await not_published(platform), *await not_a_fold(platform))]
    outcome.notes += platform.ended_badly
    outcome.notes += [f"{it.fault} of {it.target}: no recovery was seen" for it in outcome.injections if it.lost]


def _target(platform: Platform, injection: Injection) -> str:
    """An agent goes by its id."""
    party = platform.parties.get(injection.target)
    return (party.id if party else "") or injection.target


def _missing(watch: Watch, log: list[Entry]) -> list[Violation]:
    """What was read from the log once and is not in it any more, or is another."""
    there = {entry.seq: entry.payload for entry in log}
    return [
        Violation(5, entry.subject.split(".")[3], f"event {entry.seq} {entry.subject} was there and is not any more")
        for entry in watch.entries
        if there.get(entry.seq) != entry.payload
    ]


def _kinds(log: list[Entry]) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in log:
        kind = entry.subject.rpartition(".")[2]
        found[kind] = found.get(kind, 0) + 1
    return found
