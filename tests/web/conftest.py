"""The dashboard in headless Chromium on the whole platform: `arena up` as a newcomer runs it, house bots playing.

A test drives a page by what a person sees (roles, labels, texts). Whatever a browser reports as wrong while it does so
(errors, failed requests, what the policy forbids) fails the test.  ARENA_SCREENSHOTS=docs/images/web keeps pictures.
"""

import asyncio
import contextlib
import os
import re
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Response, ViewportSize, async_playwright, expect

from arena.api.pages import STATIC
from tests.conftest import Find

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
START_S = 90
SEEN_MS = 20_000  # how long a page may take to show what a test waits for
PASSWORD = "correct horse battery"
DESK, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
QUIET = (  # a browser that talks to nobody but us
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
expect.set_options(timeout=SEEN_MS)


@dataclass(frozen=True)
class Up:
    """A running `arena up`."""

    url: str
    home: Path
    admin_password: str

    async def user(self, name: str = "") -> tuple[str, httpx.AsyncClient]:
        """A new user: the name, and a client that is logged in (to prepare what a test is not about)."""
        name = name or f"user-{secrets.token_hex(4)}"
        client = httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=SEEN_MS / 1000)
        answer = await client.post("/api/auth/register", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return name, client


@pytest.fixture(scope="session")
async def up() -> AsyncIterator[Up]:
    """One platform for all tests of a process."""
    assert (STATIC / "index.html").is_file(), "the dashboard is not built: `make web`"
    home = Path(tempfile.mkdtemp(prefix="arena-"))
    limits = {f"ARENA_{name}_HOURLY_MAX": "100000" for name in ("LOGIN_NAME", "LOGIN_ADDRESS", "REGISTER_ADDRESS")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "arena", "up"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ
        | {"ARENA_HOME": str(home), "ARENA_NATS_PORT": "0", "ARENA_API_PORT": "0", "COLUMNS": "200"}
        | {"ARENA_HOUSE_INTERVAL_MS": "2000", **limits},
    )
    assert process.stdout
    said = ""
    async with asyncio.timeout(START_S):
        while "Ctrl-C" not in said:
            line = (await process.stdout.readline()).decode()
            assert line, said
            said += line
    reading = asyncio.create_task(process.stdout.read())
    url, password = re.search(r"Arena is up after .*(http://\S+)", said), re.search(r"admin, password (\S+)", said)
    assert url, said
    assert password, said
    yield Up(url[1], home, password[1])
    process.send_signal(signal.SIGINT)
    await reading
    await process.wait()
    shutil.rmtree(home)


@pytest.fixture(scope="session")
async def chromium(program: Find) -> AsyncIterator[Browser]:
    """Debian's (with fonts-noto-cjk, for pictures in Chinese)."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program("chromium"), args=list(QUIET))
        yield browser
        await browser.close()


@dataclass
class Person:
    """Somebody at a browser of their own."""

    page: Page
    up: Up
    wrong: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)  # statuses of refusals that the test provokes

    async def goes(self, path: str) -> None:
        """Open an address."""
        await self.page.goto(self.up.url + path)

    async def registers(self, name: str = "") -> str:
        """A new account, by the form. Returns its name."""
        name = name or f"user-{secrets.token_hex(4)}"
        await self.goes("/")
        await self.page.get_by_role("tab", name=re.compile("Register|注册")).click()
        await self._enters(name, PASSWORD, re.compile("Register|注册"))
        return name

    async def logs_in(self, name: str, password: str = PASSWORD) -> None:
        await self.goes("/")
        await self._enters(name, password, re.compile("Log in|登录"))

    async def _enters(self, name: str, password: str, button: re.Pattern[str]) -> None:
        form = self.page.get_by_role("form")
        await form.get_by_label(re.compile("^Name|^用户名")).fill(name)
        await form.get_by_label(re.compile("^Password|^密码")).fill(password)
        await form.get_by_role("button", name=button).click()
        await expect(self.page.get_by_role("banner").get_by_role("link", name=name)).to_be_visible()

    async def checks_access(self) -> None:
        """No barrier that axe finds (WCAG 2.2 A and AA, best practices)."""
        # From this script's own world: the page's policy, which would refuse it, stays as it is.
        session = await self.page.context.new_cdp_session(self.page)
        frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        world = (await session.send("Page.createIsolatedWorld", {"frameId": frame}))["executionContextId"]
        run = AXE.read_text() + "\n;axe.run().then(found => JSON.stringify(found.violations.map(one => [one.id, "
        run += "one.help, one.nodes.map(node => node.html + ' ' + (node.any[0]?.message ?? ''))])))"
        answer = await session.send(
            "Runtime.evaluate",
            {"expression": run, "contextId": world, "awaitPromise": True, "returnByValue": True},
        )
        await session.detach()
        assert answer["result"].get("value") == "[]", answer

    async def shows(self, name: str, *, whole: bool = False) -> None:
        """Keep a picture, where pictures are kept. whole: the page, and not what fits on the screen."""
        if folder := os.environ.get("ARENA_SCREENSHOTS"):
            path = ROOT / folder / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            await self.page.screenshot(path=path, full_page=whole, animations="disabled")

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(f"status of {status}" in message.text for status in self.expected):
            self.wrong.append(f"console: {message.text}")

    def see(self, response: Response) -> None:
        # Asked for whoever comes with an old cookie: the answer says that nobody is logged in.
        if response.status >= 400 and response.status not in self.expected:
            self.wrong.append(f"{response.status} {response.request.method} {response.url}")


PersonFor = Callable[..., Awaitable[Person]]


@pytest.fixture
async def person_for(chromium: Browser, up: Up) -> AsyncIterator[PersonFor]:
    """A browser's profile of its own: `await person_for(viewport=PHONE, locale="zh-CN", color_scheme="dark")`."""
    async with contextlib.AsyncExitStack() as stack:
        people: list[Person] = []

        async def new(*, viewport: ViewportSize = DESK, locale: str = "en-US", color_scheme: str = "light") -> Person:
            context = await chromium.new_context(
                viewport=viewport,
                locale=locale,
                color_scheme="dark" if color_scheme == "dark" else "light",
                reduced_motion="reduce",
                accept_downloads=True,
                permissions=["clipboard-read", "clipboard-write"],
            )
            stack.push_async_callback(context.close)
            context.set_default_timeout(SEEN_MS)
            person = Person(await context.new_page(), up)
            person.page.on("console", person.hear)
            person.page.on("pageerror", lambda error: person.wrong.append(f"error: {error}"))
            person.page.on("response", person.see)
            people.append(person)
            return person

        yield new
        assert [line for person in people for line in person.wrong] == []


@pytest.fixture
async def person(person_for: PersonFor) -> Person:
    """Somebody at a desk, with an English browser."""
    return await person_for()
