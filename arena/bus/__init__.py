"""NATS, and the only package that imports its client.

`connection` is one guarded connection; `journal` writes the log, fenced; `pull` reads streams; `kv` are the shared
buckets; `lease` elects one holder; `provision` makes streams and consumers.
"""

from arena.bus.connection import Bus, BusError, Fenced, Msg, Subscription, TooLarge, Unanswered, Unreachable, connect

__all__ = ["Bus", "BusError", "Fenced", "Msg", "Subscription", "TooLarge", "Unanswered", "Unreachable", "connect"]
