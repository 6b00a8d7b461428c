"""What the web server forbids browsers, and what it does not put up with."""

import asyncio
import contextlib
import re

import httpx
import pytest
from litestar.exceptions import TooManyRequestsException

from arena.api.app import BODY_BYTES_MAX
from arena.api.gate import Gate
from arena.api.headers import HSTS, Headers
from arena.api.pages import STATIC
from arena.api.patience import HEAD_BYTES_MAX, TOO_SLOW, PatientProtocol

DEADLINE_S = 15
HEAD = b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture
def hurried(monkeypatch):
    """No patience at all."""
    monkeypatch.setattr(PatientProtocol, "head_s", 0.3)
    monkeypatch.setattr(PatientProtocol, "body_s", 0.3)


@pytest.fixture
async def dial(web):
    """Opens a bare connection to the web server; all are closed after the test."""
    opened = []

    async def open_one():
        reader, writer = await asyncio.open_connection("127.0.0.1", web.settings.api_port)
        opened.append(writer)
        return reader, writer

    yield open_one
    for writer in opened:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def until_dropped(reader) -> bytes:
    """All that is answered, until the server ends the connection."""
    got = b""
    async with asyncio.timeout(DEADLINE_S):
        with contextlib.suppress(ConnectionError):
            while more := await reader.read(4096):
                got += more
    return got


NONCE = re.compile(r" 'nonce-[\w-]{22}'")  # of a page's own styles: tests/api/test_pages.py


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/static/scheme.js", 200),
        ("GET", "/agents/anything", 200),
        ("GET", "/static/none.js", 404),
        ("GET", "/api/health", 200),
        ("GET", "/api/agents", 401),
        ("GET", "/api/games/none", 404),
        ("GET", "/none.txt", 404),
        ("PUT", "/api/games", 405),
        ("POST", "/api/auth/login", 400),
    ],
)
async def test_every_answer_has_every_header(web, method, path, status):
    answer = await web.client.request(method, path)
    assert answer.status_code == status
    expected = Headers(web.settings.websocket_origins).always
    got = {name: NONCE.sub("", answer.headers.get(name, "")) for name in expected}
    assert got == expected
    assert "server" not in answer.headers
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers  # over plain HTTP it would mean nothing


async def test_hsts_over_tls_only():
    for scheme, expected in (("https", HSTS.encode()), ("http", None)):
        message = {"type": "http.response.start", "status": 200, "headers": []}
        await Headers().secure(message, {"type": "http", "scheme": scheme, "path": "/", "headers": []})
        assert dict(message["headers"]).get(b"strict-transport-security") == expected


async def test_a_page_connects_to_its_own_origin_and_to_nats_and_nowhere_else(web, nats_server):
    policy = (await web.client.get("/api/health")).headers["content-security-policy"]
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives.pop("connect-src").split() == ["'self'", nats_server.websocket_url]
    assert directives.pop("img-src") == "'self' data:"
    assert {*directives.values()} == {"'self'", "'none'"}
    without = Headers().always["Content-Security-Policy"]
    assert without == policy.replace(f" {nats_server.websocket_url}", "")


async def test_what_is_private_is_not_stored(web):
    user = await web.register()
    for path in ("/api/auth/me", "/api/agents", "/api/auth/sessions"):
        assert (await user.get(path)).headers["cache-control"] in {"no-store", "private, no-cache"}
    login = await web.client.post("/api/auth/login", json={"name": "x", "password": "y"})
    assert login.headers["cache-control"] == "no-store"


def test_pages_have_nothing_that_the_policy_forbids():
    for page in STATIC.rglob("*.html"):
        text = page.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", text), page
        assert not re.search(r"""(src|href)=["']?(https?:)?//""", text), page


async def test_too_long_a_body_is_refused_whether_announced_or_not(web):
    body = b'{"name": "' + b"x" * BODY_BYTES_MAX + b'", "password": "p"}'
    announced = await web.client.post("/api/auth/login", content=body)

    async def pieces():
        for start in range(0, len(body), 4096):
            yield body[start : start + 4096]

    chunked = await web.client.post("/api/auth/login", content=pieces())
    for answer in (announced, chunked):
        assert answer.status_code == 413
        assert answer.headers["content-type"].startswith("application/problem+json")


async def test_too_long_a_head_is_refused(dial):
    reader, writer = await dial()
    writer.write(b"GET /api/health HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * HEAD_BYTES_MAX * 3)
    got = await until_dropped(reader)
    assert not got or got.startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    ("part", "sent"),
    [
        ("head", b""),
        ("head", b"GET /api/health HTTP/1.1\r\nHost: x\r\nX-A"),
        ("body", HEAD + b"Content-Length: 1000\r\n\r\n{"),
        ("body", HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{"),
        ("head", b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\nGET /api/health HT"),  # the second on a connection
    ],
)
async def test_who_never_finishes_a_request_is_dropped(dial, hurried, part, sent):
    before = TOO_SLOW.labels(part)._value.get()
    reader, writer = await dial()
    writer.write(sent)
    await until_dropped(reader)
    if not sent.endswith(b" HT"):  # there it is uvicorn's own limit between two requests, or ours
        assert TOO_SLOW.labels(part)._value.get() == before + 1


async def test_a_trickle_is_dropped_at_the_deadline_of_the_whole(dial, hurried):
    reader, writer = await dial()
    writer.write(b"GET /api/health HTTP/1.1\r\nHost: x\r\n")
    dropped = asyncio.create_task(until_dropped(reader))
    trickled = 0
    while not dropped.done():
        writer.write(b"X-A: b\r\n")
        trickled += 1
        await asyncio.wait({dropped}, timeout=0.05)
    assert trickled < DEADLINE_S / 0.05 / 2


async def test_who_is_merely_slow_between_requests_is_served(dial):
    reader, writer = await dial()
    for _ in range(3):
        for piece in (b"GET /api/health HT", b"TP/1.1\r\nHo", b"st: x\r\n\r\n"):
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(DEADLINE_S):
            assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(len(b'{"status":"ok"}'))


async def test_a_flood_of_half_requests_holds_up_nobody(web, dial):
    opened = [await dial() for _ in range(100)]
    for _, writer in opened:
        writer.write(b"GET /api/health HTTP/1.1\r\nHost: x\r\nX-")
    assert (await web.client.get("/api/health")).status_code == 200


async def test_one_address_may_not_hold_every_place(own_web):
    from arena.api import gate as gate_module

    refused = gate_module.REFUSED._value.get()
    async with contextlib.AsyncExitStack() as stack:
        limits = httpx.Limits(max_connections=None)
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=own_web.client.base_url, trust_env=False, timeout=DEADLINE_S, limits=limits)
        )
        for _ in range(gate_module.OPEN_MAX):
            answer = await stack.enter_async_context(client.stream("GET", "/api/live"))
            assert answer.status_code == 200
        answer = await client.get("/api/health")
        assert answer.status_code == 429
        assert answer.headers["retry-after"]
        assert answer.json()["detail"].startswith(f"{gate_module.OPEN_MAX} requests")
    assert gate_module.REFUSED._value.get() == refused + 1


async def test_neighbours_in_one_ipv6_network_are_one_address():
    gate = Gate(1)

    async def inside(_scope, _receive, _send):
        neighbour = {"path": "/", "client": ("2001:db8::2", 1)}
        with pytest.raises(TooManyRequestsException):
            await gate.handle(neighbour, None, None, inside)

    await gate.handle({"path": "/", "client": ("2001:db8::1", 1)}, None, None, inside)
    assert not gate._open


async def test_what_is_wrong_with_a_request_is_said_in_its_problem(web):
    for method, path, body, said in (
        ("POST", "/api/auth/register", {"name": "x"}, "missing required field `password`"),
        ("GET", "/api/matches?limit=1000", None, "limit: Expected `int` <= 500"),
        ("GET", "/api/matches?status=lost", None, "status: Invalid enum value 'lost': GET /api/openapi.json has"),
    ):
        answer = await web.client.request(method, path, json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
        assert said in answer.json()["detail"]
        assert answer.json().keys() == {"status", "title", "detail"}  # as the document has it


async def test_a_path_that_names_nothing_is_a_problem(web):
    for method, path, status in (
        ("GET", "/api/nothing", 404),
        ("GET", "/api/agents/x/nothing", 404),
        ("GET", "/nothing.txt", 404),
        ("PUT", "/api/matches", 405),
    ):
        answer = await web.client.request(method, path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert "openapi.json has all paths" in answer.json()["detail"]
    assert (await web.client.get("/api/openapi.json")).json()["openapi"].startswith("3.1")


async def test_addresses_are_counted_apart_and_forgotten():
    gate, inside, leave = Gate(1), asyncio.Event(), asyncio.Event()

    async def stay(_scope, _receive, _send):
        inside.set()
        await leave.wait()

    async def pass_through(_scope, _receive, _send):
        return

    first = {"path": "/", "client": ("192.0.2.1", 1)}
    staying = asyncio.create_task(gate.handle(first, None, None, stay))
    await inside.wait()
    await gate.handle({"path": "/", "client": ("192.0.2.2", 1)}, None, None, pass_through)

    with pytest.raises(TooManyRequestsException):
        await gate.handle(first, None, None, pass_through)
    leave.set()
    await staying
    await gate.handle(first, None, None, pass_through)
    assert not gate._open


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
        "/static/....//app.py",
        "/static/%00",
    ],
)
async def test_no_file_beside_the_pages_is_served(dial, path):
    reader, writer = await dial()
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    got = await until_dropped(reader)
    assert re.match(rb"HTTP/1.1 4\d\d ", got), got[:200]


async def test_an_error_tells_nothing_of_the_inside(web):
    for path in ("/api/agents/%00", "/api/matches/%27%22%3B--", "/api/games/%F0%9F%98%80", "/api/matches?limit=x"):
        answer = await web.client.get(path)
        assert answer.status_code < 500, path
        assert not re.search(r"Traceback|sqlalchemy|asyncpg|\.py\b|select ", answer.text, re.IGNORECASE), answer.text
