"""A package of games, as anybody may write one: installed by pip, found by its entry point, admitted, and played."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent_kit import play
from arena.bus.provision import provision
from arena.wire.events import Ended
from tests.stage import DEADLINE_S, Stage

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package in a folder of its own, without the network."""
    target = tmp_path_factory.mktemp("site")
    quietly = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(target))
    pip = [sys.executable, "-m", "pip", "install", *quietly, str(ROOT / "examples" / "arena-nim")]
    subprocess.run(pip, check=True, capture_output=True)  # noqa: S603
    return target


def arena(installed: Path, *words: str) -> str:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), str(ROOT)])}
    command = [sys.executable, "-m", "arena", *words]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)  # noqa: S603, PLW1510
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_found_and_admitted(installed: Path) -> None:
    (report,) = json.loads(arena(installed, "games", "admit", "nim", "--json"))
    assert report["problems"] == []
    assert report["deterministic"]
    assert report["version"].startswith("game(heaps=3, largest=7), arena-nim 0.1.0")


async def test_it_is_played(stage: Stage, installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(installed), str(ROOT)]))
    await provision(stage.registrar, ["nim"], claim_lease_ms=stage.settings.claim_lease_ms)
    for role in ("runner", "matchmaker"):
        await stage.spawn(role)
    stop = asyncio.Event()
    seen: list[list[int]] = []

    def greedy(turn: object) -> int:
        seen.append([int(left) for left in turn.observation])  # type: ignore[attr-defined]
        return int(turn.legal[-1])  # type: ignore[attr-defined]

    mounted = []
    for _ in range(2):
        _, creds = await stage.agent()
        mounted.append(
            asyncio.create_task(play(greedy, creds=creds, url=stage.settings.nats_url, games=["nim"], stop=stop))
        )
    await stage.log.until(lambda log: log.of(Ended), timeout_s=DEADLINE_S)
    stop.set()
    await asyncio.gather(*mounted)
    ended = stage.log.of(Ended)[0]
    assert sorted(result.score for result in ended.results) == [-1.0, 1.0]
    assert all(len(heaps) == 3 and max(heaps) <= 7 for heaps in seen)
