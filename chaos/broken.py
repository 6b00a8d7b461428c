"""Builds that are broken on purpose: each takes away one thing that nothing-lost rests on, and must be caught.

`python -m chaos.launch ROLE` with CHAOS_BREAK=name applies one of them in a service's process.  They are written as
somebody in a hurry would have written the service, so what they get wrong shows only under the fault it is about.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from arena.bus.connection import Fenced
from arena.bus.journal import Done, Journal
from arena.wire import subjects
from arena.wire.subjects import Role

BEHIND_S = 0.5  # how long the hurried journal gathers appends


def _put(owner: Any, name: str, function: Callable[..., Any]) -> None:
    """Put a function in the place of the platform's own."""
    setattr(owner, name, function)


def fencing() -> None:
    """A runner appends to the log without saying what it believes to be the last event."""
    transmit = Journal._transmit

    def unfenced(journal: Journal, token: str, append: Any) -> None:
        headers = b"\r\n".join(line for line in append.headers.split(b"\r\n") if b"Expected" not in line)
        transmit(journal, token, msgspec.structs.replace(append, headers=headers))

    _put(Journal, "_transmit", unfenced)


def ack_before_write() -> None:
    """The journal says "written" at once and writes a little later: what waits dies with the process or connection."""
    send = Journal.send
    waiting: dict[str, list[tuple[Any, ...]]] = {}  # by match
    written: dict[str, int] = {}  # sequence of each match's last event in the log
    tasks: set[asyncio.Task[None]] = set()

    async def write(journal: Journal, game: str, match: str) -> None:
        await asyncio.sleep(BEHIND_S)
        for kind, payload, msg_id in waiting.pop(match):
            if not journal._bus.connected:
                return
            done: asyncio.Future[int | Fenced] = asyncio.get_running_loop().create_future()

            def finish(outcome: int | Fenced, done: asyncio.Future[int | Fenced] = done) -> None:
                done.set_result(outcome)

            send(journal, game, match, kind, payload, after=written[match], msg_id=msg_id, done=finish)
            outcome = await done
            if isinstance(outcome, Fenced):
                return
            written[match] = outcome

    def spawn(work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def send_behind(
        journal: Journal, game: str, match: str, kind: str, payload: bytes, *, after: int, msg_id: str, done: Done
    ) -> None:
        if kind == "claimed":  # whoever takes a match over begins anew
            waiting.pop(match, None)
            written[match] = after
        written.setdefault(match, after)
        if match not in waiting:
            waiting[match] = []
            spawn(write(journal, game, match))
        waiting[match].append((kind, payload, msg_id))
        asyncio.get_running_loop().call_soon(done, after + 1)

    _put(Journal, "send", send_behind)


def dedup() -> None:
    """A runner takes any answer of a seat for the answer to its newest turn, whichever ply it is about."""
    from arena.runner.play import Play

    on_reply = Play.on_reply

    def on_any_reply(play: Play, seat: int, *rest: Any) -> None:
        asked = play.asked.get(seat)
        talk = play._talk

        def decode(of: int, reply: bytes) -> Any:
            answer = type(talk).decode(talk, of, reply)
            return msgspec.structs.replace(answer, ply=asked.turn.ply) if asked else answer

        _put(talk, "decode", decode)
        on_reply(play, seat, *rest)

    _put(Play, "on_reply", on_any_reply)


def charge_outage() -> None:
    """A runner charges agents the time in which it was itself away."""
    from arena.runner.asked import Asked

    def charge(asked: Asked, since_s: float, now_s: float) -> None:
        """Nothing is forgiven."""

    _put(Asked, "forgive", charge)


def recorder_ack_before_write() -> None:
    """The recorder says how far it is before the rows are there."""
    from arena.core.records import Entry
    from arena.recorder.record import record
    from arena.recorder.service import Recorder
    from arena.store.recording import Recording

    async def batch(recorder: Recorder, tables: Recording, taken: list[Any]) -> None:
        async with tables.transaction():
            last_seq = await tables.lock_checkpoint()
            entries = [Entry(one.seq, one.subject, one.at_ms, one.payload) for one in taken if one.seq > last_seq]
            if entries:
                await tables.move_checkpoint(entries[-1].seq)
        async with tables.transaction():
            if entries:
                recorder._feed.add(await record(tables, entries, recorder._models))
        recorder.last_seq = max(last_seq, taken[-1].seq)
        recorder.advanced.set()

    _put(Recorder, "_batch", batch)


def recorder_dedup() -> None:
    """The recorder trusts the stream to deliver everything once: what comes again is recorded again."""
    from arena.core.records import Entry
    from arena.recorder.intake import Intake
    from arena.recorder.record import record
    from arena.recorder.service import Recorder
    from arena.store.recording import Recording

    async def batch(recorder: Recorder, tables: Recording, taken: list[Any]) -> None:
        entries = [Entry(one.seq, one.subject, one.at_ms, one.payload) for one in taken]
        async with tables.transaction():
            await tables.lock_checkpoint()
            recorder._feed.add(await record(tables, entries, recorder._models))
            await tables.move_checkpoint(entries[-1].seq)
        recorder.last_seq = taken[-1].seq
        recorder.advanced.set()

    async def open_where_it_was(intake: Intake, after: int) -> None:
        intake._after = intake._tail = -1
        intake._bus.on_down.append(intake._on_down)
        await intake._pull.start()

    def take_all(intake: Intake, delivery: Any) -> None:
        intake._asked -= 1
        intake._waiting.append(delivery)
        intake._wake.set()

    _put(Recorder, "_batch", batch)
    _put(Intake, "open", open_where_it_was)
    _put(Intake, "_on_message", take_all)


BREAKAGES: dict[str, tuple[Role, Callable[[], None]]] = {
    "fencing": (subjects.RUNNER, fencing),
    "ack_before_write": (subjects.RUNNER, ack_before_write),
    "dedup": (subjects.RUNNER, dedup),
    "charge_outage": (subjects.RUNNER, charge_outage),
    "recorder_ack_before_write": (subjects.RECORDER, recorder_ack_before_write),
    "recorder_dedup": (subjects.RECORDER, recorder_dedup),
}
