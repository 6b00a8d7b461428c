"""What each role may do, as the server enforces it: derived from the subject table, plus the grants below.

A role is a scoped signing key of the ARENA account. Its template stands in the account's JWT once; users signed with
that key have no permissions of their own. The server puts the user's name in place of `{{name()}}`.
"""

from typing import Any

import msgspec

from arena.wire import subjects
from arena.wire.play import ACTION_BYTES_MAX
from arena.wire.subjects import AGENT, API, MATCHMAKER, RECORDER, REGISTRAR, RUNNER, Role

NAME = "{{name()}}"
AGENT_REPLY_TTL_S = 3600  # longer than any clock
AGENT_SUBSCRIPTIONS_MAX = 8
AGENT_PAYLOAD_BYTES_MAX = ACTION_BYTES_MAX
SERVICE_REPLY_TTL_S = 10
_UNLIMITED = -1

_EVENTS = subjects.EVENTS_STREAM
_RECORDER = subjects.RECORDER_CONSUMER


class Grant(msgspec.Struct, frozen=True):
    """Subjects of NATS itself (JetStream, key-value, micro services) that a role needs, and why."""

    roles: tuple[Role, ...]
    why: str
    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()
    deny_publish: tuple[str, ...] = ()


def _follow(stream: str) -> tuple[str, ...]:
    """What arena.bus.pull.Follower publishes."""
    return (
        f"$JS.API.CONSUMER.CREATE.{stream}.*",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.*",
        f"$JS.API.STREAM.MSG.GET.{stream}",
    )


_NOT_THE_RECORDERS = (
    f"$JS.API.CONSUMER.CREATE.{_EVENTS}.{_RECORDER}",
    f"$JS.API.CONSUMER.MSG.NEXT.{_EVENTS}.{_RECORDER}",
    f"$JS.ACK.{_EVENTS}.{_RECORDER}.>",
)

GRANTS: tuple[Grant, ...] = (
    Grant(
        tuple(Role),
        "Answers to its own requests, under a prefix that no other role may read.",
        subscribe=(f"_INBOX.{NAME}.>",),
    ),
    Grant(
        subjects.SERVICES,
        "A micro service answers $SRV.PING, INFO and STATS.",
        subscribe=("$SRV.>",),
    ),
    Grant(
        (RUNNER,),
        "Claims: runners share one durable consumer per game, and acknowledge what they claimed.",
        publish=(f"$JS.API.CONSUMER.MSG.NEXT.{_EVENTS}.*", f"$JS.ACK.{_EVENTS}.>"),
        deny_publish=_NOT_THE_RECORDERS,
    ),
    Grant(
        (RUNNER,),
        "Resume: a claimed match's events are read back.",
        publish=(f"$JS.API.DIRECT.GET.{_EVENTS}",),
    ),
    Grant(
        (RUNNER,),
        "A refused append is settled by a look at the last event.",
        publish=(f"$JS.API.STREAM.MSG.GET.{_EVENTS}",),
    ),
    Grant(
        (MATCHMAKER,),
        "State is rebuilt from the log, the agents' records and the ratings, and kept current.",
        publish=(*_follow(_EVENTS), *_follow("KV_AGENTS"), *_follow("KV_RATINGS")),
        deny_publish=_NOT_THE_RECORDERS,
    ),
    Grant(
        (MATCHMAKER,),
        "Quarantines are declared, seen to end, and kept; matches that no runner can finish are learned of.",
        publish=(
            f"$KV.{subjects.QUARANTINE_BUCKET}.>",
            *_follow(f"KV_{subjects.QUARANTINE_BUCKET}"),
            *_follow(subjects.DEAD_STREAM),
        ),
    ),
    Grant(
        (API, REGISTRAR),
        "Operators see quarantines and dead letters, and release what is quarantined.",
        publish=(
            f"$KV.{subjects.QUARANTINE_BUCKET}.>",
            *_follow(f"KV_{subjects.QUARANTINE_BUCKET}"),
            *_follow(subjects.DEAD_STREAM),
            f"$JS.API.STREAM.MSG.GET.{_EVENTS}",
        ),
    ),
    Grant(
        (API, MATCHMAKER),
        "Requested matches: the API writes what is asked for, the matchmaker closes what is made.",
        publish=(f"$KV.{subjects.REQUESTS_BUCKET}.>", *_follow(f"KV_{subjects.REQUESTS_BUCKET}")),
    ),
    Grant(
        (MATCHMAKER,),
        "One active holder at a time: the lease is read, taken, renewed and given back.",
        publish=(f"$KV.{subjects.LEASES_BUCKET}.>", f"$JS.API.STREAM.MSG.GET.KV_{subjects.LEASES_BUCKET}"),
    ),
    Grant(
        (RECORDER,),
        "Reads the whole log through its durable consumer, from where the tables end; makes it again if it is gone.",
        publish=(
            f"$JS.API.CONSUMER.CREATE.{_EVENTS}.{_RECORDER}",
            f"$JS.API.CONSUMER.RESET.{_EVENTS}.{_RECORDER}",
            f"$JS.API.DIRECT.GET.{_EVENTS}",
            f"$JS.API.STREAM.INFO.{_EVENTS}",
            f"$JS.API.STREAM.MSG.GET.{_EVENTS}",
            f"$JS.API.CONSUMER.MSG.NEXT.{_EVENTS}.{_RECORDER}",
            f"$JS.API.CONSUMER.INFO.{_EVENTS}.{_RECORDER}",
            f"$JS.ACK.{_EVENTS}.{_RECORDER}.>",
        ),
    ),
    Grant(
        (RECORDER,),
        "Publishes ratings for the matchmaker, and looks at those that stand there after a rebuild.",
        publish=(f"$KV.{subjects.RATINGS_BUCKET}.>", *_follow("KV_RATINGS")),
    ),
    Grant(
        (API,),
        "One warden at a time: its lease is read, taken, renewed and given back.",
        publish=(f"$KV.{subjects.LEASES_BUCKET}.warden", f"$JS.API.STREAM.MSG.GET.KV_{subjects.LEASES_BUCKET}"),
    ),
    Grant(
        (API,),
        "Live pages follow the log, and what agents say.",
        publish=(*_follow(_EVENTS), *_follow(subjects.SAID_STREAM), f"$JS.API.DIRECT.GET.{subjects.SAID_STREAM}"),
        deny_publish=_NOT_THE_RECORDERS,
    ),
    Grant(
        (API,),
        "Figures: how far each consumer is, how long the log is.",
        publish=("$JS.API.STREAM.INFO.*", "$JS.API.CONSUMER.INFO.*.*"),
    ),
    Grant(
        (API, REGISTRAR),
        "Agents' records: made, renamed, paused and deleted in the web and on the command line.",
        publish=(f"$KV.{subjects.AGENTS_BUCKET}.>", *_follow("KV_AGENTS")),
    ),
    Grant(
        (API, REGISTRAR),
        "Asks which services are there and how they are.",
        publish=("$SRV.>",),
    ),
    Grant(
        (REGISTRAR,),
        "Provisions streams, buckets and durable consumers. Only the operator's commands have this role.",
        publish=("$JS.API.>",),
    ),
)


def _own(role: Role, row: subjects.Subject) -> str:
    """The row's subject as this role may use it: an agent only under its own id."""
    return row.any(agent=NAME) if role is AGENT else row.any()


def published(role: Role) -> list[str]:
    """Subjects this role may publish to. An agent's answers (kind `reply`) need no grant, but the leave to answer."""
    rows = [_own(role, row) for row in subjects.TABLE if role in row.publishers and row.kind != "reply"]
    return sorted({*rows, *(name for grant in GRANTS if role in grant.roles for name in grant.publish)})


def subscribed(role: Role) -> list[str]:
    """Subjects this role may subscribe to. An agent: all that is said to it, in one subscription if it likes."""
    rows = [_own(role, row) for row in subjects.TABLE if role in row.subscribers]
    if role is AGENT:
        rows = [row.partition(".*")[0] + ".>" for row in rows]
    return sorted({*rows, *(name for grant in GRANTS if role in grant.roles for name in grant.subscribe)})


def denied(role: Role) -> list[str]:
    """Subjects that a wildcard of this role would open, and that stay closed."""
    return sorted({name for grant in GRANTS if role in grant.roles for name in grant.deny_publish})


def template(role: Role) -> dict[str, Any]:
    """The role's permissions in the form of an account JWT (nats-io/jwt: UserPermissionLimits)."""
    agent = role is AGENT
    return {
        "pub": {"allow": published(role)} | ({"deny": denied(role)} if denied(role) else {}),
        "sub": {"allow": subscribed(role)},
        "resp": {"max": 1, "ttl": (AGENT_REPLY_TTL_S if agent else SERVICE_REPLY_TTL_S) * 1_000_000_000},
        "subs": AGENT_SUBSCRIPTIONS_MAX if agent else _UNLIMITED,
        "data": _UNLIMITED,
        "payload": AGENT_PAYLOAD_BYTES_MAX if agent else _UNLIMITED,
        "allowed_connection_types": ["STANDARD", "WEBSOCKET"] if agent else ["STANDARD"],
    }
