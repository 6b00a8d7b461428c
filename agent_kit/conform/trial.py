"""One agent on trial: a process of the program, its counterpart, and the line between them."""

import contextlib
import itertools
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from agent_kit.conform.cable import Cable
from agent_kit.conform.counterpart import Counterpart
from agent_kit.conform.foreign import Foreign
from agent_kit.conform.ground import Ground
from agent_kit.conform.positions import Asked, Position
from arena.wire import codec
from arena.wire.play import Action, Turn
from arena.wire.presence import ClientEvent, user
from arena.wire.subjects import CONNECTED

AGAIN_S = 0.5  # a turn that nobody was subscribed to is sent again, as runners do
ALL_GAMES = "*"


class Unmet(Exception):
    """What was expected did not happen; the message says what did."""


class NotTried(Exception):
    """This agent gives no occasion to try it; the message says why."""


class Question(NamedTuple):
    """A turn as it was sent: its bytes, and the number of its reply subject."""

    turn: Turn
    payload: bytes
    sending: int


class Trial:
    """A process of the program, from `open` to `close`, and the same agent again if it ends by itself.

    patience_s: how long to wait for anything that a right agent does at once; start_s: until a program that was started
    says hello.
    """

    def __init__(
        self, ground: Ground, command: Sequence[str], game: Asked, *, patience_s: float, start_s: float, beat_ms: int
    ) -> None:
        self.ground = ground
        self.game = game.info
        self._begin = game.begin
        self.patience_s = patience_s
        self.start_s = start_s
        self._command = command
        self._cable = Cable(urlsplit(ground.server.url).port or 0)
        self._beat_ms = beat_ms
        self._sendings = itertools.count()
        self._matches = itertools.count(1)
        self._program: Foreign | None = None
        self.connected = 0
        self.leaving: Position | None = None  # a match that is played while it takes leave

    async def open(self, *, alone: bool = False, unanswered: int = 0, refusal: bytes = b"") -> None:
        """Take the seats, and start the program. Raises MountFailed.

        alone: no seat is taken, since others will speak to it. unanswered, refusal: as Counterpart has them.
        """
        self.url = await self._cable.open()
        self.subject = self.ground.agent(self.url)
        self.host = Counterpart(self.subject.agent, self._beat_ms)
        self.host.games, self.host.unanswered, self.host.refusal = [self.game], unanswered, refusal
        if not alone:
            await self.host.open(self.ground.bus, self.ground.bus)
        await self.ground.bus.subscribe(CONNECTED.at(), self._on_connected)
        await self.ground.bus.barrier()
        await self.start()

    async def start(self) -> None:
        """Start the program. Raises MountFailed."""
        self._program = await Foreign.start(
            [word.replace("{creds}", str(self.subject.creds)) for word in self._command],
            {"ARENA_CREDS": str(self.subject.creds), "ARENA_NATS_URL": self.url},
            self.ground.home / f"{self.subject.agent}.out",
            self.host.changed,
        )

    async def close(self) -> None:
        """End the program, and the line."""
        if self._program is not None:
            await self._program.close()
        await self._cable.close()

    @property
    def program(self) -> Foreign:
        """The process, once there is one."""
        if self._program is None:
            raise RuntimeError("open the trial first")
        return self._program

    @property
    def cable(self) -> Cable:
        """The agent's line to the server."""
        return self._cable

    def _on_connected(self, message: Any) -> None:
        if user(msgspec.json.decode(message.data, type=ClientEvent)) == self.subject.agent:
            self.connected += 1
            self.host.changed()

    # Waiting

    async def until(self, true: Callable[[], Any], expected: str, timeout_s: float | None = None) -> None:
        """Wait for what the agent does, `patience_s` by default. Raises Unmet when it does not, or ends."""
        timeout_s = timeout_s or self.patience_s
        try:
            await self.host.until_true(lambda: true() or self.program.exit_code is not None, timeout_s)
        except TimeoutError:
            raise Unmet(f"expected {expected} within {timeout_s:g} s") from None
        if not true():
            self._still_here(expected)

    def _still_here(self, expected: str) -> None:
        """Raise Unmet where the program has ended."""
        if (code := self.program.exit_code) is not None:
            raise Unmet(f"expected {expected}; the program ended, with exit code {code}")

    async def heard(self, kind: str, times: int, expected: str, timeout_s: float | None = None) -> Any:
        """Wait until something was heard so often; the last of it. Raises Unmet."""
        await self.until(lambda: len(self.host.all(kind)) >= times, expected, timeout_s)
        return self.host.all(kind)[times - 1]

    async def gone(self, expected: str) -> int:
        """Wait until the program has ended; its exit code. Raises Unmet."""
        await self.until(lambda: self.program.exit_code is not None, expected)
        return self.program.exit_code or 0

    # Playing

    async def awake(self) -> None:
        """See to it that the program is here and has said hello: one that ended is started again. Raises Unmet."""
        if self.program.exit_code is not None:
            hellos = len(self.host.all("hello"))
            await self.program.close()
            self.host.sounds_s.clear()
            await self.start()
            await self.heard("hello", hellos + 1, "a hello of the program that was started again", self.start_s)
        if not {self.game.name, ALL_GAMES} & set(self.host.hello.games):
            games, name = ", ".join(self.host.hello.games), self.game.name
            raise Unmet(f"its hello names {games}; start it so that it plays {name}, or try it with --game")

    def board(self, seat: int = 0) -> Position:
        """A new match, in which it is the agent's turn."""
        while True:
            board = self._begin(f"m{next(self._matches)}{secrets.token_hex(3)}", seat)
            if board.scores is None:  # the others may have ended it before
                return board

    def play(self, board: Position, action: Any) -> None:
        """The agent's move. Raises Unmet where it is no action of the game."""
        try:
            board.play(action)
        except ValueError as error:
            raise Unmet(f"the action is wrong: {error}") from error

    def sending(self) -> int:
        """The number of a reply subject that was never used."""
        return next(self._sendings)

    def turn(self, board: Position, strikes: int = 0) -> Turn:
        """The agent's turn, in the encoding that the agent asked for."""
        return board.turn(self.host.hello.encoding, strikes)

    async def ask(self, turn: Turn, **unknown: Any) -> Question:
        """Send a turn, with fields that no agent of today knows."""
        message: Any = {**msgspec.structs.asdict(turn), **unknown} if unknown else turn
        return await self._send(Question(turn, codec.encode(message, self.host.hello.encoding), self.sending()))

    async def _send(self, question: Question) -> Question:
        turn = question.turn
        await self.host.say("turn", question.payload, self.host.reply(turn.match, turn.seat, question.sending))
        return question

    async def answer(self, question: Question) -> Any:
        """The action that came for a turn that was asked; checked. Raises Unmet.

        Asked again for a while as long as nobody is subscribed, as runners do.
        """
        expected = f"an answer to the turn of ply {question.turn.ply} on its reply subject"
        until_s = time.monotonic() + self.patience_s
        while True:
            sending = question.sending
            await self.until(lambda sending=sending: self.replies(sending), expected)  # type: ignore[misc]
            kind, said = self.replies(sending)[0]
            if kind == "noise":
                raise Unmet(f"the answer is no action in {self.host.hello.encoding}, which the hello asked for: {said}")
            if kind == "move":
                return _legal(question.turn, said)
            if time.monotonic() > until_s:
                raise Unmet(f"nobody is subscribed to the turns of instance {self.host.hello.instance!r}")
            with contextlib.suppress(TimeoutError):
                await self.host.until_true(lambda: self.program.exit_code is not None, AGAIN_S)
            self._still_here(expected)
            question = await self._send(question._replace(sending=self.sending()))

    async def asked(self, turn: Turn, **unknown: Any) -> Any:
        """Ask, and the action that came. Raises Unmet."""
        return await self.answer(await self.ask(turn, **unknown))

    def replies(self, sending: int) -> list[tuple[str, Any]]:
        """What came on a reply subject."""
        kinds = ("move", "noise", "nobody")
        return [(kind, said[1]) for kind, said in self.host.heard if kind in kinds and said[0] == sending]


def _legal(turn: Turn, action: Action) -> Any:
    if action.ply != turn.ply:
        raise Unmet(f"the answer's ply is {action.ply}, expected that of the turn, {turn.ply}")
    if turn.legal is None:
        return action.action
    # 4.0 is 4: not every language has whole numbers.
    if isinstance(action.action, bool) or action.action not in turn.legal:
        raise Unmet(f"the action is {action.action!r}, expected one of the legal ones, {turn.legal}")
    return int(action.action)
