"""What the platform's services share and ask each other."""

import msgspec

from arena.wire import inquiry, presence, registry
from tools.samples.names import AGENT, AT_MS, MATCH, OPPONENT, OWNER, REQUEST, RUNNER

_BROKEN = registry.BrokenMatch(MATCH, "crashed", frozenset({AGENT}))
_AGENT_COUNTS = registry.AgentCounts(
    game="chess", agent=AGENT, seen_ms=AT_MS, forfeits=[(MATCH, "timeout")], recent=[None, _BROKEN]
)
_GAME_COUNTS = registry.GameCounts(game="chess", seen_ms=AT_MS, row=[_BROKEN], times=1)
_COUNTS = registry.Counts(seq=10_499, agents=[_AGENT_COUNTS], games=[_GAME_COUNTS])

SAMPLES: dict[str, msgspec.Struct] = {
    "silent": presence.Silent(instance="laptop", silent_ms=15_200),
    "successor": presence.Successor(instance="laptop", by="gpu-2", encoding="msgpack"),
    "client-event": presence.ClientEvent(client=presence.Client(id=8, name="laptop", jwt="e30.e30.c2ln")),
    "client-event-ended": presence.ClientEvent(
        client=presence.Client(id=8, name="laptop", jwt="e30.e30.c2ln"), reason="Stale Connection"
    ),
    "inquiry": inquiry.Inquiry(),
    "agent-state": inquiry.AgentState(
        agent=AGENT,
        at_ms=AT_MS,
        instances=[
            inquiry.InstanceState(
                instance="gpu-1",
                state="here",
                games=["chess", "tictactoe"],
                slots=4,
                busy=1,
                free=3,
                heard_ago_ms=1_200,
                stateless=True,
            )
        ],
        matches=[inquiry.SeatState(match=MATCH, game="tictactoe", seat=1, instance="gpu-1")],
        matches_total=1,
        waits=[
            inquiry.Wait(
                game="tictactoe",
                waiting=3,
                since_ms=AT_MS - 2_500,
                why="1 opponents are needed, 0 wait",
                estimated_ms=4_000,
            ),
            inquiry.Wait(
                game="chess",
                waiting=0,
                since_ms=None,
                why="quarantined",
                estimated_ms=None,
                quarantined_until_ms=AT_MS + 60_000,
            ),
        ],
    ),
    "agent-state-reasons": inquiry.AgentState(
        agent=AGENT,
        at_ms=AT_MS,
        instances=[],
        matches=[],
        matches_total=0,
        waits=[
            inquiry.Wait(
                game="chess",
                waiting=1,
                since_ms=AT_MS - 2_500,
                why="the nearest rating is 3.1 units away, 2.2 are accepted; so far in 2 s",
                estimated_ms=1_800,
                reason=inquiry.Reason(code="far", numbers={"gap": 3.1, "limit": 2.25, "wait_ms": 1_700.0}),
            ),
            inquiry.Wait(
                game="go",
                waiting=1,
                since_ms=None,
                why="no runner plays this game now",
                estimated_ms=None,
                reason=inquiry.Reason(code="no_runner"),
            ),
        ],
    ),
    "agents-inquiry": inquiry.AgentsInquiry(agents=[AGENT, OPPONENT]),
    "agents-state": inquiry.AgentsState(
        at_ms=AT_MS,
        agents=[
            inquiry.AgentPresence(agent=AGENT, doing="playing", instances=2, absent=1, matches=3, free=5),
            inquiry.AgentPresence(agent=OPPONENT, doing="absent", instances=0, absent=0, matches=0, free=0),
        ],
    ),
    "queue-state-agents": inquiry.QueueState(at_ms=AT_MS, games=[], running=41, room=471, agents=7, instances=9),
    "queue-state": inquiry.QueueState(
        at_ms=AT_MS,
        games=[
            inquiry.GameQueue(
                game="tictactoe",
                waiting=12,
                agents=7,
                oldest_ms=2_500,
                matches_per_minute=34.5,
                estimated_ms=900,
                playable=True,
            )
        ],
        running=41,
        room=471,
    ),
    "quarantine-game": registry.Quarantine(
        game="chess", why="3 matches in a row were voided", matches=[MATCH], since_ms=AT_MS, until_ms=AT_MS + 600_000
    ),
    "quarantine-agent": registry.Quarantine(
        game="chess",
        agent=AGENT,
        why="the last 5 matches were forfeited: timeout",
        matches=[MATCH],
        times=2,
        since_ms=AT_MS,
        until_ms=AT_MS + 120_000,
    ),
    "dead-letter": registry.DeadLetter(consumer="runner-chess", stream_seq=10_482, deliveries=100),
    "runner-beat": registry.RunnerBeat(runner=RUNNER, games=["chess", "tictactoe"], capacity=512, playing=12),
    "runner-beat-draining": registry.RunnerBeat(
        runner=RUNNER, games=["tictactoe"], capacity=512, playing=3, draining=True
    ),
    "agent-record": registry.AgentRecord(owner=OWNER, name="my-first-agent"),
    "agent-record-limited": registry.AgentRecord(owner=OWNER, name="my-first-agent", hourly_max=60),
    "agent-record-full": registry.AgentRecord(owner=OWNER, name="house-random", version=2, paused=True, house=True),
    "agent-record-closed": registry.AgentRecord(owner=OWNER, name="my-first-agent", open_to="nobody"),
    "rating-record": registry.RatingRecord(mu=25.5, sigma=4.125, played=31, seq=10_482),
    "rating-record-version": registry.RatingRecord(mu=25.5, sigma=4.125, played=31, seq=10_482, version=2),
    "rating-record-rated": registry.RatingRecord(
        mu=25.5, sigma=4.125, played=31, seq=10_482, version=2, rated_ms=AT_MS
    ),
    "house-bot": registry.HouseBot(game="tictactoe", bot="random", agent=AGENT, creds="tictactoe-random.creds"),
    "log-position": registry.LogPosition(seq=10_482),
    "log-position-made": registry.LogPosition(seq=10_482, made={REQUEST: 31}),
    "log-position-counts": registry.LogPosition(seq=10_482, counts=_COUNTS),
    "counts": _COUNTS,
    "agent-counts": _AGENT_COUNTS,
    "game-counts": _GAME_COUNTS,
    "broken-match": _BROKEN,
    "request": registry.Request(
        owner=OWNER, game="tictactoe", agent=AGENT, opponents=[OPPONENT], count=1_000, created_ms=AT_MS
    ),
    "request-cancelled": registry.Request(
        owner=OWNER, game="taxi", agent=AGENT, count=10, created_ms=AT_MS, cancelled_ms=AT_MS + 60_000, closed=True
    ),
    "request-patient": registry.Request(
        owner=OWNER, game="chess", agent=AGENT, opponents=[OPPONENT], clock="patient", count=1, created_ms=AT_MS
    ),
    "rating-range": registry.RatingRange(low=20.0, high=32.5),
    "request-rated": registry.Request(
        owner=OWNER,
        game="chess",
        agent=AGENT,
        rating=registry.RatingRange(low=20.0, high=32.5),
        rated=True,
        count=1_000,
        created_ms=AT_MS,
    ),
    "lease": registry.Lease(holder=RUNNER, since_ms=AT_MS),
}
