"""Who did what wrong. An agent's fault costs its owner; a platform's fault never does: two types, end to end."""

from enum import StrEnum


class AgentFault(StrEnum):
    """What an agent can do wrong in a match; each comes with evidence, in the log."""

    ILLEGAL = "illegal"  # the action is well formed, but not legal in this position
    MALFORMED = "malformed"  # the reply cannot be decoded, or is no action of this game at all
    TIMEOUT = "timeout"  # no valid reply before the clock ran out
    GONE = "gone"  # nobody was subscribed to the agent's subjects for the grace time


class PlatformFault(StrEnum):
    """What we can do wrong; it voids a match or moves it to another runner, and rates nobody."""

    CRASHED = "crashed"  # the game's environment raised an exception
    DIVERGED = "diverged"  # a replay did not reproduce the digest: the environment is not deterministic
    UNPLAYABLE = "unplayable"  # no runner could set the game up
    CANCELLED = "cancelled"  # an operator stopped it
    ABANDONED = "abandoned"  # no runner played it for too long, or one after the other failed at it


class Connection(StrEnum):
    """What was seen of an agent's connection while its turn waited: part of a fault's evidence."""

    SUBSCRIBED = "subscribed"  # somebody was subscribed to its turns all the time
    RETURNED = "returned"  # it was away for a while, and came back
    ABSENT = "absent"  # nobody was subscribed
    SILENT = "silent"  # subscribed, but no beat was heard of it


class Verdict(StrEnum):
    """What follows from an agent's fault."""

    WARNED = "warned"  # the same turn is asked again, the clock runs on
    FORFEITED = "forfeited"  # the seat is out


class EndCause(StrEnum):
    """Why a match ended with a result."""

    FINISHED = "finished"  # the game came to its own end
    FORFEIT = "forfeit"  # a seat forfeited by a fault


class RefusalCode(StrEnum):
    """Why the lobby refused a hello. The agent's author reads these: docs/protocol.md explains each."""

    MALFORMED = "malformed"
    PROTOCOL = "protocol"
    UNKNOWN_AGENT = "unknown_agent"
    PAUSED = "paused"
    UNKNOWN_GAME = "unknown_game"
    INSTANCE_TAKEN = "instance_taken"
    TOO_MANY_INSTANCES = "too_many_instances"


class NoticeCode(StrEnum):
    """What a notice to an agent is about."""

    SAY_HELLO = "say_hello"  # the lobby does not know this instance (any more): say hello again
    FAULT = "fault"  # a reply was not accepted; `message` says what was expected
    PAUSED = "paused"  # the agent was paused; no new matches until it is resumed
    VOIDED = "voided"  # a match was voided by a platform fault; nobody is charged
    QUARANTINED = "quarantined"  # no matches of a game for a while; `message` says which, until when and why
    TOO_FAST = "too_fast"  # it sends too much: less, or its connections are ended, and then its credential revoked
    PRESENT = "present"  # nothing to do: the platform looks whether anybody is subscribed
