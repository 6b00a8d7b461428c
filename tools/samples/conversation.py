"""What agents and the platform say to each other."""

import msgspec

from arena.wire import lobby, play, said, spaces
from arena.wire.faults import EndCause, NoticeCode, RefusalCode
from tools.samples.names import AGENT, MATCH

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
    "hello-choosy": lobby.Hello(
        instance="laptop",
        games=["chess"],
        opponents=lobby.Opponents(mu_min=20.0, mu_max=40.0, within=5.0),
        unrated=False,
        patient=False,
    ),
    "hello-asked": lobby.Hello(instance="tab-1", games=["*"], ladder=False),
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
    "said": said.Said(ply=4, text="The knight is pinned."),
    "said-progress": said.Said(ply=4, text="depth 11", share=0.5),
    "said-done": said.Said(ply=4, done=True),
    "notice-too-fast": lobby.Notice(
        code=NoticeCode.TOO_FAST,
        message="you send 50,000 messages and 6,400,000 bytes a second: send less, or your connections are ended",
    ),
    "notice-quarantined": lobby.Notice(
        code=NoticeCode.QUARANTINED,
        message="no matches of tictactoe until 14:05 UTC: the last 5 were forfeited",
    ),
}
