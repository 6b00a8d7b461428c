"""An agent with bare nats-py that is right but for the flaw it is started with: python flawed.py FLAW."""

import asyncio
import base64
import json
import os
import pathlib
import random
import re
import signal
import sys
import time

import nats

FLAW = sys.argv[1]
CREDS = os.environ["ARENA_CREDS"]
ME = json.loads(
    base64.urlsafe_b64decode(re.search(r"(?m)^eyJ[^.]+\.([^.]+)", pathlib.Path(CREDS).read_text())[1] + "==")
)["name"]
FIELDS = {
    *("match", "game", "seat", "ply", "observation", "legal", "left_ms", "strikes", "actions", "reward", "lag_ms"),
    "history",
}


class Agent:
    def __init__(self, client):
        self.client = client
        self.hello = {"instance": "flawed", "games": ["tictactoe"], "slots": 1 if FLAW == "one-slot" else 3}
        self.answered = []

    async def on_message(self, message):
        kind = message.subject.rpartition(".")[2]
        if kind == "turn":
            await self.on_turn(message)
        elif kind == "notice" and json.loads(message.data)["code"] not in {"fault", "present"}:
            if FLAW == "dies-of-notices":
                os._exit(3)
        elif kind not in {"over", "notice"} and FLAW == "dies-of-kinds":
            os._exit(4)
        elif message.reply and FLAW == "answers-all":
            await message.respond(b"{}")

    async def on_turn(self, message):
        turn = json.loads(message.data)
        if FLAW == "strict" and set(turn) - FIELDS:
            os._exit(5)
        question = [turn["match"], turn["ply"], turn.get("strikes", 0)]
        if FLAW == "silent-to-the-same" and question in self.answered:
            return
        if FLAW == "one-at-a-time" and self.answered and self.answered[-1][0] != turn["match"] and turn["ply"] == 0:
            return
        self.answered.append(question)
        draw = random.Random(None if FLAW == "fickle" else str(question)).choice
        action = {"illegal": 9, "a-text": "4"}.get(FLAW, draw(turn["legal"]))
        if FLAW == "thinks-in-the-loop":
            until_s = time.monotonic() + 1.5
            while time.monotonic() < until_s:
                pass
        answer = json.dumps({"ply": turn["ply"] + (FLAW == "wrong-ply"), "action": action}).encode()
        await message.respond(b"\xff\x00" if FLAW == "noise" else answer)
        if FLAW == "verbose":
            self.client._max_payload = 100_000  # as clients that do not look
            await self.client.publish(f"arena.say.{ME}.{turn['match']}.thinking", bytes(70_000))

    async def arrive(self):
        subject, hello = f"arena.lobby.{ME}.hello", json.dumps(self.hello)
        if FLAW == "published":
            await self.client.publish(subject, hello.encode())
            await asyncio.Event().wait()
        while True:
            try:
                return json.loads((await self.client.request(subject, hello.encode(), timeout=0.5)).data)
            except nats.errors.TimeoutError:
                if FLAW == "asks-once":
                    await asyncio.Event().wait()

    async def beat(self):
        while True:
            answer = await self.arrive()
            await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.1)
            if answer["type"] == "refusal":
                if FLAW == "hammers":
                    continue
                sys.exit(1 if FLAW == "mute" else answer["message"])
            if FLAW == "one-hello":
                await asyncio.Event().wait()


async def main():
    options = {"inbox_prefix": f"_INBOX.{ME}", "max_reconnect_attempts": -1, "reconnect_time_wait": 0.1}
    if FLAW == "usual-inbox":
        del options["inbox_prefix"]
    if FLAW == "gives-up":
        options["allow_reconnect"] = False
    if FLAW == "no-connection":
        sys.exit(6)
    client = await nats.connect(os.environ["ARENA_NATS_URL"], user_credentials=CREDS, **options)
    agent = Agent(client)
    if FLAW == "other-games":
        agent.hello["games"] = ["chess"]
    if FLAW == "bad-hello":
        agent.hello["slots"] = "many"
    if FLAW != "deaf":
        await client.subscribe(f"arena.agent.{ME}.>", cb=agent.on_message)
    if FLAW == "curious":
        await client.subscribe("arena.agent.*.*.turn")
    if FLAW == "stays":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: None)
    if FLAW == "leaves-at-once":
        ask = client.publish(f"arena.lobby.{ME}.leave", json.dumps({"instance": "flawed"}).encode())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: asyncio.create_task(leave(ask, client)))
    await agent.beat()


async def leave(ask, client):
    await ask
    await client.flush()
    os._exit(0)


asyncio.run(main())
