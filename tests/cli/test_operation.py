"""What an operator sees and does when something is wrong."""

import pytest

from arena.wire.subjects import MATCHMAKER, REGISTRAR
from tests.api.test_dead_letters import deliver_too_often
from tests.api.test_quarantine import put, record
from tests.cli.conftest import Arena, Failed
from tests.cli.test_matches import Season, season  # noqa: F401 - a fixture
from tests.conftest import BusFor
from tests.core import matchlog


async def test_quarantine_is_listed_and_released(arena: Arena, bus_for: BusFor) -> None:
    matchmaker = await bus_for(MATCHMAKER)
    assert "nobody is in quarantine" in await arena("quarantine", "list")
    await arena("user", "create", "Ida")
    agent = (await arena("agent", "create", "odd", "--owner", "Ida", "--json"))["id"]
    await put(matchmaker, record("connect_four", agent))
    await put(matchmaker, record("tictactoe"))
    shown = await arena("quarantine", "list")
    assert agent in shown
    assert "three matches in a row ended by its own fault" in shown
    assert "connect_four: in quarantine until " in await arena("agent", "show", "Ida/odd")
    (mine,) = (await arena("agent", "show", "Ida/odd", "--json"))["quarantine"]
    assert mine["why"] == "three matches in a row ended by its own fault"
    assert {one["game"] for one in await arena("quarantine", "list", "--json")} == {"connect_four", "tictactoe"}
    assert "Ida/odd in connect_four is released" in await arena("quarantine", "release", "connect_four", "Ida/odd")
    assert [one["agent"] for one in await arena("quarantine", "list", "--json")] == [None]
    with pytest.raises(Failed, match="is not in quarantine"):
        await arena("quarantine", "release", "connect_four", agent)
    assert "tictactoe is released" in await arena("quarantine", "release", "tictactoe")
    assert await arena("quarantine", "list", "--json") == []


async def test_dead_letters_are_listed(
    arena: Arena,
    season: Season,  # noqa: F811 - the fixture
    bus_for: BusFor,
) -> None:
    assert "every event was understood" in await arena("dead-letters")
    await season.write([matchlog.created("x1", ["a", "b"]), ("arena.event.connect_four.x1.moved", b"nonsense")])
    await deliver_too_often(await bus_for(REGISTRAR), "x1", 1)
    shown = await arena("dead-letters")
    assert "arena.event.connect_four.x1.moved" in shown
    assert "nonsense" in shown
    found = await arena("dead-letters", "--json")
    assert [claim["match"] for claim in found["claims"]["items"]] == ["x1"]
    assert "could not be understood" in await arena("match", "show", "x1")
