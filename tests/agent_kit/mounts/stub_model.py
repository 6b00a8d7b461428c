"""A local server that speaks as a language model's does, as well or as badly as a script says."""

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LEGAL = re.compile(r"with one of: (.*)")


class StubModel:
    """What it was asked; it answers as the script names `_Handler`'s methods, one for each request, then `legal`."""

    def __init__(self, *script: str) -> None:
        self.script = list(script)
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stub": self}))
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self._lock = threading.Lock()

    def next(self, question: dict[str, Any], headers: dict[str, str]) -> str:
        with self._lock:
            self.asked.append(question)
            self.headers.append(headers)
            return self.script.pop(0) if self.script else "legal"

    @contextlib.contextmanager
    def serving(self) -> Iterator["StubModel"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    stub: StubModel
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # nobody waits any more
            getattr(self, self.stub.next(question, dict(self.headers)))(question)

    def legal(self, question: dict[str, Any]) -> None:
        """The first action that the last message names."""
        named = LEGAL.search(question["messages"][-1]["content"])
        action = named[1].split(", ")[0] if named else "hello there"
        self.says(f'I thought about {{it}}. ```json\n{{"action": {json.dumps(action)}}}\n```')

    def illegal(self, _: Any) -> None:
        self.says('{"action": "e9"}')

    def prose(self, _: Any) -> None:
        self.says("I would take the middle.")

    def garbage(self, _: Any) -> None:
        self.send(200, b"<html>it works!</html>")

    def empty(self, _: Any) -> None:
        self.send(200, b'{"choices": []}')

    def busy(self, _: Any) -> None:
        self.send(429, b'{"error": "slow down"}', {"Retry-After": "0.05"})

    def down(self, _: Any) -> None:
        self.send(503, b"no capacity")

    def stranger(self, _: Any) -> None:
        self.send(401, b'{"error": {"message": "Incorrect API key provided"}}')

    def hang(self, _: Any) -> None:
        """No answer until the test is over."""
        self.stub.over.wait(60)

    def drip(self, _: Any) -> None:
        """A byte now and then: each read succeeds, the whole never ends."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        while not self.stub.over.wait(0.05):
            self.wfile.write(b" ")

    def says(self, text: str) -> None:
        usage = {"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107}
        self.send(200, json.dumps({"choices": [{"message": {"content": text}}], "usage": usage}).encode())

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""
