"""What breaks: the line, the program's own end, a refusal, and credentials that are revoked."""

import asyncio
import contextlib

import msgspec

from agent_kit.conform.check import Check
from agent_kit.conform.trial import NotTried, Trial, Unmet
from arena.wire import subjects

REFUSED_CODE = "of_2030"
REFUSED_WORDS = "this lobby takes nobody on Sundays"
REFUSED_S = 3.0  # for so long one who is refused is watched
REFUSED_HELLOS_MAX = 10  # in that time
CALLS_AFTER_REVOKED_MAX = 3


async def comes_back(trial: Trial) -> None:
    """The line is cut, and the first try to connect again fails."""
    await trial.awake()
    turn = trial.turn(trial.board())
    was, before, hellos = await trial.asked(turn), trial.host.hello, len(trial.host.all("hello"))
    trial.cable.cut(down=True)
    try:
        async with asyncio.timeout(trial.patience_s):
            await trial.cable.refused.wait()
    except TimeoutError:
        raise Unmet(f"it did not try to connect again within {trial.patience_s:g} s") from None
    finally:
        trial.cable.down = False
    now = await trial.heard("hello", hellos + 1, "a hello on the new connection")
    if (now.instance, now.session) != (before.instance, before.session):
        raise Unmet(f"it came back as {now.instance!r} ({now.session!r}), was {before.instance!r} ({before.session!r})")
    if (again := await trial.asked(turn)) != was:
        raise Unmet(f"the turn that it had answered with {was} was answered with {again} on the new connection")


async def keeps_within_bounds(trial: Trial) -> None:
    """By the server's log, which has all that was sent before a turn was answered."""
    with contextlib.suppress(Unmet):
        await trial.asked(trial.turn(trial.board()))
    if violations := trial.ground.violations(trial.subject):
        raise Unmet(f"the server denied it: {'; '.join(violations[:3])}")


async def takes_leave(trial: Trial) -> None:
    """SIGTERM, while a match is played."""
    await trial.awake()
    trial.leaving = board = trial.board()
    trial.play(board, await trial.asked(trial.turn(board)))
    trial.host.playing = [board.match]
    trial.program.terminate()
    await trial.heard("leave", 1, "a leave after SIGTERM")


async def plays_on(trial: Trial) -> None:
    """The goodbye named a match."""
    if not trial.host.all("leave") or trial.leaving is None:
        raise NotTried("it did not take leave")
    if trial.leaving.scores is not None:
        raise NotTried("the match was over with its first move")
    await trial.asked(trial.turn(trial.leaving))


async def ends(trial: Trial) -> None:
    """Its last match is over."""
    if not trial.host.all("leave") or trial.leaving is None:
        raise NotTried("it did not take leave")
    if trial.program.exit_code is None:
        await trial.host.over(trial.leaving.match, game=trial.game.name)
    if code := await trial.gone("the program's end after its last match"):
        raise Unmet(f"it ended with exit code {code}, expected 0")


async def takes_refusal(trial: Trial) -> None:
    """Of a code that it does not know: no welcome."""
    await trial.heard("hello", 1, "a hello", trial.start_s)
    with contextlib.suppress(TimeoutError):  # it may well wait and ask again
        await trial.host.until_true(lambda: trial.program.exit_code is not None, REFUSED_S)
    if (hellos := len(trial.host.all("hello"))) > REFUSED_HELLOS_MAX:
        raise Unmet(f"it said hello {hellos} times in {REFUSED_S:g} s, though it was refused")


async def tells_refusal(trial: Trial) -> None:
    """To whoever started it."""
    if REFUSED_WORDS not in trial.program.said():
        raise Unmet(f"expected the refusal's message, {REFUSED_WORDS!r}, in the program's output")


async def gives_up(trial: Trial) -> None:
    """Credentials are revoked in the middle of it all."""
    await trial.heard("hello", 1, "a hello", trial.start_s)
    await trial.awake()
    await trial.asked(trial.turn(trial.board()))
    calls = trial.cable.calls
    await trial.ground.revoke(trial.subject)
    try:
        await trial.gone("the program's end")
    except Unmet as running:
        if (more := trial.cable.calls - calls) > CALLS_AFTER_REVOKED_MAX:
            raise Unmet(f"it tried to connect {more} times with credentials that are revoked") from running


async def tells_revoked(trial: Trial) -> None:
    """By its exit code, and in words."""
    if trial.program.exit_code is None:
        raise Unmet("it runs, though it can do nothing any more")
    if trial.program.exit_code == 0 or not trial.program.said():
        said = "something" if trial.program.said() else "nothing"
        raise Unmet(f"it ended with exit code {trial.program.exit_code} and said {said}")


CHECKS = (
    Check(
        "reconnect", True, "comes back after the line was cut: hello, and the same answer to the same turn",
        "Reconnect without end (many clients give up after some tries unless told otherwise), and say hello with the "
        "same instance and session each time.",
        comes_back,
    ),
    Check(
        "bounds", True, "asks the server for nothing that it may not",
        f"Subscribe to {subjects.said_to('<id>')} and your inbox only, at most 8 times; publish to the lobby's "
        f"subjects, {subjects.SAY.any(agent='<id>')} and reply subjects only, at most 64 KiB a message.",
        keeps_within_bounds,
    ),
    Check(
        "leave", False, "takes leave at SIGTERM",
        f"Send a request to {subjects.LEAVE.any(agent='<id>')} before you go: else you are seated in "
        "matches that you will forfeit.",
        takes_leave,
    ),
    Check(
        "leave-plays-on", False, "plays those matches on that the goodbye names",
        "Go on answering turns until those matches are over.",
        plays_on,
    ),
    Check("leave-ends", False, "ends when they are over", "Close the connection and exit with 0.", ends),
)  # fmt: skip

REFUSED = (
    Check(
        "refusal", True, "takes a refusal for one, also of a code that it does not know",
        "Look at the answer's type: only a welcome is one. Wait some seconds before you ask again, or end.",
        takes_refusal,
    ),
    Check("refusal-told", False, "shows the refusal's message", "Print it: it says what was expected.", tells_refusal),
)  # fmt: skip

REVOKED = (
    Check(
        "revoked", True, "does not try for ever with credentials that are revoked",
        "When the server closes the connection for good, end: new credentials are needed.",
        gives_up,
    ),
    Check(
        "revoked-told", False, "ends then with a message, and an exit code that is not 0",
        "Print why the connection was closed, and exit with 1.",
        tells_revoked,
    ),
)  # fmt: skip


def refusal() -> bytes:
    """What the lobby says to one who is refused."""
    return msgspec.json.encode({"type": "refusal", "code": REFUSED_CODE, "message": REFUSED_WORDS})
