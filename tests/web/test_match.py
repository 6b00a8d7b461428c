"""The page of a match: followed live, looked at again by keyboard, verified, downloaded, and seen from within."""

import asyncio
import contextlib
import json
import random
import re
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.async_api import Locator, Page, expect

from agent_kit import Turn, play
from arena.bus import connect
from arena.wire import ids, subjects
from tests.core import matchlog
from tests.eventually import eventually
from tests.web.conftest import PHONE, Person, PersonFor, Up

BEGUN_MS = 60_000  # what a process takes to load a game's environment, at worst
MOVES_MEASURED = 40
PACE_S = 0.2
PASS = 81  # in Go on 9 x 9

# Seat 0 stacks in column 0, seat 1 in column 1; the second move is none at first.
FOUR_IN_A_COLUMN = (0, 9, 1, 0, 1, 0, 1, 0)

Choose = Callable[[Turn], Any]


@dataclass
class Duel:
    """Two agents of one user in a match, each answer given by the test."""

    client: httpx.AsyncClient
    user: str
    agents: list[str]
    match: str = ""
    answers: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)

    async def answer(self, turn: Turn) -> Any:
        turn.think("Looking at the middle. ")
        turn.comment(f"Step {turn.ply + 1}: I know what to do.")
        return await self.answers.get()

    async def frames(self) -> list[dict[str, Any]]:
        return list((await self.client.get(f"/api/matches/{self.match}/frames")).json()["frames"])

    async def over(self) -> bool:
        return bool((await self.client.get(f"/api/matches/{self.match}")).json()["status"] == "ended")

    def give(self, *answers: Any) -> None:
        for answer in answers:
            self.answers.put_nowait(answer)


@contextlib.asynccontextmanager
async def duel(up: Up, game: str, choose: Choose | None = None) -> AsyncIterator[Duel]:
    """A match that has begun. choose: answers at once; else it stands still until it is given answers."""
    user, client = await up.user()
    found = Duel(client, user, [])
    arrived, playing = asyncio.Semaphore(0), []
    for side in ("left", "right"):
        agent = (await client.post("/api/agents", json={"name": f"{side}-{user}"})).json()["id"]
        creds = up.home / f"{agent}.creds"
        creds.write_text((await client.post(f"/api/agents/{agent}/credentials", json={})).json()["creds"])
        seat = play(
            choose or found.answer,
            creds=creds,
            games=[game],
            ladder=False,
            same_owner=True,
            arrived=arrived.release,
        )
        playing.append(asyncio.create_task(seat))
        found.agents.append(agent)
    try:
        for _ in found.agents:
            await arrived.acquire()
        wanted = {"game": game, "agent": found.agents[0], "opponents": found.agents[1:], "count": 1, "clock": "patient"}
        asked = (await client.post("/api/requests", json=wanted)).json()["id"]

        async def begun() -> str:
            page = (await client.get("/api/matches", params={"request": asked})).json()
            return next((str(one["id"]) for one in page["items"] if one["started_ms"]), "")

        found.match = await eventually(begun)
        yield found
    finally:
        for task in playing:
            task.cancel()
        await asyncio.gather(*playing, return_exceptions=True)
        await client.aclose()


def shown(page: Page) -> Locator:
    """The drawn position."""
    return page.locator("[data-ply]")


async def stands_at(page: Page, ply: int, last: int) -> None:
    """The board, the scrub bar and the moves say the same position."""
    await expect(shown(page)).to_have_attribute("data-ply", str(ply), timeout=BEGUN_MS)
    await expect(page.get_by_role("slider", name="Position")).to_have_attribute(
        "aria-valuetext", f"After {ply} of {last} steps"
    )
    if ply:
        here = page.get_by_role("region", name="Moves").locator("[aria-current=step]")
        await expect(here).to_contain_text(re.compile(rf"^{ply}\D"))


async def test_a_match_is_followed_live_and_seen_from_within(person_for: PersonFor, up: Up) -> None:
    async with duel(up, "connect_four") as match:
        owner = await person_for()
        page = owner.page
        await owner.logs_in(match.user)
        await owner.goes(f"/matches/{match.match}?tab=talk")
        await expect(page.get_by_role("button", name="Live", exact=True)).to_have_attribute("aria-pressed", "true")
        await stands_at(page, 0, 0)
        await expect(page.get_by_role("timer")).to_have_count(1)
        talk = page.get_by_role("log")
        await expect(talk).to_contain_text("Looking at the middle.")  # a thought: its owner's alone, while it is played
        await expect(talk).to_contain_text("Step 1: I know what to do.")

        match.give(*FOUR_IN_A_COLUMN[:4])
        await stands_at(page, 3, 3)
        await expect(page.get_by_role("region", name="Moves")).to_contain_text("sent something that is no action")
        await owner.shows("match-live")

        await page.keyboard.press("ArrowLeft")
        await stands_at(page, 2, 3)
        await expect(page).to_have_url(re.compile(r"ply=2"))
        match.give(FOUR_IN_A_COLUMN[4])
        await stands_at(page, 2, 4)  # one who looks back is left in peace
        await page.get_by_role("tab", name="Private trail").click()
        turn = page.get_by_role("region", name="Turn of step 3")
        await expect(turn).to_contain_text(re.compile("array 6 . 7 . 2"))
        await expect(turn.get_by_label("column 0, taken")).to_be_visible()
        await owner.checks_access()

        await page.get_by_role("button", name="Follow live").click()
        await stands_at(page, 4, 4)
        match.give(*FOUR_IN_A_COLUMN[5:])
        await stands_at(page, 7, 7)
        await expect(page.get_by_text("won", exact=True).first).to_be_visible()
        await expect(page.get_by_role("button", name="Verify")).to_be_visible()
        await owner.shows("match-trail", whole=True)


async def test_a_match_that_is_over_is_scrubbed_by_keyboard_verified_and_downloaded(
    person_for: PersonFor, up: Up
) -> None:
    async with duel(up, "connect_four") as match:
        match.give(*FOUR_IN_A_COLUMN)
        await eventually(match.over)
        anybody = await person_for()
        page = anybody.page
        await anybody.goes(f"/matches/{match.match}")
        await stands_at(page, 7, 7)
        await expect(page.get_by_role("tab", name="Private trail")).to_have_count(0)

        for key, ply in (("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 7)):
            await page.keyboard.press(key)
            await stands_at(page, ply, 7)
        await page.keyboard.press("Home")
        await page.get_by_role("combobox", name="Speed").click()
        await page.get_by_role("option", name=re.compile("^8")).click()
        await page.get_by_role("heading", level=1).click()  # away from where the space bar has another meaning
        await page.keyboard.press(" ")
        await stands_at(page, 7, 7)
        await expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()

        await page.get_by_role("button", name="Verify").click()
        await expect(page.get_by_text("Verified · 7 positions equal")).to_be_visible()
        async with page.expect_download() as begun:
            await page.get_by_role("link", name="Download log").click()
        lines = (await (await begun.value).path()).read_text().splitlines()
        kinds = [json.loads(line)["payload"]["kind"] for line in lines]
        assert (kinds[0], kinds.count("moved"), kinds.count("faulted"), kinds[-1]) == ("created", 7, 1, "ended")

        await page.get_by_role("tab", name="Faults").click()
        fault = page.get_by_role("tabpanel", name="Faults")
        await expect(fault).to_contain_text("an integer from 0 to 6, not 9")
        await expect(fault).to_contain_text('"action":9')  # what was sent in msgpack, told as what it says
        await fault.get_by_role("button", name="See step 2").click()
        await stands_at(page, 1, 7)
        await anybody.checks_access()
        await page.get_by_role("button", name="Copy link").click()
        link = await page.evaluate("navigator.clipboard.readText()")
        assert link.endswith(f"/matches/{match.match}?ply=1")
        await page.goto(link)
        await stands_at(page, 1, 7)
        await page.get_by_role("tab", name="About this match").click()
        await expect(page.get_by_role("tabpanel")).to_contain_text("Seed")
        await anybody.checks_access()


async def test_a_match_on_a_phone_in_chinese_in_the_dark(person_for: PersonFor, up: Up) -> None:
    async with duel(up, "connect_four") as match:
        match.give(*FOUR_IN_A_COLUMN)
        await eventually(match.over)
        person = await person_for(viewport=PHONE, locale="zh-CN", color_scheme="dark")
        page = person.page
        await person.goes(f"/matches/{match.match}?ply=5")
        await expect(shown(page)).to_have_attribute("data-ply", "5")
        await expect(page.get_by_text("获胜", exact=True)).to_be_visible()
        await expect(page.get_by_role("img", name=re.compile("累计得分"))).to_be_visible()
        await person.checks_access()
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        await person.shows("match-phone", whole=True)
        desk = await person_for(locale="zh-CN", color_scheme="dark")
        await desk.goes(f"/matches/{match.match}?ply=5")
        await expect(desk.page.get_by_role("img", name=re.compile("累计得分"))).to_be_visible()
        await desk.shows("match-zh", whole=True)


async def test_hidden_hands_are_shown_to_their_owner_and_afterwards_to_all(person_for: PersonFor, up: Up) -> None:
    async with duel(up, "leduc_holdem") as match:
        owner, other = await person_for(), await person_for()
        await owner.logs_in(match.user)
        await owner.goes(f"/matches/{match.match}?tab=trail")
        await other.goes(f"/matches/{match.match}")
        for person in (owner, other):
            await expect(person.page.get_by_text("Positions come when it is over")).to_be_visible()
        trail = owner.page.get_by_role("tabpanel", name="Private trail")
        await expect(trail.get_by_text(re.compile("^array 36 "))).to_be_visible()
        await expect(trail.get_by_text(re.compile("legal:$"))).to_be_visible()
        await other.checks_access()
        await owner.shows("match-hidden")
        match.give(*[2] * 8)  # fold
        await expect(shown(other.page)).to_be_visible(timeout=BEGUN_MS)
        await expect(other.page.get_by_role("region", name="Moves")).not_to_contain_text("hidden")


async def test_a_void_match_says_why_and_an_unknown_one_that_it_is_unknown(person_for: PersonFor, up: Up) -> None:
    match, game = ids.make(matchlog.NOW_MS, secrets.token_bytes(10)), "game_that_is_gone"
    async with httpx.AsyncClient(base_url=up.url, trust_env=False) as client:
        nats = (await client.get("/api/about")).json()["nats"]
        for role, line in (
            (subjects.MATCHMAKER, matchlog.created(match, ["nobody", "none"], game=game)),
            (subjects.RUNNER, matchlog.voided(match, game=game)),
        ):
            creds = up.home / "creds" / f"{role}.creds"
            bus = await connect(nats, creds, name="test", inbox=subjects.inbox(role))
            await bus.client.jetstream().publish(*line)
            await bus.close()

        async def stored() -> bool:
            return (await client.get(f"/api/matches/{match}")).status_code == 200

        await eventually(stored)
    person = await person_for()
    person.expected |= {404, 422}  # nobody has heard of it; what cannot be played again has no positions
    await person.goes(f"/matches/{match}")
    await expect(person.page.get_by_text("counts for nobody")).to_be_visible()
    await expect(person.page.get_by_text("it broke")).to_be_visible()
    await person.checks_access()
    await person.goes("/matches/nothing")
    await expect(person.page.get_by_text("There is no such match")).to_be_visible()
    await person.checks_access()


# When a new value was drawn, by this machine's clock: one frame of the screen after it was in the page.
WATCH = """
([selector, name]) => {
  const drawn = (window.drawn ??= {});
  const seen = (drawn[name] = {});
  const note = (value) => value !== null && !(value in seen) &&
    ((seen[value] = 0), requestAnimationFrame(() => setTimeout(() => { seen[value] = Date.now(); })));
  const target = document.querySelector(selector);
  new MutationObserver(() => note(target.getAttribute(name))).observe(target, { attributes: true });
}
"""


async def test_the_page_is_right_behind_the_log(
    person: Person, up: Up, record_property: Callable[[str, object], None]
) -> None:
    """Position by position, as fast as it is played. How far behind is reported: it is a busy machine's, too."""
    told: dict[str, dict[str, int]] = {"data-ply": {}, "aria-valuemax": {}}

    begun, never = asyncio.Event(), asyncio.Event()

    async def choose(turn: Turn) -> int:
        await begun.wait()
        with contextlib.suppress(TimeoutError):  # it thinks as long
            await asyncio.wait_for(never.wait(), PACE_S)
        assert turn.legal
        return random.choice([action for action in turn.legal if action != PASS] or [PASS])  # it lasts

    def hear(frame: str | bytes) -> None:
        message = json.loads(frame)
        if message["op"] == "frame":
            told["data-ply"][str(message["frame"]["ply"])] = message["at_ms"]
        elif message["op"] == "event" and message["kind"] == "moved":
            told["aria-valuemax"][str(message["event"]["ply"] + 1)] = message["at_ms"]

    async with duel(up, "go_9x9", choose) as match:
        person.page.on("websocket", lambda socket: socket.on("framereceived", hear))
        await person.goes(f"/matches/{match.match}?tab=about")
        await expect(shown(person.page)).to_be_visible(timeout=BEGUN_MS)
        for watched in (["[data-ply]", "data-ply"], ["[role=slider]", "aria-valuemax"]):
            await person.page.evaluate(WATCH, watched)
        begun.set()

        async def enough() -> bool:
            drawn = await person.page.evaluate("Object.values(window.drawn['data-ply']).filter(Boolean).length")
            return bool(drawn >= MOVES_MEASURED)

        await eventually(enough)
        drawn = await person.page.evaluate("window.drawn")
    for name, what in (("data-ply", "board"), ("aria-valuemax", "moves")):
        lags = sorted(at - told[name][value] for value, at in drawn[name].items() if at and value in told[name])
        assert len(lags) >= MOVES_MEASURED / 2
        p50, p95 = lags[len(lags) // 2], lags[int(len(lags) * 0.95)]
        record_property("figure", f"a live match: its {what} {p50} ms behind the log, p95 {p95} ms, of {len(lags)}")
