"""Sessions: refreshed once by each token, ended at once in every process, and of no use to other sites."""

import asyncio
import contextlib
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import text

from arena.api import holders, sessions
from arena.api.cookies import Cookies, is_secure
from arena.settings import Settings
from arena.stack.ports import free
from arena.store.database import Database
from arena.store.schema import refresh_tokens
from arena.store.schema import sessions as store
from arena.wire.subjects import API
from tests.api.conftest import PASSWORD, Web, serving
from tests.conftest import BusFor
from tests.recorder.conftest import DEADLINE_S

CSRF = "X-Arena-CSRF"


async def logged_in(web: Web, name: str, **more: Any) -> dict[str, Any]:
    await web.client.post("/api/auth/register", json={"name": name, "password": PASSWORD})
    answer = await web.client.post("/api/auth/login", json={"name": name, "password": PASSWORD, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def refreshed(web: Web, token: str, **headers: str) -> httpx.Response:
    return await web.client.post("/api/auth/refresh", json={"refresh_token": token}, headers=headers)


async def me(web: Web, token: str) -> int:
    answer = await web.client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


@contextlib.asynccontextmanager
async def browser(web: Web, name: str):
    """A client with cookies, as a browser's page has them."""
    await web.client.post("/api/auth/register", json={"name": name, "password": PASSWORD})
    async with httpx.AsyncClient(base_url=web.client.base_url, trust_env=False, timeout=DEADLINE_S) as client:
        body = {"name": name, "password": PASSWORD, "cookies": True}
        answer = await client.post("/api/auth/login", json=body)
        assert answer.status_code == 200, answer.text
        yield client, answer


async def test_each_refresh_token_is_good_once_and_kept_hashed(web: Web) -> None:
    first = await logged_in(web, "Gina")
    second = (await refreshed(web, first["refresh_token"])).json()
    assert second["refresh_token"] not in {None, first["refresh_token"]}
    assert second["session"] == first["session"]
    assert await me(web, second["access_token"]) == 200
    third = (await refreshed(web, second["refresh_token"])).json()
    assert third["refresh_token"]
    database = Database(web.settings.database_url, pool_size=1)
    async with database.begin() as connection:
        stored = list((await connection.execute(refresh_tokens.select())).mappings())
    await database.close()
    assert all(len(row["hash"]) == 32 for row in stored)
    assert not any(third["refresh_token"].encode() in bytes(row["hash"]) for row in stored)


async def test_an_old_refresh_token_ends_its_family_and_no_other(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "GRACE_MS", -1)
    victim, other = await logged_in(web, "Hugo"), await logged_in(web, "Hugo")
    current = (await refreshed(web, victim["refresh_token"])).json()
    stolen = await refreshed(web, victim["refresh_token"])
    assert stolen.status_code == 401
    assert "used before" in stolen.json()["detail"]
    assert await me(web, current["access_token"]) == 401
    assert (await refreshed(web, current["refresh_token"])).status_code == 401
    assert await me(web, other["access_token"]) == 200
    assert (await refreshed(web, other["refresh_token"])).status_code == 200


async def test_two_tabs_at_once_are_no_theft_and_make_no_second_family(web: Web) -> None:
    first = await logged_in(web, "Ines")
    answers = [one.json() for one in await asyncio.gather(*(refreshed(web, first["refresh_token"]) for _ in range(8)))]
    assert all(answer["access_token"] for answer in answers)
    assert sum(answer["refresh_token"] is not None for answer in answers) == 1
    winner = next(answer["refresh_token"] for answer in answers if answer["refresh_token"])
    assert (await refreshed(web, winner)).status_code == 200
    # The grace is for the last exchange only: what was exchanged before it is a theft, however soon.
    assert (await refreshed(web, first["refresh_token"])).status_code == 401
    assert await me(web, answers[0]["access_token"]) == 401


async def test_the_grace_is_the_same_clients_alone(web: Web) -> None:
    first = await logged_in(web, "Jana")
    assert (await refreshed(web, first["refresh_token"])).status_code == 200
    thief = await refreshed(web, first["refresh_token"], **{"User-Agent": "another"})
    assert thief.status_code == 401
    assert await me(web, first["access_token"]) == 401


async def test_made_up_refresh_tokens_end_nothing(web: Web) -> None:
    first = await logged_in(web, "Karl")
    for token in (
        "",
        "x",
        first["session"],
        first["access_token"],
        first["refresh_token"][:-1],
        "\udcff"[:0] + "ÿ" * 43,
    ):
        assert (await refreshed(web, token)).status_code == 401
    assert await me(web, first["access_token"]) == 200
    assert (await refreshed(web, first["refresh_token"])).status_code == 200


async def test_idle_sessions_end(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await logged_in(web, "Lena")
    monkeypatch.setattr(sessions, "IDLE_MS_MAX", 0)
    assert (await refreshed(web, first["refresh_token"])).status_code == 401
    monkeypatch.undo()
    assert (await refreshed(web, first["refresh_token"])).status_code == 200


async def test_logging_out_ends_one_session_and_everywhere_all(web: Web) -> None:
    one, two, three = [await logged_in(web, "Mona") for _ in range(3)]
    headers = {"Authorization": f"Bearer {two['access_token']}"}
    listed = (await web.client.get("/api/auth/sessions", headers=headers)).json()
    assert [session["id"] for session in listed if session["current"]] == [two["session"]]
    assert {one["session"], three["session"]} < {session["id"] for session in listed}
    assert (await web.client.post("/api/auth/logout", headers=headers)).status_code == 204
    assert await me(web, two["access_token"]) == 401
    assert (await refreshed(web, two["refresh_token"])).status_code == 401
    headers = {"Authorization": f"Bearer {one['access_token']}"}
    assert (await web.client.delete(f"/api/auth/sessions/{three['session']}", headers=headers)).status_code == 204
    assert await me(web, three["access_token"]) == 401
    stranger = await logged_in(web, "Nora")
    path = f"/api/auth/sessions/{stranger['session']}"
    assert (await web.client.delete(path, headers=headers)).status_code == 404
    assert await me(web, stranger["access_token"]) == 200
    again = await logged_in(web, "Mona")
    assert (await web.client.post("/api/auth/logout-everywhere", headers=headers)).status_code == 204
    assert [await me(web, session["access_token"]) for session in (one, again)] == [401, 401]


async def test_what_one_process_ends_is_over_in_the_others(web: Web, bus_for: BusFor) -> None:
    other_settings = msgspec.structs.replace(web.settings, api_port=free())
    session = await logged_in(web, "Olga")
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    async with serving(other_settings, await bus_for(API)) as other:
        for _ in range(3):  # remembered there by now
            assert await me(other, session["access_token"]) == 200
        assert (await web.client.post("/api/auth/logout", headers=headers)).status_code == 204
        async with asyncio.timeout(holders.HELD_S / 2):  # not by forgetting: that takes twice as long
            while await me(other, session["access_token"]) == 200:
                pass
        assert holders.HELD_S > 5


async def test_a_process_that_hears_nothing_remembers_nothing(own_web: Web) -> None:
    web = own_web
    session = await logged_in(web, "Otto")
    assert await me(web, session["access_token"]) == 200
    database = Database(web.settings.database_url, pool_size=1)
    deaf = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND (query LIKE 'LISTEN%' OR query = 'SELECT 1')"
    )
    async with database.begin() as connection:
        assert (await connection.execute(deaf)).scalar_one() >= 1
        # without a notification, as if it was lost
        ended = store.update().where(store.c.id == session["session"]).values(ended_ms=1, ended_why="revoked")
        await connection.execute(ended)
    await database.close()
    async with asyncio.timeout(holders.HELD_S / 2):
        while await me(web, session["access_token"]) == 200:
            pass


async def test_many_logins_end_the_oldest_sessions(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "SESSIONS_MAX", 3)
    made = [await logged_in(web, "Paul") for _ in range(4)]
    assert [await me(web, one["access_token"]) for one in made] == [401, 200, 200, 200]


async def test_a_browsers_tokens_are_in_cookies_alone(web: Web) -> None:
    async with browser(web, "Quinn") as (client, answer):
        said = answer.json()
        assert (said["access_token"], said["refresh_token"]) == (None, None)
        set_cookies = answer.headers.get_list("set-cookie")
        by_name = {one.partition("=")[0]: one.lower() for one in set_cookies}
        assert set(by_name) == {"arena-access", "arena-refresh", "arena-csrf"}  # loopback: plain http
        assert all("samesite=lax" in one and "path=/" in one and "domain" not in one for one in by_name.values())
        assert "httponly" in by_name["arena-access"]
        assert "httponly" in by_name["arena-refresh"]
        assert "httponly" not in by_name["arena-csrf"]
        assert (await client.get("/api/auth/me")).json()["name"] == "Quinn"
        refresh = await client.post("/api/auth/refresh", json={}, headers={CSRF: said["csrf_token"]})
        assert refresh.status_code == 200, refresh.text
        assert refresh.json()["access_token"] is None
        assert (await client.post("/api/auth/logout", headers={CSRF: said["csrf_token"]})).status_code == 204
        assert not client.cookies
        assert (await client.get("/api/auth/me")).status_code == 401


async def test_other_sites_cannot_use_a_browsers_cookies(web: Web) -> None:
    async with browser(web, "Rosa") as (client, answer), browser(web, "Sven") as (_, foreign):
        token = answer.json()["csrf_token"]
        create = {"url": "/api/agents", "json": {"name": "forged"}}
        for headers in (
            {},
            {CSRF: ""},
            {CSRF: token[:-1]},
            {CSRF: foreign.json()["csrf_token"]},  # somebody else's
            {CSRF: token, "Sec-Fetch-Site": "cross-site"},
            {CSRF: token, "Sec-Fetch-Site": "same-site"},  # a sibling domain
            {CSRF: token, "Origin": "https://evil.example"},
            {CSRF: token, "Origin": "null"},
        ):
            refused = await client.post(**create, headers=headers)
            assert refused.status_code == 403, headers
        # A planted cookie does not help: the token is not compared with it.
        client.cookies.set("arena-csrf", "planted")
        assert (await client.post(**create, headers={CSRF: "planted"})).status_code == 403
        assert (await client.post("/api/auth/refresh", json={})).status_code == 403
        assert (await client.post("/api/auth/logout")).status_code == 403
        own = {CSRF: token, "Sec-Fetch-Site": "same-origin", "Origin": str(client.base_url).rstrip("/")}
        assert (await client.post(**create, headers=own)).status_code == 201


async def test_another_site_cannot_log_a_browser_in(web: Web) -> None:
    await logged_in(web, "Tina")
    body = msgspec.json.encode({"name": "Tina", "password": PASSWORD, "cookies": True})
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = await web.client.post(
            "/api/auth/login", content=body, headers=headers | {"Content-Type": "text/plain"}
        )
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


async def test_bearers_need_no_csrf_token_and_beat_cookies(web: Web) -> None:
    script = await logged_in(web, "Ulla")
    async with browser(web, "Vera") as (client, _):
        headers = {"Authorization": f"Bearer {script['access_token']}"}
        answer = await client.post("/api/agents", json={"name": "scripted"}, headers=headers)
        assert answer.status_code == 201
        assert answer.json()["owner_name"] == "Ulla"
        assert (await client.get("/api/auth/me", headers={"Authorization": "Bearer x"})).status_code == 401


async def test_a_browsers_refresh_token_is_of_no_use_without_its_csrf_token(web: Web) -> None:
    async with browser(web, "Wanda") as (client, answer):
        stolen = client.cookies["arena-refresh"]
        assert (await refreshed(web, stolen)).status_code == 403
        taken = await refreshed(web, stolen, **{CSRF: answer.json()["csrf_token"]})
        assert taken.json()["refresh_token"] is None  # and never in a body


@pytest.mark.parametrize(
    ("web_url", "api_host", "secure"),
    [
        ("", "127.0.0.1", False),
        ("", "::1", False),
        ("", "localhost", False),
        ("", "0.0.0.0", True),  # noqa: S104
        ("", "arena.example", True),
        ("https://arena.example", "127.0.0.1", True),
        ("http://localhost:8000", "0.0.0.0", False),  # noqa: S104
    ],
)
def test_only_plain_http_on_loopback_has_cookies_that_are_not_secure(web_url: str, api_host: str, secure: bool) -> None:
    settings = Settings(web_url=web_url, api_host=api_host)
    assert is_secure(settings) is secure
    for cookie in Cookies(settings).make("a", "b", "c", 60):
        assert cookie.secure is secure
        assert cookie.key.startswith("__Host-") is secure
