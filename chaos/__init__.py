"""Fault injection: the real platform, faults at random times from a printed seed, and what must hold all the same.

platform (servers, services, agents) <- faults;  log + tables + the agents' own records -> invariants -> report
"""
