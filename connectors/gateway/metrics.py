"""Metrics for Prometheus; no personal data in any label."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
BUCKETS = (0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2)

_turns = Counter(
    "suiwen_turns_total",
    "Turns by channel, outcome and language",
    ["channel", "outcome", "language"],
    registry=REGISTRY,
)
_seconds = Histogram(
    "suiwen_turn_seconds", "Time of a turn in the gateway", buckets=BUCKETS, registry=REGISTRY
)
_dropped = Counter("suiwen_unproven_total", "Messages dropped because they had no proof", registry=REGISTRY)
_limited = Counter("suiwen_limited_total", "Requests refused by a rate limit", ["scope"], registry=REGISTRY)
services = Gauge("suiwen_services", "Published services in memory", registry=REGISTRY)


def observe(channel: str, outcome: str, language: str, seconds: float) -> None:
    """Counts a turn."""
    _turns.labels(channel, outcome, language).inc()
    _seconds.observe(seconds)


def dropped() -> None:
    """Counts a message that was not let out."""
    _dropped.inc()


def limited(scope: str) -> None:
    """Counts a refused request."""
    _limited.labels(scope).inc()


def text() -> bytes:
    """The exposition format."""
    return generate_latest(REGISTRY)
