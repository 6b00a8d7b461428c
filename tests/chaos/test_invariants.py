"""The checker: what was really played is clean, and any other telling of it is noticed."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import asyncpg
import msgspec
import pytest

from arena.stack.embedded import EmbeddedPostgres
from arena.wire.events import Claimed, Created, Ended, Faulted, Moved, Voided
from arena.wire.faults import AgentFault, Connection, EndCause, PlatformFault, Verdict
from chaos.invariants import Outage, Violation
from chaos.records import Record
from tests.chaos.evidence import Cast, Evidence, collect, database, entry, said, serve
from tests.stage import LogReader, open_stage

GAMES = ["tictactoe", "leduc_holdem", "rock_paper_scissors"]
NAME = "chaos_evidence"


def enough(log: LogReader) -> bool:
    ended = [game for _, game, _, event in log.events if isinstance(event, Ended)]
    return len(ended) >= 12 and {*ended} == {*GAMES}


@pytest.fixture(scope="module")
async def evidence(postgres: EmbeddedPostgres) -> AsyncIterator[Evidence]:
    """A dozen matches of honest agents, in the log, the tables and the agents' own words."""
    async with open_stage() as stage, database(stage, postgres, NAME):
        await serve(stage)
        cast = Cast(stage, GAMES)
        for number in range(4):
            await cast.add("honest", seed=number)
        await stage.log.until(enough)
        await cast.leave()
        found = await collect(stage, cast.honest)
        await stage.close()
        yield found


async def test_what_was_really_played_is_clean(evidence: Evidence) -> None:
    assert len({record.match for record in evidence.records if record.over}) >= 12
    assert await evidence.check() == []


# The log told otherwise


def without_end(told: Evidence) -> Evidence:
    return told.without(told.find(Ended)[0].seq)


def two_ends(told: Evidence) -> Evidence:
    return told.of([*told.log, told.find(Ended)[0]])


def created_twice(told: Evidence) -> Evidence:
    return told.of([told.find(Created)[0], *told.log])


def voided_for_nothing(told: Evidence) -> Evidence:
    """In the end's place, in the log and in what the agents were told."""
    end, ended = told.find(Ended)
    voided = entry(end, Voided(at_ms=ended.at_ms, cause=PlatformFault.CRASHED, detail="it broke"))
    return told.of([voided if one is end else one for one in told.log])


def without_move(told: Evidence) -> Evidence:
    return told.without(told.find(Moved)[0].seq)


def moved_twice(told: Evidence) -> Evidence:
    move, _ = told.find(Moved)
    return told.of([one for other in told.log for one in ([other, other] if other is move else [other])])


def written_after_the_end(told: Evidence) -> Evidence:
    return told.of([*told.log, told.find(Claimed)[0]])


def other_reward(told: Evidence) -> Evidence:
    move, moved = told.find(Moved)
    return told.changed(move.seq, rewards=[reward + 1 for reward in moved.rewards])


def other_digest(told: Evidence) -> Evidence:
    return told.changed(told.find(Moved)[0].seq, digest="0" * 32)


def other_seed(told: Evidence) -> Evidence:
    """In a game whose cards follow from it."""
    for one in told.log:
        if ".leduc_holdem." in one.subject and one.subject.endswith(".created"):
            return told.changed(one.seq, seed=12345)
    raise AssertionError("no match of leduc_holdem")


def other_result(told: Evidence) -> Evidence:
    end, ended = told.find(Ended)
    first = msgspec.structs.replace(ended.results[0], score=ended.results[0].score + 1)
    return told.changed(end.seq, results=[first, *ended.results[1:]])


def claimed_again(told: Evidence) -> Evidence:
    """By a second runner that believes in the same epoch."""
    claim, claimed = told.find(Claimed)
    other = said(claim, runner="other", at_ms=claimed.at_ms + 1)
    return told.of([one for first in told.log for one in ([first, other] if first is claim else [first])])


def claimed_elsewhere(told: Evidence) -> Evidence:
    """With a digest that is not the log's."""
    move, moved = told.find(Moved)
    claim = entry(move, Claimed(at_ms=moved.at_ms, runner="other", epoch=2, digest="0" * 32))
    return told.of([one for first in told.log for one in ([first, claim] if first is move else [first])])


def undecodable(told: Evidence) -> Evidence:
    move, _ = told.find(Moved)
    return told.of([one._replace(payload=b"{]") if one is move else one for one in told.log])


def of_another_kind(told: Evidence) -> Evidence:
    move, _ = told.find(Moved)
    subject = move.subject.replace(".moved", ".faulted")
    return told.of([one._replace(subject=subject) if one is move else one for one in told.log])


def gap(told: Evidence) -> Evidence:
    """An event that was acknowledged, and of which nothing but its number is left."""
    move, _ = told.find(Moved)
    return replace(told, log=[one for one in told.log if one is not move], url="")


def fault(told: Evidence, **fields: object) -> Evidence:
    """A warning in the log, before a match's end."""
    end, ended = told.find(Ended)
    values = {
        "at_ms": ended.at_ms,
        "seat": 0,
        "ply": ended.plies,
        "cause": AgentFault.ILLEGAL,
        "verdict": Verdict.WARNED,
        "expected": "one of [0]",
        "evidence": "7",
        "asked_ms": ended.at_ms - 5,
        "elapsed_ms": 4.5,
        "sent": 1,
        "replied_ms": ended.at_ms,
        "reply_bytes": 1,
        "connection": Connection.SUBSCRIBED,
    }
    faulted = entry(end, Faulted(**{**values, **fields}))  # type: ignore[arg-type]
    return told.of([one for first in told.log for one in ([faulted, first] if first is end else [first])])


def charged(told: Evidence) -> Evidence:
    return fault(told)


def charged_without(field: str) -> Callable[[Evidence], Evidence]:
    """An agent that is not honest, without a piece of evidence."""

    def tell(told: Evidence) -> Evidence:
        nothing = {"expected": "", "connection": None}.get(field, 0)
        return replace(fault(told, **{field: nothing}), honest=set())

    return tell


def timed_out_early(told: Evidence) -> Evidence:
    """Most of the clock was the platform's outage, and was counted."""
    early = {"cause": AgentFault.TIMEOUT, "elapsed_ms": 500.0, "forgiven_ms": 100_000.0}
    return replace(fault(told, **early), honest=set())


def charged_time(told: Evidence) -> Evidence:
    move, moved = told.find(Moved)
    first = msgspec.structs.replace(moved.moves[0], think_ms=moved.moves[0].think_ms + 1_000)
    return told.changed(move.seq, moves=[first, *moved.moves[1:]])


def forfeited_by_nobody(told: Evidence) -> Evidence:
    return told.changed(told.find(Ended)[0].seq, cause=EndCause.FORFEIT)


LOGS: list[tuple[Callable[[Evidence], Evidence], int, str]] = [
    (without_end, 1, "never ended"),
    (two_ends, 1, "ended 2 times"),
    (two_ends, 2, "cannot follow"),
    (created_twice, 1, "created 2 times"),
    (voided_for_nothing, 1, "nothing was done to the platform"),
    (voided_for_nothing, 5, "the log has no result"),
    (without_move, 2, "cannot follow where ply 0 is due"),
    (moved_twice, 2, "cannot follow where ply 1 is due"),
    (written_after_the_end, 2, "cannot follow in phase ended"),
    (other_reward, 2, "the result says"),
    (other_digest, 2, "instead of " + "0" * 32),
    (other_seed, 2, "cannot be replayed"),
    (other_result, 2, "the result says"),
    (claimed_again, 2, "other claimed epoch 1 after epoch 1"),
    (claimed_elsewhere, 2, "claimed with digest"),
    (undecodable, 2, "malformed"),
    (of_another_kind, 2, "is 'moved'"),
    (gap, 5, "what was acknowledged is missing"),
    (without_end, 5, "the log has no result"),
    (without_move, 5, "but the log has no move 0"),
    (charged, 4, "is honest and was charged"),
    *((charged_without(name), 4, f"no {name}") for name in ("expected", "asked_ms", "elapsed_ms", "connection")),
    (charged_without("reply_bytes"), 4, "no reply_bytes"),
    (timed_out_early, 4, "no elapsed_ms"),
    (charged_time, 4, "ms of its own"),
    (forfeited_by_nobody, 4, "nobody forfeited"),
    (other_result, 5, "but the log says"),
]


@pytest.mark.parametrize(("tell", "invariant", "words"), LOGS, ids=[f"{row[0].__name__}-{row[1]}" for row in LOGS])
async def test_a_log_told_otherwise_is_noticed(
    evidence: Evidence, tell: Callable[[Evidence], Evidence], invariant: int, words: str
) -> None:
    found = await tell(evidence).check()
    assert noticed(found, invariant, words), found


async def test_a_fault_with_all_its_evidence_is_its_agents_own(evidence: Evidence) -> None:
    assert await replace(fault(evidence), honest=set()).check() == []
    forgiven = fault(evidence, elapsed_ms=0.0, forgiven_ms=3.0)  # the reply lay in the socket while we were stopped
    assert await replace(forgiven, honest=set()).check() == []
    late = fault(evidence, cause=AgentFault.TIMEOUT, elapsed_ms=100_000.0)
    assert await replace(late, honest=set()).check() == []


async def test_a_void_after_an_outage_is_the_platforms_doing(evidence: Evidence) -> None:
    told = voided_for_nothing(evidence)
    end = next(one for one in told.log if one.subject.endswith(".voided"))
    outage = Outage("kill", "runner", end.at_ms - 1_000, end.at_ms - 900)
    assert not noticed(await replace(told, outages=[outage]).check(), 1, "")
    long_ago = replace(told, outages=[Outage("kill", "runner", 0, 1)])
    assert noticed(await long_ago.check(), 1, "nothing was done")


# The agents' words


def spoken(told: Evidence, what: str, change: Callable[[Record], Record | None], **fields: object) -> Evidence:
    """The first record of a kind told otherwise, or not at all."""
    wanted = next(
        one for one in told.records if one.what == what and all(getattr(one, n) == v for n, v in fields.items())
    )
    changed = change(wanted)
    records = [other for one in told.records for other in ([changed] if one is wanted else [one]) if other]
    return replace(told, records=records, url="")


def edit(**fields: object) -> Callable[[Record], Record]:
    return lambda record: msgspec.structs.replace(record, **fields)


def accepted_first(told: Evidence) -> Evidence:
    """An answer after which the match went on; then another one, which is the one in the log."""
    plies = {(one.match, one.agent): one.ply for one in told.records if one.what == "turn"}  # the newest of each
    answer = next(one for one in told.records if one.what == "answer" and one.ply < plies[one.match, one.agent])
    first = msgspec.structs.replace(answer, action=answer.action + 1)
    last = msgspec.structs.replace(answer, at_ms=answer.at_ms + 60_000)
    return replace(told, records=[*(first if one is answer else one for one in told.records), last], url="")


WORDS: dict[str, tuple[Callable[[Evidence], Evidence], str]] = {
    "a turn of no match": (lambda told: spoken(told, "turn", edit(match="nowhere")), "of which the log knows nothing"),
    "a turn beyond the log": (lambda told: spoken(told, "turn", edit(ply=500)), "but the log has no move 499"),
    "a turn before its time": (
        lambda told: spoken(told, "turn", lambda one: msgspec.structs.replace(one, at_ms=one.at_ms - 500), ply=1),
        "ms before the log had move 0",
    ),
    "another result": (
        lambda told: spoken(told, "over", lambda one: edit(over=edited(one))(one)),
        "but the log says",
    ),
    "an end before its time": (
        lambda told: spoken(told, "over", lambda one: msgspec.structs.replace(one, at_ms=one.at_ms - 500)),
        "ms before the log had it",
    ),
    "no answer": (lambda told: spoken(told, "answer", lambda _: None), "which gave none for it"),
    "another answer": (lambda told: spoken(told, "answer", edit(action=77)), "which gave 77 for it"),
    "an answer to another ply": (lambda told: spoken(told, "answer", edit(ply=500)), "which gave none for it"),
    "a void": (
        lambda told: spoken(told, "turn", edit(what="notice", code="voided", ply=-1)),
        "but the log does not say so",
    ),
    "a later answer than the accepted one": (accepted_first, "and saw the match go on"),
}


def edited(record: Record) -> object:
    assert record.over
    return msgspec.structs.replace(record.over, plies=record.over.plies + 1)


@pytest.mark.parametrize("case", WORDS)
async def test_what_agents_saw_and_the_log_has_not_is_noticed(evidence: Evidence, case: str) -> None:
    tell, words = WORDS[case]
    found = await tell(evidence).check()
    assert noticed(found, 5, words), found


async def test_time_that_an_agent_was_away_is_its_own(evidence: Evidence) -> None:
    told = charged_time(evidence)
    move, moved = told.find(Moved)
    seats = {
        one.seat: one.agent for one in told.records if one.what == "turn" and one.match == move.subject.split(".")[3]
    }
    agent = seats[moved.moves[0].seat]
    away = [
        Record(at_ms=move.at_ms - 1_200, agent=agent, instance="i", what="bye"),
        Record(at_ms=move.at_ms, agent=agent, instance="i", what="hello"),
    ]
    assert noticed(await told.check(), 4, "of its own")
    assert not noticed(await replace(told, records=[*told.records, *away]).check(), 4, "of its own")


# The tables

TABLES: dict[str, tuple[str, str]] = {
    "a rating": ("UPDATE ratings SET mu = mu + 1e-9 WHERE agent = (SELECT min(agent) FROM ratings)", "mu is"),
    "a rating of nobody": (
        "INSERT INTO ratings SELECT game, 'nobody', mu, sigma, 0, 1, 1, 0, 0, 0, 0, seq, 1, 1 FROM ratings LIMIT 1",
        "which the log does not give",
    ),
    "a rating's history": ("DELETE FROM rating_history WHERE seq = (SELECT max(seq) FROM rating_history)", "lacks"),
    "a turn": ("DELETE FROM turns WHERE ply = 1", "turns lacks"),
    "an action": ("UPDATE turns SET action = '99' WHERE ply = 0", "action is '99'"),
    "a raw event": ("UPDATE events SET payload = payload || ' ' WHERE seq = 3", "payload is"),
    "a raw event too few": ("DELETE FROM events WHERE seq = 3", "events lacks seq 3"),
    "an error": ("UPDATE events SET error = 'why not' WHERE seq = 4", "has an error: why not"),
    "a placement": ("UPDATE participations SET placement = 3 - placement WHERE placement = 1", "placement is"),
    "a status": ("UPDATE matches SET status = 'running' WHERE id = (SELECT max(id) FROM matches)", "status is"),
    "a participation": ("UPDATE participations SET faults = 1 WHERE seat = 0", "faults is 1 instead of 0"),
    "the checkpoint": ("UPDATE checkpoint SET last_seq = last_seq - 1", "the tables say they are at"),
}


@pytest.mark.parametrize("case", TABLES)
async def test_tables_that_are_not_the_fold_of_the_log_are_noticed(
    evidence: Evidence, postgres: EmbeddedPostgres, case: str
) -> None:
    statement, words = TABLES[case]
    copy = "chaos_copy"
    server = await asyncpg.connect(postgres.url("postgres"))
    try:
        await server.execute(f"CREATE DATABASE {copy} TEMPLATE {NAME}")
        changed = await asyncpg.connect(postgres.url(copy))
        await changed.execute(statement)
        await changed.close()
        found = await replace(evidence, url=postgres.url(copy)).check()
        assert noticed(found, 3, words), found
        assert {one.invariant for one in found} == {3}
    finally:
        await server.execute(f"DROP DATABASE IF EXISTS {copy}")
        await server.close()


def noticed(found: list[Violation], invariant: int, words: str) -> bool:
    return any(one.invariant == invariant and words in one.text for one in found)
