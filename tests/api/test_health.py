import json
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from arena.bus.micro import announce
from arena.bus.provision import provision
from arena.settings import Settings
from arena.stack.embedded import EmbeddedPostgres
from arena.stack.ports import free
from arena.store.migrate import migrate
from arena.wire.subjects import API, RECORDER, REGISTRAR
from tests.api.conftest import PASSWORD, Recorded, Web, serving
from tests.conftest import BusFor, with_database
from tests.core import matchlog


async def test_ready_says_how_far_the_tables_are_behind(web: Web, recorded: Recorded) -> None:
    last = await recorded.write(matchlog.whole("h1", ["a", "b"], [1, 2]))
    assert last > 0
    assert await web.ask("/api/ready") == {"ready": True, "nats": "up", "database": "up", "lag_events": 0}


async def test_while_postgresql_is_down_every_answer_says_so(settings: Settings, bus_for: BusFor) -> None:
    postgres = EmbeddedPostgres(Path(mkdtemp(prefix="arena-")), durable=False)
    await postgres.start()
    await postgres.create("arena")
    await migrate(postgres.url())
    await provision(await bus_for(REGISTRAR), [], claim_lease_ms=2000)
    own = msgspec.structs.replace(with_database(settings, postgres.url()), api_port=free())
    async with serving(own, await bus_for(API)) as web:
        client = await web.register("Eve")
        await postgres.stop()
        for answer in (
            await web.client.get("/api/matches"),
            await web.client.get("/api/games"),
            await client.get("/api/agents"),
            await web.client.post("/api/auth/login", json={"name": "Eve", "password": PASSWORD}),
        ):
            assert answer.status_code == 503
            assert answer.headers["content-type"].startswith("application/problem+json")
            assert "Traceback" not in answer.text
            assert answer.headers["retry-after"]
        assert (await client.get("/api/auth/me")).status_code == 200
        assert (await web.client.get("/api/health")).status_code == 200
        ready = await web.client.get("/api/ready")
        assert ready.status_code == 503
        assert ready.json() == {"ready": False, "nats": "up", "database": "down", "lag_events": None}
        await postgres.start()
        assert (await web.client.get("/api/matches")).status_code == 200
    await postgres.stop()


async def test_prometheus_finds_every_service(web: Web, bus_for: BusFor) -> None:
    bus = await bus_for(RECORDER)
    metadata = {"metrics": "http://127.0.0.1:9999/metrics"}
    micro = await announce(bus, "arena-recorder", "1.0.0", metadata, dict)
    operator = await web.operator("operator")
    made = await operator.post("/api/auth/tokens", json={"name": "prometheus", "scopes": ["metrics"]})
    bearer = {"Authorization": f"Bearer {made.json()['token']}"}
    found = (await web.client.get("/api/metrics/targets", headers=bearer)).json()
    assert {
        "targets": ["127.0.0.1:9999"],
        "labels": {"job": "arena-recorder", "instance": micro.id, "__metrics_path__": "/metrics"},
    } in found
    assert (await web.client.get("/api/users", headers=bearer)).status_code == 403  # it opens nothing else
    assert (await web.client.get("/api/agents", headers=bearer)).status_code == 403
    broad = await operator.post("/api/auth/tokens", json={"name": "root", "scopes": ["admin", "read"]})
    bearer = {"Authorization": f"Bearer {broad.json()['token']}"}
    assert (await web.client.get("/api/metrics/targets", headers=bearer)).status_code == 403
    user = await web.register()
    refused = await user.post("/api/auth/tokens", json={"name": "prometheus", "scopes": ["metrics"]})
    assert refused.status_code == 403


async def test_the_document_describes_every_route(web: Web) -> None:
    document = await web.ask("/api/openapi.json")
    assert document["info"]["title"] == "Arena"
    committed = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
    assert document == committed, "run `make docs`"
    for path in (
        "/api/auth/login",
        "/api/agents/{agent_id}/credentials",
        "/api/games/{game}/leaderboard",
        "/api/matches/{match_id}/events",
        "/api/live",
        "/api/ready",
    ):
        assert path in document["paths"]
    for path, operations in document["paths"].items():  # whoever asks too much at once is told so, wherever
        for method, operation in operations.items():
            assert "429" in operation["responses"], (method, path)
    assert "BearerToken" in json.dumps(document["components"]["securitySchemes"])


async def test_bodies_are_bounded(web: Web) -> None:
    answer = await web.client.post("/api/auth/login", json={"name": "x" * 100_000, "password": PASSWORD})
    assert answer.status_code == 413
