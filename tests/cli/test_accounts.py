import asyncio
from pathlib import Path

import pytest

from arena.bus import connect
from arena.credentials import creds_claims
from arena.settings import Settings
from arena.wire import ids
from arena.wire.subjects import inbox
from tests.cli.conftest import Arena, Failed
from tests.recorder.conftest import DEADLINE_S


async def test_users(arena: Arena) -> None:
    created = await arena("user", "create", "Ann", "--json")
    assert ids.is_id(created["id"])
    assert len(created["password"]) >= 12
    shown = await arena("user", "create", "Bob", "--password-stdin", stdin="correct horse\n")
    assert "correct horse" not in shown
    assert "arena agent create" in shown
    listed = await arena("user", "list", "--json")
    assert [(user["name"], user["role"], user["agents"]) for user in listed] == [("Ann", "user", 0), ("Bob", "user", 0)]
    assert "Bob" in await arena("user", "list")
    with pytest.raises(Failed, match="there is a user 'ann' already"):
        await arena("user", "create", "ann")
    with pytest.raises(Failed, match="8 to 256"):
        await arena("user", "create", "Carl", "--password-stdin", stdin="short\n")


async def test_an_agents_life(arena: Arena, tmp_path: Path) -> None:
    await arena("user", "create", "Dora")
    creds = tmp_path / "deep.creds"
    created = await arena("agent", "create", "deep", "--owner", "dora", "--creds", creds, "--json")
    assert creds_claims(creds.read_text())["name"] == created["id"]
    assert creds.stat().st_mode & 0o77 == 0
    assert (await arena("agent", "show", "dora/DEEP", "--json"))["id"] == created["id"]
    assert "Dora/deeper" in await arena("agent", "rename", "Dora/deep", "deeper")
    assert "paused" in await arena("agent", "pause", created["id"])
    assert (await arena("agent", "show", "Dora/deeper", "--json"))["paused"] is True
    assert "ready" in await arena("agent", "resume", "Dora/deeper")
    versions = await arena("agent", "version", "Dora/deeper", "--new", "better search", "--json")
    assert [(version["version"], version["description"]) for version in versions] == [(2, "better search"), (1, "")]
    assert "better search" in await arena("agent", "version", "Dora/deeper")
    assert [agent["name"] for agent in await arena("agent", "list", "--owner", "Dora", "--json")] == ["deeper"]
    assert "Dora/deeper" in await arena("agent", "list")
    described = await arena(
        "agent", "describe", "Dora/deeper", "--text", "thinks", "--capability", "chess", "--capability", "go", "--json"
    )
    assert (described["description"], described["capabilities"]) == ("thinks", ["chess", "go"])
    assert "chess" in await arena("agent", "describe", "Dora/deeper", "--text", "thinks more")
    with pytest.raises(Failed, match="--capability"):
        await arena("agent", "describe", "Dora/deeper")
    assert [agent["name"] for agent in await arena("agent", "list", "--search", "THINKS", "--json")] == ["deeper"]
    assert await arena("agent", "list", "--owner", "Dora", "--search", "nothing", "--json") == []
    assert "open to nobody" in await arena("agent", "open", "Dora/deeper", "nobody")
    assert (await arena("agent", "show", "Dora/deeper", "--json"))["open_to"] == "nobody"
    with pytest.raises(Failed, match="everybody"):
        await arena("agent", "open", "Dora/deeper", "friends")
    assert "at most 60 matches an hour" in await arena("agent", "limit", "Dora/deeper", "60")
    assert (await arena("agent", "show", "Dora/deeper", "--json"))["hourly_max"] == 60
    assert "any number" in await arena("agent", "limit", "Dora/deeper", "0")
    assert "never" in await arena("agent", "credentials", "list", "Dora/deeper")
    assert "version" in await arena("agent", "show", "Dora/deeper")
    with pytest.raises(Failed, match="Abort"):
        await arena("agent", "delete", "Dora/deeper", stdin="n\n")
    assert "deleted" in await arena("agent", "delete", "Dora/deeper", "--yes")
    assert await arena("agent", "list", "--owner", "Dora", "--json") == []


async def test_errors_say_what_to_do(arena: Arena, tmp_path: Path) -> None:
    with pytest.raises(Failed, match="arena user create Nobody"):
        await arena("agent", "create", "x", "--owner", "Nobody")
    with pytest.raises(Failed, match="owner/name"):
        await arena("agent", "show", "nothing")
    with pytest.raises(Failed, match="no user"):
        await arena("agent", "list", "--owner", "Nobody")
    await arena("user", "create", "Eve")
    (tmp_path / "there.creds").write_text("mine")
    with pytest.raises(Failed, match="exists"):
        await arena("agent", "create", "x", "--owner", "Eve", "--creds", tmp_path / "there.creds")
    with pytest.raises(Failed, match="no folder"):
        await arena("agent", "create", "x", "--owner", "Eve", "--creds", tmp_path / "no" / "x.creds")
    assert await arena("agent", "list", "--owner", "Eve", "--json") == []
    with pytest.raises(Failed, match="printable"):
        await arena("agent", "create", "x/y", "--owner", "Eve")


async def test_credentials(arena: Arena, tmp_path: Path, settings: Settings) -> None:
    await arena("user", "create", "Finn")
    created = await arena("agent", "create", "fast", "--owner", "Finn", "--json")
    creds = tmp_path / "fast.creds"
    assert str(creds) in await arena("agent", "credentials", "issue", "Finn/fast", "--creds", creds, "--label", "lab")
    bus = await connect(settings.nats, creds, name="agent", inbox=inbox(created["id"]))
    (listed,) = await arena("agent", "credentials", "list", "Finn/fast", "--json")
    assert (listed["label"], listed["revoked_ms"]) == ("lab", None)
    assert "valid" in await arena("agent", "credentials", "list", "Finn/fast")
    with pytest.raises(Failed, match="exists"):
        await arena("agent", "credentials", "issue", "Finn/fast", "--creds", creds)

    revoked = await arena("agent", "credentials", "revoke", "Finn/fast", listed["public_key"], "--json")
    assert revoked == [listed["public_key"]]
    async with asyncio.timeout(DEADLINE_S):
        await bus.closed.wait()

    printed = await arena("agent", "credentials", "rotate", "Finn/fast")
    assert creds_claims(printed)["name"] == created["id"]
    fresh = await arena("agent", "credentials", "rotate", "Finn/fast", "--creds", creds, "--json")
    assert fresh["creds"] is None
    bus = await connect(settings.nats, creds, name="agent", inbox=inbox(created["id"]))
    assert "revoked" in await arena("agent", "credentials", "revoke", "Finn/fast", "--all")
    async with asyncio.timeout(DEADLINE_S):
        await bus.closed.wait()
    with pytest.raises(Failed, match="either a public key or --all"):
        await arena("agent", "credentials", "revoke", "Finn/fast")
    with pytest.raises(Failed, match="has no credential"):
        await arena("agent", "credentials", "revoke", "Finn/fast", "UNKNOWN")
