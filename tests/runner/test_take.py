"""What a runner makes of a match that another one held, by the real log and the real lease."""

import asyncio

import pytest

import arena.runner.service
from arena.bus import connect
from arena.bus.pull import Delivery, Pull
from arena.games import load_catalogue
from arena.games.replay import link, start
from arena.wire import codec, subjects
from arena.wire.events import Created, Ended, Move, Moved, Voided
from arena.wire.faults import EndCause, PlatformFault
from arena.wire.subjects import Role
from tests.core import matchlog
from tests.eventually import DEADLINE_S
from tests.runner.test_matches import Scripted
from tests.stage import Stage

GAME, MATCH = "tictactoe", "m"


async def hold(stage: Stage) -> None:
    """Take the match's delivery, and die."""
    creds = stage.settings.creds(Role.RUNNER)
    bus = await connect(stage.settings.nats, creds, name="dead", inbox=subjects.inbox(Role.RUNNER))
    taken: asyncio.Queue[Delivery] = asyncio.Queue()
    pull = Pull(bus, subjects.EVENTS_STREAM, subjects.runner_consumer(GAME), taken.put_nowait, lambda *_: None)
    await pull.start()
    await pull.ask(1)
    async with asyncio.timeout(DEADLINE_S):
        await taken.get()
    await bus.close()


async def write(stage: Stage, lines: list[matchlog.Line]) -> None:
    for subject, payload in lines:
        role = Role.MATCHMAKER if subject.endswith(".created") else Role.RUNNER
        bus = await connect(stage.settings.nats, stage.settings.creds(role), name="w", inbox=subjects.inbox(role))
        await bus.client.jetstream().publish(subject, payload)
        await bus.close()


async def test_a_log_that_cannot_be_read_is_voided_and_blocks_nobody(stage: Stage) -> None:
    strange = (subjects.event(GAME, MATCH, "claimed"), b'{"kind":"claimed","at_ms":"yesterday"}')
    await write(stage, [matchlog.created(MATCH, ["a", "b"], game=GAME), strange])
    stage.log._follower._handler = lambda delivery: stage.log._on(delivery) if delivery.seq != 2 else None
    await hold(stage)
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.log.until(lambda log: log.of(Voided))
    (voided,) = stage.log.of(Voided)
    assert voided.cause is PlatformFault.UNPLAYABLE
    assert "its events cannot be read" in voided.detail


def won() -> list[matchlog.Line]:
    """A whole game, by the environment's own word, up to the move that wins it."""
    created = matchlog.created(MATCH, ["a", "b"], game=GAME)
    environment, event = load_catalogue()[GAME].make(), codec.decode_event(created[1])
    assert isinstance(event, Created)
    chain, lines = start(environment, GAME, event), [created, matchlog.claimed(MATCH, game=GAME)]
    for ply, action in enumerate((0, 3, 1, 4, 2)):
        (seat,) = environment.to_act
        views = {seat: environment.view(seat)}
        rewards = environment.step({seat: environment.check(seat, action)})
        chain = link(chain, ply, views, {seat: codec.encode_json(action)}, rewards)
        move = Move(seat=seat, action=action)
        moved = Moved(at_ms=event.at_ms, ply=ply, moves=[move], rewards=rewards, digest=chain.hex())
        lines.append(matchlog.line(MATCH, moved, GAME))
    assert environment.over
    return lines


def forfeited() -> list[matchlog.Line]:
    """A match up to the fault that ends it."""
    before = [matchlog.created(MATCH, ["a", "b"], game=GAME), matchlog.claimed(MATCH, game=GAME)]
    return [*before, matchlog.late(MATCH, 1, game=GAME)]


@pytest.mark.parametrize(
    ("lines", "cause", "moves"),
    [(won(), EndCause.FINISHED, 5), (forfeited(), EndCause.FORFEIT, 0)],
    ids=["won", "lost"],
)
async def test_an_end_that_a_dead_runner_did_not_write_is_written(
    stage: Stage, lines: list[matchlog.Line], cause: EndCause, moves: int
) -> None:
    await write(stage, lines)
    await hold(stage)
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.log.until(lambda log: log.of(Ended) or log.of(Voided))
    (ended,) = stage.log.of(Ended)
    assert (ended.cause, ended.plies, [result.placement for result in ended.results]) == (cause, moves, [1, 2])
    assert len(stage.log.of(Moved)) == moves


async def test_seats_are_told_a_result_that_a_dead_runner_may_not_have_told(stage: Stage) -> None:
    agent, creds = await stage.agent()
    bus = await connect(stage.settings.nats, creds, name="scripted", inbox=subjects.inbox(agent))
    stage.stack.push_async_callback(bus.close)
    seat = Scripted(bus, agent, [GAME])
    await bus.subscribe(f"arena.agent.{agent}.>", seat._on)
    await bus.barrier()
    lines = [
        matchlog.created(MATCH, [agent, "b"], game=GAME),
        matchlog.claimed(MATCH, game=GAME),
        matchlog.moved(MATCH, 0, game=GAME),
        matchlog.moved(MATCH, 1, game=GAME),
        matchlog.ended(MATCH, [2, 1], plies=2, game=GAME),
    ]
    await write(stage, lines)
    await hold(stage)
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    over = await seat.over()
    assert (over["match"], over["placement"], over["placements"], over["plies"]) == (MATCH, 2, [2, 1], 2)
    assert over["reward"] == 1.0  # of ply 1, since it moved at ply 0
    assert len(stage.log.of(Ended)) == len(stage.log.of(Created)) == 1
