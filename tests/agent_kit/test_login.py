"""`agent-kit login` as a process of its own, against the real API: the seed stays here, the platform has the rest."""

import asyncio
import os
import re
import stat
import sys
from pathlib import Path

import nkeys
import pytest

from agent_kit.errors import CredentialsError
from agent_kit.login import Platform
from arena.bus import connect
from arena.wire.subjects import inbox
from tests.api.conftest import PASSWORD, Web, migrated, served, web  # noqa: F401 - fixtures
from tests.recorder.conftest import DEADLINE_S


async def run(folder: Path, *words: str, **environment: str) -> tuple[int, str]:
    """Exit code and everything it said."""
    known = {key: value for key, value in os.environ.items() if not key.startswith("ARENA_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent_kit", "login", *words),
        cwd=folder,
        env={**known, "PYTHONPATH": str(Path.cwd()), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(DEADLINE_S):
        said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_the_key_is_made_here_and_the_file_connects(web: Web, tmp_path: Path) -> None:  # noqa: F811
    client = await web.register("Loginer")
    url = str(web.client.base_url)
    as_user = ("--url", url, "--user", "Loginer", "--agent", "deep")
    code, said = await run(tmp_path, *as_user, ARENA_PASSWORD=PASSWORD)
    assert (code, "you have no agent 'deep'" in said) == (1, True)
    code, said = await run(tmp_path, *as_user, "--create", "--label", "desk", ARENA_PASSWORD=PASSWORD)
    assert code == 0, said
    path = tmp_path / "deep.creds"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    seed = re.search(r"\n(SU\w+)\n", path.read_text())
    assert seed
    assert seed[1] not in said

    agent = (await client.get("/api/agents")).json()["items"][0]["id"]
    (listed,) = (await client.get(f"/api/agents/{agent}/credentials")).json()["items"]
    assert listed["public_key"] == nkeys.from_seed(seed[1].encode()).public_key.decode()
    assert listed["label"] == "desk"
    bus = await connect(web.settings.nats, path, name="agent", inbox=inbox(agent))

    code, said = await run(tmp_path, *as_user, ARENA_PASSWORD=PASSWORD)
    assert (code, "exists" in said) == (1, True)
    code, said = await run(tmp_path, *as_user, "--force", "--rotate", ARENA_PASSWORD=PASSWORD)
    assert code == 0, said
    async with asyncio.timeout(DEADLINE_S):
        await bus.closed.wait()
    fresh = await connect(web.settings.nats, path, name="agent", inbox=inbox(agent))
    await fresh.close()
    assert [
        one["revoked_ms"] is None for one in (await client.get(f"/api/agents/{agent}/credentials")).json()["items"]
    ] == [
        True,
        False,
    ]


async def test_a_token_lets_in_and_what_is_wrong_is_said_in_one_line(web: Web, tmp_path: Path) -> None:  # noqa: F811
    client = await web.register("Tokener")
    url = str(web.client.base_url)
    wanted = {"name": "ci", "scopes": ["read", "agents"]}
    token = (await client.post("/api/auth/tokens", json=wanted)).json()["token"]
    by_token = ("--url", url, "--agent", "deep", "--create", "--creds", "own.creds")
    assert (await run(tmp_path, *by_token, ARENA_TOKEN=token))[0] == 0
    assert (tmp_path / "own.creds").exists()
    for words, environment, expected in (
        ((*by_token[:-1], "other.creds"), {}, "ARENA_TOKEN"),
        ((*by_token[:-1], "other.creds"), {"ARENA_TOKEN": "wrong"}, "401"),
        ((*by_token[:-1], "no/such/folder.creds"), {"ARENA_TOKEN": token}, "no folder"),
        (("--url", url, "--user", "Tokener", "--agent", "x"), {"ARENA_PASSWORD": "wrong"}, "401"),
        (("--url", "http://127.0.0.1:1", "--agent", "x"), {"ARENA_TOKEN": token}, "no answer"),
    ):
        code, said = await run(tmp_path, *words, **environment)
        assert code == 1, said
        assert expected in said
        assert "Traceback" not in said
        assert token not in said
    assert os.listdir(tmp_path) == ["own.creds"]  # noqa: PTH208 - not asynchronous either way


@pytest.mark.parametrize("url", ["http://arena.example.org", "ftp://x", "arena.example.org", ""])
def test_secrets_are_sent_nowhere_unencrypted(url: str) -> None:
    with pytest.raises(CredentialsError):
        Platform(url, "token")
