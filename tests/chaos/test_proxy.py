"""The network between two parties: whole, cut, slow, narrow, and a black hole."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from chaos.proxy import HELD_BYTES_MAX, Proxy

DEADLINE_S = 10.0
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """A proxy in front of a server that sends back what it gets."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    found = Proxy(*server.sockets[0].getsockname()[:2])
    await found.start()
    yield found
    await found.stop()
    server.close()


Open = Callable[[Proxy], Awaitable[Line]]


@pytest.fixture
async def line() -> AsyncIterator[Open]:
    """Opens connections; all are closed at the end."""
    opened: list[asyncio.StreamWriter] = []

    async def open_line(proxy: Proxy) -> Line:
        found = await asyncio.open_connection("127.0.0.1", proxy.port)
        opened.append(found[1])
        return found

    yield open_line
    for writer in opened:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def said(to: Line, data: bytes) -> float:
    """Seconds until `data` came back."""
    began = time.monotonic()
    to[1].write(data)
    async with asyncio.timeout(DEADLINE_S):
        assert await to[0].readexactly(len(data)) == data
    return time.monotonic() - began


async def test_a_whole_line_carries_everything_in_order(proxy: Proxy, line: Open) -> None:
    to = await line(proxy)
    await said(to, bytes(range(256)) * 20_000)


async def test_a_cut_breaks_connections_and_lets_nobody_in_until_healed(proxy: Proxy, line: Open) -> None:
    to = await line(proxy)
    await said(to, b"hello")
    proxy.refuse(True)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await said(to, b"hello")
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await said(await line(proxy), b"hello")
    proxy.heal()
    await said(await line(proxy), b"hello")


async def test_a_delay_counts_in_both_directions_and_ends_at_once(proxy: Proxy, line: Open) -> None:
    to = await line(proxy)
    proxy.delay_s = 0.1
    assert await said(to, b"hello") >= 0.2
    proxy.delay_s = 60.0
    began = asyncio.Event()

    async def say() -> None:
        began.set()
        await said(to, b"hello")

    waiting = asyncio.create_task(say())
    await began.wait()
    proxy.heal()
    await waiting


async def test_a_narrow_line_takes_its_time(proxy: Proxy, line: Open) -> None:
    to = await line(proxy)
    proxy.bytes_per_s = 100_000
    assert await said(to, bytes(20_000)) >= 0.2


async def test_a_black_hole_holds_everything_and_breaks_nothing(proxy: Proxy, line: Open) -> None:
    to = await line(proxy)
    await said(to, b"hello")
    proxy.blackhole(True)
    late = await line(proxy)
    waiting = [asyncio.create_task(said(one, bytes(HELD_BYTES_MAX * 2))) for one in (to, late)]
    done, _ = await asyncio.wait(waiting, timeout=0.2)
    assert not done
    proxy.blackhole(False)
    await asyncio.gather(*waiting)


async def test_nobody_at_the_other_end_is_told_at_once(line: Open) -> None:
    nowhere = Proxy("127.0.0.1", 1)
    await nowhere.start()
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await said(await line(nowhere), b"hello")
    await nowhere.stop()
