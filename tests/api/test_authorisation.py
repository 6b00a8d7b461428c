"""Who may do what over HTTP: every endpoint has a row here, and every row is tried as everybody.

A new endpoint: add `("METHOD", "/path/as/{it:str}/is/mounted"): Row(who)`, with a `body` that would be accepted.
`who` is

    NOBODY      anybody, without logging in          OPERATOR    operators and administrators
    USER        whoever is logged in                 ADMIN       administrators
    OWNER       the thing's owner (and an administrator); to others it is not there (404) or forbidden (403)
    OWNER_ALONE the thing's owner; not even an administrator

Values of path parameters come from `values`: real ones of the owner's, so that a refusal is about the person.
"""

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any

import pytest

from arena.api import service as api_service
from tests.eventually import DEADLINE_S

NOBODY, USER, OWNER, OWNER_ALONE, OPERATOR, ADMIN = "nobody", "user", "owner", "owner alone", "operator", "admin"


@dataclass(frozen=True)
class Row:
    """Who may call an endpoint."""

    who: str
    body: Any = None
    query: str = ""
    ends: bool = False  # the caller's session: tried as somebody new each time


ACCOUNT = {"name": "somebody", "password": "no such password"}
ROWS: dict[tuple[str, str], Row] = {
    ("GET", "/"): Row(NOBODY),
    ("GET", "/{place:path}"): Row(NOBODY),
    ("GET", "/assets/{file_path:path}"): Row(NOBODY),
    ("GET", "/static/{file_path:path}"): Row(NOBODY),
    ("GET", "/api/openapi.json"): Row(NOBODY),
    ("GET", "/api/openapi.json/openapi.json"): Row(NOBODY),  # Litestar adds these two
    ("GET", "/api/openapi.json/{path:str}"): Row(NOBODY),
    ("GET", "/api/about"): Row(NOBODY),
    ("POST", "/api/auth/register"): Row(NOBODY, {"name": "", "password": ""}),
    ("POST", "/api/auth/login"): Row("credentials", ACCOUNT),
    ("POST", "/api/auth/refresh"): Row("credentials", {"refresh_token": "no such token"}),
    ("POST", "/api/auth/recover"): Row("credentials", {"code": "no such code", "password": "x"}),
    ("POST", "/api/auth/logout"): Row(USER, ends=True),
    ("POST", "/api/auth/logout-everywhere"): Row(USER, ends=True),
    ("POST", "/api/auth/password"): Row(USER, {"old": "x"}),  # incomplete: a wrong password is 403
    ("POST", "/api/auth/delete-account"): Row(USER, {}),  # the same
    ("GET", "/api/auth/me"): Row(USER),
    ("GET", "/api/auth/sessions"): Row(USER),
    ("DELETE", "/api/auth/sessions/{session_id:str}"): Row(USER),  # others' are not there: tests/api/test_sessions.py
    ("GET", "/api/auth/tokens"): Row(USER),
    ("POST", "/api/auth/tokens"): Row(USER, {"name": "t", "scopes": ["read"]}),
    ("DELETE", "/api/auth/tokens/{token_id:str}"): Row(USER),  # tests/api/test_access_tokens.py
    ("GET", "/api/users"): Row(OPERATOR),
    ("PATCH", "/api/users/{user_id:str}"): Row(OPERATOR, {"locked": False}),
    ("POST", "/api/users/{user_id:str}/recovery"): Row(OPERATOR),
    ("GET", "/api/audit"): Row(OPERATOR),
    ("GET", "/api/announcements"): Row(NOBODY),
    ("POST", "/api/announcements"): Row(OPERATOR, {"text": "t"}),
    ("DELETE", "/api/announcements/{announcement_id:str}"): Row(OPERATOR),
    ("GET", "/api/agents"): Row(USER),
    ("GET", "/api/agents/overview"): Row(USER),
    ("POST", "/api/agents"): Row(USER, {"name": "a"}),
    ("GET", "/api/agents/{agent_id:str}"): Row(OWNER),
    ("PATCH", "/api/agents/{agent_id:str}"): Row(OWNER, {"description": "better"}),
    ("DELETE", "/api/agents/{agent_id:str}"): Row(OWNER),
    ("POST", "/api/agents/{agent_id:str}/pause"): Row(OWNER),
    ("POST", "/api/agents/{agent_id:str}/resume"): Row(OWNER),
    ("GET", "/api/agents/{agent_id:str}/profile"): Row(NOBODY),
    ("GET", "/api/agents/{agent_id:str}/results"): Row(NOBODY, query="?by=seat"),
    ("GET", "/api/agents/{agent_id:str}/timing"): Row(NOBODY),
    ("GET", "/api/agents/{agent_id:str}/versions/compare"): Row(NOBODY, query="?game=connect_four"),
    ("GET", "/api/agents/{agent_id:str}/ratings"): Row(OWNER),
    ("GET", "/api/agents/{agent_id:str}/faults"): Row(OWNER),
    ("GET", "/api/agents/{agent_id:str}/versions"): Row(OWNER),
    ("POST", "/api/agents/{agent_id:str}/versions"): Row(OWNER, {"description": "new"}),
    ("POST", "/api/agents/actions"): Row(USER, {"action": "pause", "agents": ["nobody"]}),
    ("GET", "/api/agents/{agent_id:str}/state"): Row(OWNER),
    ("GET", "/api/agents/{agent_id:str}/trail"): Row(OWNER),
    ("GET", "/api/queue"): Row(NOBODY),
    ("GET", "/api/watch"): Row(NOBODY),
    ("GET", "/api/overview"): Row(NOBODY),
    ("GET", "/api/news"): Row(USER),
    ("GET", "/api/agents/{agent_id:str}/credentials"): Row(OWNER),
    ("POST", "/api/agents/{agent_id:str}/credentials"): Row(OWNER, {"label": "l"}),
    ("POST", "/api/agents/{agent_id:str}/credentials/rotate"): Row(OWNER, {"label": "l"}),
    ("DELETE", "/api/agents/{agent_id:str}/credentials/{public_key:str}"): Row(OWNER),
    ("GET", "/api/activity"): Row(NOBODY),
    ("GET", "/api/games"): Row(NOBODY),
    ("GET", "/api/games/{game:str}"): Row(NOBODY),
    ("GET", "/api/games/{game:str}/leaderboard"): Row(NOBODY),
    ("GET", "/api/games/{game:str}/ratings/{agent_id:str}"): Row(NOBODY),
    ("GET", "/api/games/{game:str}/sparklines"): Row(NOBODY, query="?agents=a,b"),
    ("GET", "/api/games/{game:str}/distribution"): Row(NOBODY),
    ("GET", "/api/games/{game:str}/seats"): Row(NOBODY),
    ("GET", "/api/games/{game:str}/form/{agent_id:str}"): Row(NOBODY),
    ("GET", "/api/games/{game:str}/head-to-head"): Row(NOBODY, query="?agent=a&opponent=b"),
    ("GET", "/api/games/{game:str}/pairings"): Row(NOBODY),
    ("GET", "/api/matches"): Row(NOBODY),
    ("GET", "/api/matches/{match_id:str}"): Row(NOBODY),
    ("GET", "/api/matches/{match_id:str}/turns"): Row(NOBODY),
    ("GET", "/api/matches/{match_id:str}/events"): Row(NOBODY),
    ("GET", "/api/matches/{match_id:str}/download"): Row(NOBODY),
    ("GET", "/api/matches/{match_id:str}/verify"): Row(NOBODY),
    ("GET", "/api/matches/{match_id:str}/frames"): Row(NOBODY),
    ("GET", "/api/matches/{match_id:str}/image"): Row(NOBODY),
    ("GET", "/api/matches/{match_id:str}/live"): Row(NOBODY),
    ("GET", "/api/matches/{match_id:str}/said"): Row(NOBODY),
    ("GET", "/api/matches/{match_id:str}/said/live"): Row(NOBODY),
    ("GET", "/api/matches/{match_id:str}/said/own"): Row(USER),  # others' are not in it: tests/api/test_said.py
    ("GET", "/api/matches/{match_id:str}/said/own/live"): Row(USER),  # the same
    ("GET", "/api/requests"): Row(USER),
    ("POST", "/api/requests"): Row(USER, {"game": "connect_four", "agent": "nobody", "opponents": ["x"], "count": 1}),
    ("GET", "/api/requests/{request_id:str}"): Row(USER),  # others' are not there: tests/api/test_requests.py
    ("DELETE", "/api/requests/{request_id:str}"): Row(USER),  # the same
    ("GET", "/api/live"): Row(NOBODY),
    ("WEBSOCKET", "/api/live/ws"): Row(NOBODY),
    ("GET", "/api/quarantine"): Row(OPERATOR),
    ("DELETE", "/api/quarantine/{game:str}"): Row(OPERATOR),
    ("DELETE", "/api/quarantine/{game:str}/{agent_id:str}"): Row(OPERATOR),
    ("GET", "/api/dead-letters"): Row(OPERATOR),
    ("GET", "/api/fleet/runners"): Row(OPERATOR),
    ("GET", "/api/fleet/services"): Row(OPERATOR),
    ("GET", "/api/fleet/streams"): Row(OPERATOR),
    ("GET", "/api/fleet/alerts"): Row(OPERATOR),
    ("POST", "/api/fleet/runners/{runner_id:str}/drain"): Row(OPERATOR),
    ("POST", "/api/fleet/runners/{runner_id:str}/restart"): Row(OPERATOR),
    ("POST", "/api/fleet/services/{service_id:str}/restart"): Row(OPERATOR),
    ("GET", "/api/health"): Row(NOBODY),
    ("GET", "/api/ready"): Row(NOBODY),
    ("GET", "/api/metrics/targets"): Row(OPERATOR),
}

# Who passes: everybody else is refused with 401 (nobody), 403, or 404 (it is not there for them).
ACTORS = ("nobody", "other", "owner", "operator", "admin")
PASS = {
    NOBODY: set(ACTORS),
    "credentials": set(),  # logging in: the answer to a wrong password is 401, to whomever
    USER: set(ACTORS) - {"nobody"},
    OWNER: {"owner", "admin"},
    OWNER_ALONE: {"owner"},
    OPERATOR: {"operator", "admin"},
    ADMIN: {"admin"},
}


@pytest.fixture
def made(monkeypatch):
    """The application that the service makes: its routes are what is to be covered."""
    apps = []
    create = api_service.create_app

    def capture(*args, **kwargs):
        apps.append(create(*args, **kwargs))
        return apps[-1]

    monkeypatch.setattr(api_service, "create_app", capture)
    return apps


def mounted(app) -> set[tuple[str, str]]:
    """(method, path) of everything that can be asked for."""
    found = set()
    for route in app.routes:
        methods = getattr(route, "methods", None) or {type(route).__name__.removesuffix("Route").upper()}
        found |= {(str(method), route.path) for method in methods if method not in {"OPTIONS", "HEAD"}}
    return found


async def status(client, method, path, row) -> int:
    """What is answered; of a stream that goes on for ever only the beginning is read."""
    async with asyncio.timeout(DEADLINE_S), client.stream(method, path + row.query, json=row.body) as answer:
        return answer.status_code


async def values(owner) -> dict[str, str]:
    """What path parameters stand for: a new agent of the owner's, and its credential."""
    agent = (await owner.post("/api/agents", json={"name": f"a{secrets.token_hex(4)}"})).json()["id"]
    issued = (await owner.post(f"/api/agents/{agent}/credentials", json={})).json()
    return {
        "agent_id": agent,
        "public_key": issued["public_key"],
        "game": "connect_four",
        "match_id": "nomatch",
        "file_path": "index.html",
    }


def filled(path: str, known: dict[str, str]) -> str:
    """The path with its parameters filled in."""
    parts = [part.strip("{}").partition(":") if part.startswith("{") else (part, "", "") for part in path.split("/")]
    return "/".join(known.get(name, "x1") if colon else name for name, colon, _ in parts)


def wrong(row: Row, actor: str, got: int) -> str:
    """What is wrong with this answer, or nothing."""
    if got >= 500 and got != 503:
        return "a server error"
    if row.who == "credentials":
        return "" if got in {400, 401} else "expected 401 for a wrong password"
    if actor in PASS[row.who]:
        shut = {401, 403, 404} if row.who in {OWNER, OWNER_ALONE} else {401, 403}
        return "may do this, and is refused" if got in shut else ""
    expected = {401} if actor == "nobody" else {403, 404} if row.who.startswith(OWNER) else {403}
    return "" if got in expected else f"may not do this: expected {sorted(expected)}"


async def test_every_endpoint_has_a_row_and_every_row_an_endpoint(made, own_web):
    found = mounted(made[-1])
    assert not found - ROWS.keys(), f"no row says who may: {sorted(found - ROWS.keys())}"
    assert not ROWS.keys() - found, f"rows without an endpoint: {sorted(ROWS.keys() - found)}"


async def test_everybody_may_what_the_table_says_and_no_more(web):
    actors = {"nobody": web.client, "other": await web.register(), "owner": await web.register()}
    actors["operator"] = await web.operator(role="operator")
    actors["admin"] = await web.operator()
    problems = []
    for (method, path), row in ROWS.items():
        known = await values(actors["owner"]) if "{" in path else {}
        for actor in sorted(actors, key=lambda name: name in PASS[row.who]):  # first who may not: nothing may change
            known |= await values(actors["owner"]) if actor in PASS[row.who] and method == "DELETE" else {}
            caller = await web.register() if row.ends and actor != "nobody" else actors[actor]
            got = await status(caller, method, filled(path, known), row)
            if found := wrong(row, actor, got):
                problems.append(f"{method} {path} as {actor}: {got}, {found}")
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer x",
        "Basic YWRtaW46YWRtaW4=",
        # {"alg":"none"}: who says to be the administrator without a signature
        "Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiIxIiwicm9sZSI6ImFkbWluIiwiZXhwIjo0MTAyNDQ0ODAwfQ.",
    ],
)
async def test_what_is_no_token_is_nobody(web, header):
    answer = await web.client.get("/api/agents", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")
