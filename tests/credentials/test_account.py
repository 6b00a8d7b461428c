"""Revocation, and what a restarted server remembers of it."""

import asyncio
import time

import pytest

from arena.bus import Unreachable, connect
from arena.credentials import (
    AccountError,
    Keyring,
    account,
    claims,
    issue_agent,
    push_account,
    revoked_now,
    write_identity,
    write_secret,
)
from arena.stack.embedded import EmbeddedNats
from tests.eventually import DEADLINE_S, within

IDS = [f"{number:026}" for number in range(10)]


async def agent_with(keyring, server, path, name=IDS[0]):
    issued = issue_agent(keyring, name, url=server.url)
    write_secret(path, issued.creds)
    return issued, await connect(server.url, path, name="t", inbox=f"_INBOX.{name}")


async def test_revocation_drops_the_connection_at_once_and_for_good(keyring, nats_server, bus_for, tmp_path):
    system = await bus_for("system")
    _, other = await agent_with(keyring, nats_server, tmp_path / "b.creds", IDS[1])

    async def revoked():
        issued, agent = await agent_with(keyring, nats_server, tmp_path / "a.creds")
        began = time.monotonic()
        await push_account(system, keyring, {issued.public_key: int(time.time())})
        async with asyncio.timeout(DEADLINE_S):
            await agent.closed.wait()
        assert "revo" in str(agent.client.last_error).lower()
        return time.monotonic() - began

    await within(1, revoked)
    with pytest.raises(Unreachable):
        await connect(nats_server.url, tmp_path / "a.creds", name="t", inbox=f"_INBOX.{IDS[0]}", timeout_s=1)
    await other.barrier()
    assert other.connected
    await other.close()


async def test_a_new_credential_of_a_revoked_agent_works(keyring, nats_server, bus_for, tmp_path):
    system = await bus_for("system")
    issued, agent = await agent_with(keyring, nats_server, tmp_path / "a.creds")
    await push_account(system, keyring, {issued.public_key: int(time.time())})
    await agent.closed.wait()
    _, again = await agent_with(keyring, nats_server, tmp_path / "a.creds")
    assert again.connected
    await again.close()


async def test_two_pushes_at_once_lose_no_revocation(keyring, nats_server, bus_for, tmp_path):
    system = await bus_for("system")
    agents = [await agent_with(keyring, nats_server, tmp_path / f"{name}.creds", name) for name in IDS[2:8]]
    now = int(time.time())
    pushes = [push_account(system, Keyring.load(keyring.home), {issued.public_key: now}) for issued, _ in agents]
    await asyncio.gather(*pushes)
    async with asyncio.timeout(DEADLINE_S):
        await asyncio.gather(*(agent.closed.wait() for _, agent in agents))
    assert {issued.public_key for issued, _ in agents} <= set(revoked_now(keyring))


async def test_a_restarted_server_still_refuses_the_revoked(tmp_path):
    keyring = Keyring.create(tmp_path)
    write_identity(keyring)
    server = EmbeddedNats(tmp_path)
    await server.start()
    issued, agent = await agent_with(keyring, server, tmp_path / "a.creds")
    system = await connect(server.url, tmp_path / "creds" / "system.creds", name="t", inbox="_INBOX.system")
    await push_account(system, keyring, {issued.public_key: int(time.time())})
    await agent.closed.wait()
    await system.close()
    await server.stop()
    await server.start()
    with pytest.raises(Unreachable):
        await connect(server.url, tmp_path / "a.creds", name="t", inbox=f"_INBOX.{IDS[0]}", timeout_s=1)
    await server.stop()


def test_writing_the_identity_again_changes_nothing_and_keeps_revocations(tmp_path, monkeypatch):
    keyring = Keyring.create(tmp_path)
    assert write_identity(keyring)
    creds = (tmp_path / "creds" / "runner.creds").read_text()
    assert not write_identity(keyring)
    assert (tmp_path / "creds" / "runner.creds").read_text() == creds
    path = tmp_path / "nats" / f"{keyring.account}.jwt"
    path.write_text(keyring.account_jwt({"UX": 1}))
    monkeypatch.setattr(account.Keyring, "account_jwt", _with_a_new_limit(Keyring.account_jwt, keyring))
    assert write_identity(keyring)
    assert revoked_now(keyring) == {"UX": 1}


def _with_a_new_limit(original, keyring):
    """An account as a newer version of the platform makes it."""

    def account_jwt(self, revoked):
        newer = claims.read(original(self, revoked))
        newer["nats"]["limits"]["conn"] = 7
        return claims.sign(newer, keyring.operator)

    return account_jwt


class Garbling:
    """A connection that damages what it sends."""

    def __init__(self, bus):
        self.bus = bus

    async def request(self, subject, payload=b"", timeout_s=5.0):
        return await self.bus.request(subject, payload[:-20], timeout_s)


async def test_an_account_that_the_server_does_not_take_is_an_error(keyring, bus_for):
    with pytest.raises(AccountError, match="refused the account"):
        await push_account(Garbling(await bus_for("system")), keyring, {})


async def test_old_revocations_are_forgotten_and_too_many_refused(keyring, bus_for):
    system = await bus_for("system")
    long_ago = int(time.time()) - 31 * 24 * 3600
    await push_account(system, keyring, {"UOLD": long_ago})
    await push_account(system, keyring, {"UNEW": int(time.time())})
    assert "UOLD" not in revoked_now(keyring)
    assert "UNEW" in revoked_now(keyring)
    many = {claims.public(claims.new_key(claims.USER)): 1 for _ in range(account.REVOKED_MAX + 1)}
    with pytest.raises(AccountError, match="at most 10000"):
        await push_account(system, keyring, many)
