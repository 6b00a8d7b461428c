"""What the recorder counts."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("arena_recorder_events", "Events written to PostgreSQL.")
ERRORS = Counter("arena_recorder_errors", "Events that could not be projected; they are stored raw, with the reason.")
BATCH_SECONDS = Histogram(
    "arena_recorder_batch_seconds",
    "Time of one transaction.",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
BATCH_EVENTS = Histogram(
    "arena_recorder_batch_events", "Events in one transaction.", buckets=(1, 10, 50, 100, 200, 500, 1000, 2000)
)
LAG = Gauge("arena_recorder_lag_events", "Events in the stream that are not in PostgreSQL yet.")
LAST_SEQ = Gauge("arena_recorder_last_sequence", "The last sequence in PostgreSQL.")
ACTIVE = Gauge("arena_recorder_active", "1 while this process is the recorder that writes, 0 while it stands by.")
FOREIGN_LOG = Gauge(
    "arena_recorder_foreign_log",
    "1 while nothing is written because the stream is not the log the tables were made from.",
)
DATABASE_UP = Gauge("arena_recorder_database_up", "1 while PostgreSQL takes what is written.")
REWINDS = Counter("arena_recorder_rewinds", "How often the consumer was set back to the checkpoint.")
