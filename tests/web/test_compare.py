"""Two agents side by side, and matches that one asks for."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

import httpx
from playwright.async_api import expect

from agent_kit import Turn, play
from tests.eventually import eventually
from tests.web.conftest import PHONE, Person, PersonFor, Up
from tests.web.test_games import fits, played

MINIMAX, RANDOM = "connect_four-minimax", "connect_four-random"


@contextlib.asynccontextmanager
async def mounted(up: Up, client: httpx.AsyncClient, name: str) -> AsyncIterator[str]:
    """An agent of the client's user that plays its first legal action, in requested matches only. Its id."""
    agent = (await client.post("/api/agents", json={"name": name})).json()["id"]
    creds = up.home / f"{agent}.creds"
    creds.write_text((await client.post(f"/api/agents/{agent}/credentials", json={})).json()["creds"])
    stop, arrived = asyncio.Event(), asyncio.Event()

    async def policy(turn: Turn) -> int:
        assert turn.legal
        return turn.legal[0]

    games = ["connect_four"]
    task = asyncio.create_task(
        play(policy, creds=creds, games=games, slots=2, ladder=False, stop=stop, arrived=arrived.set)
    )
    try:
        await arrived.wait()
        yield agent
    finally:
        stop.set()
        await task


async def test_two_house_bots_are_compared(person: Person, up: Up) -> None:
    await played(up)
    page = person.page
    await person.goes("/compare")
    await expect(page.get_by_text("Choose a game and two agents")).to_be_visible()
    await person.checks_access()
    await page.get_by_role("combobox", name="Game").fill("connect")
    await page.get_by_role("option", name="Connect Four").click()
    for which, agent in (("First agent", MINIMAX), ("Second agent", RANDOM)):
        await page.get_by_role("combobox", name=which).fill(agent)
        await page.get_by_role("option", name=agent).click()
    head = page.get_by_role("region", name="Head to head")
    await expect(head).to_contain_text(re.compile(r"\d% \(\d+%.\d+%\)"))
    await expect(head).to_contain_text(re.compile("is better than|cannot be said yet"))
    await expect(page.get_by_role("table", name=f"By seat of {MINIMAX}").get_by_role("row").nth(1)).to_be_visible()
    await expect(page.get_by_role("table", name="By version")).to_contain_text(re.compile("v1 . v1"))
    await expect(page.get_by_role("img", name=f"The ratings of {MINIMAX} and {RANDOM} over time")).to_be_visible()
    await expect(
        page.get_by_role("table", name=f"Matches of {MINIMAX} and {RANDOM}").get_by_role("row").nth(1)
    ).to_contain_text(MINIMAX)
    await person.checks_access()
    await person.shows("compare", whole=True)
    rate = await head.get_by_text(re.compile(r"^\d+% \(")).inner_text()
    await page.get_by_role("button", name="Swap the two").click()
    await expect(page.get_by_role("table", name=f"By seat of {RANDOM}").get_by_role("row").nth(1)).to_be_visible()
    await expect(head.get_by_text(rate, exact=True)).to_have_count(0)


async def test_matches_are_asked_for_followed_and_cancelled(person: Person, up: Up) -> None:
    name, client = await up.user()
    page = person.page
    await person.logs_in(name)
    async with mounted(up, client, f"asker-{name}"):
        await person.goes("/compare?view=requests&game=connect_four")
        form = page.get_by_role("form", name="Ask for matches")
        await form.get_by_role("button", name="Ask for them").click()
        await expect(form.get_by_text("Choose at least 1 opponent")).to_be_visible()
        await form.get_by_role("combobox", name="Your agent").click()
        await page.get_by_role("option", name=f"asker-{name}").click()
        await form.get_by_role("combobox", name="Names").fill(RANDOM)
        await page.get_by_role("option", name=RANDOM).click()
        await page.keyboard.press("Escape")
        await form.get_by_role("textbox", name="Matches").fill("3")
        await person.checks_access()
        await form.get_by_role("button", name="Ask for them").click()
        request = page.get_by_role("article", name="Request of 3 matches")
        await expect(request.get_by_role("progressbar")).to_be_visible()
        await expect(request.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100", timeout=60_000)
        await expect(request).to_contain_text("Done")
        await expect(request).to_contain_text("3 of 3 matches over")
        await expect(request).to_contain_text(re.compile(r"\d% \(\d+%.\d+%\)"))
        await person.checks_access()
        await person.shows("requests")
    # Nobody plays now: the next one waits, and is cancelled.
    await form.get_by_role("textbox", name="Matches").fill("1000")
    await form.get_by_role("button", name="Ask for them").click()
    long = page.get_by_role("article", name="Request of 1000 matches")
    await expect(long).to_contain_text("waiting for free slots")
    await long.get_by_role("button", name="Cancel").click()
    await page.get_by_role("dialog").get_by_role("button", name="Make no more matches").click()
    await expect(long).to_contain_text("Cancelled")
    await expect(long.get_by_role("button", name="Cancel")).to_have_count(0)
    await request.get_by_role("link", name="Matches").click()
    rows = page.get_by_role("table", name="Matches").get_by_role("row")
    await expect(rows).to_have_count(4)
    await client.aclose()


async def test_what_the_rule_forbids_is_said(person: Person, up: Up) -> None:
    name, client = await up.user()
    agent = (await client.post("/api/agents", json={"name": f"closed-{name}"})).json()["id"]
    closed, other = await up.user()
    shut = (await other.post("/api/agents", json={"name": f"shut-{closed}", "open_to": "nobody"})).json()["id"]
    await client.aclose()
    await other.aclose()
    page = person.page
    person.expected.add(400)
    await person.logs_in(name)
    await person.goes(f"/compare?view=requests&game=connect_four&a={agent}&b={shut}")
    form = page.get_by_role("form", name="Ask for matches")
    await expect(form.get_by_text(f"shut-{closed}")).to_be_visible()
    await form.get_by_role("button", name="Ask for them").click()
    await expect(form.get_by_role("alert")).to_contain_text("is open to nobody")
    await form.get_by_text("By rating", exact=True).click()
    await form.get_by_role("textbox", name="Rated from").fill("20")
    await form.get_by_role("textbox", name="to", exact=True).fill("25")
    await form.get_by_role("switch", name="Rated").check()
    await form.get_by_role("button", name="Ask for them").click()
    await expect(form.get_by_text("Rated matches need a range at least 8 wide")).to_be_visible()


async def test_a_phone_in_chinese_compares(person_for: PersonFor, up: Up) -> None:
    await played(up)
    async with httpx.AsyncClient(base_url=up.url, trust_env=False) as client:

        async def house() -> list[str]:
            answer = await client.get("/api/games/connect_four/leaderboard", params={"house": True})
            return [place["agent"] for place in answer.json()["items"]]

        a, b = (await eventually(house))[:2]
    person = await person_for(viewport=PHONE, locale="zh-CN", color_scheme="dark")
    page = person.page
    await person.registers()
    await person.goes(f"/compare?game=connect_four&a={a}&b={b}")
    await expect(page.get_by_role("region", name="交手战绩")).to_contain_text("%")
    await person.checks_access()
    await fits(page)
    await person.shows("compare-phone-zh")
    await page.get_by_role("tab", name="发起对局").click()
    await expect(page.get_by_role("button", name="发起", exact=True)).to_be_visible()
    await person.checks_access()
    await fits(page)
