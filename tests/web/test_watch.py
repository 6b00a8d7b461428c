"""The page Watch: live boards on a wall, and on the whole screen."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable

from playwright.async_api import Locator, Page, expect

from agent_kit import Turn, play
from tests.eventually import eventually
from tests.web.conftest import PHONE, SEEN_MS, Person, PersonFor, Up

Move = Callable[[int], None]
SHOWN_MS = 3 * SEEN_MS  # first boards: the API starts the processes that draw them


@contextlib.asynccontextmanager
async def duel(up: Up, game: str) -> AsyncIterator[tuple[str, Move]]:
    """A match that stands still until it is told a move: the agents' names as the page has them, and how to move."""
    user, client = await up.user()
    moves: asyncio.Queue[int] = asyncio.Queue()
    stop, arrived = asyncio.Event(), asyncio.Semaphore(0)

    async def policy(turn: Turn) -> int:
        return await moves.get()

    agents, playing = [], []
    for side in ("left", "right"):
        agent = (await client.post("/api/agents", json={"name": f"{side}-{user}"})).json()["id"]
        creds = up.home / f"{agent}.creds"
        creds.write_text((await client.post(f"/api/agents/{agent}/credentials", json={})).json()["creds"])
        mounted = play(
            policy, creds=creds, games=[game], ladder=False, same_owner=True, stop=stop, arrived=arrived.release
        )
        playing.append(asyncio.create_task(mounted))
        agents.append(agent)
    try:
        for _ in agents:
            await arrived.acquire()
        wanted = {"game": game, "agent": agents[0], "opponents": agents[1:], "count": 1, "clock": "patient"}
        asked = (await client.post("/api/requests", json=wanted)).json()["id"]

        async def begun() -> bool:
            return bool(
                (await client.get("/api/matches", params={"request": asked, "status": "running"})).json()["items"]
            )

        await eventually(begun)
        yield f"left-{user} against right-{user}", moves.put_nowait
    finally:
        for one in playing:
            one.cancel()
        await asyncio.gather(*playing, return_exceptions=True)
        await client.aclose()


def tile(page: Page, names: str) -> Locator:
    return page.get_by_role("article", name=re.compile(names))


async def test_a_live_board_follows_a_match_to_its_result(person: Person) -> None:
    page = person.page
    async with duel(person.up, "connect_four") as (names, move):
        await person.goes("/watch?game=connect_four")
        shown = tile(page, names)
        board = shown.get_by_role("img", name=re.compile("6 rows by 7 columns"))
        await expect(board).to_be_visible(timeout=SHOWN_MS)
        await expect(board).not_to_have_accessible_name(re.compile("red"))
        place = await shown.bounding_box()
        move(3)
        await expect(board).to_have_accessible_name(re.compile("red: row 6 column 3"))
        move(0)
        await expect(board).to_have_accessible_name(re.compile("yellow: row 6 column 0"))
        await person.shows("watch-match")
        for column in (3, 0, 3, 0, 3):
            move(column)
        await expect(shown.get_by_role("status")).to_have_text(re.compile("left-.* wins"))
        await expect(board).to_have_accessible_name(re.compile("red: row 3 column 3, row 4 column 3"))
        assert await shown.bounding_box() == place  # nothing jumps
        await expect(shown).to_be_hidden()


async def test_a_match_of_hidden_information_says_why_it_is_not_shown(person: Person) -> None:
    async with duel(person.up, "kuhn_poker") as (names, _):
        await person.goes("/watch?game=kuhn_poker")
        await expect(tile(person.page, names)).to_contain_text("Not shown while it is played", timeout=SHOWN_MS)
        await expect(tile(person.page, names).get_by_role("link")).to_have_text("Kuhn poker")


async def test_the_wall_is_chosen_by_game_and_by_size(person: Person) -> None:
    page = person.page
    await person.goes("/watch")
    await expect(page.get_by_role("region", name="Live boards").get_by_role("article").nth(1)).to_be_visible(
        timeout=SHOWN_MS
    )
    await person.checks_access()
    await person.shows("watch")
    await page.get_by_role("radiogroup", name="How many boards").get_by_text("24").click()
    await expect(page).to_have_url(re.compile("many=24"))
    await page.get_by_role("combobox", name="Game").click()
    await page.get_by_role("option", name="TwixT").click()
    await expect(page).to_have_url(re.compile("game=twixt"))
    await expect(page.get_by_text("Nothing is played right now")).to_be_visible()
    await person.checks_access()


async def test_tv_mode_fills_the_screen_until_escape(person_for: PersonFor) -> None:
    person = await person_for(color_scheme="dark")
    page = person.page
    async with duel(person.up, "connect_four"), duel(person.up, "tictactoe"):
        await person.goes("/watch")
        await page.get_by_role("button", name="TV mode").click(timeout=SHOWN_MS)  # every board is laid out anew
        tv = page.get_by_role("region", name="Live boards on the whole screen")
        big = tv.locator("article[data-big]")
        await expect(big).to_have_count(1)
        await expect(big.get_by_role("img").or_(big.get_by_role("figure")).first).to_be_visible()
        await page.wait_for_function("document.fullscreenElement !== null")
        await person.checks_access()
        await person.shows("watch-tv")
        await page.keyboard.press(" ")
        await expect(tv.get_by_text("Stays")).to_be_visible()
        before = await big.get_attribute("aria-label") or ""
        await page.keyboard.press("ArrowRight")
        await expect(big).not_to_have_accessible_name(before)
        await page.keyboard.press("Escape")
        await expect(tv).to_be_hidden()
        await expect(page.get_by_role("heading", name="Watch")).to_be_visible()


async def test_a_phone_in_chinese_shows_the_wall_without_scrolling_sideways(person_for: PersonFor) -> None:
    person = await person_for(viewport=PHONE, locale="zh-CN")
    await person.goes("/watch")
    await expect(person.page.get_by_role("heading", name="观战")).to_be_visible()
    await expect(person.page.get_by_role("article").first).to_be_visible()
    assert await person.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    await person.checks_access()
    await person.shows("watch-zh-phone")
