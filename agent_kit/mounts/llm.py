"""A language model behind an OpenAI-compatible address: `run(llm.mount("MODEL", url="http://localhost:8000/v1"))`.

On the command line: `agent-kit run llm:MODEL --with url=http://localhost:8000/v1`.  The key is read from environment
variable OPENAI_API_KEY (or the one that `key_variable` names), the address from OPENAI_BASE_URL where none is given.
"""

import asyncio
import logging
import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent_kit.errors import MountFailed
from agent_kit.mounts import prompts
from agent_kit.mounts.chat import Chat, Completion, Message, Unanswered
from agent_kit.mounts.engines import MARGIN, chance
from agent_kit.policy import Agent
from agent_kit.readings import Reading, read
from agent_kit.turn import Over, Turn

TRIES = 4
LEAST_S = 0.2  # less time than this is not worth a question
PAUSES_S = (0.5, 1.0, 2.0, 4.0)  # where the server does not say how long to wait
PAST_MAX = 40  # own earlier moves in a prompt
SAID_CHARS_MAX = 2_000  # of an answer that is taken for the action as it is

log = logging.getLogger("agent_kit")


def mount(
    model: str,
    *,
    url: str = "",
    key_variable: str = "OPENAI_API_KEY",
    rules: str = "",
    tries: int = TRIES,
    settings: Mapping[str, Any] | None = None,
    describe: Callable[[Turn], Reading] = read,
) -> "LanguageModel":
    """An agent that asks a language model.

    model: its name at the server. rules: of the game, instead of those known for the shipped games. tries: questions
    for one move, an answer that is no legal action or no answer at all being one; after them, or when the clock is
    nearly out, chance moves. settings: more fields of the request, as {"temperature": 0.2, "max_tokens": 400}.
    describe: what a turn is shown as, with the names of its actions. `usage` of what is returned counts tokens and
    seconds.  Raises MountFailed for an address that cannot be used, or where httpx is not installed.
    """
    if tries < 1:
        raise MountFailed(f"expected at least one try, got tries={tries}")
    return LanguageModel(Chat(model, url, key_variable, settings or {}), rules, tries, describe)


@dataclass
class Usage:
    """What questions cost. seconds_max: of the slowest answer. refused: answers without a legal action."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    seconds_max: float = 0.0
    refused: int = 0
    unanswered: int = 0
    by_chance: int = 0  # moves that were not the model's

    def add(self, completion: Completion) -> None:
        """Count an answer."""
        self.calls += 1
        self.prompt_tokens += completion.prompt_tokens
        self.completion_tokens += completion.completion_tokens
        self.seconds += completion.seconds
        self.seconds_max = max(self.seconds_max, completion.seconds)

    def __str__(self) -> str:
        mean_s = self.seconds / self.calls if self.calls else 0.0
        return (
            f"{self.calls} answers in {mean_s:.2f} s each ({self.seconds_max:.2f} s at most), {self.prompt_tokens} + "
            f"{self.completion_tokens} tokens, {self.refused} refused, {self.unanswered} questions unanswered, "
            f"{self.by_chance} moves by chance"
        )


class LanguageModel(Agent):
    """Asks for each turn; explains what was wrong with an answer, and asks again."""

    def __init__(self, chat: Chat, rules: str, tries: int, describe: Callable[[Turn], Reading]) -> None:
        self.usage = Usage()
        self._chat = chat
        self._rules = rules
        self._tries = tries
        self._describe = describe
        self._matches: defaultdict[str, Usage] = defaultdict(Usage)
        self._past: defaultdict[str, list[str]] = defaultdict(list)

    async def turn(self, turn: Turn) -> Any:
        """The model's action."""
        ends = time.monotonic() + turn.left_ms / 1000 * (1 - MARGIN)
        reading, past = self._describe(turn), self._past[turn.match]
        messages = [
            {"role": "system", "content": prompts.system(turn, self._rules)},
            {"role": "user", "content": prompts.position(turn, reading, past[-PAST_MAX:])},
        ]
        action = await self._asked(turn, reading, messages, ends)
        if not isinstance(turn.observation, str):  # where games are of words, they tell what was said
            past.append(prompts.remembered(turn, reading, action))
        return action

    async def over(self, over: Over) -> None:
        """Log what the match cost."""
        self._past.pop(over.match, None)
        log.info("match %s, placed %d: %s", over.match, over.placement, self._matches.pop(over.match, Usage()))

    async def _asked(self, turn: Turn, reading: Reading, messages: list[Message], ends: float) -> Any:
        usages, text = (self.usage, self._matches[turn.match]), ""
        for attempt in range(self._tries):
            left_s = ends - time.monotonic()
            if left_s < LEAST_S:
                break
            try:
                completion = await self._chat.complete(messages, left_s)
            except Unanswered as error:
                _count(usages, "unanswered")
                log.warning("%s at %r", error, turn)
                await self._pause(error.wait_s or PAUSES_S[min(attempt, len(PAUSES_S) - 1)], ends)
                continue
            for usage in usages:
                usage.add(completion)
            text = completion.text
            turn.think(text)
            try:
                return prompts.action_of(text, reading)
            except prompts.NoAction as error:
                _count(usages, "refused")
                log.info("refused an answer at %r: %s", turn, error)
                messages += [{"role": "assistant", "content": text}, {"role": "user", "content": str(error)}]
        return self._without(turn, text, usages)

    def _without(self, turn: Turn, text: str, usages: tuple[Usage, ...]) -> Any:
        """A move where there is no answer that names one."""
        _count(usages, "by_chance")
        if text and not turn.actions and turn.legal is None:
            said = "".join(letter for letter in text if letter.isprintable() or letter == "\n")
            return said[:SAID_CHARS_MAX]  # a game of words: what it answered is what it says
        log.warning("no legal answer at %r: chance moves instead", turn)
        return chance(turn)

    async def _pause(self, wait_s: float, ends: float) -> None:
        """Wait before the next question, but not beyond the time there is."""
        await asyncio.sleep(max(min(wait_s * random.uniform(1.0, 1.25), ends - time.monotonic()), 0.0))


def _count(usages: tuple[Usage, ...], what: str) -> None:
    for usage in usages:
        setattr(usage, what, getattr(usage, what) + 1)
