"""A person takes a seat: presses a board by mouse and by keyboard, chooses by name, and sees how it ends."""

import re

from playwright.async_api import Locator, Page, expect

from tests.web.conftest import PHONE, Person, PersonFor


def ending(page: Page) -> Locator:
    return page.get_by_role("region", name=re.compile("^(Result|结果)$"))


async def until_over(page: Page, way: Locator, act: str | None = None) -> None:
    """Take the first way there is, turn by turn. act: a key that is pressed on it instead of a click."""
    over = ending(page)
    while True:
        await expect(way.or_(over).first).to_be_visible()
        if await over.is_visible():
            return
        await (way.first.press(act) if act else way.first.click())


async def sits_down(person: Person, game: str, chosen: str = "") -> Page:
    await person.registers()
    await person.goes(f"/play?game={game}{chosen}")
    await person.page.get_by_role("button", name=re.compile("^Play|对局$|^开始$")).last.click()
    await expect(person.page.get_by_text(re.compile("^(Your move|轮到你了)$"))).to_be_visible()
    return person.page


async def test_a_person_plays_with_the_mouse_and_sees_the_replay(person: Person) -> None:
    await person.registers()
    await person.goes("/play")
    page = person.page
    good = page.get_by_role("radio", name=re.compile("A good opponent for you"))
    await expect(good).to_be_checked(timeout=60_000)  # once the house has played its first matches
    await person.checks_access()
    await person.shows("play")
    await page.get_by_role("button", name="Play against").click()
    await expect(page.get_by_role("timer", name="Time left")).to_contain_text(re.compile("9:5|10:00"))
    await expect(page.get_by_role("gridcell").first).to_be_visible()
    await person.checks_access()
    await until_over(page, page.locator("[data-open]"))
    await expect(ending(page).get_by_role("heading", name=re.compile("You won|You lost|A draw"))).to_be_visible()
    await person.checks_access()
    await person.shows("play-over")
    await page.get_by_role("button", name="Play again, other side").click()
    await expect(page.get_by_text("Your move")).to_be_visible()
    await page.reload()  # the pending turn comes back
    await expect(page.get_by_text("Your move")).to_be_visible()
    await until_over(page, page.locator("[data-open]"))
    await page.get_by_role("link", name="Watch the replay").click()
    await expect(page).to_have_url(re.compile("/matches/"))


async def test_a_person_plays_connect_four_by_the_keyboard(person_for: PersonFor) -> None:
    person = await person_for(color_scheme="dark")
    page = await sits_down(person, "connect_four")
    await expect(page.get_by_role("gridcell").first).to_be_visible()
    await person.checks_access()
    await person.shows("play-keyboard")
    await until_over(page, page.locator("[data-open]"), "Enter")


async def test_a_person_chooses_by_name_on_a_phone_in_chinese(person_for: PersonFor) -> None:
    person = await person_for(viewport=PHONE, locale="zh-CN")
    page = await sits_down(person, "leduc_holdem")
    moves = page.get_by_role("group", name="你可以做的")
    await expect(moves.get_by_role("button", name=re.compile("call|check"))).to_be_visible()
    await person.checks_access()
    await person.shows("play-phone-zh")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await until_over(page, moves.get_by_role("button", name=re.compile("call|check")))
    await expect(ending(page).get_by_role("heading")).to_be_visible()


async def test_whoever_leaves_a_match_is_asked(person: Person) -> None:
    page = await sits_down(person, "tictactoe", "&opponent=any")
    await page.get_by_role("link", name="Games", exact=True).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("has lost it")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_text("Your move")).to_be_visible()
    await page.get_by_role("link", name="Games", exact=True).click()
    await dialog.get_by_role("button", name="Leave").click()
    await expect(page).to_have_url(re.compile("/games$"))
