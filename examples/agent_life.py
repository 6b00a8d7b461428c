"""An agent's whole life over the HTTP API: ARENA_TOKEN=arena_... python examples/agent_life.py http://127.0.0.1:8000.

The token needs the scopes `read` and `agents`. Speaks HTTP by the standard library; agent_kit plays the matches.
"""

import json
import os
import random
import secrets
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import nkeys

from agent_kit import Turn, run

GAME, MATCHES = "tictactoe", 3
PATIENCE_S = 120.0
CREDS = """# arena-url: {url}
-----BEGIN NATS USER JWT-----
{jwt}
------END NATS USER JWT------
-----BEGIN USER NKEY SEED-----
{seed}
------END USER NKEY SEED------
"""


def ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What the platform answers; HTTPError when it refuses."""
    headers = {"Authorization": f"Bearer {os.environ['ARENA_TOKEN']}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    url = sys.argv[1].rstrip("/") + "/api" + path
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - the caller's own platform
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        return json.loads(answer.read() or b"null")


def credential(path: str, file: Path) -> str:
    """Make a key here, send its public half, and write the file to connect with; returns the public half."""
    seed = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
    public_key = nkeys.from_seed(seed).public_key.decode()
    issued = ask("POST", path, {"public_key": public_key, "label": "agent_life.py"})
    file.touch(mode=0o600)
    file.write_text(CREDS.format(url=issued["url"], jwt=issued["jwt"], seed=seed.decode()))
    return public_key


def policy(turn: Turn) -> int:
    """Any legal move."""
    return random.choice(turn.legal or turn.actions)


def watch(agent: str, playing: threading.Thread) -> None:
    """Say what the agent waits for, as long as it plays."""
    while playing.is_alive():
        state, queue = ask("GET", f"/agents/{agent}/state"), ask("GET", "/queue")
        why = [f"{wait['game']}: {wait['why']}" for wait in state["waits"]]
        print(f"in {state['matches_total']} matches, waits {why}; {queue['running']} matches run on the platform")
        playing.join(timeout=1.0)


def ended(agent: str, count: int) -> list[dict[str, Any]]:
    """The agent's last matches, when they are recorded."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        found: list[dict[str, Any]] = ask("GET", f"/matches?agent={agent}&status=ended")["items"]
        if len(found) >= count:
            return found
        time.sleep(0.2)
    raise SystemExit(f"expected {count} matches to be recorded within {PATIENCE_S:g} s: does a recorder run?")


def main() -> None:
    """From the first breath to the last."""
    agent = ask("POST", "/agents", {"name": f"life-{secrets.token_hex(3)}", "capabilities": ["example"]})["id"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "life.creds")
        first = credential(f"/agents/{agent}/credentials", file)
        options: dict[str, Any] = {"creds": file, "games": [GAME], "matches": MATCHES}
        playing = threading.Thread(target=run, args=(policy,), kwargs=options, daemon=True)
        playing.start()
        watch(agent, playing)
        match = ended(agent, MATCHES)[0]["id"]
        print(ask("GET", f"/matches/{match}/frames?from=0&count=100")["frames"][-1]["text"])
        print(f"match {match}, played again: {ask('GET', f'/matches/{match}/verify')}")
        second = credential(f"/agents/{agent}/credentials/rotate", file)  # the first one is worth nothing now
        print(f"version {ask('POST', f'/agents/{agent}/versions', {'description': 'a new key'})['version']}")
        print(f"played {run(policy, **(options | {'matches': 1}))} more with {second[:6]}... instead of {first[:6]}...")
    print(f"rated {ask('GET', f'/agents/{agent}/ratings')}")
    ask("POST", f"/agents/{agent}/pause")
    ask("DELETE", f"/agents/{agent}")
    print(f"{agent} is no more; its {len(ended(agent, MATCHES + 1))} matches stay")


if __name__ == "__main__":
    main()
