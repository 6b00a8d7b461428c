"""Language models behind a local server that answers, talks nonsense, is busy, or never answers."""

import logging

import pytest

from agent_kit import MountFailed, Turn
from agent_kit.mounts import llm
from agent_kit.readings import Reading
from arena.wire import play
from tests.agent_kit.mounts.conftest import House
from tests.agent_kit.mounts.stub_model import StubModel
from tests.agent_kit.readings.test_readings import turns


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setattr(llm, "PAUSES_S", (0.01,))


def turn_of(game: str, left_ms: int = 20_000) -> Turn:
    turn, _, _ = next(turns(game, 1))
    turn.left_ms = left_ms
    return turn


async def test_a_model_plays_ranked_matches_however_its_server_behaves(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "agent_kit")
    script = ("prose", "legal", "busy", "garbage", "legal", "down", "empty", "illegal", "legal")
    with StubModel(*script).serving() as stub:
        policy = llm.mount("tiny", url=stub.url, settings={"temperature": 0.5})
        played = await house.meet(policy, game="tictactoe", games=["tictactoe"], matches=2)
    assert played.faults == []
    assert stub.asked[0]["model"] == "tiny"
    assert stub.asked[0]["temperature"] == 0.5
    usage = policy.usage
    assert (usage.refused, usage.unanswered, usage.by_chance) == (2, 4, 0)
    assert (usage.prompt_tokens, usage.completion_tokens) == (usage.calls * 100, usage.calls * 7)
    assert usage.calls == len(stub.asked) - 4
    assert 0 < usage.seconds_max <= usage.seconds
    assert caplog.text.count("tokens, ") == 2  # one line for each match


async def test_a_model_plays_a_ranked_match_of_words(house: House) -> None:
    with StubModel().serving() as stub:
        played = await house.meet(llm.mount("tiny", url=stub.url), game="negotiation", games=["negotiation"])
    assert played.faults == []
    assert "You are Player" in stub.asked[0]["messages"][1]["content"]


async def test_it_is_told_the_rules_the_position_and_what_is_legal() -> None:
    with StubModel().serving() as stub:
        policy = llm.mount("tiny", url=stub.url)
        assert await policy.turn(turn_of("chess")) in (turn_of("chess").legal or ())
        assert await policy.turn(turn_of("chess")) in (turn_of("chess").legal or ())
    system, position = (message["content"] for message in stub.asked[0]["messages"])
    assert "You play the game chess as player 0" in system
    assert "Chess by the usual rules" in system
    assert "r n b q k b n r" in position
    assert "g1h3" in position
    assert "Your earlier turns" not in position
    assert "Your earlier turns:\nmove 0: r n b q" in stub.asked[1]["messages"][1]["content"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("prose", 'Your answer has no JSON object {"action": ...}. Answer {"action": ...} with one of: 0, 1, 2, 3'),
        ("illegal", '"e9" is not a legal action. Answer {"action": ...} with one of: 0, 1, 2, 3'),
    ],
)
async def test_what_was_wrong_with_an_answer_is_explained(answer: str, said: str) -> None:
    with StubModel(answer).serving() as stub:
        assert await llm.mount("tiny", url=stub.url).turn(turn_of("tictactoe")) == 0
    *_, wrong, explained = stub.asked[1]["messages"]
    assert (wrong["role"], explained["role"]) == ("assistant", "user")
    assert explained["content"].startswith(said)


@pytest.mark.parametrize("behaviour", ["hang", "drip"])
async def test_where_no_answer_comes_in_time_chance_moves(behaviour: str) -> None:
    with StubModel(behaviour).serving() as stub:
        policy = llm.mount("tiny", url=stub.url)
        assert await policy.turn(turn_of("tictactoe", left_ms=400)) in range(9)
    assert (policy.usage.calls, policy.usage.unanswered, policy.usage.by_chance) == (0, 1, 1)


async def test_after_its_tries_chance_moves() -> None:
    with StubModel(*["prose"] * 3).serving() as stub:
        policy = llm.mount("tiny", url=stub.url, tries=3)
        assert await policy.turn(turn_of("tictactoe")) in range(9)
    assert (policy.usage.refused, policy.usage.by_chance, len(stub.asked)) == (3, 1, 3)


async def test_where_a_game_is_of_words_it_speaks() -> None:
    wire = play.Turn(match="m", game="debate", seat=1, ply=3, observation="What do you say?", left_ms=20_000)
    with StubModel("legal", "prose", "prose").serving() as stub:
        policy = llm.mount("tiny", url=stub.url, tries=2, rules="Say something kind.")
        assert await policy.turn(Turn(wire)) == "hello there"
        assert await policy.turn(Turn(wire)) == "I would take the middle."
    assert "Say something kind." in stub.asked[0]["messages"][0]["content"]
    assert "What do you say?" in stub.asked[0]["messages"][1]["content"]


async def test_the_key_comes_from_the_environment_and_is_sent_to_nobody_in_the_clear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with StubModel("stranger", "legal", "stranger").serving() as stub:
        with pytest.raises(MountFailed, match=r"answered 401: .*Incorrect API key .*OPENAI_API_KEY is not set"):
            await llm.mount("tiny", url=stub.url).turn(turn_of("tictactoe"))
        monkeypatch.setenv("MY_KEY", "sk-1")
        await llm.mount("tiny", url=stub.url, key_variable="MY_KEY").turn(turn_of("tictactoe"))
        with pytest.raises(MountFailed, match=r"answered 401: .*provided\"\}\}$"):
            await llm.mount("tiny", url=stub.url, key_variable="MY_KEY").turn(turn_of("tictactoe"))
    assert ["Authorization" in headers for headers in stub.headers] == [False, True, True]
    assert stub.headers[1]["Authorization"] == "Bearer sk-1"
    with pytest.raises(MountFailed, match=r"is not encrypted, and MY_KEY would be open to all"):
        llm.mount("tiny", url="http://models.example.org/v1", key_variable="MY_KEY")
    with pytest.raises(MountFailed, match=r"expected an address like https://.*got 'models'"):
        llm.mount("tiny", url="models")
    with pytest.raises(MountFailed, match="at least one try"):
        llm.mount("tiny", tries=0)


async def test_a_turn_may_be_described_otherwise() -> None:
    with StubModel().serving() as stub:
        policy = llm.mount("tiny", url=stub.url, describe=lambda _: Reading("a cat", {"left": 3}))
        assert await policy.turn(turn_of("tictactoe")) == 3
    assert "a cat" in stub.asked[0]["messages"][1]["content"]
