"""Operators see the platform's processes, and drain a runner while it plays."""

import asyncio
from typing import Any

import httpx
import msgspec

from arena.bus.micro import announce
from arena.matchmaker.service import run as matchmaker
from arena.stack.ports import free
from arena.stack.supervisor import Supervisor, child_environ
from arena.store.migrate import migrate
from arena.wire import events
from arena.wire.subjects import API, MATCHMAKER
from tests.api.conftest import Recorded, Web, serving
from tests.conftest import BusFor
from tests.core import matchlog
from tests.eventually import DEADLINE_S, eventually
from tests.recorder.test_faults import bus_as
from tests.runner.test_matches import Scripted, scripted
from tests.stage import Stage


async def reach(client: httpx.AsyncClient, path: str) -> Any:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_runner_is_drained_and_another_one_plays_its_matches_on(stage: Stage, database_url: str) -> None:
    await migrate(database_url)
    own = msgspec.structs.replace(stage.settings, database_url=database_url, api_port=free())
    async with serving(own, await bus_as(stage, API)) as web:
        operator, user = await web.operator(), await web.register()
        first = await stage.spawn("runner")

        async def runners(count: int, state: str = "playing") -> list[Any]:
            found = await reach(operator, "/api/fleet/runners")
            return found if [one["state"] for one in found].count(state) == count else []

        (runner,) = await eventually(lambda: runners(1))
        assert "tictactoe" in runner["games"]
        assert (runner["capacity"], runner["playing"]) == (stage.settings.runner_slots, 0)
        assert runner["version"]
        assert runner["host"]
        assert runner["figures"]["process_resident_memory_bytes"] > 0
        await stage.serve(MATCHMAKER, matchmaker)
        one, other = await scripted(stage, ["tictactoe"]), await scripted(stage, ["tictactoe"])
        turn, request = await next_turn(one, other)
        await stage.spawn("runner")
        await eventually(lambda: runners(2))

        path = f"/api/fleet/runners/{runner['id']}/drain"
        assert (await web.client.post(path)).status_code == 401
        assert (await user.post(path)).status_code == 403
        assert (await operator.post("/api/fleet/runners/nobody/drain")).status_code == 404
        assert (await operator.post(path)).status_code == 202
        await stage.log.until(lambda log: len(log.of(events.Claimed, turn["match"])) == 2)
        claims = stage.log.of(events.Claimed, turn["match"])
        assert [claim.runner == runner["id"] for claim in claims] == [True, False]
        (drained,) = [one for one in await eventually(lambda: runners(1, "drained")) if one["state"] == "drained"]
        assert drained["id"] == runner["id"]
        assert first.returncode is None  # it stays, and does nothing
        first.terminate()
        assert await first.wait() == 0
        assert request.reply


async def test_processes_are_restarted_and_their_supervisor_starts_them_again(stage: Stage, database_url: str) -> None:
    await migrate(database_url)
    own = msgspec.structs.replace(stage.settings, database_url=database_url, api_port=free())
    environ = {"ARENA_HOME": str(own.home), "ARENA_NATS_URL": own.nats_url, "ARENA_GAMES_FILE": str(own.games_file)}
    said: asyncio.Queue[str] = asyncio.Queue()
    supervisor = Supervisor(own.home, child_environ(environ), said.put_nowait)
    async with serving(own, await bus_as(stage, API)) as web:
        operator, user = await web.operator(), await web.register()
        for role in ("runner", "matchmaker"):
            await supervisor.start(role, "arena", role)

        async def ids(*unlike: str) -> dict[str, str]:
            """By name, once both are there and neither is one of these."""
            shown = await reach(operator, "/api/fleet/services")
            found = {one["name"]: one["id"] for one in shown if one["id"] not in unlike}
            return found if len(found) == 2 else {}

        first = await eventually(ids)
        runner, matchmaker_ = first["arena-runner"], first["arena-matchmaker"]
        for path in (f"/api/fleet/runners/{runner}/restart", f"/api/fleet/services/{matchmaker_}/restart"):
            assert (await user.post(path)).status_code == 403
            assert (await operator.post(path)).status_code == 202
            assert "exit code 75" in await asyncio.wait_for(said.get(), DEADLINE_S)
        await eventually(lambda: ids(runner, matchmaker_))
        for path in (f"/api/fleet/runners/{matchmaker_}/restart", "/api/fleet/services/nobody/restart"):
            assert (await operator.post(path)).status_code == 404
    await supervisor.stop([])


async def next_turn(one: Scripted, other: Scripted) -> tuple[dict[str, Any], Any]:
    """The first turn that either of them gets."""
    waiting = [asyncio.create_task(seat.turn()) for seat in (one, other)]
    done, rest = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    return done.pop().result()


async def test_services_streams_and_who_is_behind(web: Web, recorded: Recorded, bus_for: BusFor) -> None:
    operator = await web.operator()
    last = await recorded.write(matchlog.whole("f1", ["x", "y"], [1, 2]))
    shown = await reach(operator, "/api/fleet/streams")
    streams = {one["name"]: one for one in shown["streams"]}
    assert (streams["EVENTS"]["last_seq"], streams["EVENTS"]["messages"]) == (last, last)
    assert {"DEAD", "KV_AGENTS", "KV_QUARANTINE"} <= streams.keys()
    consumers = {one["name"]: one for one in shown["consumers"]}
    assert consumers["runner-connect_four"]["pending"] == 1
    assert consumers["recorder"]["pending"] == 0
    assert "runner-chess" not in consumers  # not provisioned here
    micro = await announce(await bus_for(API), "arena-api", "1.2.0", {"host": "h", "metrics": "m"}, lambda: {"f": 2.0})
    (found,) = await reach(operator, "/api/fleet/services")
    assert found == {
        "name": "arena-api",
        "id": micro.id,
        "version": "1.2.0",
        "host": "h",
        "started": found["started"],
        "metrics": "m",
        "figures": {"f": 2.0},
    }
    assert (await operator.post(f"/api/fleet/runners/{micro.id}/drain")).status_code == 404
