import asyncio

import jwt
import pytest

from arena.api import tokens
from arena.api.passwords import WAITING_MAX, Busy, PasswordError, Passwords
from arena.store.accounts import User
from tests.api.conftest import PASSWORD, Web


async def test_register_log_in_and_who_am_i(web: Web) -> None:
    client = await web.register("Ann")
    me = (await client.get("/api/auth/me")).json()
    assert me["name"] == "Ann"
    assert me["role"] == "user"
    answer = await web.client.post("/api/auth/login", json={"name": "ann", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["user"] == me
    assert answer.json()["expires_in"] == 900


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
    user = User(id="u", name="u", role="user", created_ms=0)
    good = tokens.Tokens(key).issue(user).access_token
    claims = jwt.decode(good, key, algorithms=["HS256"], issuer="arena")
    forged = jwt.encode(claims, "x" * 64, algorithm="HS256")
    unsigned = jwt.encode(claims, "", algorithm="none")
    expired = jwt.encode(claims | {"exp": claims["iat"] - 1}, key, algorithm="HS256")
    foreign = jwt.encode(claims | {"iss": "elsewhere"}, key, algorithm="HS256")
    for token in ("", "nonsense", forged, unsigned, expired, foreign):
        answer = await web.client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"} if token else {})
        assert answer.status_code == 401, token
    answer = await web.client.get("/api/auth/me", headers={"Authorization": f"Bearer {good}"})
    assert answer.status_code == 200
    for path in ("/api/agents", "/api/agents/x", "/api/agents/x/credentials"):
        assert (await web.client.get(path)).status_code == 401
        assert (await web.client.head(path)).status_code in {401, 405}


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
