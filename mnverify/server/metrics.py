"""Prometheus metrics with a meaning for the business, over all processes of the service. No label holds anything of a person.

With several processes the values lie in files of ``PROMETHEUS_MULTIPROC_DIR``, which `mnverify.server.runner` sets before this
module is imported.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from mnverify.verification import VerificationResult

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NO_PURPOSE = "none"
OTHER_PURPOSE = "other"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Meters:
    """The metrics of one process.

    Attributes:
        under_way: tells how many requests are.
    """

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self.issued = Counter("mnverify_challenges_issued", "Challenges handed out.", ["purpose"], registry=registry)
        self.used = Counter(
            "mnverify_challenges_used", "Challenges that served an evaluation.", ["purpose"], registry=registry
        )
        self.expired = Counter(
            "mnverify_challenges_expired", "Challenges that ended without one, counted when purged.", registry=registry
        )
        self.verdicts = Counter(
            "mnverify_verifications", "Verdicts.", ["purpose", "domain", "role", "verdict"], registry=registry
        )
        self.checks = Counter(
            "mnverify_checks", "Outcomes of checks.", ["purpose", "check", "outcome", "code"], registry=registry
        )
        self.repeated = Counter(
            "mnverify_answers_repeated", "Answers made anew for a repeated request.", registry=registry
        )
        self.refused = Counter("mnverify_requests_refused", "Requests refused, by code.", ["code"], registry=registry)
        self.requests = Counter(
            "mnverify_requests", "Requests answered.", ["route", "method", "status"], registry=registry
        )
        self.seconds = Histogram(
            "mnverify_request_seconds", "Time to answer.", ["route"], buckets=_SECONDS, registry=registry
        )
        self.in_flight = Gauge(
            "mnverify_requests_in_flight", "Requests under way.", registry=registry, multiprocess_mode="livesum"
        )
        self.under_way: Callable[[], int] = lambda: 0
        self.purged = Counter("mnverify_purged_rows", "Rows removed by purges.", ["what"], registry=registry)
        self.anchors = Gauge(
            "mnverify_trust_anchors",
            "Trust anchors in force.",
            ["environment"],
            registry=registry,
            multiprocess_mode="livemin",
        )
        self.anchors_loaded = Gauge(
            "mnverify_trust_anchors_loaded_timestamp_seconds",
            "When the anchors in force were loaded, by the process that did so longest ago.",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self.anchors_refused = Counter(
            "mnverify_trust_anchors_refused", "Anchor files that were not taken.", registry=registry
        )
        self._environments: set[str] = set()
        self._times: dict[str, Histogram] = {}
        self._children: dict[tuple[object, ...], Counter] = {}
        self._evaluations: dict[tuple[object, ...], tuple[Counter, ...]] = {}

    def evaluated(self, result: VerificationResult, purpose: str) -> None:
        """Count a verdict and its checks."""
        checks = tuple([(check.id, check.outcome, check.code) for check in result.checks])
        what = (purpose, result.domain, result.role, result.verdict, checks)
        counters = self._evaluations.get(what)
        if counters is None:
            counters = self._evaluations[what] = (
                self.used.labels(purpose),
                self.verdicts.labels(purpose, str(result.domain), str(result.role), result.verdict),
                *(self.checks.labels(purpose, name, str(outcome), code) for name, outcome, code in checks),
            )
        for counter in counters:
            counter.inc()

    def answered(self, route: str, method: str, status: int, seconds: float, code: str | None) -> None:
        """Count a request."""
        self._child(self.requests, route, method, str(status)).inc()
        times = self._times.get(route)
        if times is None:
            times = self._times[route] = self.seconds.labels(route)
        times.observe(seconds)
        if code is not None:
            self._child(self.refused, code).inc()

    def tell_anchors(self, counts: Mapping[str, int]) -> None:
        """Set the gauge of anchors by environment; an environment that was told before and has none any more has 0.

        Where several processes tell their metrics in files, nothing that was told can be taken back.
        """
        self._environments.update(counts)
        for environment in self._environments:
            self.anchors.labels(environment).set(counts.get(environment, 0))

    def look(self) -> None:
        """Set the gauge of requests under way: when metrics are asked for, not with every request."""
        self.in_flight.set(self.under_way())

    def _child(self, counter: Counter, *labels: str) -> Counter:
        """A counter with its labels, which are looked up once: that takes longer than counting."""
        child = self._children.get((counter, *labels))
        if child is None:
            child = self._children[counter, *labels] = counter.labels(*labels)
        return child

    def text(self, purge_age: float | None, up: bool) -> bytes:
        """What ``/metrics`` answers.

        Args:
            purge_age: seconds since the last purge, of whatever process; ``None`` before the first or where it is not known.
            up: whether the database answered.
        """
        self.look()
        registry = self._registry
        if several_processes():
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        extra = CollectorRegistry()
        extra.register(_OfDatabase(purge_age, up))
        return generate_latest(registry) + generate_latest(extra)


def several_processes() -> bool:
    """Whether other processes serve beside this one, and tell their metrics in files."""
    return bool(os.environ.get("PROMETHEUS_MULTIPROC_DIR"))


def forget_process(process_id: int) -> None:
    """Drop what a process that ended told of the moment; what it counted stays."""
    mark_process_dead(process_id)  # type: ignore[no-untyped-call]


def purpose_label(purpose: str | None, known: Iterable[str]) -> str:
    """The label of a purpose: a word only where the operator set it, so that callers cannot make labels."""
    if purpose is None:
        return NO_PURPOSE
    return purpose if purpose in known else OTHER_PURPOSE


class _OfDatabase(Collector):
    """What the database knows for all processes."""

    def __init__(self, purge_age: float | None, up: bool) -> None:
        self._purge_age = purge_age
        self._up = up

    def collect(self) -> Iterable[Metric]:
        """The gauges."""
        yield GaugeMetricFamily("mnverify_database_up", "1 where the database answers.", value=float(self._up))
        if self._purge_age is not None:
            yield GaugeMetricFamily(
                "mnverify_last_purge_age_seconds", "Seconds since the last purge.", value=self._purge_age
            )
