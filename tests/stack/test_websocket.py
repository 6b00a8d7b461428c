"""The listener for browsers: an agent is who its credential says, from the platform's own pages, and nowhere more."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from websockets.exceptions import InvalidStatus

from arena.bus import Bus
from arena.credentials import claims, issue_agent
from arena.stack.embedded import EmbeddedNats
from arena.stack.nats_config import Websocket
from arena.wire import subjects
from arena.wire.subjects import Role
from tests.browser import Browser, Denied, browsing

OURS, THEIRS = "http://127.0.0.1:8000", "http://evil.example"
AGENT, OTHER = "a" * 26, "b" * 26


@pytest.fixture(scope="module")
async def nats_server(home) -> AsyncIterator[EmbeddedNats]:
    server = EmbeddedNats(home, websocket=Websocket(port=-1, origins=(OURS,)))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def credential(keyring) -> tuple[str, str]:
    """JWT and seed; the key is made where the browser is, as by POST /api/agents/{id}/credentials."""
    pair = claims.new_key(claims.USER)
    issued = issue_agent(keyring, AGENT, public_key=claims.public(pair), url="")
    assert issued.creds is None
    return issued.jwt, claims.seed(pair)


@pytest.fixture
async def browser(nats_server, credential) -> AsyncIterator[Browser]:
    async with browsing(nats_server.websocket_url, *credential, origin=OURS) as opened:
        yield opened


async def test_a_page_of_ours_speaks_as_its_agent(browser: Browser, bus_for) -> None:
    runner: Bus = await bus_for(Role.RUNNER)
    lobby: Bus = await bus_for(Role.MATCHMAKER)
    heard: asyncio.Queue[str] = asyncio.Queue()
    await lobby.subscribe(subjects.BEAT.any(), lambda message: heard.put_nowait(message.subject))
    await lobby.barrier()
    await browser.subscribe(f"arena.agent.{AGENT}.>")
    await browser.publish(subjects.BEAT.at(agent=AGENT), {"instance": "tab"})
    async with asyncio.timeout(15):
        assert await heard.get() == subjects.BEAT.at(agent=AGENT)
    asked = asyncio.create_task(runner.request(subjects.TURN.at(agent=AGENT, instance="tab"), b'{"ply": 1}'))
    turn = await browser.next()
    assert turn.data == {"ply": 1}
    await browser.publish(turn.reply, {"ply": 1, "action": 4})
    assert (await asked).data == b'{"ply":1,"action":4}'


@pytest.mark.parametrize(
    "subject",
    [f"arena.agent.{OTHER}.>", "arena.agent.>", "arena.agent.*.tab.turn", f"_INBOX.{OTHER}.>", "arena.event.>", ">"],
)
async def test_a_page_cannot_listen_to_what_is_anothers(browser: Browser, subject: str) -> None:
    await browser.subscribe(subject)
    with pytest.raises(Denied, match="Permissions Violation for Subscription"):
        await browser.next()


@pytest.mark.parametrize(
    "subject", [f"arena.lobby.{OTHER}.hello", f"arena.agent.{AGENT}.tab.turn", "arena.event.g.m.ended"]
)
async def test_a_page_cannot_speak_as_another(browser: Browser, subject: str) -> None:
    await browser.publish(subject, {})
    with pytest.raises(Denied, match="Permissions Violation for Publish"):
        await browser.next()


async def test_a_service_cannot_come_this_way(nats_server, home) -> None:
    lines = (home / "creds" / "runner.creds").read_text().splitlines()
    jwt, seed = (
        lines[lines.index(mark) + 1] for mark in ("-----BEGIN NATS USER JWT-----", "-----BEGIN USER NKEY SEED-----")
    )
    async with browsing(nats_server.websocket_url, jwt, seed, origin=OURS) as opened:
        with pytest.raises(Denied, match="Authorization Violation"):
            await opened.next()


async def test_other_peoples_pages_are_refused(nats_server, credential) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with browsing(nats_server.websocket_url, *credential, origin=THEIRS):
            pass
    assert refused.value.response.status_code == 403


async def test_a_restart_keeps_the_address(nats_server, credential) -> None:
    before = nats_server.websocket_url
    await nats_server.kill()
    await nats_server.start()
    assert nats_server.websocket_url == before
    async with browsing(before, *credential, origin=OURS) as opened:
        await opened.subscribe(f"arena.agent.{AGENT}.>")
