"""Ask for matches of your agent, and see what comes of them; Ctrl-C cancels the rest.

ARENA_TOKEN=arena_... python examples/request_matches.py http://127.0.0.1:8000 connect_four AGENT --against OPPONENT

AGENT and OPPONENT are ids; the token needs the scopes `read` and `matches`, and both agents must be mounted.
"""

import argparse
import json
import os
import time
import urllib.error
import urllib.request
from typing import Any

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("url")
options.add_argument("game")
options.add_argument("agent")
options.add_argument("--against", nargs="+", required=True)
options.add_argument("--count", type=int, default=100)


def ask(url: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What the platform answers; SystemExit with its reason when it refuses."""
    headers = {"Authorization": f"Bearer {os.environ['ARENA_TOKEN']}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url.rstrip('/')}/api/{path}", data, headers, method=method)  # noqa: S310 - own
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the caller's own platform
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as refused:
        raise SystemExit(json.load(refused)["detail"]) from None


def main() -> None:
    """Until the last one is over."""
    given = options.parse_args()
    wanted = {"game": given.game, "agent": given.agent, "opponents": given.against, "count": given.count}
    made = ask(given.url, "POST", "requests", wanted)
    try:
        while made["status"] in ("queued", "running"):
            time.sleep(1.0)
            made = ask(given.url, "GET", f"requests/{made['id']}")
            so_far = made["progress"]
            print("{wins} won, {draws} drawn, {losses} lost, {voided} voided".format(**so_far), flush=True)
    except KeyboardInterrupt:
        ask(given.url, "DELETE", f"requests/{made['id']}")
    print(f"matches: {given.url.rstrip('/')}/api/matches?request={made['id']}")


if __name__ == "__main__":
    main()
