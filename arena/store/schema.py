"""All tables. Times are milliseconds since the epoch, as in the log: a rebuild gives identical rows.

    written by the registrar (API, command line)   users, agents, agent_versions, credentials
    written by the API                             sessions, refresh_tokens, access_tokens, rate_limits, audit,
                                                   announcements, quarantine_log
    written by `arena games admit`                 admissions
    written by the recorder                        game_types, events, checkpoint, and the projections of the events:
                                                   matches, participations, turns, faults, ratings, rating_history

Projections carry no foreign keys: they are folds over the log and must never depend on rows that somebody may change.
Ids sort by creation, byte by byte (collation "C"), so lists page by id.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = Text(collation="C")

users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),  # user, operator, admin, house
    Column("password_hash", Text),  # argon2id; NULL: nobody can log in
    Column("created_ms", BigInteger, nullable=False),
    Column("locked_ms", BigInteger),  # by an operator: no session and no access token works
    Column("deleted_ms", BigInteger),  # the row stays, under another name, for the matches' sake
    CheckConstraint("role IN ('user', 'operator', 'admin', 'house')", name="role"),
)
Index("uq_users_lower_name", text("lower(name)"), unique=True, _table=users)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),  # stands in its access tokens
    Column("user", Id, ForeignKey("users.id"), nullable=False),
    Column("address", Text, nullable=False),  # where it was last refreshed
    Column("client", Text, nullable=False),  # what the client called itself then (User-Agent)
    Column("cookies", Boolean, nullable=False),  # a browser's
    Column("created_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger, nullable=False),  # last refreshed
    Column("expires_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    Column("ended_why", Text),  # logout, everywhere, password, reuse, locked, revoked, too many
)
Index("ix_sessions_user_id", sessions.c.user, sessions.c.id)
Index("ix_sessions_expires_ms", sessions.c.expires_ms)

refresh_tokens = Table(
    "refresh_tokens",  # all of a session, so that an old one is known for what it is
    metadata,
    Column("hash", LargeBinary, primary_key=True),  # SHA-256; the token is random, so nothing slower is needed
    Column("session", Id, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("issued_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger),  # exchanged for the next one
)

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user", Id, ForeignKey("users.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("prefix", Id, nullable=False, index=True),  # its first characters: to look it up, and to recognise it
    Column("hash", LargeBinary, nullable=False),  # SHA-256
    Column("scopes", JSONB, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger),  # to the minute
    Column("revoked_ms", BigInteger),
)
Index("ix_access_tokens_user_id", access_tokens.c.user, access_tokens.c.id)

rate_limits = Table(
    "rate_limits",
    metadata,
    Column("key", Id, primary_key=True),  # what is limited, and of whom
    Column("due_ms", BigInteger, nullable=False),  # GCRA's theoretical arrival time
    prefixes=["UNLOGGED"],  # a crash of PostgreSQL forgets the attempts before it
)
Index("ix_rate_limits_due_ms", rate_limits.c.due_ms)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("user", Id),  # NULL: nobody who is known. No name: an account's deletion anonymises its entries too
    Column("via", Text, nullable=False),  # session, token, none
    Column("via_id", Id),  # of the session or the access token
    Column("address", Text, nullable=False),
    Column("action", Text, nullable=False),  # method and route
    Column("object", Text, nullable=False),  # ids in the path, and of what was made
    Column("status", Integer, nullable=False),  # of the answer
    Column("detail", Text, nullable=False, server_default=""),
)
Index("ix_audit_user_id", audit.c.user, audit.c.id)

announcements = Table(
    "announcements",
    metadata,
    Column("id", Id, primary_key=True),
    Column("author", Id, nullable=False),
    Column("text", Text, nullable=False),
    Column("level", Text, nullable=False),  # info, warning
    Column("created_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger),  # NULL: until it is withdrawn
    CheckConstraint("level IN ('info', 'warning')", name="level"),
)

agents = Table(
    "agents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("owner", Id, ForeignKey("users.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("house", Boolean, nullable=False, server_default=text("false")),
    Column("metadata", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("created_ms", BigInteger, nullable=False),
    Column("deleted_ms", BigInteger),  # a deleted agent keeps its matches and frees its name
    Column("capabilities", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("open_to", Text, nullable=False, server_default="everybody"),  # who may ask for matches against it
    Column("hourly_max", Integer, nullable=False, server_default="0"),  # matches that may begin in an hour; 0: any
    CheckConstraint("open_to IN ('nobody', 'everybody')", name="open_to"),
    CheckConstraint("hourly_max >= 0", name="hourly_max"),
)
Index(
    "uq_agents_owner_name",
    agents.c.owner,
    text("lower(name)"),
    unique=True,
    postgresql_where=text("deleted_ms IS NULL"),
)

agent_versions = Table(
    "agent_versions",
    metadata,
    Column("agent", Id, ForeignKey("agents.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("description", Text, nullable=False, server_default=""),
    Column("created_ms", BigInteger, nullable=False),
)

credentials = Table(
    "credentials",
    metadata,
    Column("public_key", Id, primary_key=True),  # of the user's nkey; the seed is never stored
    Column("agent", Id, ForeignKey("agents.id"), nullable=False, index=True),
    Column("label", Text, nullable=False, server_default=""),
    Column("issued_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("revoked_ms", BigInteger),
    Column("used_ms", BigInteger),  # when a connection with it began last
)
Index("ix_credentials_revoked_ms", credentials.c.revoked_ms, postgresql_where=text("revoked_ms IS NOT NULL"))

game_types = Table(
    "game_types",
    metadata,
    Column("name", Id, primary_key=True),
    Column("title", Text, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("rating", Text, nullable=False),  # openskill or score
    Column("details", JSONB, nullable=False),  # clock, fault rule and the rest of the catalogue's row
)

admissions = Table(
    "admissions",  # what the last admission test of a game found
    metadata,
    Column("game", Id, primary_key=True),
    Column("version", Text, nullable=False),  # that was examined
    Column("at_ms", BigInteger, nullable=False),
    Column("report", JSONB, nullable=False),
)

quarantine_log = Table(
    "quarantine_log",  # of agents; bucket QUARANTINE has those in force
    metadata,
    Column("agent", Id, primary_key=True),
    Column("since_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("game", Id, primary_key=True),
    Column("until_ms", BigInteger, nullable=False),  # as it was declared: an operator may have ended it earlier
    Column("why", Text, nullable=False),
    Column("matches", JSONB, nullable=False),
    Column("times", Integer, nullable=False),
)
Index("ix_quarantine_log_since_ms", quarantine_log.c.since_ms)

events = Table(
    "events",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # of the stream
    Column("subject", Text, nullable=False),
    Column("match", Id),  # NULL: the subject is not an event's
    Column("stored_ms", BigInteger, nullable=False),  # by the stream's clock
    Column("payload", LargeBinary, nullable=False),
    Column("error", Text),  # why it could not be projected
)
Index("ix_events_match_seq", events.c.match, events.c.seq)
Index("ix_events_error", events.c.seq, postgresql_where=text("error IS NOT NULL"))

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("last_seq", BigInteger, nullable=False),  # everything up to it is in the tables
    CheckConstraint("one", name="one"),
)

matches = Table(
    "matches",
    metadata,
    Column("id", Id, primary_key=True),
    Column("game", Id, nullable=False),
    Column("game_version", Text, nullable=False),
    Column("status", Text, nullable=False),  # created, running, ended, voided
    Column("seed", Numeric(20, 0), nullable=False),  # 64 bits, unsigned
    Column("rated", Boolean, nullable=False),
    Column("block", Text, nullable=False),
    Column("reason", Text, nullable=False),  # why these agents met
    Column("runner", Text),
    Column("epoch", BigInteger, nullable=False),
    Column("cause", Text),  # EndCause or PlatformFault
    Column("detail", Text, nullable=False),
    Column("plies", BigInteger),  # once ended
    Column("digest", Text),
    Column("created_seq", BigInteger, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("started_ms", BigInteger),
    Column("ended_ms", BigInteger),
    Column("request", Id),  # NULL: nobody asked for it
)
Index("ix_matches_request_id", matches.c.request, matches.c.id, postgresql_where=text("request IS NOT NULL"))
Index("ix_matches_block", matches.c.block, postgresql_where=text("block <> ''"))
Index("ix_matches_game_id", matches.c.game, matches.c.id)
Index("ix_matches_status_id", matches.c.status, matches.c.id)
Index("ix_matches_cause_id", matches.c.cause, matches.c.id)

participations = Table(
    "participations",
    metadata,
    Column("match", Id, primary_key=True),
    Column("seat", Integer, primary_key=True),
    Column("agent", Id, nullable=False),
    Column("owner", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("instance", Text, nullable=False),
    Column("placement", Integer),  # 1 is best; equal placements are ties
    Column("score", Double),
    Column("mu_before", Double),  # NULL: not rated
    Column("sigma_before", Double),
    Column("mu_after", Double),
    Column("sigma_after", Double),
    Column("faults", Integer, nullable=False),
    Column("takeovers", Integer, nullable=False, server_default="0"),  # by other instances of the same agent
    Column("team", Integer),  # NULL: the seat plays for itself
)
Index("ix_participations_agent_match", participations.c.agent, participations.c.match)
Index("ix_participations_owner_match", participations.c.owner, participations.c.match)

turns = Table(
    "turns",
    metadata,
    Column("match", Id, primary_key=True),
    Column("ply", BigInteger, primary_key=True, autoincrement=False),
    Column("seat", Integer, primary_key=True, autoincrement=False),
    Column("action", JSONB, nullable=False),
    Column("think_ms", Double, nullable=False),
    Column("lag_ms", Double, nullable=False),
    Column("reward", Double, nullable=False),
    Column("by_platform", Boolean, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("forgiven_ms", Double, nullable=False, server_default="0"),
)

faults = Table(
    "faults",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("match", Id, nullable=False, index=True),
    Column("seat", Integer, nullable=False),
    Column("ply", BigInteger, nullable=False),
    Column("cause", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("asked_ms", BigInteger, nullable=False),
    Column("elapsed_ms", Double, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("forgiven_ms", Double, nullable=False, server_default="0"),
    Column("sent", Integer, nullable=False, server_default="0"),
    Column("replied_ms", BigInteger, nullable=False, server_default="0"),
    Column("reply_bytes", BigInteger, nullable=False, server_default="0"),
    Column("connection", Text),
)

ratings = Table(
    "ratings",
    metadata,
    Column("game", Id, primary_key=True),
    Column("agent", Id, primary_key=True),
    Column("mu", Double, nullable=False),
    Column("sigma", Double, nullable=False),
    Column("ordinal", Double, nullable=False),  # mu - 3 sigma
    Column("played", BigInteger, nullable=False),
    Column("won", BigInteger, nullable=False),
    Column("drawn", BigInteger, nullable=False),
    Column("lost", BigInteger, nullable=False),
    Column("score_mean", Double, nullable=False),
    Column("score_m2", Double, nullable=False),
    Column("seq", BigInteger, nullable=False),  # of the event it follows from
    Column("version", Integer, nullable=False, server_default="0"),  # the agent's newest that was rated
    Column("rated_ms", BigInteger, nullable=False, server_default="0"),  # when its newest rated match ended
)
Index("ix_ratings_game_ordinal", ratings.c.game, ratings.c.ordinal, ratings.c.agent)
Index("ix_ratings_agent", ratings.c.agent)

rating_history = Table(
    "rating_history",
    metadata,
    Column("game", Id, primary_key=True),
    Column("agent", Id, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("match", Id, nullable=False),
    Column("mu", Double, nullable=False),
    Column("sigma", Double, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

PROJECTIONS = (matches, participations, turns, faults, ratings, rating_history)
