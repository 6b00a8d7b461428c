"""The account's page: password, sessions, access tokens, language and colours, and the account's end."""

import re

import httpx
from playwright.async_api import expect

from tests.web.conftest import PASSWORD, PHONE, SEEN_MS, Person, PersonFor, Up


async def asked(up: Up, token: str, method: str = "GET", path: str = "/api/auth/me") -> int:
    """The status of an answer to a program with this access token."""
    async with httpx.AsyncClient(base_url=up.url, trust_env=False, timeout=SEEN_MS / 1000) as client:
        answer = await client.request(
            method,
            path,
            json={"name": "bot"} if method == "POST" else None,
            headers={"Authorization": f"Bearer {token}"},
        )
        return answer.status_code


async def test_an_access_token_is_made_used_and_revoked(person: Person, up: Up) -> None:
    page = person.page
    name = await person.registers()
    await person.goes("/account")
    await expect(page.get_by_role("region", name="Who you are").get_by_text(name)).to_be_visible()
    await expect(page.get_by_text("No access tokens")).to_be_visible()
    await person.shows("account", whole=True)
    await person.checks_access()
    await page.get_by_role("button", name="New access token").click()
    form = page.get_by_role("form", name="New access token")
    await form.get_by_role("checkbox", name="read").uncheck()
    await form.get_by_role("button", name="Make token").click()
    await expect(form.get_by_text("Give it a name.")).to_be_visible()
    await expect(form.get_by_text("Choose at least one.")).to_be_visible()
    await expect(form.get_by_role("checkbox", name="admin")).to_have_count(0)
    await form.get_by_label("Name").fill("nightly")
    await form.get_by_role("checkbox", name="read").check()
    await form.get_by_label("Days").fill("7")
    await person.checks_access()
    await form.get_by_role("button", name="Make token").click()
    token = await page.get_by_label("Access token", exact=True).inner_text()
    await page.get_by_role("button", name="Copy", exact=True).click()
    assert await page.evaluate("navigator.clipboard.readText()") == token
    await person.checks_access()
    await person.shows("account-token")
    await page.get_by_role("button", name="Done").click()
    row = page.get_by_role("row").filter(has_text="nightly")
    await expect(row.get_by_text("never")).to_be_visible()
    assert await asked(up, token) == 200
    assert await asked(up, token, "POST", "/api/agents") == 403
    await row.get_by_role("button", name="Revoke").click()
    await page.get_by_role("dialog", name="Revoke nightly?").get_by_role("button", name="Revoke").click()
    await expect(row.get_by_text("revoked", exact=True)).to_be_visible()
    assert await asked(up, token) == 401


async def test_a_session_that_is_ended_elsewhere_loses_access(person_for: PersonFor) -> None:
    here, there = await person_for(), await person_for()
    name = await here.registers()
    await there.logs_in(name)
    await here.goes("/account")
    sessions = here.page.get_by_role("region", name="Sessions").first
    await expect(sessions.get_by_text("this one")).to_have_count(1)
    await sessions.get_by_role("button", name="End", exact=True).click()
    await here.page.get_by_role("dialog", name="End this session?").get_by_role("button", name="End").click()
    await expect(sessions.get_by_role("button", name="End", exact=True)).to_have_count(0)
    there.expected.add(401)
    await there.goes("/account")
    await expect(there.page.get_by_text("Nobody is logged in")).to_be_visible()
    here.expected.add(401)
    await sessions.get_by_role("button", name="Log out everywhere").click()
    await here.page.get_by_role("dialog").get_by_role("button", name="Log out everywhere").click()
    await expect(here.page.get_by_role("tab", name="Register")).to_be_visible()


async def test_another_password_is_refused_at_its_field(person: Person) -> None:
    page = person.page
    name = await person.registers()
    await person.goes("/account")
    form = page.get_by_role("form", name="Password")
    await form.get_by_label("New password").fill("short")
    await form.get_by_role("button", name="Change password").click()
    await expect(form.get_by_text("At least 8 characters.")).to_be_visible()
    await expect(form.get_by_text("Enter your password.")).to_be_visible()
    person.expected |= {400, 403}
    await form.get_by_label("Password until now").fill("not this one")
    await form.get_by_label("New password").fill("qwertyuiop")
    await form.get_by_role("button", name="Change password").click()
    await expect(form.get_by_text("This is not your password.")).to_be_visible()
    await form.get_by_label("Password until now").fill(PASSWORD)
    await form.get_by_role("button", name="Change password").click()
    await expect(form.get_by_text("not among the first to be guessed")).to_be_visible()
    await form.get_by_label("New password").fill(PASSWORD + "er")
    await form.get_by_role("button", name="Change password").click()
    await expect(page.get_by_text("Your other sessions have ended.")).to_be_visible()
    await page.context.clear_cookies()
    await person.logs_in(name, PASSWORD + "er")


async def test_an_account_is_deleted(person: Person, up: Up) -> None:
    page = person.page
    name = await person.registers()
    await person.goes("/account")
    await page.get_by_role("button", name="Delete account").click()
    dialog = page.get_by_role("dialog", name=f"Delete {name}?")
    await expect(dialog.get_by_text("your agents, with their names")).to_be_visible()
    await dialog.get_by_label("Your password").fill("not this one")
    person.expected.add(403)
    await dialog.get_by_role("button", name="Delete for ever").click()
    await expect(dialog.get_by_text("This is not your password.")).to_be_visible()
    await person.checks_access()
    await person.shows("account-delete")
    await dialog.get_by_label("Your password").fill(PASSWORD)
    await dialog.get_by_role("button", name="Delete for ever").click()
    await expect(page.get_by_role("tab", name="Register")).to_be_visible()
    async with httpx.AsyncClient(base_url=up.url, trust_env=False, timeout=SEEN_MS / 1000) as client:
        assert (await client.post("/api/auth/login", json={"name": name, "password": PASSWORD})).status_code == 401


async def test_language_and_colours_are_kept_on_a_phone(person_for: PersonFor) -> None:
    person = await person_for(viewport=PHONE)
    page = person.page
    await person.registers()
    await person.goes("/account")
    await page.get_by_text("简体中文", exact=True).click()
    await page.get_by_text("深色", exact=True).click()
    await page.reload()
    await expect(page.get_by_role("heading", name="登录会话")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    await expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
    await expect(page.get_by_text("当前会话")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    await person.checks_access()
    await person.shows("account-zh-phone", whole=True)
