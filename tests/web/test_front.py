"""The way in, the main page, and what is around every page."""

import re
from collections.abc import Callable

import pytest
from playwright.async_api import expect

from tests.web.conftest import PASSWORD, PHONE, Person, PersonFor


async def test_a_newcomer_registers_and_is_told_what_to_do(person: Person) -> None:
    page = person.page
    await person.goes("/")
    await expect(page.get_by_role("heading", name="Let your agents play each other")).to_be_visible()
    await expect(page.get_by_text("matches now")).to_be_visible()
    await person.checks_access()
    await person.shows("entrance")
    name = await person.registers()
    await expect(page.get_by_role("heading", name=f"Hello, {name}")).to_be_visible()
    await expect(page.get_by_role("link", name="Mount your first agent")).to_be_visible()
    await expect(page.get_by_role("region", name="Running now").get_by_role("article").first).to_be_visible()
    await expect(page.get_by_role("region", name="Matchmaking").get_by_role("row").nth(1)).to_be_visible()
    await person.checks_access()
    await page.get_by_role("link", name="Mount your first agent").click()
    await expect(page).to_have_url(re.compile("/agents/new"))


async def test_what_is_wrong_is_said_at_its_field(person: Person) -> None:
    page = person.page
    person.expected |= {400, 401, 409}
    await person.goes("/")
    form = page.get_by_role("form", name="Log in")
    await form.get_by_role("button", name="Log in").click()
    await expect(form.get_by_text("Say who you are")).to_be_visible()
    await form.get_by_label("Name").fill("nobody-at-all")
    await form.get_by_label("Password", exact=True).fill("wrong password")
    await form.get_by_role("button", name="Log in").click()
    await expect(form.get_by_role("alert")).to_contain_text("No account has this name and this password")
    await page.get_by_role("tab", name="Register").click()
    form = page.get_by_role("form", name="Register")
    await form.get_by_label("Name").fill("admin")
    await form.get_by_label("Password", exact=True).fill("12345678")
    await form.get_by_role("button", name="Register").click()
    await expect(form.get_by_label("Password", exact=True)).to_have_attribute("aria-invalid", "true")
    await expect(form.get_by_text(re.compile("password", re.IGNORECASE)).last).to_be_visible()
    await form.get_by_label("Password", exact=True).fill(PASSWORD)
    await form.get_by_role("button", name="Register").click()
    await expect(form.get_by_label("Name")).to_have_attribute("aria-invalid", "true")


async def test_a_session_lasts_over_reloads_until_one_logs_out(person: Person) -> None:
    page = person.page
    name = await person.registers()
    await page.reload()
    await expect(page.get_by_role("heading", name=f"Hello, {name}")).to_be_visible()
    # The access token is lost (it is good for minutes); the session goes on by its refresh token.
    await page.context.clear_cookies(name=re.compile("arena-access$"))
    person.expected.add(401)
    await page.reload()
    await expect(page.get_by_role("heading", name=f"Hello, {name}")).to_be_visible()
    person.expected.clear()
    await page.get_by_role("button", name="Log out").click()
    await expect(page.get_by_role("tab", name="Register")).to_be_visible()
    assert not [one for one in await page.context.cookies() if "arena" in one["name"] and one["value"]]


async def test_languages_and_colours_are_chosen_and_kept(person_for: PersonFor) -> None:
    person = await person_for(locale="zh-CN", color_scheme="dark")
    page = person.page
    await person.registers()
    await expect(page.get_by_role("heading", name=re.compile("^你好"))).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    await expect(page.get_by_role("region", name="正在进行").get_by_role("article").first).to_be_visible()
    await person.checks_access()
    await person.shows("home-zh-dark")
    await page.get_by_role("button", name="浅色").click()
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", name=re.compile("Hello, "))).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name=re.compile("Hello, "))).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "light")


async def test_a_phone_shows_everything_without_scrolling_sideways(person_for: PersonFor) -> None:
    person = await person_for(viewport=PHONE)
    page = person.page
    await person.registers()
    await expect(page.get_by_role("region", name="Running now").get_by_role("article").first).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await person.checks_access()
    await person.shows("home-phone")
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("link", name="Games").click()
    await expect(page).to_have_url(re.compile("/games"))


async def test_without_a_network_it_says_so_and_comes_back(person: Person) -> None:
    page = person.page
    await person.registers()
    await expect(page.get_by_role("region", name="Matchmaking").get_by_role("row").nth(1)).to_be_visible()
    await page.context.set_offline(True)
    await expect(page.get_by_text("No network")).to_be_visible()
    await expect(page.get_by_role("region", name="Matchmaking").get_by_role("row").nth(1)).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.get_by_text("No network")).to_be_hidden()
    person.wrong = [line for line in person.wrong if "ERR_INTERNET_DISCONNECTED" not in line]


async def test_what_does_not_exist_is_said(person: Person) -> None:
    await person.goes("/nowhere/at/all")
    await expect(person.page.get_by_text("There is no such page")).to_be_visible()
    await person.page.get_by_role("link", name="Home", exact=True).last.click()
    await expect(person.page.get_by_role("tab", name="Register")).to_be_visible()


SCRIPT_KB_MAX = {"entrance": 200, "main page": 225}  # compressed; what one sees before logging in, and after it


@pytest.mark.parametrize("which", SCRIPT_KB_MAX)
async def test_the_first_page_is_small_and_comes_soon(
    person: Person, which: str, record_property: Callable[[str, object], None]
) -> None:
    """The size is a bound; the time, at a quarter of this machine's speed, is only reported."""
    page = person.page
    if which == "main page":
        await person.registers()
        await page.goto("about:blank")
    session = await page.context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    await person.goes("/")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    paint = await page.evaluate(
        "performance.getEntriesByType('paint').map(one => `${one.name} ${Math.round(one.startTime)}`).join(', ')"
    )
    scripts = (
        await page.evaluate(
            "performance.getEntriesByType('resource').filter(one => new URL(one.name).pathname.endsWith('.js'))"
            ".reduce((sum, one) => sum + one.encodedBodySize, 0)"
        )
        / 1000
    )
    record_property("figure", f"{which}: {scripts:.0f} KB of script gzipped; at a quarter of the speed {paint} ms")
    assert 0 < scripts < SCRIPT_KB_MAX[which]
