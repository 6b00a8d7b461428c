"""The lobby's bookkeeping: slots are never given twice, and come back when a match is over."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from arena.matchmaker.lobby import Lobby
from arena.wire.events import Seat
from arena.wire.lobby import Hello
from arena.wire.registry import AgentRecord

GAMES = ["chess", "go"]


def hello(instance: str = "i", slots: int = 2, session: str = "s", games: list[str] | None = None) -> Hello:
    return Hello(instance=instance, games=games or GAMES, slots=slots, session=session)


def lobby_with(*agents: str) -> Lobby:
    lobby = Lobby(1_000)
    for agent in agents:
        lobby.agents[agent] = AgentRecord(owner=f"of-{agent}", name=agent)
        lobby.arrive(agent, hello(), GAMES, 0)
    return lobby


def seats(*agents: str) -> list[Seat]:
    return [Seat(agent=agent, owner=f"of-{agent}", version=1, instance="i") for agent in agents]


def test_slots_are_taken_and_come_back() -> None:
    lobby = lobby_with("a", "b")
    assert len(lobby.waiting("chess")) == 4
    lobby.begun("chess", "m", 0, seats("a", "b"), 0)
    lobby.begun("chess", "m", 7, seats("a", "b"), 0)  # heard from the log as well
    assert len(lobby.waiting("chess")) == len(lobby.waiting("go")) == 2
    assert lobby.first_running_seq(99) == 7
    lobby.over("m", 5_000)
    lobby.over("m", 6_000)
    assert sorted(slot.since_ms for slot in lobby.waiting("chess")) == [0, 0, 5_000, 5_000]
    assert lobby.first_running_seq(99) == 99


def test_who_waits_longest_keeps_its_place_through_a_repeated_hello() -> None:
    lobby = lobby_with("a")
    lobby.arrive("a", hello(slots=3), GAMES, 4_000)
    assert [slot.since_ms for slot in lobby.waiting("go")] == [0, 0, 4_000]


def test_the_silent_and_the_departed_wait_no_more() -> None:
    lobby = lobby_with("a", "b", "c")
    assert lobby.heard("a", "i", "s", 3_500)
    assert lobby.depart("b", "i", "s") == []
    assert [it.agent for it in lobby.forget_silent(3_600)] == ["c"]
    assert {slot.agent for slot in lobby.waiting("chess")} == {"a"}
    assert not lobby.heard("c", "i", "s", 3_700)


def test_a_leave_names_the_matches_still_to_be_played() -> None:
    lobby = lobby_with("a", "b")
    lobby.begun("chess", "m", 1, seats("a", "b"), 0)
    assert lobby.depart("a", "i", "s") == ["m"]
    assert lobby.depart("a", "i", "another session") == ["m"]
    assert {slot.agent for slot in lobby.waiting("chess")} == {"b"}


def test_an_instance_name_is_taken_while_its_process_lives() -> None:
    lobby = lobby_with("a")
    assert lobby.taken("a", hello(session="t"), 1_000)
    assert not lobby.taken("a", hello(session="s"), 1_000)
    assert not lobby.taken("a", hello(session="t"), 2_500)
    assert not lobby.taken("a", hello(session=""), 1_000)


def test_paused_agents_do_not_wait() -> None:
    lobby = lobby_with("a")
    lobby.agents["a"] = AgentRecord(owner="u", name="a", paused=True)
    assert lobby.waiting("chess") == []


def test_house_bots_among_themselves_play_now_and_then() -> None:
    lobby = lobby_with("a", "b")
    for agent in "ab":
        lobby.agents[agent] = AgentRecord(owner="house", name=agent, house=True)
    assert lobby.house_matches("chess", 1, 20_000, 0) == 1
    lobby.begun("chess", "m", 1, seats("a", "b"), 1_000)
    assert lobby.house_matches("chess", 2, 0, 1_000) == 1
    lobby.over("m", 2_000)
    assert lobby.house_matches("chess", 1, 20_000, 20_999) == 0
    assert lobby.house_matches("chess", 1, 20_000, 21_000) == 1
    assert lobby.house_matches("go", 1, 20_000, 0) == 1


class Bookkeeping(RuleBasedStateMachine):
    """Any order of arrivals, matches, ends and departures."""

    def __init__(self) -> None:
        super().__init__()
        self.lobby = lobby_with("a", "b", "c")
        self.now = 0
        self.matches = 0

    @rule(agent=st.sampled_from("abc"), slots=st.integers(1, 4))
    def arrive(self, agent: str, slots: int) -> None:
        self.now += 1
        self.lobby.arrive(agent, hello(slots=slots), GAMES, self.now)

    @rule(game=st.sampled_from(GAMES))
    def match(self, game: str) -> None:
        waiting = self.lobby.waiting(game)
        agents = list(dict.fromkeys(slot.agent for slot in waiting))[:2]
        if len(agents) == 2:
            self.matches += 1
            self.lobby.begun(game, f"m{self.matches}", self.matches, seats(*agents), self.now)

    @rule(number=st.integers(1, 30))
    def over(self, number: int) -> None:
        self.now += 1
        self.lobby.over(f"m{number}", self.now)

    @rule(agent=st.sampled_from("abc"))
    def depart(self, agent: str) -> None:
        self.lobby.depart(agent, "i", "s")

    @rule()
    def sweep(self) -> None:
        self.lobby.forget_silent(self.now)

    @invariant()
    def free_and_busy_never_exceed_the_slots(self) -> None:
        for (agent, _), instance in self.lobby.instances.items():
            busy = sum(seat.agent == agent for match in self.lobby.running.values() for seat in match.seats)
            free = len(instance.free_since_ms)
            assert free == max(instance.slots - busy, 0)


TestBookkeeping = Bookkeeping.TestCase


@given(st.lists(st.sampled_from("ab"), max_size=20))
def test_seat_counts_follow_the_matches(firsts: list[str]) -> None:
    lobby = lobby_with("a", "b")
    for number, first in enumerate(firsts):
        lobby.begun("chess", f"m{number}", number + 1, seats(*(first, "b" if first == "a" else "a")), number)
        lobby.over(f"m{number}", number)
    for slot in lobby.waiting("chess"):
        assert sum(slot.seat_counts) == len(firsts)
        if firsts:
            assert slot.seat_counts[0] == firsts.count(slot.agent)
