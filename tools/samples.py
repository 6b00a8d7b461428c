"""The values of the golden files, by file name. A sample is never changed and never removed; new ones join."""

import msgspec

from arena.wire import events, inquiry, lobby, play, presence, registry, said, spaces
from arena.wire.faults import AgentFault, Connection, EndCause, NoticeCode, PlatformFault, RefusalCode, Verdict

AGENT = "01kagents0000000000000000a"
OPPONENT = "01kagents0000000000000000b"
OWNER = "01kusers00000000000000000a"
REQUEST = "01krequests000000000000000"
MATCH = "01kmatch00000000000000000a"
RUNNER = "01krunner0000000000000000a"
AT_MS = 1_795_219_200_000
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_BROKEN = registry.BrokenMatch(MATCH, "crashed", frozenset({AGENT}))
_AGENT_COUNTS = registry.AgentCounts(
    game="chess", agent=AGENT, seen_ms=AT_MS, forfeits=[(MATCH, "timeout")], recent=[None, _BROKEN]
)
_GAME_COUNTS = registry.GameCounts(game="chess", seen_ms=AT_MS, row=[_BROKEN], times=1)
_COUNTS = registry.Counts(seq=10_499, agents=[_AGENT_COUNTS], games=[_GAME_COUNTS])

MSGPACK_ONLY = ("turn-array",)  # JSON has nested lists instead

SAMPLES: dict[str, msgspec.Struct] = {
    "hello": lobby.Hello(instance="laptop", games=["tictactoe"]),
    "hello-full": lobby.Hello(
        instance="gpu-1",
        games=["connect_four", "chess"],
        slots=64,
        encoding="msgpack",
        session="5f1c",
        resume=False,
        same_owner=True,
        kit="agent_kit/0.1.0 python/3.11",
    ),
    "hello-all-games": lobby.Hello(instance="laptop", games=["*"], slots=2),
    "hello-stateless": lobby.Hello(instance="gpu-2", games=["*"], slots=8, stateless=True),
    "welcome": lobby.Welcome(
        agent=AGENT,
        name="my-first-agent",
        instance="laptop",
        version=1,
        games=[
            lobby.GameInfo(
                name="tictactoe",
                title="Tic-tac-toe",
                seats=2,
                observation_space="Box(0, 1, (3, 3, 2), int8)",
                action_space="Discrete(9)",
                move_ms=10_000,
                bank_ms=0,
                increment_ms=0,
            )
        ],
        slots=1,
        beat_ms=5_000,
    ),
    "welcome-actions": lobby.Welcome(
        agent=AGENT,
        name="my-first-agent",
        instance="laptop",
        version=2,
        games=[
            lobby.GameInfo(
                name="tictactoe",
                title="Tic-tac-toe",
                seats=2,
                observation_space="Box(0, 1, (3, 3, 2), int8)",
                action_space="Discrete(9)",
                actions=9,
                move_ms=10_000,
                bank_ms=0,
                increment_ms=0,
            )
        ],
        slots=4,
        beat_ms=5_000,
    ),
    "welcome-first-action": lobby.Welcome(
        agent=AGENT,
        name="my-first-agent",
        instance="laptop",
        version=1,
        games=[
            lobby.GameInfo(
                name="lowest_unique",
                title="Lowest unique number",
                seats=4,
                observation_space="Box(0, 20, (4, 6), int32)",
                action_space="Discrete(6, start=1)",
                actions=6,
                first_action=1,
                move_ms=10_000,
                bank_ms=0,
                increment_ms=0,
            )
        ],
        slots=4,
        beat_ms=5_000,
    ),
    "welcome-spaces": lobby.Welcome(
        agent=AGENT,
        name="my-first-agent",
        instance="laptop",
        version=1,
        games=[
            lobby.GameInfo(
                name="duel",
                title="Two against two",
                seats=4,
                observation_space="Box(-inf, inf, (8,), float32)",
                action_space="Discrete(5)",
                actions=5,
                move_ms=10_000,
                bank_ms=0,
                increment_ms=0,
                spaces=[
                    lobby.SeatSpaces(
                        observation=spaces.Box(shape=[8], dtype="float32", low=None, high=None),
                        action=spaces.Discrete(n=5),
                    )
                ],
                teams=[[0, 2], [1, 3]],
            ),
            lobby.GameInfo(
                name="together",
                title="Two together",
                seats=2,
                observation_space="Text(0, 1000)",
                action_space="Dict('say': Text(1, 20), 'show': MultiDiscrete([2 3]))",
                move_ms=10_000,
                bank_ms=0,
                increment_ms=0,
                spaces=[
                    lobby.SeatSpaces(
                        observation=spaces.Text(min=0, max=1_000),
                        action=spaces.Dict(
                            parts={
                                "say": spaces.Text(min=1, max=20, characters="abc"),
                                "show": spaces.MultiDiscrete(shape=[2], n=[2, 3]),
                            }
                        ),
                    )
                ],
                cooperative=True,
            ),
        ],
        slots=4,
        beat_ms=5_000,
    ),
    "refusal": lobby.Refusal(code=RefusalCode.UNKNOWN_GAME, message="unknown game 'tictac'; known: chess, tictactoe"),
    "beat": lobby.Beat(instance="laptop"),
    "beat-session": lobby.Beat(instance="laptop", session="5f1c"),
    "leave": lobby.Leave(instance="laptop"),
    "leave-session": lobby.Leave(instance="laptop", session="5f1c"),
    "goodbye": lobby.Goodbye(matches=[MATCH]),
    "goodbye-free": lobby.Goodbye(matches=[]),
    "notice": lobby.Notice(code=NoticeCode.SAY_HELLO, message="this instance is not on the list: say hello again"),
    "notice-fault": lobby.Notice(
        code=NoticeCode.FAULT, message="illegal: expected one of [0, 2, 5], got 4", match=MATCH
    ),
    "turn": play.Turn(
        match=MATCH,
        game="tictactoe",
        seat=1,
        ply=1,
        observation=[[[0, 0], [0, 0], [0, 0]], [[0, 0], [0, 1], [0, 0]], [[0, 0], [0, 0], [0, 0]]],
        legal=[0, 1, 2, 3, 5, 6, 7, 8],
        left_ms=10_000,
    ),
    "turn-actions": play.Turn(
        match=MATCH,
        game="tictactoe",
        seat=1,
        ply=1,
        observation=[[[0, 0], [0, 0], [0, 0]], [[0, 0], [0, 1], [0, 0]], [[0, 0], [0, 0], [0, 0]]],
        legal=[0, 1, 2, 3, 5, 6, 7, 8],
        left_ms=10_000,
        actions=(0, 9),
    ),
    "turn-full": play.Turn(
        match=MATCH,
        game="texas_holdem",
        seat=0,
        ply=7,
        observation={"cards": [1.0, 0.0], "pot": 12},
        reward=-1.5,
        left_ms=4_312,
        lag_ms=0.75,
        strikes=1,
    ),
    "turn-history": play.Turn(
        match=MATCH,
        game="leduc_holdem",
        seat=1,
        ply=3,
        observation=[0, 1, 0],
        legal=[0, 2],
        left_ms=10_000,
        history=[
            play.Past(ply=1, observation=[1, 1, 0], action=0),
            play.Past(ply=2, observation=[1], action=1, reward=0.5),
        ],
    ),
    "turn-again": play.Turn(
        match=MATCH, game="rock_paper_scissors", seat=0, ply=0, observation=3, left_ms=7_400, actions=(0, 3)
    ),
    "turn-array": play.Turn(  # of an agent that chose msgpack
        match=MATCH,
        game="tictactoe",
        seat=0,
        ply=0,
        observation={"dtype": "int8", "shape": [3, 3, 2], "data": bytes(18)},
        legal=[0, 1, 2, 3, 4, 5, 6, 7, 8],
        left_ms=10_000,
    ),
    "action": play.Action(ply=1, action=4),
    "action-full": play.Action(ply=7, action=[0.25, -1.0], think_ms=12.5),
    "over": play.Over(
        match=MATCH,
        game="tictactoe",
        seat=1,
        placement=1,
        scores=[-1.0, 1.0],
        placements=[2, 1],
        cause=EndCause.FINISHED,
        reward=1.0,
        plies=6,
    ),
    "over-forfeit": play.Over(
        match=MATCH,
        game="tictactoe",
        seat=0,
        placement=2,
        scores=[0.0, 0.0],
        placements=[2, 1],
        cause=EndCause.FORFEIT,
        plies=3,
        faults=["timeout: no valid reply within 10000 ms"],
    ),
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
    "said": said.Said(ply=4, text="The knight is pinned."),
    "said-progress": said.Said(ply=4, text="depth 11", share=0.5),
    "said-done": said.Said(ply=4, done=True),
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
    "voided": events.Voided(at_ms=AT_MS, cause=PlatformFault.DIVERGED),
    "voided-detail": events.Voided(at_ms=AT_MS, cause=PlatformFault.CRASHED, detail="ValueError in step 3"),
    "voided-abandoned": events.Voided(at_ms=AT_MS, cause=PlatformFault.ABANDONED, detail="no runner for 60 s"),
    "notice-too-fast": lobby.Notice(
        code=NoticeCode.TOO_FAST,
        message="you send 50,000 messages and 6,400,000 bytes a second: send less, or your connections are ended",
    ),
    "notice-quarantined": lobby.Notice(
        code=NoticeCode.QUARANTINED,
        message="no matches of tictactoe until 14:05 UTC: the last 5 were forfeited",
    ),
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
    "agent-record-full": registry.AgentRecord(owner=OWNER, name="house-random", version=2, paused=True, house=True),
    "agent-record-closed": registry.AgentRecord(owner=OWNER, name="my-first-agent", open_to="nobody"),
    "rating-record": registry.RatingRecord(mu=25.5, sigma=4.125, played=31, seq=10_482),
    "rating-record-version": registry.RatingRecord(mu=25.5, sigma=4.125, played=31, seq=10_482, version=2),
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
