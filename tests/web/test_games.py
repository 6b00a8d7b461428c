"""The catalogue, a game's page with its leaderboard and replay, and the list of matches."""

import re

import httpx
from playwright.async_api import Page, expect

from tests.eventually import eventually
from tests.web.conftest import PHONE, Person, PersonFor, Up

GAME = "/games/connect_four"


async def played(up: Up, least: int = 2) -> None:
    """House bots have played some matches of connect four."""
    async with httpx.AsyncClient(base_url=up.url, trust_env=False) as client:

        async def enough() -> bool:
            answer = await client.get("/api/games/connect_four/leaderboard", params={"house": True})
            places = answer.json()["items"]
            return len(places) > 1 and all(place["played"] >= least for place in places)

        await eventually(enough)


async def fits(page: Page) -> None:
    """Nothing sticks out to the side."""
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def test_somebody_finds_a_game_among_all(person: Person, up: Up) -> None:
    await played(up)
    page = person.page
    await person.goes("/games")
    found = page.get_by_text(re.compile(r"^\d+ of \d+ games$"))
    await expect(found).to_be_visible()
    everything = await found.inner_text()
    card = page.get_by_role("link", name=re.compile("^Connect Four"))
    await page.get_by_label("Search games").fill("connect")
    await expect(found).to_have_text(re.compile("^1 of "))
    await expect(page).to_have_url(re.compile("q=connect"))
    await expect(card.locator("svg circle, svg use").first).to_be_attached()  # a position, drawn
    await page.get_by_label("Search games").fill("no such game")
    await page.get_by_role("button", name="Show all games").click()
    await expect(found).to_have_text(everything)
    await page.get_by_role("radiogroup", name="Seats").get_by_text("3", exact=True).click()
    await page.get_by_role("button", name="More filters").click()
    await page.get_by_role("combobox", name="Information").click()
    await page.get_by_role("option", name="Something is hidden").click()
    await expect(page.get_by_role("link", name=re.compile("^Dou dizhu"))).to_be_visible()
    await expect(card).to_have_count(0)
    await page.reload()
    await expect(page.get_by_role("link", name=re.compile("^Dou dizhu"))).to_be_visible()
    await expect(page.get_by_role("button", name="1 more filter")).to_be_visible()
    await person.checks_access()
    await person.goes("/games")
    await expect(card.locator("svg circle, svg use").first).to_be_attached()
    await person.shows("games")
    await card.click()
    await expect(page.get_by_role("heading", name="Connect Four")).to_be_visible()
    await expect(page.get_by_text("A whole number from 0 to 6 (7 of them)")).to_be_visible()
    await expect(page.get_by_text("30 s a move")).to_be_visible()
    await expect(page.get_by_text("Admitted")).to_be_visible()
    await page.get_by_role("button", name="Copy: Mount it here").click()
    assert "--games connect_four" in await page.evaluate("navigator.clipboard.readText()")
    await page.mouse.move(0, 0)
    await expect(page.get_by_role("tooltip")).to_have_count(0)
    await person.checks_access()
    await person.shows("game")


async def test_a_game_that_is_not_there_is_said(person: Person) -> None:
    person.expected.add(404)
    await person.goes("/games/no_such_game")
    await expect(person.page.get_by_text("There is no game no_such_game")).to_be_visible()


async def test_a_recent_match_is_played_again(person: Person, up: Up) -> None:
    await played(up)
    page = person.page
    await person.goes(f"{GAME}?tab=replay")
    at = page.get_by_text(re.compile(r"^Ply \d+ of \d+$"))
    await page.get_by_role("button", name="From the beginning").click()
    await expect(at).to_have_text(re.compile("^Ply 0 of"))
    await page.get_by_role("button", name="One ply on").click()
    await expect(at).to_have_text(re.compile("^Ply 1 of"))
    await expect(page).to_have_url(re.compile("ply=1"))
    await page.get_by_role("slider", name="Ply").press("ArrowRight")
    await expect(at).to_have_text(re.compile("^Ply 2 of"))
    await page.mouse.move(0, 0)  # away from what explains itself
    await expect(page.get_by_role("tooltip")).to_have_count(0)
    await person.checks_access()
    await page.get_by_role("button", name="Play", exact=True).click()
    await expect(at).to_have_text(re.compile("^Ply 4 of"))
    await page.get_by_role("button", name="Pause").click()
    stopped = await at.inner_text()
    await page.reload()
    await expect(at).to_have_text(stopped)


async def test_a_leaderboard_is_searched_and_leads_on(person_for: PersonFor, up: Up) -> None:
    await played(up)
    person = await person_for(color_scheme="dark")
    page = person.page
    await person.registers()
    await person.goes(f"{GAME}?tab=leaderboard")
    board = page.get_by_role("table", name="Leaderboard")
    best = board.get_by_role("row").filter(has_text="connect_four-minimax")
    await expect(best).to_contain_text(re.compile(r"±\d"))
    await expect(best.get_by_role("img", name=re.compile("The rating went from"))).to_be_visible()
    await person.checks_access()
    await person.shows("leaderboard-dark")
    whose = page.get_by_role("radiogroup", name="Whose agents")
    await page.get_by_label("Search names").fill("RANDOM")
    await expect(best).to_have_count(0)
    await expect(board.get_by_role("link", name="connect_four-random")).to_be_visible()
    await whose.get_by_text("Mine").click()
    await expect(page.get_by_text("No agent is like that")).to_be_visible()
    await whose.get_by_text("House").click()
    await page.get_by_role("button", name=re.compile("Versions and seats of connect_four-random")).click()
    form = page.get_by_role("dialog").get_by_role("table")
    await expect(form.get_by_role("row").nth(1)).to_contain_text("v1")
    await page.mouse.move(0, 0)
    await expect(page.get_by_role("tooltip")).to_have_count(0)
    await person.checks_access()
    await page.keyboard.press("Escape")
    await page.get_by_role("tab", name="Ratings and seats").click()
    await expect(page.get_by_text(re.compile(r"^\d+ agents, rated "))).to_be_visible()
    await expect(page.get_by_role("table", name="Is a seat better than another?")).to_contain_text("%")
    await person.checks_access()
    await page.get_by_role("tab", name="Pairings").click()
    await page.get_by_role("link", name=re.compile("^connect_four-minimax against connect_four-random: ")).click()
    await expect(page.get_by_role("heading", name="Head to head")).to_be_visible()


async def test_new_matches_are_announced_and_nothing_jumps(person: Person, up: Up) -> None:
    await played(up)
    page = person.page
    await person.goes("/matches?game=connect_four")
    rows = page.get_by_role("table", name="Matches").get_by_role("row")
    newest = rows.nth(1).get_by_role("link", name=re.compile("Open the match"))
    first = await newest.get_attribute("href")
    assert first
    await page.get_by_role("button", name=re.compile(r"new match")).wait_for()
    await expect(newest).to_have_attribute("href", first)
    await page.get_by_role("button", name=re.compile(r"new match")).click()
    await expect(newest).not_to_have_attribute("href", first)
    await page.get_by_role("combobox", name="State").click()
    await page.get_by_role("option", name="Over").click()
    await expect(page).to_have_url(re.compile("status=ended"))
    await expect(rows.nth(1)).to_contain_text("finished")
    await expect(rows.nth(1)).to_contain_text("1.")
    await person.checks_access()
    await person.shows("matches")
    await page.get_by_role("combobox", name="Agent").fill("minimax")
    await page.get_by_role("option", name="connect_four-minimax").click()
    await expect(rows.nth(1).get_by_text(re.compile("^(won|lost|drawn)$", re.IGNORECASE))).to_be_visible()
    await page.get_by_role("combobox", name="How it ended").click()
    await page.get_by_role("option", name="stopped by an operator").click()
    await page.get_by_role("button", name="Show all matches").click()
    await expect(page).to_have_url(re.compile("/matches$"))
    await expect(rows.nth(1)).to_be_visible()


async def test_a_phone_in_chinese_shows_games_and_matches(person_for: PersonFor, up: Up) -> None:
    await played(up)
    person = await person_for(viewport=PHONE, locale="zh-CN", color_scheme="dark")
    page = person.page
    await person.goes("/games")
    await page.get_by_label("搜索游戏").fill("connect")
    await expect(page.get_by_role("link", name=re.compile("^Connect Four"))).to_be_visible()
    await person.checks_access()
    await fits(page)
    await person.shows("games-phone-zh")
    await person.goes(GAME)
    await expect(page.get_by_text("每步 30 s")).to_be_visible()
    await fits(page)
    await page.get_by_role("tab", name="排行榜").click()
    await expect(page.get_by_role("table", name="排行榜").get_by_role("row").nth(1)).to_be_visible()
    await person.checks_access()
    await fits(page)
    await page.get_by_role("tab", name="回放").click()
    await expect(page.get_by_role("button", name="播放")).to_be_visible()
    await fits(page)
    await person.goes("/matches")
    await expect(page.get_by_role("table", name="对局").get_by_role("row").nth(1)).to_be_visible()
    await person.checks_access()
    await fits(page)
    await person.shows("matches-phone-zh")
