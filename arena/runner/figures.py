"""The runner's metrics. Counted as plain numbers while playing, collected when Prometheus asks."""

import contextlib
from collections.abc import Iterable, Iterator

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from arena.runner.claims import Claims
from arena.runner.office import Office


class RunnerCollector(Collector):
    """Reads a runner's figures."""

    def __init__(self, office: Office, claims: Claims) -> None:
        self._office = office
        self._claims = claims

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: two runners in one process have the same metrics."""
        return []

    def collect(self) -> Iterable[Metric]:
        """All metrics of this runner."""
        figures = self._office.figures
        yield GaugeMetricFamily("arena_runner_matches", "Matches being played", len(self._office.plays))
        yield GaugeMetricFamily("arena_runner_slots", "Matches it can play at once", self._claims.slots)
        yield GaugeMetricFamily("arena_runner_appends_waiting", "Events not acknowledged", self._office.journal.waiting)
        for name, text, value in (
            ("moves", "Moves taken by the environments", figures.moves),
            ("faults", "Agents' faults written", figures.faults),
            ("late_replies", "Replies that answered no waiting turn", figures.late),
            ("claimed", "Matches delivered", figures.claimed),
            ("resumed", "Matches taken over from another runner", figures.resumed),
            ("reseated", "Seats taken over by another instance of their agent", figures.reseated),
            ("forgiven_seconds", "Time in which we were away, charged to nobody", figures.forgiven_s),
            ("settled", "Matches played to their end", figures.settled),
            ("fenced", "Matches lost to another runner", figures.fenced),
        ):
            yield CounterMetricFamily(f"arena_runner_{name}", text, value)


@contextlib.contextmanager
def shown(office: Office, claims: Claims) -> Iterator[None]:
    """The metrics endpoint of this process shows them, for the length of the block."""
    collector = RunnerCollector(office, claims)
    REGISTRY.register(collector)
    try:
        yield
    finally:
        REGISTRY.unregister(collector)
