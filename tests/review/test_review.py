"""What `verify` accepts is what was played; any change to the record is noticed."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from arena.core.match import Charge, Lapsed, Stepped, decide, evolve
from arena.games import Game, load_catalogue
from arena.games.replay import link, start
from arena.review import StoredEvent, Verdict, replay, verify
from arena.wire import codec, events, subjects
from arena.wire.faults import AgentFault, EndCause, PlatformFault
from tests.core.matchlog import NOW_MS

CATALOGUE = load_catalogue()
GAME = CATALOGUE["tictactoe"]
MATCH = "01kmatch00000000000000000a"
Log = list[events.MatchEvent]


def played(game: Game, steps: int = 1_000, seed: int = 5) -> Log:
    """A match as a runner writes it: everybody takes the first legal action; after `steps`, seat 0 runs out of time."""
    environment = game.make()
    seats = [events.Seat(agent=f"a{seat}", owner="o", version=1, instance="i") for seat in range(game.seats)]
    created = events.Created(
        at_ms=NOW_MS, seed=seed, seats=seats, clock=game.clock, faults=game.faults, game_version=game.version
    )
    chain = start(environment, game.name, created)
    log: Log = [created, events.Claimed(at_ms=NOW_MS, runner="r", epoch=1, digest=chain.hex())]
    state = evolve(evolve(None, log[0]), log[1])
    while not isinstance(log[-1], events.Ended):
        if state.ply == steps:
            charge = Charge(seat=0, cause=AgentFault.TIMEOUT, expected="a reply in time")
            new = decide(state, Lapsed((charge,)), NOW_MS)
        else:
            views = {seat: environment.view(seat) for seat in environment.to_act}
            actions: dict[int, Any] = {seat: (view.legal or [1])[0] for seat, view in views.items()}
            rewards = environment.step(actions)
            written = {seat: codec.encode_json(action) for seat, action in actions.items()}
            chain = link(chain, state.ply, views, written, rewards)
            moves = [events.Move(seat=seat, action=action) for seat, action in actions.items()]
            new = decide(state, Stepped(moves, list(rewards), chain.hex(), environment.over), NOW_MS)
        for event in new:
            state = evolve(state, event)
        log += new
    environment.close()
    return log


def stored(log: Log, game: Game = GAME) -> list[StoredEvent]:
    kinds = [str(type(event).__struct_config__.tag) for event in log]
    return [
        (10 * number, subjects.event(game.name, MATCH, kind), codec.encode_json(event))
        for number, (kind, event) in enumerate(zip(kinds, log, strict=True), 1)
    ]


def at(log: Log, kind: type) -> int:
    return next(index for index, event in enumerate(log) if isinstance(event, kind))


def changed(log: Log, kind: type, **fields: Any) -> Log:
    """The log with other fields in its first event of a kind."""
    index = at(log, kind)
    return [*log[:index], msgspec.structs.replace(log[index], **fields), *log[index + 1 :]]


@pytest.mark.parametrize("name", ["tictactoe", "leduc_holdem", "rock_paper_scissors", "lowest_unique", "taxi"])
def test_a_match_as_it_was_played_is_verified(name: str) -> None:
    log = played(CATALOGUE[name])
    verdict = verify(CATALOGUE[name], stored(log, CATALOGUE[name]))
    ended = log[-1]
    assert isinstance(ended, events.Ended)
    assert verdict == Verdict(ok=True, plies=ended.plies, digest=ended.digest)


@pytest.mark.parametrize("steps", [0, 2])
def test_so_is_one_that_was_forfeited(steps: int) -> None:
    log = played(GAME, steps)
    assert isinstance(log[-1], events.Ended)
    assert log[-1].cause is EndCause.FORFEIT
    assert verify(GAME, stored(log)).ok


def test_so_is_one_that_was_taken_over_and_one_that_was_voided() -> None:
    log = played(GAME)
    moved = log[2]
    assert isinstance(moved, events.Moved)
    again = events.Claimed(at_ms=NOW_MS, runner="other", epoch=2, digest=moved.digest)
    assert verify(GAME, stored([*log[:3], again, *log[3:]])).ok
    reseated = events.Reseated(at_ms=NOW_MS, seat=1, instance="other", encoding="msgpack")
    assert verify(GAME, stored([*log[:3], reseated, *log[3:]])).ok
    assert verify(GAME, stored([*log[:3], again, reseated, reseated, *log[3:]])).ok
    voided = events.Voided(at_ms=NOW_MS, cause=PlatformFault.CRASHED, detail="it broke")
    assert verify(GAME, stored([*log[:4], voided])).ok


def _result(log: Log, **fields: Any) -> Log:
    ended = log[-1]
    assert isinstance(ended, events.Ended)
    first = msgspec.structs.replace(ended.results[0], **fields)
    return changed(log, events.Ended, results=[first, *ended.results[1:]])


FORGERIES: dict[str, tuple[Callable[[Log], Log], str]] = {
    "action": (lambda log: changed(log, events.Moved, moves=[events.Move(seat=0, action=8)]), "digest"),
    "illegal action": (lambda log: changed(log, events.Moved, moves=[events.Move(seat=0, action=99)]), "refused now"),
    "another seat's action": (lambda log: changed(log, events.Moved, moves=[events.Move(seat=1, action=0)]), "waits"),
    "rewards": (lambda log: changed(log, events.Moved, rewards=[1.0, -1.0]), "the result says"),
    "digest": (lambda log: changed(log, events.Moved, digest="0" * 32), "instead of " + "0" * 32),
    "version": (lambda log: changed(log, events.Created, game_version="other 1.0"), "played with other 1.0"),
    "seed": (lambda log: changed(log, events.Created, seed=6), "digest"),
    "score": (lambda log: _result(log, score=5.0), "the result says"),
    "placement": (lambda log: _result(log, placement=2), "the result says"),
    "plies": (lambda log: changed(log, events.Ended, plies=3), "after 3 plies"),
    "final digest": (lambda log: changed(log, events.Ended, digest="0" * 32), "the result has digest " + "0" * 32),
    "missing move": (lambda log: [*log[:3], *log[4:]], "the game waits for (1,)"),
    "missing creation": (lambda log: log[1:], "cannot follow"),
    "takeover before a claim": (
        lambda log: [log[0], events.Reseated(at_ms=NOW_MS, seat=0, instance="other"), *log[1:]],
        "cannot follow",
    ),
    "missing end": (lambda log: log[:-1], "not over: running"),
    "swapped moves": (lambda log: [*log[:2], log[3], log[2], *log[4:]], "the game waits for (0,)"),
    "two ends": (lambda log: [*log, log[-1]], "cannot follow"),
    "nothing": (lambda log: [], "no events"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_changed_record_is_noticed(forgery: str) -> None:
    forge, problem = FORGERIES[forgery]
    verdict = verify(GAME, stored(forge(played(GAME))))
    assert not verdict.ok
    assert problem in verdict.problem


def test_a_match_cut_short_is_noticed_whatever_its_result_says() -> None:
    log = played(GAME)
    moved, ended = log[3], log[-1]
    assert isinstance(moved, events.Moved)
    assert isinstance(ended, events.Ended)
    draw = [events.Result(seat=seat, placement=1, score=0.0) for seat in range(2)]
    end = msgspec.structs.replace(ended, results=draw, plies=2, digest=moved.digest)
    verdict = verify(GAME, stored([*log[:4], end]))
    assert "not over after 2 plies" in verdict.problem


def test_a_forfeit_without_its_fault_is_noticed() -> None:
    log = played(GAME, 2)
    index = at(log, events.Faulted)
    assert "the result says" in verify(GAME, stored([*log[:index], *log[index + 1 :]])).problem


def test_events_out_of_the_logs_order_and_unreadable_ones_are_noticed() -> None:
    lines = stored(played(GAME))
    late = (lines[2][0], *lines[3][1:])
    assert verify(GAME, [*lines[:3], late, *lines[4:]]).problem == "event 30 after 30"
    broken = [*lines[:3], (lines[3][0], lines[3][1], b"{}"), *lines[4:]]
    assert not verify(GAME, broken).ok


def test_a_replay_has_a_frame_for_each_event() -> None:
    log = played(GAME)
    frames = [(frame.event, frame.state.ply, frame.environment.render()) for frame in replay(GAME, stored(log))]
    assert [event for event, _, _ in frames] == log
    plies = [ply for _, ply, _ in frames]
    assert plies == sorted(plies)
    assert len({drawn for _, _, drawn in frames}) == plies[-1] + 1
