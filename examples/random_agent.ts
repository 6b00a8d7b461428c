// Plays random legal moves, in msgpack. npm ci && node random_agent.ts my-bot.creds [game] (Node 22.18 or newer)
import { readFileSync } from "node:fs";
import { decode, encode } from "@msgpack/msgpack";
import { connect, credsAuthenticator, type Msg } from "@nats-io/transport-node";
const [file = process.env.ARENA_CREDS!, game = "tictactoe"] = process.argv.slice(2), text = readFileSync(file, "utf8");
const me: string = JSON.parse(Buffer.from(/^eyJ\S+/m.exec(text)![0].split(".")[1], "base64url").toString()).name;
const login = { authenticator: credsAuthenticator(Buffer.from(text)), inboxPrefix: `_INBOX.${me}` };
const servers = process.env.ARENA_NATS_URL ?? /^# arena-url: (\S+)/m.exec(text)?.[1];
const nats = await connect({ servers, ...login, maxReconnectAttempts: -1 });
nats.closed().then((error) => process.exit(console.error(error) ?? 1)); // for good: revoked or expired
nats.subscribe(`arena.agent.${me}.>`, { callback: (_: Error | null, message: Msg): void => {
  if (!message.subject.endsWith(".turn")) return; // a match is over, or a notice
  const { match, ply, legal } = decode(message.data) as { match: string; ply: number; legal: number[] };
  message.respond(encode({ ply, action: legal[(parseInt(match.slice(-8), 36) + 7 * ply) % legal.length] }));
} }); // by chance, but the same turn, which may come twice, has the same answer
const hello = JSON.stringify({ instance: "ts", games: [game], slots: 4, encoding: "msgpack" });
for (;;) { // a hello said again is the sign of life
  const answer = await nats.request(`arena.lobby.${me}.hello`, hello).then((reply) => reply.json<any>(), console.error);
  if (answer?.type === "refusal") throw new Error(answer.message);
  await new Promise((later) => setTimeout(later, answer?.beat_ms ?? 1000));
}
