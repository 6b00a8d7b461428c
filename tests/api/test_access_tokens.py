"""Personal access tokens: what they open, and what they never do."""

import re
from typing import Any

import pytest

from arena.api import access_tokens, scopes, secret_tokens
from arena.api import service as api_service
from arena.api.stamps import now_ms
from arena.store.access_tokens import note_use
from arena.store.database import Database
from arena.store.schema import access_tokens as table
from tests.api.conftest import Web
from tests.recorder.conftest import DEADLINE_S

# What scanners of leaked secrets are told to look for (docs/api.md).
LEAKED = re.compile(r"\barena_[0-9A-Za-z]{36}\b")


async def made(client: Any, *wanted: str, **more: Any) -> dict[str, Any]:
    answer = await client.post("/api/auth/tokens", json={"name": "ci", "scopes": list(wanted), **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def by(web: Web, token: str, method: str, path: str, **more: Any) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return (await web.client.request(method, path, headers=headers, **more)).status_code


def test_the_form_is_found_by_scanners_and_checked_without_a_look_up() -> None:
    token = secret_tokens.make_access_token()
    assert LEAKED.search(f'TOKEN="{token}"')
    assert secret_tokens.well_formed(token)
    for at in range(len(token)):
        other = "x" if token[at] != "x" else "y"
        assert not secret_tokens.well_formed(token[:at] + other + token[at + 1 :]), at
    for wrong in ("", token[:-1], token + "0", token.upper(), token + "\n"):
        assert not secret_tokens.well_formed(wrong)
    assert len({secret_tokens.make_access_token() for _ in range(1000)}) == 1000


async def test_a_token_is_shown_once_and_kept_hashed(web: Web) -> None:
    client = await web.register()
    token = await made(client, "read")
    assert token["expires_ms"] - token["created_ms"] == 90 * access_tokens.DAY_MS
    listed = (await client.get("/api/auth/tokens")).json()["items"]
    assert [one["id"] for one in listed] == [token["id"]]
    assert token["token"] not in str(listed)
    assert token["token"].startswith(listed[0]["prefix"])
    database = Database(web.settings.database_url, pool_size=1)
    async with database.begin() as connection:
        row = (await connection.execute(table.select().where(table.c.id == token["id"]))).mappings().one()
    await database.close()
    assert bytes(row["hash"]) == secret_tokens.hashed(token["token"])
    assert token["token"] not in str(dict(row))


async def test_each_scope_opens_its_own(web: Web) -> None:
    client = await web.register()
    read, agents = (await made(client, "read"))["token"], (await made(client, "agents", "read"))["token"]
    assert await by(web, read, "GET", "/api/auth/me") == 200
    assert await by(web, read, "GET", "/api/agents") == 200
    assert await by(web, read, "POST", "/api/agents", json={"name": "a"}) == 403
    assert await by(web, agents, "POST", "/api/agents", json={"name": "a"}) == 201
    only = (await made(client, "agents"))["token"]
    assert await by(web, only, "GET", "/api/agents") == 403


async def test_no_token_opens_the_account_itself(web: Web) -> None:
    admin = await web.operator()
    token = (await made(admin, *scopes.SCOPES))["token"]
    session = (await admin.get("/api/auth/sessions")).json()[0]["id"]
    for method, path, body in (
        ("POST", "/api/auth/tokens", {"name": "more", "scopes": ["read"]}),
        ("GET", "/api/auth/tokens", None),
        ("GET", "/api/auth/sessions", None),
        ("DELETE", f"/api/auth/sessions/{session}", None),
        ("POST", "/api/auth/password", {"old": "x", "new": "y"}),
        ("POST", "/api/auth/delete-account", {"password": "x"}),
        ("POST", "/api/auth/logout-everywhere", None),
    ):
        assert await by(web, token, method, path, json=body) == 403, path
    assert (await admin.get("/api/auth/me")).status_code == 200


async def test_operators_endpoints_take_scope_admin_and_the_role(web: Web) -> None:
    user, admin = await web.register(), await web.operator()
    answer = await user.post("/api/auth/tokens", json={"name": "root", "scopes": ["admin"]})
    assert answer.status_code == 403
    weak, strong = (await made(admin, "read"))["token"], (await made(admin, "read", "admin"))["token"]
    for path in ("/api/users", "/api/audit", "/api/quarantine", "/api/dead-letters"):
        assert await by(web, weak, "GET", path) == 403, path
        assert await by(web, strong, "GET", path) == 200, path
    me = (await admin.get("/api/auth/me")).json()["id"]
    other = await web.operator()
    assert (await other.patch(f"/api/users/{me}", json={"role": "user"})).status_code == 200
    assert await by(web, strong, "GET", "/api/users") == 403
    assert await by(web, strong, "GET", "/api/auth/me") == 200


async def test_a_revoked_and_an_expired_token_open_nothing(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    client, stranger = await web.register(), await web.register()
    token = await made(client, "read")
    assert await by(web, token["token"], "GET", "/api/auth/me") == 200
    assert (await stranger.delete(f"/api/auth/tokens/{token['id']}")).status_code == 404
    assert await by(web, token["token"], "GET", "/api/auth/me") == 200
    assert (await client.delete(f"/api/auth/tokens/{token['id']}")).status_code == 204
    assert await by(web, token["token"], "GET", "/api/auth/me") == 401
    assert (await client.delete(f"/api/auth/tokens/{token['id']}")).status_code == 404
    monkeypatch.setattr(access_tokens, "DAY_MS", 0)
    assert await by(web, (await made(client, "read"))["token"], "GET", "/api/auth/me") == 401


async def test_made_up_tokens_open_nothing(web: Web) -> None:
    client = await web.register()
    token = (await made(client, "read"))["token"]
    same_prefix = token[: secret_tokens.PREFIX_CHARACTERS] + secret_tokens.make_access_token()[14:36]
    same_prefix += secret_tokens._checksum(same_prefix)
    assert secret_tokens.well_formed(same_prefix)
    for wrong in (secret_tokens.make_access_token(), same_prefix, token[:-1], token + "0", "arena_", token.lower()):
        assert await by(web, wrong, "GET", "/api/auth/me") == 401


async def test_the_last_use_is_written_now_and_then(web: Web) -> None:
    client = await web.register()
    token = await made(client, "read")
    for _ in range(3):
        assert await by(web, token["token"], "GET", "/api/auth/me") == 200
    first = (await client.get("/api/auth/tokens")).json()["items"][0]["used_ms"]
    assert abs(first - now_ms()) < DEADLINE_S * 1000
    database = Database(web.settings.database_url, pool_size=1)
    for later, written in ((30_000, first), (90_000, first + 90_000)):
        async with database.begin() as connection:
            await note_use(connection, token["id"], first + later)
        assert (await client.get("/api/auth/tokens")).json()["items"][0]["used_ms"] == written
    await database.close()


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x", "scopes": ["read"], "days": 0},
        {"name": "x", "scopes": ["read"], "days": 366},
        {"name": "", "scopes": ["read"]},
        {"name": "x"},
    ],
)
async def test_what_is_no_token(web: Web, body: dict[str, Any]) -> None:
    assert (await (await web.register()).post("/api/auth/tokens", json=body)).status_code == 400


async def test_tokens_are_bounded(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_tokens, "TOKENS_MAX", 2)
    client = await web.register()
    first = await made(client, "read")
    await made(client, "read")
    body = {"name": "x", "scopes": ["read"]}
    assert (await client.post("/api/auth/tokens", json=body)).status_code == 400
    await client.delete(f"/api/auth/tokens/{first['id']}")
    assert (await client.post("/api/auth/tokens", json=body)).status_code == 201
    page = (await client.get("/api/auth/tokens", params={"limit": 2})).json()
    rest = (await client.get("/api/auth/tokens", params={"limit": 2, "cursor": page["next"]})).json()
    assert [len(page["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]


@pytest.fixture
def apps(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    create = api_service.create_app
    monkeypatch.setattr(api_service, "create_app", lambda *given: found.append(create(*given)) or found[-1])
    return found


# Changed by people only: decided, not forgotten.
PEOPLE_ONLY = ("/api/auth", "/api/users/{user_id:str}/recovery")


async def test_every_changing_endpoint_has_a_scope_or_is_for_people(apps: list[Any], own_web: Web) -> None:
    forgotten = [
        f"{method} {route.path}"
        for route in apps[-1].routes
        for method in getattr(route, "methods", ())
        if method not in scopes.SAFE
        and route.path.startswith("/api")
        and not route.path.startswith(PEOPLE_ONLY)
        and scopes.needed(str(method), route.path) is None
    ]
    assert not forgotten, f"add rows to arena.api.scopes.TABLE: {forgotten}"
