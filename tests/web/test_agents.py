"""Agents: from a name to the first match, the list, and an agent's page for its owner and for anybody."""

import asyncio
import contextlib
import re
import secrets
import shlex
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import nkeys
from playwright.async_api import Page, Route, expect

from agent_kit import Turn, play
from tests.eventually import eventually
from tests.web.conftest import PHONE, Person, PersonFor, Up

LEAVES_S = 30
MANY = 130  # agents: more than one page of the list


def any_legal(turn: Turn) -> int:
    return turn.legal[0] if turn.legal else 0


def fresh(name: str) -> str:
    return f"{name}-{secrets.token_hex(3)}"


async def make(client: httpx.AsyncClient, **agent: object) -> str:
    """An agent by the API; returns its id."""
    answer = await client.post("/api/agents", json=agent)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@contextlib.asynccontextmanager
async def mounted(command: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """What the page says, typed in this folder."""
    program, *arguments = shlex.split(command)
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / program),
        *arguments,
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        async with asyncio.timeout(LEAVES_S):
            await process.communicate()


async def download(page: Page, name: str, folder: Path) -> Path:
    """Press a button that hands a file over."""
    async with page.expect_download() as begun:
        await page.get_by_role("button", name=name).click()
    file = await begun.value
    path = folder / file.suggested_filename
    await file.save_as(path)
    return path


async def test_a_newcomer_mounts_an_agent_sees_it_play_and_cuts_it_off(person: Person, tmp_path: Path) -> None:
    page = person.page
    await person.registers()
    await person.goes("/agents")
    await page.get_by_role("link", name="Make your first agent").click()
    name = fresh("first")
    await page.get_by_role("textbox", name="Name", exact=True).fill(name)
    await person.checks_access()
    await page.get_by_role("button", name="Create agent").click()

    async with page.expect_response(
        lambda answer: answer.url.endswith("/credentials") and answer.status == 201
    ) as came:
        creds = await download(page, f"Download {name}.creds", tmp_path)
    issued = await (await came.value).json()
    seed = re.search(r"^SU[A-Z2-7]{56}$", creds.read_text(), re.MULTILINE)
    assert seed, "a seed in the file"
    assert issued["creds"] is None, "the platform made the key, and not the browser"
    assert issued["public_key"] == nkeys.from_seed(seed[0].encode()).public_key.decode()

    file = page.get_by_role("region", name="my_agent.py")
    (tmp_path / "my_agent.py").write_text(await file.inner_text())
    await expect(page.get_by_text(re.compile("Waiting for your agent.s hello"))).to_be_visible()
    await person.shows("new-agent", whole=True)
    await person.checks_access()
    command = await page.get_by_role("region", name="Run", exact=True).inner_text()
    assert command == f"agent-kit run my_agent.py:policy --games connect_four --creds {name}.creds"

    async with mounted(command, tmp_path) as process:
        arrival = page.get_by_role("region", name="Watch it arrive")
        await expect(arrival.get_by_text("Connected")).to_be_visible()
        await expect(arrival.get_by_text("Found an opponent")).to_be_visible()
        await expect(arrival.get_by_role("link", name=re.compile("(Watch|See) the match"))).to_be_visible()
        await person.shows("new-agent-plays", whole=True)
        await person.checks_access()
        await arrival.get_by_role("link", name=re.compile("The agent.s page")).click()

        await expect(page.get_by_role("heading", name=name)).to_be_visible()
        now = page.get_by_role("region", name="Now", exact=True)
        await expect(now.get_by_role("table", name="Instances").get_by_text("here")).to_be_visible()
        await expect(page.get_by_role("figure", name=re.compile("Rating .*95 %"))).to_be_visible()
        matches = page.get_by_role("table", name="Matches")
        await expect(matches.get_by_text(re.compile("^(won|lost|drawn)$")).first).to_be_visible()
        await person.checks_access()
        await person.shows("agent", whole=True)

        await page.get_by_role("tab", name="Credentials").click()
        await page.get_by_role("button", name=re.compile("^Revoke: ")).click()
        await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
        await expect(page.get_by_text(re.compile(r"Instance \S+ was dropped after"))).to_be_visible()
        await expect(page.get_by_role("table", name="Credentials").get_by_text("revoked")).to_be_visible()
        await person.checks_access()
        await person.shows("agent-credentials")
        async with asyncio.timeout(LEAVES_S):
            _, said = await process.communicate()
        assert process.returncode != 0
        assert b"revoked" in said.lower(), said


async def test_a_list_of_many_is_filtered_and_acted_on(person: Person, up: Up) -> None:
    page = person.page
    user, client = await up.user()
    async with contextlib.aclosing(client):
        names = [fresh(word) for word in ("alpha", "beta", "gamma")]
        ids = [await make(client, name=name, capabilities=["search", name.partition("-")[0]]) for name in names]
        await person.logs_in(user)
        await person.goes("/agents")
        table = page.get_by_role("table", name="Agents")
        await expect(table.get_by_role("link", name=names[2])).to_be_visible()
        await person.checks_access()

        await page.get_by_role("textbox", name="Name or description").fill("BETA")
        await expect(table.get_by_role("row")).to_have_count(2)
        await expect(page).to_have_url(re.compile("search=BETA"))
        await page.get_by_role("button", name="Clear").click()
        await expect(table.get_by_role("row")).to_have_count(4)
        await page.get_by_role("link", name="Agents with gamma").click()
        await expect(table.get_by_role("row")).to_have_count(2)
        await page.get_by_role("button", name="Clear").click()

        await page.get_by_role("checkbox", name="Choose all").check()
        await expect(page.get_by_text("3 chosen")).to_be_visible()
        await person.checks_access()
        await page.get_by_role("button", name="Pause", exact=True).click()
        await expect(table.get_by_text("paused")).to_have_count(3)
        await person.shows("agents-list")
        await page.get_by_role("checkbox", name="Choose all").check()
        await page.get_by_role("button", name="Resume", exact=True).click()
        await expect(table.get_by_text("absent")).to_have_count(3)

        # One goes behind the page's back, and the page hears of it only after it has asked for all three.
        held = asyncio.Event()

        async def hold(route: Route) -> None:
            await held.wait()
            with contextlib.suppress(Exception):  # the page has given it up
                await route.continue_()

        await page.route("**/api/agents/overview*", hold)
        assert (await client.delete(f"/api/agents/{ids[0]}")).status_code == 204
        await page.get_by_role("checkbox", name="Choose all").check()
        await page.get_by_role("button", name="Delete", exact=True).click()
        await page.get_by_role("dialog", name="Delete 3 agents?").get_by_role("button", name="Delete").click()
        held.set()
        failed = page.get_by_role("alert").filter(has_text="1 was not done")
        await expect(failed).to_contain_text(f"{names[0]}: there is no agent")
        await expect(page.get_by_text("You have no agent yet")).to_be_visible()


async def test_a_long_list_is_loaded_as_one_scrolls(person: Person, up: Up) -> None:
    page = person.page
    user, client = await up.user()
    async with contextlib.aclosing(client):
        for number in range(MANY):
            await make(client, name=f"many-{number}")
    await person.logs_in(user)
    await person.goes("/agents")
    table = page.get_by_role("table", name="Agents")
    await expect(table.get_by_role("row").nth(1)).to_be_visible()

    async def scrolled() -> bool:
        await page.get_by_role("region", name="Agents").evaluate("list => list.scrollTo(0, list.scrollHeight)")
        return await page.get_by_text(f"{MANY} in all").is_visible()

    await eventually(scrolled)
    assert await table.get_by_role("row").count() < MANY / 2, "rows that nobody sees are drawn"


async def test_an_owner_begins_a_version_and_changes_what_is_said(person: Person, up: Up) -> None:
    page = person.page
    user, client = await up.user()
    async with contextlib.aclosing(client):
        agent = await make(client, name=fresh("mine"))
    await person.logs_in(user)
    await person.goes(f"/agents/{agent}?tab=versions")
    await page.get_by_role("button", name="New version").click()
    dialog = page.get_by_role("dialog", name="Begin version 2")
    await dialog.get_by_role("textbox", name="What is new in it").fill("a deeper search")
    await person.checks_access()
    await dialog.get_by_role("button", name="New version").click()
    await expect(page.get_by_text("v2", exact=True)).to_be_visible()

    await page.get_by_role("tab", name="Settings").click()
    form = page.get_by_role("form", name="Settings")
    name = fresh("renamed")
    await form.get_by_role("textbox", name="Name").fill(name)
    await form.get_by_role("textbox", name="Metadata").fill("[1, 2]")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_text("Expected a JSON object")).to_be_visible()
    await form.get_by_role("textbox", name="Metadata").fill('{"commit": "4f2a"}')
    await form.get_by_role("combobox", name="Capabilities").fill("alpha-beta")
    await form.get_by_role("combobox", name="Capabilities").press("Enter")
    await form.get_by_role("switch", name="Others may ask for matches").uncheck()
    await form.get_by_role("textbox", name="Matches an hour").fill("60")
    await person.checks_access()
    await form.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name=name)).to_be_visible()
    await expect(page.get_by_text("takes no requested matches")).to_be_visible()
    assert (await (await page.request.get(f"{up.url}/api/agents/{agent}")).json())["hourly_max"] == 60

    await page.get_by_role("button", name="Pause").click()
    await expect(page.get_by_text("paused", exact=True)).to_be_visible()
    await page.get_by_role("tab", name="Mount").click()
    await page.get_by_role("button", name="Resume").first.click()
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await page.get_by_role("tab", name="Settings").click()
    person.expected.add(404)  # what the page asked about the agent just before
    await page.get_by_role("button", name="Delete agent").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete agent").click()
    await expect(page.get_by_text("You have no agent yet")).to_be_visible()


async def busy_house_agent(up: Up) -> str:
    """One that has played several matches."""
    async with httpx.AsyncClient(base_url=up.url, trust_env=False) as client:

        async def found() -> str | None:
            answer = await client.get("/api/games/connect_four/leaderboard", params={"house": True})
            played = [place for place in answer.json()["items"] if place["played"] >= 2]
            return played[0]["agent"] if played else None

        return str(await eventually(found))


async def test_anybody_sees_how_an_agent_does(person_for: PersonFor, up: Up) -> None:
    agent = await busy_house_agent(up)
    person = await person_for(color_scheme="dark")
    page = person.page
    await person.goes(f"/agents/{agent}")
    await expect(page.get_by_text("by house")).to_be_visible()
    await expect(page.get_by_role("figure", name=re.compile("Rating"))).to_be_visible()
    await expect(page.get_by_role("tab", name="Credentials")).to_have_count(0)
    await person.checks_access()
    await page.get_by_role("tab", name="Results").click()
    await expect(page.get_by_role("table", name="Results").get_by_text(re.compile(r"\d%.\d+%")).first).to_be_visible()
    await page.get_by_role("radiogroup").get_by_text("Seat", exact=True).click()
    await expect(page.get_by_role("table", name="Results").get_by_text("Seat 1")).to_be_visible()
    await expect(page).to_have_url(re.compile("by=seat"))
    await person.checks_access()
    await person.shows("agent-results-dark")
    await page.get_by_role("tab", name="Timing").click()
    await expect(page.get_by_role("figure", name=re.compile("Think time"))).to_be_visible()
    await expect(page.get_by_text("30 s for a move")).to_be_visible()
    await person.checks_access()
    await page.get_by_role("tab", name="Versions").click()
    await expect(page.get_by_role("table", name="Versions").get_by_role("columnheader", name="v1")).to_be_visible()
    await page.get_by_role("tab", name="Matches").click()
    await expect(page.get_by_role("table", name="Matches").get_by_role("row").nth(2)).to_be_visible()


async def test_a_phone_in_chinese_shows_an_agent_and_the_way_to_mount_one(person_for: PersonFor, up: Up) -> None:
    agent = await busy_house_agent(up)
    person = await person_for(viewport=PHONE, locale="zh-CN")
    page = person.page
    await person.registers()
    await person.goes(f"/agents/{agent}")
    await expect(page.get_by_role("figure", name=re.compile("等级分"))).to_be_visible()
    await person.checks_access()
    await fits(page)
    await person.shows("agent-phone-zh", whole=True)
    await person.goes("/agents/new")
    await page.get_by_role("textbox", name="名称").fill(fresh("智能体"))
    await page.get_by_role("button", name="创建智能体").click()
    async with page.expect_download():
        await page.get_by_role("button", name=re.compile("^下载 ")).click()
    await page.get_by_role("tab", name="JavaScript").click()
    await expect(page.get_by_role("region", name="random_agent.mjs")).to_contain_text("arena.lobby")
    await person.checks_access()
    await fits(page)
    await person.shows("new-agent-phone-zh", whole=True)
    await person.goes("/agents")
    await expect(page.get_by_role("table", name="智能体").get_by_text("未连接")).to_be_visible()
    await fits(page)


async def test_why_an_agent_waits_is_said_in_the_reader_s_language(
    person_for: PersonFor, up: Up, tmp_path: Path
) -> None:
    user, client = await up.user()
    creds, arrived, stop = tmp_path / "choosy.creds", asyncio.Event(), asyncio.Event()
    async with contextlib.aclosing(client):
        agent = await make(client, name=fresh("choosy"))
        creds.write_text((await client.post(f"/api/agents/{agent}/credentials", json={})).json()["creds"])
    wanted = {"mu_min": 900.0}  # nobody's
    mounted_ = play(any_legal, creds=creds, games=["connect_four"], opponents=wanted, stop=stop, arrived=arrived.set)
    playing = asyncio.create_task(mounted_)
    await asyncio.wait_for(arrived.wait(), LEAVES_S)
    person = await person_for(viewport=PHONE, locale="zh-CN")
    await person.logs_in(user)
    await person.goes(f"/agents/{agent}")
    table = person.page.get_by_role("table", name="等待中")
    await expect(table).to_contain_text(re.compile("没有双方都愿意接受对方等级分的对手|需要 1 名对手"))
    await fits(person.page)
    await person.shows("agent-waits-zh", whole=True)
    stop.set()
    await playing


async def fits(page: Page) -> None:
    """Nothing sticks out to the side."""
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
