"""The vocabulary: subjects, messages, events, ids. It does no I/O and knows no clock.

One file per conversation: `lobby` (agent <-> matchmaker), `play` (runner <-> agent), `events` (the log), `registry`
(state that services share). `subjects` declares who may say which of them where.
"""
