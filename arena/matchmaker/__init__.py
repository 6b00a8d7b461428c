"""Knows who is ready, and matches them: `lobby` is the soft state, `reception` answers hellos, `service` wires them.

All of it is rebuilt from hellos, beats, the log and the key-value buckets; nothing is stored here, and PostgreSQL is
never asked.  Several of these processes may run: all listen, one (by a lease) answers and makes matches.
"""
