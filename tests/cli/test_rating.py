import pytest

from arena.store.ladders import PROVISIONAL_PLAYED
from tests.cli.conftest import Arena, Failed
from tests.cli.test_matches import Season, season  # noqa: F401 - a fixture
from tests.core import matchlog


async def test_what_ratings_predicted_is_compared_with_what_came(
    arena: Arena,
    season: Season,  # noqa: F811 - the fixture
) -> None:
    assert "no rated matches" in await arena("rating", "calibration")
    count = PROVISIONAL_PLAYED + 5
    lines = matchlog.whole("p00", ["a", "b"], [2, 1])  # which makes `b` the favourite of the next, and wrongly so
    for number in range(1, count):
        lines += matchlog.whole(f"p{number:02}", ["a", "b"], [1, 2])
    await season.write([*lines, *matchlog.whole("q0", ["a", "b", "c"], [1, 1, 3])])
    found = await arena("rating", "calibration", "--json")
    assert [(line["game"], line["of"], line["found"]["matches"]) for line in found] == [
        ("connect_four", "all", count + 1),
        ("connect_four", "settled", 5),
    ]
    everything, settled = (line["found"] for line in found)
    assert everything["came"] < settled["came"] == 1.0
    assert 0.5 < settled["predicted"] < 1
    assert settled["brier"] == pytest.approx((1 - settled["predicted"]) ** 2, abs=1e-3)
    shown = await arena("rating", "calibration", "--game", "connect_four")
    assert "predicted so" in shown
    assert f"{settled['predicted']:.1%}" in shown
    assert await arena("rating", "calibration", "--game", "chess", "--json") == []
    with pytest.raises(Failed, match="no game in which agents are rated"):
        await arena("rating", "calibration", "--game", "taxi")
