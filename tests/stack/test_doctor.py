"""What `arena doctor` says of streams: every one that the platform needs is looked for."""

import msgspec
import pytest

from arena.bus.provision import STREAMS, provision
from arena.settings import Settings
from arena.stack.doctor import Finding, examine
from arena.wire.subjects import REGISTRAR
from tests.conftest import BusFor


async def found(settings: Settings, check: str) -> Finding:
    return next(iter([finding async for finding in examine(settings) if finding.check == check]))


@pytest.mark.parametrize("missing", STREAMS)
async def test_a_missing_stream_is_named(settings: Settings, bus_for: BusFor, missing: str) -> None:
    registrar = await bus_for(REGISTRAR)
    await provision(registrar, ["tictactoe"], claim_lease_ms=2000)
    assert (await found(settings, "streams")).detail == "0 events in the log, 0 dead letters"
    assert (await found(settings, "replicas")).detail == "1 of each stream, all current"
    await registrar.request(f"$JS.API.STREAM.DELETE.{missing}")
    finding = await found(settings, "streams")
    assert (finding.ok, finding.detail, finding.todo) == (False, f"missing: {missing}", "run `arena provision`")
    await provision(registrar, ["tictactoe"], claim_lease_ms=2000)
    assert (await found(settings, "streams")).ok


@pytest.mark.parametrize(
    ("url", "ok"),
    [
        ("nats://127.0.0.1:4222", True),
        ("nats://localhost:4222,nats://[::1]:4222", True),
        ("tls://arena.example:4222", True),
        ("tls://arena.example:4222,nats://arena.example:4223", False),
        ("nats://10.0.0.1:4222", False),
        ("ws://arena.example", False),
    ],
)
async def test_an_address_elsewhere_in_the_clear_is_named(settings: Settings, url: str, ok: bool) -> None:
    finding = await found(msgspec.structs.replace(settings, agents_url=url), "tls")
    assert finding.ok == ok, finding
    assert ok or url.rpartition(",")[2] in finding.detail
