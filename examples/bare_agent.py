"""Plays random legal moves with nats-py and no more of Arena: python bare_agent.py my-bot.creds [game ...]."""

import asyncio, base64, json, nats, os, pathlib, re, sys  # noqa: E401, I001 - what it needs, in one line

creds = pathlib.Path(file := (sys.argv[1:] or [os.environ["ARENA_CREDS"]])[0]).read_text()
me = json.loads(base64.urlsafe_b64decode(re.search(r"(?m)^eyJ[^.]+\.([^.]+)", creds)[1] + "=="))["name"]  # its id
url = os.environ.get("ARENA_NATS_URL") or re.search(r"(?m)^# arena-url: (\S+)", creds)[1]


async def main() -> None:
    client = await nats.connect(url, user_credentials=file, inbox_prefix=f"_INBOX.{me}", max_reconnect_attempts=-1)

    async def on_message(message: nats.aio.msg.Msg) -> None:
        if message.subject.endswith(".turn"):  # else a match is over, or it is a notice
            match, ply, legal = map(json.loads(message.data).get, ("match", "ply", "legal"))
            chance = int(match[-8:], 36) + 7 * ply  # the same turn again: the same action
            await message.respond(json.dumps({"ply": ply, "action": legal[chance % len(legal)]}).encode())

    await client.subscribe(f"arena.agent.{me}.>", cb=on_message)
    hello = json.dumps({"instance": "py", "games": sys.argv[2:] or ["tictactoe"], "slots": 4}).encode()
    while True:  # a hello said again is the sign of life; once the connection is closed for good, it raises
        try:
            answer = json.loads((await client.request(f"arena.lobby.{me}.hello", hello, timeout=2)).data)
            await asyncio.sleep(answer["beat_ms"] / 1000) if "beat_ms" in answer else sys.exit(answer["message"])
        except (nats.errors.TimeoutError, nats.errors.NoRespondersError):
            await asyncio.sleep(1)


asyncio.run(main())
