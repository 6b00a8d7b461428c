"""Events."""

import msgspec

from arena.wire import events
from arena.wire.faults import AgentFault, Connection, EndCause, PlatformFault, Verdict
from tools.samples.names import AGENT, AT_MS, DIGEST, MATCH, OPPONENT, OWNER, REQUEST, RUNNER

SAMPLES: dict[str, msgspec.Struct] = {
    "created": events.Created(
        at_ms=AT_MS,
        seed=8_191,
        seats=[
            events.Seat(agent=AGENT, owner=OWNER, version=1, instance="laptop"),
            events.Seat(
                agent=OPPONENT, owner=OWNER, version=3, instance="gpu-1", encoding="msgpack", mu=25.0, sigma=8.333
            ),
        ],
        clock=events.ClockRule(),
        faults=events.FaultRule(),
    ),
    "created-full": events.Created(
        at_ms=AT_MS,
        seed=8_191,
        seats=[
            events.Seat(agent=AGENT, owner=OWNER, version=1, instance="laptop", encoding="json", mu=27.5, sigma=2.25)
        ],
        clock=events.ClockRule(move_ms=60_000, bank_ms=300_000, increment_ms=2_000, lag_ms_max=500),
        faults=events.FaultRule(strikes_max=0, gone_grace_ms=30_000, plays_on=True),
        rated=False,
        block=MATCH,
        game_version="pettingzoo 1.27.0 tictactoe_v3",
        reason="nearest rating, waited 1.2 s",
    ),
    "created-stateless": events.Created(
        at_ms=AT_MS,
        seed=7,
        seats=[events.Seat(agent=AGENT, owner=OWNER, version=1, instance="laptop", stateless=True)],
        clock=events.ClockRule(),
        faults=events.FaultRule(),
    ),
    "created-requested": events.Created(
        at_ms=AT_MS,
        seed=7,
        seats=[events.Seat(agent=AGENT, owner=OWNER, version=1, instance="laptop")],
        clock=events.ClockRule(),
        faults=events.FaultRule(),
        rated=False,
        request=REQUEST,
    ),
    "created-progress": events.Created(
        at_ms=AT_MS,
        seed=7,
        seats=[events.Seat(agent=AGENT, owner=OWNER, version=1, instance="laptop")],
        clock=events.ClockRule(move_ms=60_000, progress_ms=240_000),
        faults=events.FaultRule(),
    ),
    "created-teams": events.Created(
        at_ms=AT_MS,
        seed=7,
        seats=[
            events.Seat(agent=AGENT, owner=OWNER, version=1, instance="laptop", team=0),
            events.Seat(agent=OPPONENT, owner=OWNER, version=1, instance="laptop", team=1),
        ],
        clock=events.ClockRule(),
        faults=events.FaultRule(plays_on=True),
    ),
    "claimed": events.Claimed(at_ms=AT_MS, runner=RUNNER, epoch=1),
    "claimed-digest": events.Claimed(at_ms=AT_MS, runner=RUNNER, epoch=2, digest=DIGEST),
    "moved": events.Moved(at_ms=AT_MS, ply=0, moves=[events.Move(seat=0, action=4)], rewards=[0.0, 0.0], digest=DIGEST),
    "moved-parallel": events.Moved(
        at_ms=AT_MS,
        ply=3,
        moves=[
            events.Move(seat=0, action=[0.5, -0.5], think_ms=3.25, lag_ms=0.5),
            events.Move(seat=1, action={"fold": True}, by_platform=True),
        ],
        rewards=[1.0, -1.0],
        digest=DIGEST,
    ),
    "faulted": events.Faulted(
        at_ms=AT_MS,
        seat=1,
        ply=5,
        cause=AgentFault.ILLEGAL,
        verdict=Verdict.WARNED,
        expected="one of [0, 2, 5]",
    ),
    "faulted-full": events.Faulted(
        at_ms=AT_MS,
        seat=1,
        ply=5,
        cause=AgentFault.TIMEOUT,
        verdict=Verdict.FORFEITED,
        expected="a reply within 10000 ms",
        evidence="no reply",
        asked_ms=AT_MS - 10_200,
        elapsed_ms=10_200.5,
    ),
    "faulted-evidence": events.Faulted(
        at_ms=AT_MS,
        seat=1,
        ply=12,
        cause=AgentFault.TIMEOUT,
        verdict=Verdict.FORFEITED,
        expected="a reply within 10000 ms",
        evidence="no reply",
        asked_ms=AT_MS - 12_700,
        elapsed_ms=10_200.0,
        forgiven_ms=2_500.0,
        sent=3,
        replied_ms=AT_MS - 100,
        reply_bytes=48,
        connection=Connection.RETURNED,
    ),
    "moved-forgiven": events.Moved(
        at_ms=AT_MS,
        ply=4,
        moves=[events.Move(seat=0, action=4, think_ms=120.5, lag_ms=1.25, forgiven_ms=2_500.0)],
        rewards=[0.0, 0.0],
        digest=DIGEST,
    ),
    "reseated": events.Reseated(at_ms=AT_MS, seat=1, instance="gpu-2"),
    "reseated-full": events.Reseated(at_ms=AT_MS, seat=1, instance="gpu-2", encoding="msgpack"),
    "ended": events.Ended(
        at_ms=AT_MS,
        results=[
            events.Result(seat=0, placement=1, score=1.0),
            events.Result(seat=1, placement=2, score=-1.0),
        ],
        cause=EndCause.FINISHED,
        plies=5,
        digest=DIGEST,
    ),
    "ended-lags": events.Ended(
        at_ms=AT_MS,
        results=[events.Result(seat=0, placement=1, score=1.0), events.Result(seat=1, placement=1, score=1.0)],
        cause=EndCause.FINISHED,
        plies=9,
        digest=DIGEST,
        lags_ms=[0.75, 84.5],
    ),
    "voided": events.Voided(at_ms=AT_MS, cause=PlatformFault.DIVERGED),
    "voided-detail": events.Voided(at_ms=AT_MS, cause=PlatformFault.CRASHED, detail="ValueError in step 3"),
    "voided-abandoned": events.Voided(at_ms=AT_MS, cause=PlatformFault.ABANDONED, detail="no runner for 60 s"),
}
