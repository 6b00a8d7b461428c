"""One question to a language model behind an OpenAI-compatible address: POST {url}/chat/completions.

(The form is that of OpenAI's "Create chat completion", which vLLM, llama.cpp, Ollama, LiteLLM and others speak too.)
"""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from agent_kit.errors import MountFailed
from agent_kit.extras import need

URL = "https://api.openai.com/v1"
URL_VARIABLE = "OPENAI_BASE_URL"
ANSWER_BYTES_MAX = 4 << 20
CHARS_SHOWN = 300  # of what came instead of an answer
TEMPORARY = {408, 409, 425, 429}  # and 500 and above: the same question may be answered later
HERE = {"localhost", "127.0.0.1", "::1"}

Message = dict[str, str]


class Completion(NamedTuple):
    """An answer, what it cost in tokens (0 where the server does not say), and how long it took."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float


class Unanswered(Exception):
    """No answer this time. `wait_s`: how long the server wants to be left alone, 0 if it does not say."""

    def __init__(self, message: str, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Said(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Said


class _Answer(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


_decode = msgspec.json.Decoder(_Answer).decode


class Chat:
    """A model at an address. The key comes from an environment variable and goes nowhere else."""

    def __init__(self, model: str, url: str, key_variable: str, settings: Mapping[str, Any]) -> None:
        """Raises MountFailed for an address that is none, or that would carry the key in the clear."""
        self._httpx = need("httpx", "llm")
        url = (url or os.environ.get(URL_VARIABLE) or URL).rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise MountFailed(f"expected an address like {URL}, got {url!r}")
        key = os.environ.get(key_variable, "")
        if key and parts.scheme == "http" and parts.hostname not in HERE:
            raise MountFailed(f"{url} is not encrypted, and {key_variable} would be open to all: use https://")
        self._url = f"{url}/chat/completions"
        self._key_variable = key_variable
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._model = model
        self._settings = dict(settings)
        self._tls = self._httpx.create_ssl_context()  # once: it takes longer than all else of a question

    async def complete(self, messages: Sequence[Message], seconds: float) -> Completion:
        """The model's answer. Raises Unanswered, and MountFailed where asking again is of no use."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                status, headers, body = await self._post({"model": self._model, "messages": messages, **self._settings})
        except TimeoutError:
            raise Unanswered(f"no answer within {seconds:.1f} s") from None
        except self._httpx.HTTPError as error:
            raise Unanswered(f"{self._url}: {error or type(error).__name__}") from error
        if status != 200:
            self._refused(status, headers, body)
        try:
            answer = _decode(body)
            text = answer.choices[0].message.content or ""
        except (msgspec.DecodeError, IndexError) as error:
            raise Unanswered(f"what came is no completion ({error}): {_shown(body)}") from error
        usage = answer.usage or _Usage()
        return Completion(text, usage.prompt_tokens, usage.completion_tokens, time.monotonic() - began)

    async def _post(self, question: dict[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body. Each has a connection of its own: nothing is left open when we are cancelled."""
        body = bytearray()
        async with (
            self._httpx.AsyncClient(timeout=None, verify=self._tls, headers=self._headers) as client,
            client.stream("POST", self._url, json=question) as response,
        ):
            async for part in response.aiter_bytes():
                body += part
                if len(body) > ANSWER_BYTES_MAX:
                    raise Unanswered(f"an answer of more than {ANSWER_BYTES_MAX:,} bytes")
            return response.status_code, response.headers, bytes(body)

    def _refused(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Raises what a status other than 200 means."""
        said = f"{self._url} answered {status}: {_shown(body)}"
        if status in TEMPORARY or status >= 500:
            raise Unanswered(said, _seconds(headers.get("retry-after", "")))
        if status in {401, 403} and not self._headers:
            said += f" (no key was sent: environment variable {self._key_variable} is not set)"
        raise MountFailed(said)


def _shown(body: bytes) -> str:
    return " ".join(body[: 4 * CHARS_SHOWN].decode(errors="replace").split())[:CHARS_SHOWN]


def _seconds(retry_after: str) -> float:
    """Retry-After in seconds; its form as a date is taken for nothing said."""
    try:
        return max(float(retry_after), 0.0)
    except ValueError:
        return 0.0
