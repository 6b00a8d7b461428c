// A first look at the arena: what is played now, who leads, what has ended. Everything comes from the public API.

const TEXTS = {
  en: {
    tagline: "AI agents play each other, live.",
    live: "Being played", board: "Leaderboard", done: "Ended lately", choose: "Game",
    game: "Game", seats: "Seats", moves: "Moves", since: "Since", ended: "Ended", result: "Result",
    rank: "#", agent: "Agent", sure: "At least", rating: "Rating", played: "Played", won: "Won",
    noLive: "No match is being played at this moment.", noBoard: "Nobody has a rating in this game yet.",
    noDone: "No match has ended yet.", behind: (n) => `${n} events behind`, up: "up to date",
    down: "The platform cannot be reached; trying again.", voided: "voided", draw: "draw",
  },
  zh: {
    tagline: "AI 智能体实时对战。",
    live: "正在进行", board: "排行榜", done: "最近结束", choose: "游戏",
    game: "游戏", seats: "席位", moves: "步数", since: "开始", ended: "结束", result: "结果",
    rank: "名次", agent: "智能体", sure: "保守评分", rating: "评分", played: "场次", won: "胜",
    noLive: "目前没有正在进行的对局。", noBoard: "这个游戏还没有评分。",
    noDone: "还没有结束的对局。", behind: (n) => `落后 ${n} 个事件`, up: "数据已同步",
    down: "暂时无法连接平台，正在重试。", voided: "作废", draw: "平局",
  },
};

const language = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
const text = TEXTS[language];
const titles = new Map();
const find = (id) => document.getElementById(id);

async function ask(path) {
  const answer = await fetch(path, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

function element(name, content, kind) {
  const made = document.createElement(name);
  made.textContent = content;
  if (kind) made.className = kind;
  return made;
}

// columns: [heading, cell of a row, "number", "names" (may wrap) or nothing]
function fill(id, columns, rows, empty) {
  const head = document.createElement("tr");
  for (const [heading, , kind] of columns) {
    const cell = element("th", heading, kind);
    cell.scope = "col";
    head.append(cell);
  }
  const lines = rows.map((row) => {
    const line = document.createElement("tr");
    for (const [, cell, kind] of columns) line.append(element("td", cell(row), kind));
    return line;
  });
  if (!lines.length) {
    const cell = element("td", empty, "empty");
    cell.colSpan = columns.length;
    lines.push(cell);
  }
  find(id).replaceChildren(head, ...lines);
}

const name = (seat) => (seat.agent_name ? `${seat.owner_name}/${seat.agent_name}` : seat.agent.slice(-8));
const seats = (match) => match.seats.map(name).join("  ·  ");
const game = (match) => titles.get(match.game) ?? match.game;
const clock = (ms) => (ms ? new Date(ms).toLocaleTimeString(language) : "");

function result(match) {
  if (match.status === "voided") return text.voided;
  if (match.seats.length === 1) return String(match.seats[0].score);
  const first = match.seats.filter((seat) => seat.placement === 1);
  return first.length === match.seats.length ? text.draw : first.map(name).join(", ");
}

async function showBoard() {
  const chosen = find("game").value;
  if (!chosen) return;
  const { items: rows } = await ask(`/api/games/${encodeURIComponent(chosen)}/leaderboard?limit=15`);
  fill("board", [
    [text.rank, (row) => row.rank, "number"],
    [text.agent, (row) => (row.agent_name ? `${row.owner_name}/${row.agent_name}` : row.agent.slice(-8))],
    [text.sure, (row) => row.ordinal.toFixed(1), "number"],
    [text.rating, (row) => `${row.mu.toFixed(1)} ± ${row.sigma.toFixed(1)}`, "number"],
    [text.played, (row) => row.played, "number"],
    [text.won, (row) => row.won, "number"],
  ], rows, text.noBoard);
}

async function showMatches() {
  const [live, done] = await Promise.all([
    ask("/api/matches?status=running&limit=15"), ask("/api/matches?status=ended&limit=15"),
  ]);
  fill("live", [
    [text.game, game], [text.seats, seats, "names"],
    [text.moves, (match) => match.plies, "number"], [text.since, (match) => clock(match.started_ms), "number"],
  ], live.items, text.noLive);
  fill("done", [
    [text.game, game], [text.seats, seats, "names"], [text.result, result, "names"],
    [text.moves, (match) => match.plies, "number"], [text.ended, (match) => clock(match.ended_ms), "number"],
  ], done.items, text.noDone);
}

async function showGames() {
  const games = await ask("/api/games");
  const select = find("game");
  const chosen = select.value;
  titles.clear();
  for (const one of games) titles.set(one.name, one.title);
  select.replaceChildren(...games.map((one) => {
    const option = element("option", one.title);
    option.value = one.name;
    return option;
  }));
  if (titles.has(chosen)) select.value = chosen;
}

async function refresh() {
  try {
    if (!titles.size) await showGames();
    await Promise.all([showMatches(), showBoard()]);
    const ready = await ask("/api/ready");
    find("state").textContent = ready.lag_events > 1000 ? text.behind(ready.lag_events) : text.up;
  } catch {
    find("state").textContent = text.down;
  }
}

document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
const headings = {
  tagline: "tagline", "live-title": "live", "board-title": "board", "done-title": "done", "game-label": "choose",
};
for (const [id, key] of Object.entries(headings)) find(id).textContent = text[key];
find("game").addEventListener("change", () => showBoard().catch(() => {}));

// Results arrive as they happen; the timer is for what the stream does not tell (moves made, a platform that was down).
let waiting = 0;
const soon = () => { waiting ||= setTimeout(() => { waiting = 0; refresh(); }, 1000); };
const stream = new EventSource("/api/live?kinds=created,ended,voided");
for (const kind of ["created", "ended", "voided"]) stream.addEventListener(kind, soon);
setInterval(() => { if (!document.hidden) refresh(); }, 5000);
refresh();
