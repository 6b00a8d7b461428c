"""Every subject of the platform, declared once.

From this table come the permissions that the server enforces (arena.credentials.roles), `subjects.md`, the AsyncAPI
document and the JSON Schemas (`make docs`). No subject is written anywhere else: format it with
`SUBJECT.at(agent=..., instance=...)`, subscribe with `SUBJECT.any()` or `SUBJECT.any(agent=...)`.
"""

import re
from enum import StrEnum
from typing import Literal

import msgspec

from arena.wire import events, inquiry, lobby, play, presence, registry, said
from arena.wire.ids import is_token


class Role(StrEnum):
    """Who connects. Each role is one scoped signing key of the ARENA account."""

    AGENT = "agent"
    MATCHMAKER = "matchmaker"
    RUNNER = "runner"
    RECORDER = "recorder"
    API = "api"
    REGISTRAR = "registrar"  # provisions streams, consumers and buckets; writes agents' records
    BOTS = "bots"  # the process that runs the house bots; each of them connects as the agent it is


AGENT, MATCHMAKER, RUNNER, RECORDER, API, REGISTRAR, BOTS = Role
SERVICES = (MATCHMAKER, RUNNER, RECORDER, API, BOTS)
_PARAMETER = re.compile(r"\{(\w+)\}")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table."""

    name: str
    template: str
    kind: Literal["message", "request", "reply", "event"]
    payload: tuple[type, ...]
    reply: tuple[type, ...] = ()
    publishers: tuple[Role, ...]
    subscribers: tuple[Role, ...]
    why: str

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the template's parameters, in order."""
        return tuple(_PARAMETER.findall(self.template))

    def at(self, **tokens: str | int) -> str:
        """The subject with every parameter filled in. KeyError for a missing one, ValueError for what is no token."""
        for name, token in tokens.items():
            if not is_token(str(token)):
                raise ValueError(f"{name}={token!r} cannot stand in a subject: expected [A-Za-z0-9_-]{{1,64}}")
        return self.template.format_map(tokens)

    def any(self, **tokens: str | int) -> str:
        """The subject to subscribe to: parameters not given are wildcards."""
        return _PARAMETER.sub(lambda found: str(tokens.get(found[1], "*")), self.template)

    def parse(self, subject: str) -> dict[str, str]:
        """Parameters of a concrete subject of this row. Raises ValueError for a subject of another one."""
        wanted, got = self.template.split("."), subject.split(".")
        if len(wanted) != len(got):
            raise ValueError(f"{subject!r} is not of the form {self.template!r}")
        tokens: dict[str, str] = {}
        for slot, token in zip(wanted, got, strict=True):
            if slot.startswith("{"):
                tokens[slot[1:-1]] = token
            elif slot != token:
                raise ValueError(f"{subject!r} is not of the form {self.template!r}")
        return tokens


HELLO = Subject(
    name="hello",
    template="arena.lobby.{agent}.hello",
    kind="request",
    payload=(lobby.Hello,),
    reply=(lobby.Welcome, lobby.Refusal),
    publishers=(AGENT,),
    subscribers=(MATCHMAKER, RUNNER),
    why="An instance offers its match slots. The active matchmaker answers; standbys listen, so that a takeover "
    "starts with the whole lobby; runners listen to send pending turns again after a reconnect.",
)
BEAT = Subject(
    name="beat",
    template="arena.lobby.{agent}.beat",
    kind="message",
    payload=(lobby.Beat,),
    publishers=(AGENT,),
    subscribers=(MATCHMAKER,),
    why="The instance is still here; without it (or a repeated hello) it is taken off the list.",
)
LEAVE = Subject(
    name="leave",
    template="arena.lobby.{agent}.leave",
    kind="request",
    payload=(lobby.Leave,),
    reply=(lobby.Goodbye,),
    publishers=(AGENT,),
    subscribers=(MATCHMAKER,),
    why="Graceful departure: no new matches; the answer names those that are still to be played to their end.",
)
TURN = Subject(
    name="turn",
    template="arena.agent.{agent}.{instance}.turn",
    kind="request",
    payload=(play.Turn,),
    reply=(play.Action,),
    publishers=(RUNNER,),
    subscribers=(AGENT,),
    why="Your move. Only the agent itself can see it: the subject carries its id, and the server checks.",
)
MOVE = Subject(
    name="move",
    template="arena.move.{runner}.{match}.{seat}.{sending}",
    kind="reply",
    payload=(play.Action,),
    publishers=(AGENT,),
    subscribers=(RUNNER,),
    why="Where the answers to turns arrive: one fixed reply subject per seat (`sending` 0), another one each time a "
    "turn is sent again. An agent has no permission to publish here but the server's leave to answer a request, once.",
)
OVER = Subject(
    name="over",
    template="arena.agent.{agent}.{instance}.over",
    kind="message",
    payload=(play.Over,),
    publishers=(RUNNER,),
    subscribers=(AGENT,),
    why="The match is over for this seat: result, cause, and every fault it was charged with.",
)
NOTICE = Subject(
    name="notice",
    template="arena.agent.{agent}.{instance}.notice",
    kind="message",
    payload=(lobby.Notice,),
    publishers=(MATCHMAKER, RUNNER, API),
    subscribers=(AGENT,),
    why="Something the agent's author should know: a reply not accepted, a pause, a hello wanted.",
)
SAY = Subject(
    name="say",
    template="arena.say.{agent}.{match}.{kind}",
    kind="message",
    payload=(said.Said,),
    publishers=(AGENT,),
    subscribers=(RUNNER, API),
    why="What an agent thinks, how far it is, what it remarks: live for those who watch, never in the way of a move.",
)
CREATED = Subject(
    name="created",
    template="arena.event.{game}.{match}.created",
    kind="event",
    payload=(events.Created,),
    publishers=(MATCHMAKER,),
    subscribers=(RUNNER, MATCHMAKER, RECORDER, API),
    why="A match exists. Runners share one durable consumer per game on these: claims are consumers.",
)
CLAIMED = Subject(
    name="claimed",
    template="arena.event.{game}.{match}.claimed",
    kind="event",
    payload=(events.Claimed,),
    publishers=(RUNNER,),
    subscribers=(MATCHMAKER, RECORDER, API),
    why="A runner plays it now; earlier claimants can no longer write.",
)
MOVED = Subject(
    name="moved",
    template="arena.event.{game}.{match}.moved",
    kind="event",
    payload=(events.Moved,),
    publishers=(RUNNER,),
    subscribers=(RECORDER, API),
    why="One step of the environment, acknowledged by the log before anyone sees its consequence.",
)
FAULTED = Subject(
    name="faulted",
    template="arena.event.{game}.{match}.faulted",
    kind="event",
    payload=(events.Faulted,),
    publishers=(RUNNER,),
    subscribers=(MATCHMAKER, RECORDER, API),
    why="An agent's fault, with evidence.",
)
RESEATED = Subject(
    name="reseated",
    template="arena.event.{game}.{match}.reseated",
    kind="event",
    payload=(events.Reseated,),
    publishers=(RUNNER,),
    subscribers=(MATCHMAKER, RECORDER, API),
    why="Another instance of a stateless agent plays on for one that is gone.",
)
ENDED = Subject(
    name="ended",
    template="arena.event.{game}.{match}.ended",
    kind="event",
    payload=(events.Ended,),
    publishers=(RUNNER,),
    subscribers=(RECORDER, MATCHMAKER, API),
    why="The result. It frees the seats' slots and moves the ratings.",
)
VOIDED = Subject(
    name="voided",
    template="arena.event.{game}.{match}.voided",
    kind="event",
    payload=(events.Voided,),
    publishers=(RUNNER, MATCHMAKER),
    subscribers=(RECORDER, MATCHMAKER, API),
    why="A platform fault ended the match: it frees the slots and charges nobody.",
)
RUNNER_BEAT = Subject(
    name="runner_beat",
    template="arena.runner.{runner}.beat",
    kind="message",
    payload=(registry.RunnerBeat,),
    publishers=(RUNNER,),
    subscribers=(MATCHMAKER, API),
    why="Capacity: the matchmaker makes no match that no runner has room for.",
)

CONNECTED = Subject(
    name="connected",
    template="arena.server.connected",
    kind="message",
    payload=(presence.ClientEvent,),
    publishers=(),
    subscribers=(RUNNER, MATCHMAKER, API),
    why="The server's word that a connection began: an agent that comes back is asked again, and the API notes when "
    "a credential was last used.",
)
DISCONNECTED = Subject(
    name="disconnected",
    template="arena.server.disconnected",
    kind="message",
    payload=(presence.ClientEvent,),
    publishers=(),
    subscribers=(RUNNER, MATCHMAKER),
    why="The server's word that a connection ended: a dead process is noticed at once.",
)
SILENT = Subject(
    name="silent",
    template="arena.presence.{agent}.silent",
    kind="message",
    payload=(presence.Silent,),
    publishers=(MATCHMAKER,),
    subscribers=(RUNNER,),
    why="An instance that hangs: it missed its beats.",
)
SUCCESSOR = Subject(
    name="successor",
    template="arena.presence.{agent}.successor",
    kind="message",
    payload=(presence.Successor,),
    publishers=(MATCHMAKER,),
    subscribers=(RUNNER,),
    why="Another instance of a stateless agent may take over the seats of one that is gone.",
)
INQUIRY_AGENT = Subject(
    name="inquiry_agent",
    template="arena.inquiry.agent.{agent}",
    kind="request",
    payload=(inquiry.Inquiry,),
    reply=(inquiry.AgentState,),
    publishers=(API,),
    subscribers=(MATCHMAKER,),
    why="What an agent's owner wants to know: who is here, what it plays, why it is not matched yet.",
)
INQUIRY_AGENTS = Subject(
    name="inquiry_agents",
    template="arena.inquiry.agents",
    kind="request",
    payload=(inquiry.AgentsInquiry,),
    reply=(inquiry.AgentsState,),
    publishers=(API,),
    subscribers=(MATCHMAKER,),
    why="Who of a page of agents plays, waits or is away: a list is shown by one request, not by one for each.",
)
INQUIRY_QUEUE = Subject(
    name="inquiry_queue",
    template="arena.inquiry.queue",
    kind="request",
    payload=(inquiry.Inquiry,),
    reply=(inquiry.QueueState,),
    publishers=(API,),
    subscribers=(MATCHMAKER,),
    why="How long the queues are. Only the active matchmaker knows, and answers.",
)

TABLE: tuple[Subject, ...] = (
    HELLO,
    BEAT,
    LEAVE,
    TURN,
    MOVE,
    OVER,
    NOTICE,
    SAY,
    CREATED,
    CLAIMED,
    MOVED,
    FAULTED,
    RESEATED,
    ENDED,
    VOIDED,
    RUNNER_BEAT,
    CONNECTED,
    DISCONNECTED,
    SILENT,
    SUCCESSOR,
    INQUIRY_AGENT,
    INQUIRY_AGENTS,
    INQUIRY_QUEUE,
)

EVENTS_STREAM = "EVENTS"
EVENTS_ALL = "arena.event.>"
RECORDER_CONSUMER = "recorder"
AGENTS_BUCKET = "AGENTS"
RATINGS_BUCKET = "RATINGS"
LEASES_BUCKET = "LEASES"
QUARANTINE_BUCKET = "QUARANTINE"
REQUESTS_BUCKET = "REQUESTS"
SAID_STREAM = "SAID"
SAID_ALL = "arena.say.>"
DEAD_STREAM = "DEAD"
DEAD_ALL = f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{EVENTS_STREAM}.*"


def match_events(game: str, match: str) -> str:
    """All events of one match: the subject a fenced append is checked against."""
    return f"arena.event.{game}.{match}.*"


def event(game: str, match: str, kind: str) -> str:
    """The subject of one event."""
    return f"arena.event.{game}.{match}.{kind}"


def split_event(subject: str) -> tuple[str, str, str]:
    """(game, match, kind) of an event's subject. Raises ValueError for another subject."""
    arena, stream, game, match, kind = subject.split(".")
    if (arena, stream) != ("arena", "event"):
        raise ValueError(f"{subject!r} is no event's subject")
    return game, match, kind


def runner_consumer(game: str) -> str:
    """Name of the durable consumer that the runners of one game share."""
    return f"runner-{game}"


def said_to(agent: str) -> str:
    """All that is said to one agent, whichever of its instances: its one subscription."""
    return f"arena.agent.{agent}.>"


def inbox(name: str) -> str:
    """Inbox prefix of the connection called `name` (an agent's id, or a service's role)."""
    return f"_INBOX.{name}"
