"""Whole matches on the real parts: matched, played, faulted, and verified from the log alone."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec

import arena.matchmaker.service
import arena.runner.service
from agent_kit import Agent, Over, Turn, play
from agent_kit.credentials import read
from arena.bus import Bus, Msg, Unanswered, connect
from arena.wire import subjects
from arena.wire.events import Claimed, Created, Ended, Faulted, Moved, Voided
from arena.wire.faults import AgentFault, EndCause, Verdict
from arena.wire.subjects import Role
from tests.eventually import DEADLINE_S
from tests.stage import Stage


def any_legal(turn: Turn) -> int:
    assert turn.legal
    return random.choice(turn.legal)


@contextlib.asynccontextmanager
async def playing(*creds: Path, policy: Any = any_legal, **options: Any) -> AsyncIterator[list[asyncio.Task[int]]]:
    """Agents that play until the end of the block, and then leave."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(play(policy, creds=one, stop=stop, **options)) for one in creds]
    try:
        yield tasks
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def open_platform(stage: Stage) -> None:
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)


class Scripted:
    """An agent on a bare connection that answers its turns as the test says."""

    def __init__(self, bus: Bus, agent: str, games: list[str], **hello: Any) -> None:
        self.bus = bus
        self.agent = agent
        self.hello = {"instance": "scripted", "games": games, **hello}
        self.turns: asyncio.Queue[tuple[dict[str, Any], Msg]] = asyncio.Queue()
        self.overs: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.notices: list[dict[str, Any]] = []
        self.beating: asyncio.Task[None] | None = None

    async def arrive(self) -> dict[str, Any]:
        await self.bus.subscribe(f"arena.agent.{self.agent}.{self.hello['instance']}.*", self._on)
        async with asyncio.timeout(DEADLINE_S):
            while True:  # until a matchmaker is active
                with contextlib.suppress(Unanswered):
                    hello = msgspec.json.encode(self.hello)
                    answer = await self.bus.request(subjects.HELLO.at(agent=self.agent), hello, timeout_s=0.5)
                    welcome: dict[str, Any] = msgspec.json.decode(answer.data)
                    self.beating = asyncio.create_task(self._beat(welcome.get("beat_ms", 0) / 1000))
                    return welcome

    async def _beat(self, every_s: float) -> None:
        beat = msgspec.json.encode({"instance": self.hello["instance"]})
        while not self.bus.closed.is_set():
            await self.bus.publish(subjects.BEAT.at(agent=self.agent), beat)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(every_s):
                    await self.bus.closed.wait()

    def _on(self, message: Msg) -> None:
        body = msgspec.json.decode(message.data)
        match message.subject.rpartition(".")[2]:
            case "turn":
                self.turns.put_nowait((body, message))
            case "over":
                self.overs.put_nowait(body)
            case "notice":
                self.notices.append(body)

    async def turn(self) -> tuple[dict[str, Any], Msg]:
        async with asyncio.timeout(DEADLINE_S):
            return await self.turns.get()

    async def over(self) -> dict[str, Any]:
        async with asyncio.timeout(DEADLINE_S):
            return await self.overs.get()


async def scripted(stage: Stage, games: list[str], **hello: Any) -> Scripted:
    agent, creds = await stage.agent()
    bus = await connect(stage.settings.nats, creds, name="scripted", inbox=subjects.inbox(agent))
    stage.stack.push_async_callback(bus.close)
    found = Scripted(bus, agent, games, **hello)
    welcome = await found.arrive()
    assert welcome["type"] == "welcome", welcome
    return found


GAMES = ["tictactoe", "connect_four", "rock_paper_scissors", "leduc_holdem", "lowest_unique", "cartpole"]


async def test_every_kind_of_game_is_played_and_verifies(stage: Stage) -> None:
    await open_platform(stage)
    people = [await stage.agent() for _ in range(5)]

    def policy(turn: Turn) -> Any:
        ranges = {"rock_paper_scissors": (0, 2), "cartpole": (0, 1), "lowest_unique": (1, 6)}
        return any_legal(turn) if turn.legal else random.randint(*ranges[turn.game])

    (_, alone), *crowd = people  # games of one seat go to those who play nothing else, or wait long
    async with (
        playing(*(creds for _, creds in crowd), policy=policy, games=GAMES, slots=4),
        playing(alone, policy=policy, games=["cartpole"]),
    ):
        await stage.log.until(
            lambda log: {game for _, game, _, event in log.events if isinstance(event, Ended)} == set(GAMES)
        )
    await stage.log.until(lambda log: len(log.of(Ended)) == len(log.of(Created)))
    assert stage.log.of(Voided) == []
    assert stage.log.of(Faulted) == []
    assert stage.log.verify() == []


async def test_hooks_numpy_and_the_end_of_a_match(stage: Stage) -> None:
    await open_platform(stage)
    seen: list[Any] = []

    class Curious(Agent):
        def start(self, turn: Turn) -> None:
            seen.append(("start", turn.match))

        async def turn(self, turn: Turn) -> int:
            assert turn.observation.shape == (3, 3, 2)
            assert turn.mask.shape == (9,)
            assert [index for index, legal in enumerate(turn.mask) if legal] == turn.legal
            return any_legal(turn)

        def over(self, over: Over) -> None:
            seen.append(("over", over.match, over.placement))

    (_, first), (_, second) = [await stage.agent() for _ in range(2)]
    async with playing(second, games=["tictactoe"]):
        assert await play(Curious(), creds=first, games=["tictactoe"], matches=1) >= 1
    assert seen[0][0] == "start"
    assert seen[1][:2] == ("over", seen[0][1])


async def test_replies_that_are_no_moves_are_told_and_then_cost_the_match(stage: Stage) -> None:
    await open_platform(stage)
    _, opponent = await stage.agent()
    bad = await scripted(stage, ["tictactoe"])
    async with playing(opponent, games=["tictactoe"]):
        turn, request = await bad.turn()
        await bad.bus.publish(request.reply, b"not json")
        again, request = await bad.turn()
        assert again["ply"] == turn["ply"]
        assert again["strikes"] == 1
        await bad.bus.publish(request.reply, msgspec.json.encode({"ply": turn["ply"], "action": 99}))
        again, request = await bad.turn()
        await bad.bus.publish(request.reply, msgspec.json.encode({"ply": turn["ply"], "action": float("1e300")}))
        over = await bad.over()
    assert over["cause"] == "forfeit"
    assert over["placement"] == 2
    assert len(over["faults"]) == 3
    assert [notice["code"] for notice in bad.notices if notice["match"] == over["match"]] == ["fault"] * 3
    faults = stage.log.of(Faulted, over["match"])
    assert [fault.verdict for fault in faults] == [Verdict.WARNED, Verdict.WARNED, Verdict.FORFEITED]
    assert faults[0].evidence == "not json"
    assert faults[0].cause is AgentFault.MALFORMED
    assert stage.log.of(Ended)[0].cause is EndCause.FORFEIT


async def test_only_the_first_answer_to_the_waiting_turn_counts(stage: Stage) -> None:
    await open_platform(stage)
    one, two = [await scripted(stage, ["tictactoe"]) for _ in range(2)]
    first, second = (one, two)
    for ply in range(4):
        turn, request = await _either(first, second)
        assert turn["ply"] == ply
        for action in (turn["legal"][0], turn["legal"][-1]):  # the second one is refused by the server or ignored
            await request._client.publish(request.reply, msgspec.json.encode({"ply": ply, "action": action}))
        wrong = msgspec.json.encode({"ply": ply - 1, "action": turn["legal"][0]})
        await request._client.publish(request.reply, wrong)
    await stage.log.until(lambda log: len(log.of(Moved)) >= 4)
    assert [event.moves[0].action for event in stage.log.of(Moved)][:4] == [0, 1, 2, 3]
    assert stage.log.of(Faulted) == []


async def _either(one: Scripted, two: Scripted) -> tuple[dict[str, Any], Msg]:
    tasks = [asyncio.ensure_future(agent.turns.get()) for agent in (one, two)]
    async with asyncio.timeout(DEADLINE_S):
        done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    return done.pop().result()


async def test_a_reconnected_agent_gets_its_pending_turn_again(stage: Stage) -> None:
    await open_platform(stage)
    _, opponent = await stage.agent()
    lost = await scripted(stage, ["tictactoe"])
    async with playing(opponent, games=["tictactoe"]):
        turn, _ = await lost.turn()
        await lost.bus.request(subjects.HELLO.at(agent=lost.agent), msgspec.json.encode(lost.hello))
        again, request = await lost.turn()
        assert again["ply"] == turn["ply"]
        assert again["left_ms"] <= turn["left_ms"]
        await lost.bus.publish(request.reply, msgspec.json.encode({"ply": turn["ply"], "action": turn["legal"][0]}))
        await stage.log.until(lambda log: any(event.ply == turn["ply"] for event in log.of(Moved)))


async def test_an_agent_that_is_gone_forfeits(stage: Stage) -> None:
    await open_platform(stage)
    _, opponent = await stage.agent()
    gone = await scripted(stage, ["tictactoe"])
    async with playing(opponent, games=["tictactoe"]):
        await gone.turn()
        await gone.bus.close()
        await stage.log.until(lambda log: log.of(Ended))
    assert stage.log.of(Faulted)[0].cause in {AgentFault.GONE, AgentFault.TIMEOUT}
    assert stage.log.of(Ended)[0].cause is EndCause.FORFEIT


async def test_a_slow_agent_delays_nobody(stage: Stage) -> None:
    await open_platform(stage)
    slow = await scripted(stage, ["tictactoe"])
    _, opponent = await stage.agent()
    people = [await stage.agent() for _ in range(2)]
    async with (
        playing(opponent, games=["tictactoe"]),
        playing(*(creds for _, creds in people), games=["connect_four"], slots=4),
    ):
        _, request = await slow.turn()
        await stage.log.until(
            lambda log: len([1 for _, game, _, event in log.events if isinstance(event, Ended)]) >= 30
        )
        await slow.bus.publish(request.reply, b'{"ply": 0, "action": 0}')
    assert [fault for fault in stage.log.of(Faulted) if fault.seat > 1] == []


async def test_a_stopped_runner_hands_its_matches_over(stage: Stage) -> None:
    first = await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
    people = [await stage.agent() for _ in range(4)]

    async with playing(*(creds for _, creds in people), policy=any_legal, games=["connect_four"], slots=5):
        await stage.log.until(lambda log: len(log.of(Moved)) > 50)
        await stage.serve(Role.RUNNER, arena.runner.service.run)
        first.set()
        await stage.log.until(lambda log: any(event.epoch > 1 for event in log.of(Claimed)))
    await stage.log.until(lambda log: len(log.of(Ended)) == len(log.of(Created)))
    assert stage.log.of(Voided) == []
    assert stage.log.of(Faulted) == []
    assert stage.log.verify() == []


async def test_credentials_say_who_and_where(stage: Stage) -> None:
    agent, creds = await stage.agent()
    identity = read(creds)
    assert (identity.agent, identity.url) == (agent, stage.settings.nats)


async def test_few_slots_do_not_go_round_all_games(stage: Stage) -> None:
    await stage.serve(Role.RUNNER, arena.runner.service.run, runner_slots=1)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
    people = [await stage.agent() for _ in range(2)]
    async with playing(*(creds for _, creds in people), games=["tictactoe"]):
        await stage.log.until(lambda log: len(log.of(Ended)) >= 15)


async def test_the_end_says_with_which_lag_each_seat_answered(stage: Stage) -> None:
    await open_platform(stage)
    _, opponent = await stage.agent()
    seat = await scripted(stage, ["tictactoe"])
    loop = asyncio.get_running_loop()
    travelling: set[asyncio.Task[None]] = set()

    def answer(turn: dict[str, Any], reply: str) -> None:
        move = msgspec.json.encode({"ply": turn["ply"], "action": turn["legal"][0], "think_ms": 1})
        travelling.add(asyncio.create_task(seat.bus.publish(reply, move)))

    async def answer_all() -> None:
        while True:
            turn, request = await seat.turns.get()
            loop.call_later(0.08, answer, turn, request.reply)  # on its way for so long

    async with playing(opponent, games=["tictactoe"], matches=1):
        answering = asyncio.create_task(answer_all())
        await stage.log.until(lambda log: log.of(Ended))
        answering.cancel()
    (created, *_), (ended, *_) = stage.log.of(Created), stage.log.of(Ended)
    far = [it.agent for it in created.seats].index(seat.agent)
    assert len(ended.lags_ms) == 2
    assert ended.lags_ms[far] > 50
