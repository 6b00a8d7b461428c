"""The ladder's part of a wave: room shared between games and owners, slots used once, nobody starved."""

from hypothesis import given
from hypothesis import strategies as st

from arena.core.pairing import Rule
from arena.matchmaker.ladder import Found, Ladder
from arena.matchmaker.lobby import Lobby
from arena.wire.lobby import Hello
from arena.wire.registry import AgentRecord

GAMES = ["chess", "go", "poker"]


def lobby_of(games_of: dict[str, list[str]], slots: int = 2, owners: dict[str, str] | None = None) -> Lobby:
    """Agents that play these games, each of an owner of its own if nothing else is said."""
    lobby = Lobby(1_000)
    for agent, games in games_of.items():
        owner = (owners or {}).get(agent, f"of-{agent}")
        lobby.agents[agent] = AgentRecord(owner=owner, name=agent)
        lobby.arrive(agent, Hello(instance="i", games=games, slots=slots), games, 0)
    return lobby


def ladder_of(lobby: Lobby) -> Ladder:
    return Ladder(lobby, lambda game, _: Rule(seats=3 if game == "poker" else 2), in_blocks=["chess"])


def begin(lobby: Lobby, found: Found, now_ms: int) -> list[str]:
    """Make what was found; the matches' ids begin with their game."""
    made = []
    for game, meetings in found.meetings.items():
        for meeting in meetings:
            made.append(f"{game}-{now_ms}-{len(made)}")
            lobby.begun(game, made[-1], 0, [lobby.seat(slot, game, now_ms) for slot in meeting.slots], now_ms)
    return made


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.sets(st.sampled_from(GAMES), min_size=1)), st.integers(0, 12))
def test_a_slot_is_used_once_and_room_is_kept(games_of: dict[str, set[str]], room: int) -> None:
    lobby = lobby_of({agent: sorted(games) for agent, games in games_of.items()})
    found = ladder_of(lobby).wave(room, GAMES, 5_000)
    slots = [slot.slot for meetings in found.meetings.values() for meeting in meetings for slot in meeting.slots]
    assert len(slots) == len(set(slots))
    assert sum(map(len, found.meetings.values())) <= room
    for seen in found.games.values():
        assert {slot.slot for slot in seen.left()} == {slot.slot for slot in seen.waiting} - {*slots}


def test_room_is_shared_between_games_and_what_one_cannot_use_is_another_s() -> None:
    many = {f"c{number}": ["chess"] for number in range(60)} | {f"g{number}": ["go"] for number in range(2)}
    found = ladder_of(lobby_of(many, slots=1)).wave(10, GAMES, 5_000)
    assert {game: len(meetings) for game, meetings in found.meetings.items()} == {"chess": 9, "go": 1}
    assert not found.games["chess"].room
    assert found.games["go"].room


def test_a_game_that_no_runner_plays_is_not_matched_and_takes_no_room() -> None:
    found = ladder_of(lobby_of({agent: ["chess"] for agent in "abcd"})).wave(10, ["go"], 5_000)
    assert not any(found.meetings.values())
    assert (found.games["chess"].played, found.games["chess"].room) == (False, True)


def test_one_owner_s_hundred_agents_do_not_keep_others_from_a_full_runner() -> None:
    agents = {f"x{number}": ["chess"] for number in range(20)} | {"a": ["chess"], "b": ["chess"]}
    owners = {agent: f"whale{int(agent[1:]) % 2}" for agent in agents if agent.startswith("x")}
    lobby = lobby_of(agents, owners=owners)
    ladder = ladder_of(lobby)
    begin(lobby, ladder.wave(4, GAMES, 5_000), 5_000)
    begin(lobby, ladder.wave(1, GAMES, 6_000), 6_000)
    seated = {seat.agent for match in lobby.running.values() for seat in match.seats}
    assert {"a", "b"} <= seated


@given(st.integers(1, 3), st.integers(0, 3))
def test_no_game_starves_on_full_runners(room: int, lasting: int) -> None:
    """As many matches begin as end; every game gets its turn, however long or short its matches are."""
    lobby = lobby_of({f"{game}{number}": [game] for game in GAMES for number in range(6)})
    ladder = ladder_of(lobby)
    last = dict.fromkeys(GAMES, 0)
    running: list[tuple[int, str]] = []
    for wave in range(1, 20):
        now_ms = wave * 1_000
        for match in [match for until, match in running if until <= wave]:
            lobby.over(match, now_ms)
        running = [(until, match) for until, match in running if until > wave]
        made = begin(lobby, ladder.wave(room - len(running), GAMES, now_ms), now_ms)
        running += [(wave + 1 + lasting, match) for match in made]
        last |= {match.split("-")[0]: wave for match in made}
        assert all(wave - at <= len(GAMES) * (1 + lasting) for at in last.values())


def test_requested_matches_share_the_room_as_one_more_game() -> None:
    lobby = lobby_of({f"{game}{number}": [game] for game in ("chess", "go") for number in range(40)})
    ladder = ladder_of(lobby)
    assert ladder.requested_room(30, 0, GAMES, 0) == 10
    assert ladder.requested_room(30, 20, GAMES, 0) == 0
    assert ladder.requested_room(0, 0, GAMES, 0) == ladder.requested_room(-1, 0, GAMES, 0) == 0
    assert ladder.requested_room(1, 0, GAMES, 0) == 1
    ladder.requested(7_000)
    assert ladder.requested_room(1, 0, GAMES, 8_000) == 0
