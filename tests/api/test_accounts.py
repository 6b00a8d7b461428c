import asyncio

import jwt
import pytest
from sqlalchemy import func, select

from arena.api import tokens
from arena.api.guessable import why_guessable
from arena.api.passwords import WAITING_MAX, Busy, PasswordError, Passwords
from arena.bus import kv
from arena.store import accounts
from arena.store.database import Database
from arena.store.schema import access_tokens, sessions
from arena.wire.registry import AgentRecord
from arena.wire.subjects import AGENTS_BUCKET, MATCHMAKER
from tests.api.conftest import PASSWORD, Web
from tests.conftest import BusFor


async def test_register_log_in_and_who_am_i(web: Web) -> None:
    client = await web.register("Ann")
    me = (await client.get("/api/auth/me")).json()
    assert me["name"] == "Ann"
    assert me["role"] == "user"
    answer = await web.client.post("/api/auth/login", json={"name": "ann", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["user"] == me
    assert answer.json()["expires_in"] == 900


async def test_a_name_typed_in_two_ways_is_one(web: Web) -> None:
    await web.register("Zo\u00eb")
    for name in ("Zo\u00eb", "Zoe\u0308"):  # composed, and as macOS may send it
        answer = await web.client.post("/api/auth/login", json={"name": name, "password": PASSWORD})
        assert (answer.status_code, answer.json()["user"]["name"]) == (200, "Zo\u00eb")


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"name": "Bob", "password": "short"}, 400, "8 to 256 characters"),
        ({"name": "", "password": PASSWORD}, 400, "1 to 40 printable"),
        ({"name": "a/b", "password": PASSWORD}, 400, "without '/'"),
        ({"name": " bob", "password": PASSWORD}, 400, "printable"),
        ({"name": "b\nb", "password": PASSWORD}, 400, "printable"),
        ({"name": "x" * 41, "password": PASSWORD}, 400, "1 to 40"),
        ({"name": "Bob"}, 400, ""),
        ({"name": "Bob", "password": PASSWORD, "role": "admin"}, 400, ""),
        ({"name": "TAKEN", "password": PASSWORD}, 409, "already"),
    ],
)
async def test_what_cannot_register(web: Web, body: dict[str, str], status: int, detail: str) -> None:
    await web.client.post("/api/auth/register", json={"name": "taken", "password": PASSWORD})
    answer = await web.client.post("/api/auth/register", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert detail in answer.json().get("detail", "")


async def test_wrong_names_and_passwords_look_the_same(web: Web) -> None:
    await web.register("Carl")
    wrong = await web.client.post("/api/auth/login", json={"name": "Carl", "password": "not it at all"})
    nobody = await web.client.post("/api/auth/login", json={"name": "Nobody", "password": PASSWORD})
    assert wrong.status_code == nobody.status_code == 401
    assert wrong.json() == nobody.json()


async def test_without_a_good_token_nothing_private_is_told(web: Web) -> None:
    key = tokens.ensure_key(web.settings.home)
    client = await web.register()
    good = client.headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(good, key, algorithms=["HS256"], issuer="arena")
    forged = jwt.encode(claims, "x" * 64, algorithm="HS256")
    unsigned = jwt.encode(claims, "", algorithm="none")
    expired = jwt.encode(claims | {"exp": claims["iat"] - 1}, key, algorithm="HS256")
    foreign = jwt.encode(claims | {"iss": "elsewhere"}, key, algorithm="HS256")
    endless = jwt.encode({name: value for name, value in claims.items() if name != "exp"}, key, algorithm="HS256")
    sessionless = jwt.encode(claims | {"sid": "made up"}, key, algorithm="HS256")
    somebody_elses = jwt.encode(claims | {"sub": "somebody else"}, key, algorithm="HS256")
    bad = ("", "nonsense", forged, unsigned, expired, foreign, endless, sessionless, somebody_elses)
    for token in bad:
        answer = await web.client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"} if token else {})
        assert answer.status_code == 401, token
        assert answer.headers["www-authenticate"].startswith("Bearer")
    answer = await web.client.get("/api/auth/me", headers={"Authorization": f"Bearer {good}"})
    assert answer.status_code == 200
    for path in ("/api/agents", "/api/agents/x", "/api/agents/x/credentials"):
        assert (await web.client.get(path)).status_code == 401
        assert (await web.client.head(path)).status_code in {401, 405}


async def test_a_token_says_nothing_that_the_database_does_not(web: Web) -> None:
    """Who has the key's platform sign another role still is who the database says."""
    client = await web.register()
    key = tokens.ensure_key(web.settings.home)
    claims = jwt.decode(client.headers["authorization"][7:], key, algorithms=["HS256"], issuer="arena")
    client.headers["authorization"] = f"Bearer {jwt.encode(claims | {'role': 'admin'}, key, algorithm='HS256')}"
    assert (await client.get("/api/auth/me")).json()["role"] == "user"
    assert (await client.get("/api/users")).status_code == 403


async def test_changing_the_password_takes_the_old_one_and_ends_other_sessions(web: Web) -> None:
    client = await web.register("Dora")
    body = {"name": "Dora", "password": PASSWORD}
    other = (await web.client.post("/api/auth/login", json=body)).json()["access_token"]
    answer = await client.post("/api/auth/password", json={"old": "a wrong one", "new": "battery staple"})
    assert answer.status_code == 403
    answer = await client.post("/api/auth/password", json={"old": PASSWORD, "new": "short"})
    assert answer.status_code == 400
    answer = await client.post("/api/auth/password", json={"old": PASSWORD, "new": "battery staple"})
    assert answer.status_code == 204, answer.text
    assert (await client.get("/api/auth/me")).status_code == 200
    answer = await web.client.get("/api/auth/me", headers={"Authorization": f"Bearer {other}"})
    assert answer.status_code == 401
    assert (await web.client.post("/api/auth/login", json=body)).status_code == 401
    answer = await web.client.post("/api/auth/login", json=body | {"password": "battery staple"})
    assert answer.status_code == 200


async def test_a_forgotten_password_is_recovered_with_an_operators_code_once(web: Web) -> None:
    client, operator = await web.register("Ida"), await web.operator(role="operator")
    me = (await client.get("/api/auth/me")).json()["id"]

    async def use(code: str, password: str) -> int:
        answer = await web.client.post("/api/auth/recover", json={"code": code, "password": password})
        return answer.status_code

    codes = [(await operator.post(f"/api/users/{me}/recovery")).json()["code"] for _ in range(2)]
    id_, ends, mac = codes[0].split(".")
    other = (await (await web.register()).get("/api/auth/me")).json()["id"]
    forged = [
        f"{id_}.{int(ends, 16) + 1:x}.{mac}",
        f"{other}.{ends}.{mac}",
        f"{id_}.{ends}.",
        f"{id_}..{mac}",
        "",
        "é.1.ü",
    ]
    assert {await use(code, "battery staple") for code in forged} == {401}
    assert await use(codes[0], "short") == 400
    assert await use(codes[0], "battery staple") == 204
    assert (await client.get("/api/auth/me")).status_code == 401  # all sessions are over
    assert {await use(code, "another one again") for code in codes} == {401}  # the password they were made for is gone
    login = {"name": "Ida", "password": "battery staple"}
    assert (await web.client.post("/api/auth/login", json=login)).status_code == 200


async def test_a_recovery_code_ends_and_is_for_those_below(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    client, operator, admin = await web.register(), await web.operator(role="operator"), await web.operator()
    ids = [(await one.get("/api/auth/me")).json()["id"] for one in (client, operator, admin)]
    answers = [(await operator.post(f"/api/users/{id_}/recovery")).status_code for id_ in ids]
    assert answers == [201, 403, 403]
    assert (await admin.post(f"/api/users/{ids[1]}/recovery")).status_code == 201
    assert (await admin.post("/api/users/nobody/recovery")).status_code == 404
    monkeypatch.setattr("arena.api.recovery.LIFETIME_MS", -1)
    late = (await operator.post(f"/api/users/{ids[0]}/recovery")).json()["code"]
    body = {"code": late, "password": "battery staple"}
    assert (await web.client.post("/api/auth/recover", json=body)).status_code == 401


async def test_a_deleted_account_leaves_matches_and_nothing_of_the_person(web: Web, bus_for: BusFor) -> None:
    client = await web.register("Emil")
    me = (await client.get("/api/auth/me")).json()["id"]
    described = {"name": "Emils bot", "description": "by Emil", "metadata": {"by": "Emil"}, "capabilities": ["emil"]}
    agent = (await client.post("/api/agents", json=described)).json()["id"]
    await client.post(f"/api/agents/{agent}/credentials", json={"label": "Emils laptop"})
    token = (await client.post("/api/auth/tokens", json={"name": "ci", "scopes": ["read"]})).json()["token"]
    answer = await client.post("/api/auth/delete-account", json={"password": "a wrong one"})
    assert answer.status_code == 403
    answer = await client.post("/api/auth/delete-account", json={"password": PASSWORD})
    assert answer.status_code == 204, answer.text
    assert (await client.get("/api/auth/me")).status_code == 401
    answer = await web.client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    answer = await web.client.post("/api/auth/login", json={"name": "Emil", "password": PASSWORD})
    assert answer.status_code == 401
    database = Database(web.settings.database_url, pool_size=1)
    async with database.begin() as connection:
        user = await accounts.find_user(connection, id_=me)
        found = await accounts.find_agent(connection, id_=agent)
        kept = await accounts.list_credentials(connection, agent)
        revoked = await accounts.revoked(connection, 0)
        left = [
            (await connection.execute(select(func.count()).where(table.c.user == me))).scalar_one()
            for table in (sessions, access_tokens)
        ]
    await database.close()
    assert user is not None
    assert user.name.startswith("deleted-")
    assert left == [0, 0]  # they held addresses, browsers, and what tokens were for
    assert found is not None
    assert (found.description, found.metadata, found.capabilities, found.paused) == ("", {}, [], True)
    assert "Emil" not in found.name + found.owner_name + "".join(one.label for one in kept)
    assert kept[0].public_key in revoked
    mirror = kv.Mirror(await bus_for(MATCHMAKER), AGENTS_BUCKET, AgentRecord)
    await mirror.start()
    await mirror.stop()
    assert agent not in mirror.records
    await web.register("Emil")  # the name is free again


async def test_the_last_administrator_stays(web: Web) -> None:
    admin = await web.operator()
    for other in (await admin.get("/api/users", params={"role": "admin"})).json()["items"]:
        if other["id"] != (await admin.get("/api/auth/me")).json()["id"]:
            await admin.patch(f"/api/users/{other['id']}", json={"role": "user"})
    answer = await admin.post("/api/auth/delete-account", json={"password": PASSWORD})
    assert answer.status_code == 409
    assert (await admin.get("/api/auth/me")).json()["role"] == "admin"


@pytest.mark.parametrize(
    "password",
    [
        "password", "Password1!", "P4ssw0rd!!", "12345678", "87654321", "qwertyuiop", "1qaz2wsx", "aaaaaaaa",
        "abababab", "abcdefgh", "letmein123", "monkeymonkey", "Sunshine99", "Iloveyou!!", "Frieda123", "123frieda",
    ],
)  # fmt: skip
async def test_what_everybody_guesses_is_no_password(web: Web, password: str) -> None:
    answer = await web.client.post("/api/auth/register", json={"name": "Frieda", "password": password})
    assert answer.status_code == 400, password
    assert "first to be guessed" in answer.json()["detail"]
    assert password not in answer.json()["detail"].replace("expected a password", "")


@pytest.mark.parametrize(
    "password", ["correct horse", "tr0ub4dor&3", "wX9-qLm2", "drei Enten im Teich", "密码不是这个啊朋友"]
)
def test_what_is_not_guessed_first_is_one(password: str) -> None:
    assert why_guessable(password, "Frieda") is None


def test_the_key_is_made_once_and_is_secret(tmp_path: object) -> None:
    from pathlib import Path

    home = Path(str(tmp_path))
    key = tokens.ensure_key(home)
    assert tokens.ensure_key(home) == key
    assert (home / "keys" / "jwt.key").stat().st_mode & 0o77 == 0
    (home / "keys" / "jwt.key").write_text("short")
    with pytest.raises(ValueError, match="remove it"):
        tokens.ensure_key(home)


async def test_passwords_are_argon2id_and_renewed_when_weaker() -> None:
    passwords = Passwords()
    stored = await passwords.hash(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.check(PASSWORD, stored) == (True, None)
    assert await passwords.check("something else", stored) == (False, None)
    assert await passwords.check(PASSWORD, None) == (False, None)
    assert await passwords.check(PASSWORD, "no hash") == (False, None)
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    right, stronger = await passwords.check(PASSWORD, weak)
    assert right
    assert stronger is not None
    assert stronger.startswith("$argon2id$v=19$m=19456")
    with pytest.raises(PasswordError):
        await passwords.hash("x" * 257)
    passwords.close()


async def test_too_many_at_once_are_told_to_come_back() -> None:
    passwords = Passwords()
    attempts = [asyncio.create_task(passwords.check(PASSWORD, None)) for _ in range(WAITING_MAX + 5)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(result, Busy) for result in results) == 5
    passwords.close()
