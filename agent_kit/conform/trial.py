"""One agent on trial: a process of the program, its counterpart, and the line between them."""

import itertools
import secrets
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from agent_kit.conform.cable import Cable
from agent_kit.conform.counterpart import Counterpart
from agent_kit.conform.foreign import Foreign
from agent_kit.conform.ground import Ground
from agent_kit.conform.tictactoe import INFO, NAME, Board
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


class Trial:
    """A process of the program, from `open` to `close`, and the same agent again if it ends by itself.

    patience_s: how long to wait for anything that a right agent does at once.
    """

    def __init__(self, ground: Ground, command: Sequence[str], *, patience_s: float, beat_ms: int) -> None:
        self.ground = ground
        self.patience_s = patience_s
        self._command = command
        self._cable = Cable(urlsplit(ground.server.url).port or 0)
        self._beat_ms = beat_ms
        self._sendings = itertools.count()
        self._matches = itertools.count(1)
        self.connected = 0
        self.leaving: Board | None = None  # a match that is played while it takes leave

    async def open(self, *, alone: bool = False, unanswered: int = 0, refusal: bytes = b"") -> None:
        """Take the seats, and start the program. Raises MountFailed.

        alone: no seat is taken, since others will speak to it. unanswered, refusal: as Counterpart has them.
        """
        self.url = await self._cable.open()
        self.subject = self.ground.agent(self.url)
        self.host = Counterpart(self.subject.agent, self._beat_ms)
        self.host.games, self.host.unanswered, self.host.refusal = [INFO], unanswered, refusal
        if not alone:
            await self.host.open(self.ground.bus, self.ground.bus)
        await self.ground.bus.subscribe(CONNECTED.at(), self._on_connected)
        await self.ground.bus.barrier()
        await self.start()

    async def start(self) -> None:
        """Start the program. Raises MountFailed."""
        self.program = await Foreign.start(
            [word.replace("{creds}", str(self.subject.creds)) for word in self._command],
            {"ARENA_CREDS": str(self.subject.creds), "ARENA_NATS_URL": self.url},
            self.ground.home / f"{self.subject.agent}.out",
            self.host.changed,
        )

    async def close(self) -> None:
        """End the program, and the line."""
        await self.program.close()
        await self._cable.close()

    @property
    def cable(self) -> Cable:
        """The agent's line to the server."""
        return self._cable

    def _on_connected(self, message: Any) -> None:
        if user(msgspec.json.decode(message.data, type=ClientEvent)) == self.subject.agent:
            self.connected += 1
            self.host.changed()

    # Waiting

    async def until(self, true: Callable[[], Any], expected: str) -> None:
        """Wait for what the agent does. Raises Unmet when it does not, or ends."""
        try:
            await self.host.until_true(lambda: true() or self.program.exit_code is not None, self.patience_s)
        except TimeoutError:
            raise Unmet(f"expected {expected} within {self.patience_s:g} s{self._said()}") from None
        if not true():
            raise Unmet(
                f"expected {expected}; the program ended, with exit code {self.program.exit_code}{self._said()}"
            )

    async def heard(self, kind: str, times: int, expected: str) -> Any:
        """Wait until something was heard so often; the last of it. Raises Unmet."""
        await self.until(lambda: len(self.host.all(kind)) >= times, expected)
        return self.host.all(kind)[times - 1]

    async def gone(self, expected: str) -> int:
        """Wait until the program has ended; its exit code. Raises Unmet."""
        try:
            await self.host.until_true(lambda: self.program.exit_code is not None, self.patience_s)
        except TimeoutError:
            raise Unmet(f"expected {expected} within {self.patience_s:g} s, and it runs{self._said()}") from None
        return self.program.exit_code or 0

    def _said(self) -> str:
        said = self.program.said()
        return f"; the program's last words: {said}" if said else "; the program said nothing"

    # Playing

    async def awake(self) -> None:
        """See to it that the program is here and has said hello: one that ended is started again. Raises Unmet."""
        if self.program.exit_code is not None:
            hellos = len(self.host.all("hello"))
            await self.program.close()
            await self.start()
            await self.heard("hello", hellos + 1, "a hello of the program that was started again")
        if not {NAME, ALL_GAMES} & set(self.host.hello.games):
            games = ", ".join(self.host.hello.games)
            raise Unmet(
                f"its hello names {games}; start it so that it plays {NAME} (or *), which is what is asked here"
            )

    def board(self) -> Board:
        """A new match."""
        return Board(f"m{next(self._matches)}{secrets.token_hex(3)}")

    def sending(self) -> int:
        """The number of a reply subject that was never used."""
        return next(self._sendings)

    def turn(self, board: Board, strikes: int = 0) -> Turn:
        """The mover's turn, in the encoding that the agent asked for."""
        return board.turn(self.host.hello.encoding, strikes)

    async def ask(self, turn: Turn, **unknown: Any) -> int:
        """Send a turn, with fields that no agent of today knows; returns its sending."""
        sending = self.sending()
        message: Any = {**msgspec.structs.asdict(turn), **unknown} if unknown else turn
        payload = codec.encode(message, self.host.hello.encoding)
        await self.host.say("turn", payload, self.host.reply(turn.match, turn.seat, sending))
        return sending

    async def answer(self, turn: Turn, sending: int) -> int:
        """The action that came for a turn that was asked; checked. Raises Unmet."""
        await self.until(lambda: self.replies(sending), f"an answer to the turn of ply {turn.ply} on its reply subject")
        kind, said = self.replies(sending)[0]
        if kind == "nobody":
            raise Unmet(f"nobody is subscribed to the turns of instance {self.host.hello.instance!r}{self._said()}")
        if kind == "noise":
            raise Unmet(f"the answer is no action in {self.host.hello.encoding}, which the hello asked for: {said}")
        return _legal(turn, said)

    async def asked(self, turn: Turn, **unknown: Any) -> int:
        """Ask, and the action that came. Raises Unmet."""
        return await self.answer(turn, await self.ask(turn, **unknown))

    def replies(self, sending: int) -> list[tuple[str, Any]]:
        """What came on a reply subject."""
        kinds = ("move", "noise", "nobody")
        return [(kind, said[1]) for kind, said in self.host.heard if kind in kinds and said[0] == sending]


def _legal(turn: Turn, action: Action) -> int:
    if action.ply != turn.ply:
        raise Unmet(f"the answer's ply is {action.ply}, expected that of the turn, {turn.ply}")
    legal = turn.legal or []
    if isinstance(action.action, bool) or not isinstance(action.action, int) or action.action not in legal:
        raise Unmet(f"the action is {action.action!r}, expected one of the legal ones, {legal}")
    return action.action
