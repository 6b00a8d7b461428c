"""The operators' page: runners, users, announcements, the audit log, and what went wrong."""

import asyncio
import os
import re
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import httpx
import pytest
from playwright.async_api import Locator, expect

from arena.api.stamps import new_id
from arena.bus import kv
from arena.settings import load
from arena.stack.provision import connected
from arena.wire import subjects
from tests.api.test_agents import made
from tests.api.test_quarantine import record
from tests.eventually import eventually
from tests.web.conftest import DESK, PASSWORD, PHONE, SEEN_MS, Person, PersonFor, Up

RESTARTED = 75  # the exit code on which a supervisor counts


@asynccontextmanager
async def admin_of(up: Up) -> AsyncIterator[httpx.AsyncClient]:
    """The administrator without a browser, for what a test is not about."""
    async with httpx.AsyncClient(base_url=up.url, trust_env=False, timeout=SEEN_MS / 1000) as client:
        answer = await client.post("/api/auth/login", json={"name": "admin", "password": up.admin_password})
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


@pytest.fixture
async def admin(up: Up) -> AsyncIterator[httpx.AsyncClient]:
    async with admin_of(up) as client:
        yield client


@asynccontextmanager
async def second_runner(up: Up, admin: httpx.AsyncClient) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """One more than the platform has, so that matches go on while a test drains it. Its id, and its process."""

    async def playing() -> set[str]:
        answer = await admin.get("/api/fleet/runners")
        assert answer.status_code == 200, answer.text
        return {runner["id"] for runner in answer.json() if runner["state"] == "playing"}

    async def new() -> set[str]:
        return await playing() - before

    before = await playing()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "arena", "runner"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | {"ARENA_HOME": str(up.home), "ARENA_METRICS_PORT": "0"},
    )
    try:
        (id_,) = await eventually(new)
        yield id_, process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def opens(person: Person, tab: str) -> Locator:
    """The panel of a tab, by its name."""
    await person.page.get_by_role("tab", name=tab).click()
    panel = person.page.get_by_role("tabpanel")
    await expect(panel).to_be_visible()
    return panel


async def test_a_runner_is_drained_and_restarted(person: Person, up: Up, admin: httpx.AsyncClient) -> None:
    page = person.page
    await person.logs_in("admin", up.admin_password)
    await person.goes("/operations")
    await expect(page.get_by_text("NATS is up")).to_be_visible()
    await expect(page.get_by_role("img", name=re.compile("Moves a second"))).to_be_visible()
    async with second_runner(up, admin) as (id_, process):
        panel = await opens(person, "Runners")
        row = panel.get_by_role("row").filter(has_text=id_)
        await row.get_by_role("button", name=f"Drain runner {id_}").click()
        dialog = page.get_by_role("dialog", name="Drain this runner?")
        await person.checks_access()
        await dialog.get_by_role("button", name="Drain").click()
        await expect(row.get_by_text("drained", exact=True)).to_be_visible()
        await expect(row.get_by_role("button", name="Drain")).to_have_count(0)
        await person.shows("operations-runners")
        await person.checks_access()
        await opens(person, "Overview")
        await expect(page.get_by_text(f"Runner {id_} is taken out of service")).to_be_visible()
        await expect(page.get_by_role("link", name="Runners")).not_to_have_count(0)
        await person.shows("operations")
        await person.checks_access()
        panel = await opens(person, "Services")
        await panel.get_by_role("button", name=f"Restart Runner {id_}").click()
        await page.get_by_role("dialog").get_by_role("button", name="Restart").click()
        assert await asyncio.wait_for(process.wait(), 60) == RESTARTED
        await expect(panel.get_by_role("row").filter(has_text=id_)).to_have_count(0)
        await person.shows("operations-services")


async def test_a_user_recovers_a_password_and_is_locked(person_for: PersonFor, up: Up) -> None:
    name, client = await up.user()
    await client.aclose()
    operator, user = await person_for(), await person_for()
    await user.logs_in(name)
    await operator.logs_in("admin", up.admin_password)
    await operator.goes("/operations?tab=users")
    await operator.page.get_by_label("Search by name").fill(name.upper())
    row = operator.page.get_by_role("row").filter(has_text=name)
    await expect(operator.page.get_by_role("row")).to_have_count(2)
    await expect(operator.page).to_have_url(re.compile(f"search={name.upper()}"))
    menu = row.get_by_role("button", name=f"What can be done about {name}")
    await menu.click()
    await operator.page.get_by_role("menuitem", name="Make recovery code").click()
    await operator.page.get_by_role("dialog").get_by_role("button", name="Make recovery code").click()
    code = await operator.page.get_by_label("Recovery code", exact=True).inner_text()
    await operator.checks_access()
    await operator.page.keyboard.press("Escape")
    await expect(operator.page.get_by_label("Recovery code", exact=True)).to_have_count(0)
    await recovers(user, code)

    await user.logs_in(name, PASSWORD + "er")
    await menu.click()
    await operator.page.get_by_role("menuitem", name="Lock").click()
    await operator.page.get_by_role("dialog").get_by_role("button", name="Lock").click()
    await expect(row.get_by_text("locked", exact=True)).to_be_visible()
    await operator.shows("operations-users")
    user.expected |= {401, 403}
    await user.page.reload()
    await expect(user.page.get_by_role("tab", name="Register")).to_be_visible()


async def recovers(user: Person, code: str) -> None:
    """By the page of who forgot the password: a wrong code first, then a password that everybody guesses."""
    page = user.page
    await user.goes("/recover")
    form = page.get_by_role("form", name="Forgotten password")
    await form.get_by_label("Code").fill(code[:-1])
    await form.get_by_label("New password").fill("password1")
    user.expected |= {400, 401}
    await form.get_by_role("button", name="Set new password").click()
    await expect(form.get_by_text("This code is not good any more")).to_be_visible()
    await form.get_by_label("Code").fill(code)
    await form.get_by_role("button", name="Set new password").click()
    await expect(form.get_by_text("not among the first to be guessed")).to_be_visible()
    await form.get_by_label("New password").fill(PASSWORD + "er")
    await user.checks_access()
    await user.shows("recover")
    await form.get_by_role("button", name="Set new password").click()
    await expect(page.get_by_text("Your new password holds")).to_be_visible()


async def test_everybody_is_told_and_the_record_says_by_whom(person_for: PersonFor, up: Up) -> None:
    operator, other = await person_for(color_scheme="dark"), await person_for()
    page, said = operator.page, f"Maintenance at noon {secrets.token_hex(3)}"
    await operator.logs_in("admin", up.admin_password)
    await operator.goes("/operations?tab=announcements")
    form = page.get_by_role("form", name="Announce something")
    await form.get_by_role("button", name="Announce").click()
    await expect(form.get_by_text("Write what is to be said.")).to_be_visible()
    await form.get_by_label("Text").fill(said)
    await form.get_by_text("warning", exact=True).click()
    await form.get_by_role("button", name="in an hour").click()
    await operator.checks_access()
    await form.get_by_role("button", name="Announce").click()
    entry = page.get_by_role("region", name="Announced now").get_by_role("listitem").filter(has_text=said)
    await expect(entry).to_be_visible()
    await other.goes("/games")
    await expect(other.page.get_by_role("status").filter(has_text=said)).to_be_visible()
    await entry.get_by_role("button", name="Withdraw").click()
    await page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    await expect(entry).to_have_count(0)
    await other.page.reload()
    await expect(other.page.get_by_role("heading", level=1)).to_be_visible()
    await expect(other.page.get_by_text(said)).to_have_count(0)

    await opens(operator, "Audit log")
    await page.get_by_label("Action begins with").fill("DELETE /api/announcements")
    rows = page.get_by_role("row").filter(has_text="DELETE /api/announcements")
    await expect(rows.first.get_by_role("button", name="admin")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="POST")).to_have_count(0)
    await rows.first.get_by_role("button", name="admin").click()
    await expect(page).to_have_url(re.compile("user="))
    await expect(page.get_by_role("combobox", name="Who")).to_have_value("admin")
    await operator.shows("operations-audit-dark")
    await operator.checks_access()


async def test_what_went_wrong_is_shown_with_its_evidence(person: Person, up: Up) -> None:
    async with aclosing((await up.user())[1]) as owner:
        agent = await made(owner, f"bot-{secrets.token_hex(4)}")
    match = new_id()
    settings = load({"ARENA_HOME": str(up.home)})
    async with connected(settings, subjects.MATCHMAKER) as bus:
        key = f"connect_four.{agent}"
        await kv.put(bus, subjects.QUARANTINE_BUCKET, key, record("connect_four", agent), {"Nats-TTL": "60s"})
    async with connected(settings, subjects.RUNNER) as bus:
        await bus.request(subjects.event("connect_four", match, "moved"), b'{"kind":"exploded","at_ms":1}')
    page = person.page
    await person.logs_in("admin", up.admin_password)
    await person.goes("/operations?tab=quarantine")
    row = page.get_by_role("row").filter(has=page.locator(f'a[href="/agents/{agent}"]'))
    await expect(row.get_by_text("three matches in a row ended by its own fault")).to_be_visible()
    await row.get_by_role("button", name="2 matches").click()
    await expect(page.get_by_role("link", name="m1")).to_be_visible()
    await person.checks_access()
    await person.shows("operations-quarantine")
    await row.get_by_role("button", name="Release").click()
    await page.get_by_role("dialog").get_by_role("button", name="Release").click()
    await expect(row).to_have_count(0)

    await opens(person, "Dead letters")
    row = page.get_by_role("row").filter(has_text=match)
    await row.get_by_role("button", name=re.compile("Look inside")).click()
    await expect(page.get_by_role("dialog").get_by_text("exploded").last).to_be_visible()
    await person.checks_access()
    await page.keyboard.press("Escape")
    await opens(person, "Overview")
    await expect(page.get_by_text("Dead letters in the last day")).to_be_visible()


async def test_who_is_no_operator_is_told_so(person: Person, person_for: PersonFor) -> None:
    await person.goes("/operations")
    await expect(person.page.get_by_text("Log in as an operator to see it.")).to_be_visible()
    await person.registers()
    await person.goes("/operations")
    await expect(person.page.get_by_text("An administrator can make you an operator.")).to_be_visible()
    await expect(person.page.get_by_role("tab")).to_have_count(0)
    await person.checks_access()


async def test_an_operator_is_not_offered_what_is_for_administrators(
    person: Person, up: Up, admin: httpx.AsyncClient
) -> None:
    name, client = await up.user()
    async with aclosing(client):
        id_ = (await client.get("/api/auth/me")).json()["id"]
    assert (await admin.patch(f"/api/users/{id_}", json={"role": "operator"})).status_code == 200
    await person.logs_in(name)
    await person.goes("/operations?tab=users&role=admin")
    await person.page.get_by_role("button", name="What can be done about admin").click()
    lock = person.page.get_by_role("menuitem", name="Lock")
    await expect(lock).to_be_disabled()
    await expect(lock).to_contain_text("Only administrators may do this.")


@pytest.mark.parametrize(("viewport", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
async def test_operations_in_chinese(person_for: PersonFor, up: Up, viewport: object, scheme: str) -> None:
    person = await person_for(viewport=viewport, locale="zh-CN", color_scheme=scheme)
    page = person.page
    await person.logs_in("admin", up.admin_password)
    tabs = {"overview": "需要关注", "queues": "各游戏的等待情况", "streams": "事件日志的消费者", "audit": "审计日志"}
    for tab, text in tabs.items():
        await person.goes(f"/operations?tab={tab}")
        await expect(page.get_by_role("heading", name=text)).to_be_visible()
        await expect(page.get_by_role("status", name="加载中")).to_have_count(0)
        width = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert width[0] <= width[1], f"{tab} is wider than the screen"
        await person.checks_access()
        await person.shows(f"operations-{tab}-zh-{'phone' if viewport is PHONE else 'dark'}")
