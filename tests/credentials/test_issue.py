"""Credentials of agents: who may have one, what stands in it, and that every client's parser takes it."""

import asyncio
import stat
import time

import nkeys
import pytest

from arena.bus import Unreachable, connect
from arena.credentials import AGENT_EXPIRES_S_MAX, claims, creds_claims, issue_agent, issue_service, write_secret
from arena.wire.subjects import AGENT, RUNNER
from tests.eventually import DEADLINE_S

ME = "0" * 26


@pytest.mark.parametrize(
    "name",
    ["*", ">", "a.b", "", "A" * 26, "0" * 25, "0" * 27, "0" * 25 + "*", "0" * 26 + "\n", "0" * 25 + "é", "agent"],
)
def test_only_ids_of_the_platform_get_a_credential(keyring, name):
    with pytest.raises(ValueError, match="expected an agent's id"):
        issue_agent(keyring, name, url="nats://h:1")


def test_claims_of_an_agents_credential(keyring):
    before = int(time.time())
    issued = issue_agent(keyring, ME, url="nats://h:1", expires_s=60)
    assert issued.creds.startswith("# arena-url: nats://h:1\n-----BEGIN NATS USER JWT-----\n")
    found = claims.read(issued.jwt, keyring.signer(AGENT))
    assert found == creds_claims(issued.creds)
    assert (found["sub"], found["name"], found["exp"]) == (issued.public_key, ME, issued.expires_at)
    assert before + 60 <= found["exp"] <= before + 61
    assert found["nats"] == {"issuer_account": keyring.account, "type": "user", "version": 2}


def test_a_user_may_keep_the_seed(keyring):
    pair = claims.new_key(claims.USER)
    issued = issue_agent(keyring, ME, public_key=claims.public(pair), url="nats://h:1")
    assert issued.creds is None
    assert claims.read(issued.jwt)["sub"] == claims.public(pair) == issued.public_key


@pytest.mark.parametrize(
    "make", [lambda k: claims.public(claims.new_key(claims.ACCOUNT)), lambda k: "U" * 56, lambda k: "é"]
)
def test_only_a_users_public_key_is_taken(keyring, make):
    with pytest.raises(ValueError, match="public key of a user nkey"):
        issue_agent(keyring, ME, public_key=make(keyring), url="nats://h:1")


@pytest.mark.parametrize("seconds", [0, -1, AGENT_EXPIRES_S_MAX + 1])
def test_validity_is_bounded(keyring, seconds):
    with pytest.raises(ValueError, match="validity"):
        issue_agent(keyring, ME, expires_s=seconds, url="nats://h:1")


def test_a_service_credential_is_no_agents(keyring):
    assert creds_claims(issue_service(keyring, RUNNER))["name"] == "runner"
    with pytest.raises(ValueError, match="issue_agent"):
        issue_service(keyring, AGENT)


async def test_an_expired_credential_is_refused(keyring, nats_server, tmp_path):
    issued = issue_agent(keyring, ME, expires_s=3, url=nats_server.url)
    write_secret(tmp_path / "a.creds", issued.creds)
    bus = await connect(nats_server.url, tmp_path / "a.creds", name="t", inbox=f"_INBOX.{ME}")
    async with asyncio.timeout(DEADLINE_S):
        await bus.closed.wait()
    assert time.time() > issued.expires_at - 1
    assert "expired" in str(bus.client.last_error).lower()


async def test_a_credential_with_a_forged_name_is_refused(keyring, nats_server, tmp_path):
    forger = claims.new_key(claims.ACCOUNT)
    issued = issue_agent(keyring, ME, url=nats_server.url)
    forged = claims.sign(claims.read(issued.jwt), forger)
    write_secret(tmp_path / "a.creds", issued.creds.replace(issued.jwt, forged))
    with pytest.raises(Unreachable):
        await connect(nats_server.url, tmp_path / "a.creds", name="t", inbox=f"_INBOX.{ME}", timeout_s=1)


async def test_a_user_of_an_agents_key_with_permissions_of_its_own_is_refused(keyring, nats_server, tmp_path):
    issued = issue_agent(keyring, ME, url=nats_server.url)
    wider = claims.read(issued.jwt)
    wider["nats"] |= {"pub": {"allow": [">"]}}
    forged = claims.sign(wider, keyring.signer(AGENT))
    write_secret(tmp_path / "a.creds", issued.creds.replace(issued.jwt, forged))
    with pytest.raises(Unreachable):
        await connect(nats_server.url, tmp_path / "a.creds", name="t", inbox=f"_INBOX.{ME}", timeout_s=1)


def test_the_jti_is_the_digest_of_the_claims(keyring):
    token = keyring.operator_jwt()
    found = claims.read(token, keyring.operator)
    assert len(found["jti"]) == 52
    assert found["iss"] == found["sub"] == claims.public(keyring.operator)
    with pytest.raises(claims.ClaimsError):
        claims.read(token, claims.new_key(claims.OPERATOR))
    with pytest.raises(claims.ClaimsError, match="not a JWT"):
        claims.read("nonsense")
    with pytest.raises(claims.ClaimsError, match="creds"):
        creds_claims("nonsense")


def test_a_secret_is_readable_by_its_owner_only(tmp_path):
    write_secret(tmp_path / "new" / "s", "x")
    assert stat.S_IMODE((tmp_path / "new" / "s").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_public_keys_are_recognised():
    for kind in (claims.OPERATOR, claims.ACCOUNT, claims.USER):
        text = claims.public(claims.new_key(kind))
        assert [claims.is_public(text, other) for other in (claims.OPERATOR, claims.ACCOUNT, claims.USER)].count(
            True
        ) == 1
        assert not claims.is_public(text[:-1] + ("A" if text[-1] != "A" else "B"), kind)
    assert nkeys.PREFIX_BYTE_USER == claims.USER
