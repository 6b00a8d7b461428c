"""Arriving and playing: what an agent does as long as nothing breaks."""

from itertools import pairwise
from typing import Any

import msgspec

from agent_kit.conform.check import Check
from agent_kit.conform.trial import NotTried, Trial, Unmet
from arena.wire import codec, subjects
from arena.wire.faults import EndCause, NoticeCode
from arena.wire.lobby import Notice
from arena.wire.play import Over

AT_ONCE_MAX = 4
TURNS_MAX = 40  # of a match
SAME_MAX = 5  # turns that come three times
SOUNDS = 4
SILENT_BEATS = 3  # after so many that were missed, the platform takes an instance for hung
LARGE_CHARACTERS = 600_000
OF_2030: dict[str, Any] = {"of_2030": {"nested": [1, None, "text"]}}


async def connects(trial: Trial) -> None:
    """With its own credentials, which the server's own word proves."""
    expected = f"a connection to {trial.url} with the credentials {trial.subject.creds}"
    await trial.until(lambda: trial.connected, expected, trial.start_s)


async def says_hello(trial: Trial) -> None:
    """A request with valid fields, answerable."""
    host = trial.host
    asked = f"a request to {subjects.HELLO.at(agent=host.agent)}"
    await trial.until(lambda: host.all("hello") or host.all("garbled"), asked, trial.start_s)
    if garbled := host.all("garbled"):
        raise Unmet(f"the hello cannot be read: {garbled[0]}")
    prefix, reply = subjects.inbox(host.agent) + ".", host.replies[0]
    if not reply.startswith(prefix):
        raise Unmet(f"the hello's reply subject is {reply or 'missing'!r}, expected one that begins with {prefix}")


async def insists(trial: Trial) -> None:
    """The first hello is heard by nobody who answers."""
    await trial.heard("hello", 2, "a second hello, as the first one had no answer")
    del trial.host.sounds_s[:-1]  # beat_ms is known from its answer on


async def answers(trial: Trial) -> None:
    """One turn, in the encoding of the hello."""
    await trial.awake()
    await trial.asked(trial.turn(trial.board()))


async def plays(trial: Trial) -> None:
    """A whole match, in the second seat, then the over."""
    await trial.awake()
    board = trial.board(seat=1)
    for _ in range(TURNS_MAX):
        if board.scores is None:
            trial.play(board, await trial.asked(trial.turn(board)))
    scores = board.scores or [0.0] * trial.game.seats  # a long one is broken off
    placements = [1 + sum(other > score for other in scores) for score in scores]
    await trial.host.over(
        board.match, game=trial.game.name, seat=board.seat, scores=scores, placements=placements,
        placement=placements[board.seat], plies=board.ply,
    )  # fmt: skip
    await trial.asked(trial.turn(trial.board()))  # still here


async def plays_at_once(trial: Trial) -> None:
    """As many as it says, and four at most."""
    await trial.awake()
    if (count := min(trial.host.hello.slots, AT_ONCE_MAX)) < 2:
        raise NotTried("its hello offers one slot")
    turns = [trial.turn(trial.board()) for _ in range(count)]
    for question in [await trial.ask(turn) for turn in turns]:
        await trial.answer(question)


async def answers_again(trial: Trial) -> None:
    """The same turn comes again, on another reply subject."""
    await trial.awake()
    board = trial.board()
    for _ in range(SAME_MAX):
        if board.scores is not None:
            break
        first, *others = [await trial.asked(trial.turn(board)) for _ in range(3)]
        if any(other != first for other in others):
            raise Unmet(f"the same turn was answered with {first} first, and then with {others}")
        trial.play(board, first)


async def answers_after_strike(trial: Trial) -> None:
    """Its reply was not accepted: the turn comes again, with strikes."""
    await trial.awake()
    turn = trial.turn(board := trial.board())
    was = await trial.asked(turn)
    fault = Notice(code=NoticeCode.FAULT, message=f"illegal: expected another one, got {was}", match=turn.match)
    await trial.host.say("notice", msgspec.json.encode(fault))
    await trial.asked(trial.turn(board, strikes=1))


async def takes_unknown_fields(trial: Trial) -> None:
    """Messages grow."""
    await trial.awake()
    await trial.asked(trial.turn(board := trial.board()), **OF_2030)
    over = msgspec.structs.asdict(_over(trial, board.match)) | OF_2030
    await trial.host.say("over", codec.encode(over, trial.host.hello.encoding))
    await trial.asked(trial.turn(trial.board()))


async def takes_unknown_kinds(trial: Trial) -> None:
    """A message whose subject ends with a word of a platform to come, and which cannot be decoded."""
    await trial.awake()
    await _stays_silent(trial, "fanfare", b"\xc1")


async def takes_unknown_notices(trial: Trial) -> None:
    """Codes that are not known yet, and those that want nothing."""
    await trial.awake()
    for code in ("of_2030", NoticeCode.QUARANTINED, NoticeCode.TOO_FAST):
        await trial.host.say("notice", msgspec.json.encode({"code": code, "message": f"{code}, by conform", **OF_2030}))
    await trial.asked(trial.turn(trial.board()))


async def answers_turns_only(trial: Trial) -> None:
    """Overs and notices may carry a reply subject, by which the server says whether anybody is here."""
    await trial.awake()
    encoding = trial.host.hello.encoding
    await _stays_silent(trial, "over", codec.encode(_over(trial, trial.board().match), encoding))
    await _stays_silent(trial, "notice", msgspec.json.encode({"code": NoticeCode.PRESENT, "message": ""}))


async def takes_large(trial: Trial) -> None:
    """Observations and histories may be large: as much as a message may have, nearly."""
    await trial.awake()
    await trial.asked(trial.turn(trial.board()), of_2030="x" * LARGE_CHARACTERS)


async def is_heard(trial: Trial) -> None:
    """From the first welcome on, whatever it was doing meanwhile."""
    await trial.awake()
    host = trial.host
    await trial.until(lambda: len(host.sounds_s) >= SOUNDS, f"{SOUNDS} beats or hellos, one every {host.beat_ms} ms")
    longest_ms = max(later - sooner for sooner, later in pairwise(host.sounds_s)) * 1000
    if longest_ms > SILENT_BEATS * host.beat_ms:
        raise Unmet(f"it was not heard for {longest_ms:.0f} ms, where beat_ms is {host.beat_ms}")


async def follows_say_hello(trial: Trial) -> None:
    """The lobby does not know it (any more)."""
    await trial.awake()
    hellos = len(trial.host.all("hello"))
    await trial.host.say("notice", msgspec.json.encode(Notice(code=NoticeCode.SAY_HELLO, message="by conform")))
    await trial.heard("hello", hellos + 1, "a hello after the notice say_hello")


async def _stays_silent(trial: Trial, kind: str, payload: bytes) -> None:
    """Say something with a reply subject; once a later turn is answered, nothing may have come there."""
    sending = trial.sending()
    await trial.host.say(kind, payload, trial.host.reply("nothing", 0, sending))
    await trial.asked(trial.turn(trial.board()))
    if replies := trial.replies(sending):
        raise Unmet(f"a message of kind {kind!r} was answered: {replies[0]}")


def _over(trial: Trial, match: str) -> Over:
    seats = trial.game.seats
    return Over(
        match=match, game=trial.game.name, seat=0, placement=1, scores=[0.0] * seats, placements=[1] * seats,
        cause=EndCause.FINISHED, plies=5,
    )  # fmt: skip


INSISTS = Check(
    "hello-again", True, "says hello again while nobody answers",
    "Give the request a timeout of about 2 s, and repeat it until a welcome or a refusal comes.",
    insists,
)  # fmt: skip
CHECKS = (
    Check(
        "connect", True, "connects with the credentials file",
        "Read the file named by ARENA_CREDS, and connect to ARENA_NATS_URL (or to the file's own `# arena-url:`).",
        connects, gate=True,
    ),
    Check(
        "hello", True, "says a valid hello, whose answer can reach it",
        "Send a request with at least instance and games, as JSON, from a client whose inbox prefix is "
        f"{subjects.inbox('<id>')}.",
        says_hello, gate=True,
    ),
    INSISTS,
    Check(
        "turn", True, "answers a turn with its ply and a legal action, in the encoding of its hello",
        f"Subscribe to {subjects.said_to('<id>')} before you say hello, and publish ply and action to the message's "
        "reply subject.",
        answers, gate=True,
    ),
    Check(
        "match", True, "plays a whole match, and takes its result",
        "Answer every turn; an over wants no answer.",
        plays,
    ),
    Check(
        "at-once", True, "plays several matches at once, if it offers several slots",
        "Tell matches apart by `match`, and do not wait for the end of one: or offer one slot.",
        plays_at_once,
    ),
    Check(
        "same-turn", True, "answers the same turn again, with the same action",
        "Keep your last answer of each match, and send it where match, ply and strikes are the same.",
        answers_again,
    ),
    Check(
        "strike", True, "answers a turn that comes again after a strike",
        "The same match and ply with more strikes is a new question: think again.",
        answers_after_strike,
    ),
    Check(
        "unknown-fields", True, "ignores fields that it does not know",
        "Let your decoder skip them: messages grow.",
        takes_unknown_fields,
    ),
    Check(
        "unknown-kinds", True, "ignores messages of a kind that it does not know",
        "Look at the last token of the subject: .turn, .over and .notice are yours, and all else is not even decoded.",
        takes_unknown_kinds,
    ),
    Check(
        "unknown-notices", True, "goes on after notices, be their code known or not",
        "Print a notice that you do not know, and go on. Notices are JSON, whatever your encoding.",
        takes_unknown_notices,
    ),
    Check(
        "turns-only", True, "answers turns, and nothing else",
        "Do not answer overs and notices, even where they carry a reply subject.",
        answers_turns_only,
    ),
    Check(
        "large", True, f"takes a turn of {LARGE_CHARACTERS // 1000} KB",
        "Let your client take messages of up to 1 MB.",
        takes_large,
    ),
    Check(
        "beats", True, "is heard every beat_ms, also while it thinks",
        "Publish a beat (or say hello again) from a timer that a long thought does not stop.",
        is_heard,
    ),
    Check(
        "say-hello", True, "says hello when it is told to",
        "At the notice `say_hello`, send your hello again; repeating it all the time does, too.",
        follows_say_hello,
    ),
)  # fmt: skip
