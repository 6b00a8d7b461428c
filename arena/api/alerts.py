"""/api/fleet/alerts: what an operator should look at now, reckoned from what the API reads anyway.

Nothing is remembered: an alert is there as long as its condition is. Codes are stable; the text is for people.
"""

import asyncio
import shutil
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.plugins.problem_details import ProblemDetailsException

from arena.api.answers import problems_of
from arena.api.dead_letters import DeadLetters, dead_letters
from arena.api.fleet import Fleet, RunnerShown, StreamsShown, streams_shown
from arena.api.lately import Lately
from arena.api.quarantine import Quarantined, Quarantines
from arena.api.stamps import now_ms
from arena.api.tokens import operators_only
from arena.bus import Bus
from arena.store.database import Database, StoreError
from arena.wire import subjects
from arena.wire.inquiry import QueueState

LAG_EVENTS_MAX = 1_000  # that the recorder may be behind the log; it writes thousands in a second
LAG_EVENTS_CRITICAL = 100_000
WAIT_TIMES_MAX, WAIT_MS_MIN = 3, 30_000  # slow is who waits more than so many times the usual wait, and than this
DISK_WARNING, DISK_CRITICAL = 0.85, 0.95  # of the disk that has ARENA_HOME
LETTERS_AGE_MS = 24 * 3600 * 1000  # older dead letters were seen by now
LETTERS_MAX = 100
RECORDER = f"arena-{subjects.RECORDER}"

Severity = Literal["critical", "warning", "info"]
Code = Literal[
    "no_matchmaker",
    "no_recorder",
    "no_runner",
    "database_down",
    "runner_silent",
    "runner_draining",
    "recorder_lagging",
    "replica_behind",
    "dead_letters",
    "game_quarantined",
    "game_unplayed",
    "queue_slow",
    "disk_nearly_full",
]


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Something to look at. critical: matches or records suffer now; warning: some do, or will; info: on purpose."""

    code: Code
    severity: Severity
    about: str  # the runner's id, the game or the stream; empty: the platform
    text: str
    since_ms: int | None = None  # null: not known
    figures: dict[str, float] = {}


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What alerts are reckoned from; None: it could not be found out."""

    at_ms: int
    runners: Sequence[RunnerShown]
    services: frozenset[str]  # names of those that answer
    streams: StreamsShown | None
    letters: DeadLetters | None
    queue: QueueState | None
    quarantined: Sequence[Quarantined]
    disk_used: float  # from 0 to 1


class AlertsController(Controller):
    """For operators."""

    path = "/fleet/alerts"
    tags = ("operation",)
    guards = (operators_only,)

    @get(responses=problems_of(401, 403, 503))
    async def alerts(
        self,
        fleet: NamedDependency[Fleet],
        queue: NamedDependency[Lately[QueueState]],
        quarantines: NamedDependency[Quarantines],
        bus: NamedDependency[Bus],
        database: NamedDependency[Database],
    ) -> list[Alert]:
        """List what to look at now, the most severe first: each with a stable code, and since when if it is known."""
        answers, waiting, streams, letters = await asyncio.gather(
            fleet.answers(), _queue(queue), _streams(bus, database), _letters(bus, database)
        )
        disk = shutil.disk_usage(fleet.home)
        seen = Seen(
            at_ms=now_ms(),
            runners=fleet.runners_of(answers),
            services=frozenset(answer.name for answer in answers),
            streams=streams,
            letters=letters,
            queue=waiting,
            quarantined=quarantines.all(),
            disk_used=disk.used / (disk.used + disk.free),
        )
        return alerts_of(seen)


def alerts_of(seen: Seen) -> list[Alert]:
    """Everything that these figures say, the most severe first."""
    found = [
        *_missing(seen),
        *_runners(seen),
        *_recorder(seen),
        *_letters_of(seen),
        *_games(seen),
        *_disk(seen),
    ]
    order = ("critical", "warning", "info")
    return sorted(found, key=lambda alert: order.index(alert.severity))


def _missing(seen: Seen) -> Iterator[Alert]:
    if seen.queue is None:
        yield _critical("no_matchmaker", "No matchmaker answers: no matches are made. A standby takes over in seconds.")
    if RECORDER not in seen.services:
        yield _critical("no_recorder", "No recorder answers: what is played is in the log, and not in the tables.")
    if not any(runner.state in {"playing", "silent"} for runner in seen.runners):
        yield _critical("no_runner", "No runner takes matches: nothing is played.")
    if seen.letters is None:
        yield _critical("database_down", "PostgreSQL does not answer: matches go on, pages and accounts do not.")


def _critical(code: Code, text: str) -> Alert:
    return Alert(code=code, severity="critical", about="", text=text)


def _runners(seen: Seen) -> Iterator[Alert]:
    for runner in seen.runners:
        since_ms = None if runner.beat_age_ms is None else seen.at_ms - runner.beat_age_ms
        figures = {"playing": float(runner.playing), "capacity": float(runner.capacity)}
        if runner.state in {"silent", "unanswering"}:
            text = (
                f"Runner {runner.id} is {runner.state}: it hangs, was cut off, or begins. Others take its matches over."
            )
            yield Alert(
                code="runner_silent",
                severity="warning",
                about=runner.id,
                text=text,
                since_ms=since_ms,
                figures=figures,
            )
        elif runner.state in {"draining", "drained"}:
            text = f"Runner {runner.id} is {runner.state}: it takes no matches until it is restarted."
            yield Alert(code="runner_draining", severity="info", about=runner.id, text=text, figures=figures)


def _recorder(seen: Seen) -> Iterator[Alert]:
    if seen.streams is None:
        return
    for consumer in seen.streams.consumers:
        if consumer.name == subjects.RECORDER_CONSUMER and consumer.pending > LAG_EVENTS_MAX:
            yield Alert(
                code="recorder_lagging",
                severity="critical" if consumer.pending > LAG_EVENTS_CRITICAL else "warning",
                about=subjects.EVENTS_STREAM,
                text=f"The recorder is {consumer.pending:,} events behind the log.",
                figures={"pending": float(consumer.pending), "unacknowledged": float(consumer.unacknowledged)},
            )
    for stream in seen.streams.streams:
        behind = [replica for replica in stream.replicas if replica.offline or not replica.current]
        if behind:
            names = ", ".join(replica.name for replica in behind)
            yield Alert(
                code="replica_behind",
                severity="warning",
                about=stream.name,
                text=f"Stream {stream.name} is not whole on {names}: another failure may stop it.",
                figures={"replicas": float(len(behind)), "lag": float(max(replica.lag for replica in behind))},
            )


def _letters_of(seen: Seen) -> Iterator[Alert]:
    if seen.letters is None:
        return
    first_ms = seen.at_ms - LETTERS_AGE_MS
    events = [one.at_ms for one in seen.letters.events.items if one.at_ms >= first_ms]
    claims = [one.at_ms for one in seen.letters.claims.items if one.at_ms >= first_ms]
    if events or claims:
        yield Alert(
            code="dead_letters",
            severity="warning",
            about="",
            text="In the last day events could not be projected, or matches were claimed too often: see dead letters.",
            since_ms=min([*events, *claims]),
            figures={"events": float(len(events)), "claims": float(len(claims))},  # of each the newest 100
        )


def _games(seen: Seen) -> Iterator[Alert]:
    resting = [one for one in seen.quarantined if one.agent is None]
    for one in resting:
        yield Alert(
            code="game_quarantined",
            severity="warning",
            about=one.game,
            text=f"Game {one.game} rests: {one.why}.",
            since_ms=one.since_ms,
            figures={"until_ms": float(one.until_ms), "times": float(one.times)},
        )
    games = {one.game for one in resting}
    for queue in seen.queue.games if seen.queue else ():
        figures = {"waiting": float(queue.waiting), "oldest_ms": float(queue.oldest_ms)}
        since_ms = seen.at_ms - queue.oldest_ms
        if queue.waiting and not queue.playable and queue.game not in games:
            text = f"{queue.waiting:,} slots wait for {queue.game}, which no runner plays."
            code: Code = "game_unplayed"
        elif queue.estimated_ms and queue.oldest_ms > max(WAIT_MS_MIN, WAIT_TIMES_MAX * queue.estimated_ms):
            text = f"In {queue.game} somebody waits for {queue.oldest_ms / 1000:,.0f} s; that is unusual."
            code, figures = "queue_slow", figures | {"usual_ms": float(queue.estimated_ms)}
        else:
            continue
        yield Alert(code=code, severity="warning", about=queue.game, text=text, since_ms=since_ms, figures=figures)


def _disk(seen: Seen) -> Iterable[Alert]:
    if seen.disk_used < DISK_WARNING:
        return ()
    severity: Severity = "critical" if seen.disk_used >= DISK_CRITICAL else "warning"
    text = f"The disk with ARENA_HOME is {seen.disk_used:.0%} full; the log and PostgreSQL stop when there is no room."
    return (
        Alert(
            code="disk_nearly_full", severity=severity, about="", text=text, figures={"used": round(seen.disk_used, 4)}
        ),
    )


async def _queue(queue: Lately[QueueState]) -> QueueState | None:
    try:
        return await queue.get()
    except ProblemDetailsException:  # what the API answers to who asks for the queue itself
        return None


async def _streams(bus: Bus, database: Database) -> StreamsShown | None:
    try:
        return await streams_shown(bus, database)
    except StoreError:
        return None


async def _letters(bus: Bus, database: Database) -> DeadLetters | None:
    try:
        return await dead_letters(bus, database, LETTERS_MAX)
    except StoreError:
        return None
