"""Agents that play by the rules, mounted by agent_kit: whatever happens to the platform, they must not be charged.

`dies` plays by them too while it lives, but does not live long.
"""

import asyncio
import contextlib
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agent_kit import Agent, AgentKitError, Over, Turn
from agent_kit import play as mount
from agent_kit.mount import Options
from chaos.agents.setting import Setting, choose, pause
from chaos.proxy import Proxy
from chaos.records import Witness

THINK_S = (0.2, 1.5)
AWAY_S = (0.7, 1.2)  # below every grace time
CONNECTED_S = (4.0, 12.0)  # between two absences
TURNS_OF_A_LIFE = (40, 200)
RETRY_S = 0.5
TAKEOVER_S = 5.0  # until another instance has surely taken over
STOP_S = 60.0


class Player(Agent):
    """Any legal action, after a while."""

    def __init__(self, witness: Witness, rng: random.Random, think_s: tuple[float, float] = (0.0, 0.0)) -> None:
        self._witness = witness
        self._rng = rng
        self._think_s = think_s

    async def turn(self, turn: Turn) -> Any:
        """Note it, think, note the answer, give it."""
        began_s = time.perf_counter()
        self._witness.note("turn", match=turn.match, seat=turn.seat, ply=turn.ply)
        if self._think_s[1]:
            await asyncio.sleep(self._rng.uniform(*self._think_s))
        action = choose(self._rng, turn.legal, turn.actions)
        think_ms = round((time.perf_counter() - began_s) * 1000, 3)
        where = {"match": turn.match, "seat": turn.seat, "ply": turn.ply}
        self._witness.note("answer", action=action, think_ms=think_ms, **where)
        return action

    def over(self, over: Over) -> None:
        """Note how it ended."""
        self._witness.note("over", match=over.match, seat=over.seat, over=over)


class Mortal(Player):
    """Kills its own process after some turns."""

    def __init__(self, witness: Witness, rng: random.Random) -> None:
        super().__init__(witness, rng)
        self._left = rng.randint(*TURNS_OF_A_LIFE)

    async def turn(self, turn: Turn) -> Any:
        """The last one is not answered."""
        self._left -= 1
        if self._left == 0:
            self._witness.note("misdeed", misdeed="dies", match=turn.match, ply=turn.ply)
            os.kill(os.getpid(), signal.SIGKILL)
        return await super().turn(turn)


async def fast(setting: Setting) -> None:
    """Answer at once."""
    await mounted(setting, Player(setting.witness, setting.rng))


async def slow(setting: Setting) -> None:
    """Take its time, within its clock."""
    await mounted(setting, Player(setting.witness, setting.rng, THINK_S))


async def dies(setting: Setting) -> None:
    """Play until it dies."""
    # A life is another one each time: the seed alone would repeat the same turns.
    await mounted(setting, Mortal(setting.witness, random.Random(f"{setting.seed}.{time.time_ns()}")))


async def stateless_instance(setting: Setting) -> None:
    """Say that any other instance may go on."""
    await mounted(setting, Player(setting.witness, setting.rng), stateless=True)


async def reconnects(setting: Setting) -> None:
    """Play through a network of its own that breaks now and then."""
    addresses = [urlsplit(url) for url in setting.url.split(",")]
    proxies = [Proxy(address.hostname or "127.0.0.1", address.port or 4222) for address in addresses]
    for proxy in proxies:
        await proxy.start()
    breaking = asyncio.create_task(_break(setting, proxies))
    try:
        url = ",".join(proxy.url for proxy in proxies)
        await mounted(setting, Player(setting.witness, setting.rng), url=url)
    finally:
        breaking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await breaking
        for proxy in proxies:
            await proxy.stop()


async def _break(setting: Setting, proxies: list[Proxy]) -> None:
    while await pause(setting.stop, setting.rng.uniform(*CONNECTED_S)):
        setting.witness.note("bye", misdeed="reconnects")
        for proxy in proxies:
            proxy.refuse(True)
        await pause(setting.stop, setting.rng.uniform(*AWAY_S))
        for proxy in proxies:
            proxy.heal()
        while not any(proxy.ends for proxy in proxies) and await pause(setting.stop, 0.02):
            continue  # agent_kit takes its time, too
        setting.witness.note("hello", misdeed="reconnects")


async def stateless(setting: Setting) -> None:
    """Two instances; one of them dies now and then, and is started again. The other one must be there then."""
    instances = [await _Instance.start(setting, number) for number in range(2)]
    try:
        while await pause(setting.stop, setting.rng.uniform(*CONNECTED_S)):
            if not all(instance.has_played() for instance in instances):
                continue
            number = setting.rng.randrange(2)
            await instances[number].kill()
            setting.witness.note("bye", instance=instances[number].name, misdeed="dies")
            if not await pause(setting.stop, setting.rng.uniform(*AWAY_S)):
                await asyncio.sleep(TAKEOVER_S)
                break
            instances[number] = await _Instance.start(setting, number)
    finally:
        for instance in instances:
            with contextlib.suppress(ProcessLookupError):
                instance.process.terminate()
        for instance in instances:
            await instance.end()


class _Instance:
    """One process of a stateless agent."""

    def __init__(self, name: str, records: Path, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.process = process
        self._records = records
        self._before = records.stat().st_size if records.exists() else 0  # of its earlier lives

    @classmethod
    async def start(cls, setting: Setting, number: int) -> "_Instance":
        name = f"{setting.name}-{number}"
        options = {
            "--creds": setting.creds,
            "--url": setting.url,
            "--games": ",".join(setting.games),
            "--slots": setting.slots,
            "--behaviour": "stateless_instance",
            "--seed": setting.rng.getrandbits(32),
            "--records": setting.records,
            "--name": name,
        }
        words = [str(word) for option in options.items() for word in option]
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "chaos.agents", *words)
        return cls(name, setting.records / f"{name}.jsonl", process)

    def has_played(self) -> bool:
        """Whether it had a turn in this life: only then is it surely in the lobby."""
        if not self._records.exists():
            return False
        with self._records.open("rb") as file:
            file.seek(self._before)
            return b'"what":"turn"' in file.read()

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()

    async def end(self) -> None:
        try:
            async with asyncio.timeout(STOP_S):
                await self.process.wait()
        except TimeoutError:
            await self.kill()


async def mounted(setting: Setting, player: Player, *, url: str = "", stateless: bool = False) -> None:
    """Play until told to stop; start again as a supervisor would when agent_kit gives up."""
    options: Options = {
        "creds": setting.creds,
        "url": url or setting.url,
        "games": setting.games,
        "slots": setting.slots,
        "instance": setting.name,
    }
    if stateless:
        options["stateless"] = True
    while not setting.stop.is_set():
        setting.witness.note("hello")
        try:
            await mount(player, stop=setting.stop, **options)
        except AgentKitError as error:
            setting.witness.note("bye", code=type(error).__name__)
            await pause(setting.stop, RETRY_S)
