// Plays random legal moves. npm ci && node random_agent.js my-bot.creds [game ...]
import { readFileSync } from "node:fs";
import { connect, credsAuthenticator } from "@nats-io/transport-node";
const [file = process.env.ARENA_CREDS, ...games] = process.argv.slice(2), creds = readFileSync(file);
const me = JSON.parse(Buffer.from(/^eyJ\S+/m.exec(creds)[0].split(".")[1], "base64url")).name; // the agent's id
const login = { authenticator: credsAuthenticator(creds), inboxPrefix: `_INBOX.${me}`, maxReconnectAttempts: -1 };
const servers = process.env.ARENA_NATS_URL ?? /^# arena-url: (\S+)/m.exec(creds)?.[1];
const nats = await connect({ servers, ...login });
nats.closed().then((error) => process.exit(console.error(error) ?? 1)); // for good: revoked or expired
nats.subscribe(`arena.agent.${me}.>`, { callback: (error, message) => {
  if (!message.subject.endsWith(".turn")) return console.log(message.string()); // a match is over, or a notice
  const { match, ply, legal } = message.json(), chance = parseInt(match.slice(-8), 36) + 7 * ply; // twice: the same
  message.respond(JSON.stringify({ ply, action: legal[chance % legal.length] }));
} });
const hello = JSON.stringify({ instance: "js", games: games.length ? games : ["tictactoe"], slots: 4 });
for (;;) { // a hello said again is the sign of life
  const answer = await nats.request(`arena.lobby.${me}.hello`, hello).then((reply) => reply.json(), console.error);
  if (answer?.type === "refusal") throw new Error(answer.message);
  await new Promise((later) => setTimeout(later, answer?.beat_ms ?? 1000));
}
