"""The log into PostgreSQL.

EVENTS -> durable consumer `recorder` -> `intake` (in order, bounded) -> `record` (one transaction a batch: checkpoint
locked, raw events, projections, checkpoint moved) -> one acknowledgement -> `feed` (changed ratings to bucket RATINGS)

The tables know how far they are (`checkpoint`), so redelivery changes nothing: whenever the order of reading is in
doubt, the consumer is set back to the checkpoint.  One recorder is active; others wait for its place.
"""
