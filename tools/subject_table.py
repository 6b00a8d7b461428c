"""subjects.md: the subject table for people."""

from collections.abc import Iterable

from arena.wire import subjects
from arena.wire.subjects import Role, Subject

CONVERSATIONS = {
    "arena.lobby.": "Lobby: an agent and the matchmaker",
    "arena.agent.": "Play: a runner and an agent",
    "arena.move.": "Play: a runner and an agent",
    "arena.say.": "Beside the game: what agents say while they think",
    "arena.event.": "The log (JetStream stream `EVENTS`)",
    "arena.runner.": "Capacity",
    "arena.server.": "Presence",
    "arena.presence.": "Presence",
    "arena.inquiry.": "Inquiries: what only the matchmaker knows",
}

HEAD = """# Subjects

<!-- Generated from arena/wire/subjects.py by `make docs`. -->

Every subject of the platform, with who may publish and who may subscribe. The server enforces it: a role's permissions
are made from this table and from nothing else. What travels on a subject is described by a JSON Schema in
[docs/protocol/schemas](docs/protocol/schemas) and, all together, by the AsyncAPI document
[docs/protocol/asyncapi.json](docs/protocol/asyncapi.json). For writing an agent, [docs/protocol.md](docs/protocol.md)
is enough.

A `request` names a reply subject and is answered there; a `reply` is such an answer; a `message` is not answered; an
`event` is appended to the log and acknowledged by it. `{name}` stands for one token, `[A-Za-z0-9_-]{1,64}`.
"""

TAIL = f"""
## Streams, consumers, buckets

| name | what |
|---|---|
| stream `{subjects.EVENTS_STREAM}` | the log: `{subjects.EVENTS_ALL}` |
| stream `{subjects.SAID_STREAM}` | `{subjects.SAID_ALL}`, for a time: nobody's truth |
| consumer `{subjects.RECORDER_CONSUMER}` | the recorder's durable reading of the whole log |
| consumer `{subjects.runner_consumer("{game}")}` | what a game's runners share: one `created` is one match to claim |
| bucket `{subjects.AGENTS_BUCKET}` | `{{agent}}` -> AgentRecord: registrar to matchmaker |
| bucket `{subjects.RATINGS_BUCKET}` | `{{game}}.{{agent}}` -> RatingRecord: recorder to matchmaker |
| bucket `{subjects.LEASES_BUCKET}` | what is held -> Lease: one holder, for as long as it renews |
| bucket `{subjects.QUARANTINE_BUCKET}` | `{{game}}` or `{{game}}.{{agent}}` -> Quarantine: no matches for a while |
| bucket `{subjects.REQUESTS_BUCKET}` | `{{request}}` -> Request: matches that somebody asked for, API to matchmaker |
| stream `{subjects.DEAD_STREAM}` | dead letters: what the server says of claims that were delivered too often |
| inboxes `{subjects.inbox("{name}")}.>` | answers to one connection's own requests; nobody else can subscribe to them |
"""


def conversation(row: Subject) -> str:
    """The heading under which a row stands. Raises KeyError for a subject of no known conversation."""
    prefix = ".".join(row.template.split(".")[:2]) + "."
    return CONVERSATIONS[prefix]


def markdown() -> str:
    """The whole page."""
    parts = [HEAD]
    for heading in dict.fromkeys(CONVERSATIONS.values()):
        rows = [row for row in subjects.TABLE if conversation(row) == heading]
        parts.append(f"\n## {heading}\n\n| subject | kind | payload | from -> to | why |\n|---|---|---|---|---|\n")
        parts += [_line(row) for row in rows]
    return "".join([*parts, _matrix(), TAIL])


def _line(row: Subject) -> str:
    payload = _names(row.payload) + (f", answered by {_names(row.reply)}" if row.reply else "")
    ends = f"{', '.join(row.publishers) or 'the server'} -> {', '.join(row.subscribers)}"
    return f"| `{row.template}` | {row.kind} | {payload} | {ends} | {row.why} |\n"


def _names(types: Iterable[type]) -> str:
    return " or ".join(f"[{type_.__name__}](docs/protocol/schemas/{type_.__name__}.json)" for type_ in types)


def _matrix() -> str:
    roles = [role for role in Role if any(role in (*row.publishers, *row.subscribers) for row in subjects.TABLE)]
    lines = [
        "\n## Who may do what\n\n`P` publishes, `S` subscribes, `A` answers when asked.\n",
        f"| | {' | '.join(roles)} |",
        "|---" * (len(roles) + 1) + "|",
    ]
    lines += [f"| {row.name} | {' | '.join(_right(row, role) for role in roles)} |" for row in subjects.TABLE]
    return "\n".join(lines) + "\n"


def _right(row: Subject, role: Role) -> str:
    publishes = "A" if row.kind == "reply" else "P"
    return publishes * (role in row.publishers) + "S" * (role in row.subscribers)
