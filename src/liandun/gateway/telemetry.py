"""What the gateway counts about itself, for `/metrics` in Prometheus' text format.

Counted per micro-batch, never per event, on the hot path.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SIZES = tuple(float(2**i) for i in range(13))
_SECONDS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


class Telemetry:
    """The gateway's meters, with a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = self._counter("requests", "Requests answered, by address and status.", "route", "status")
        self.decisions = self._counter("decisions", "Events decided, by outcome.", "outcome")
        self.refused = self._counter("refused", "Events and requests refused, by reason.", "reason")
        self.late = self._counter("late_events", "Events whose own time was older than the newest seen.")
        self.too_old = self._counter("too_old_events", "Events beyond the horizon: recorded, not decided.")
        self.duplicates = self._counter("duplicate_events", "Events sent again and answered with the stored verdict.")
        self.conflicts = self._counter(
            "conflicting_events", "Ids used again with another content, by source.", "source"
        )
        self.created = self._counter("entities_created", "Entities seen for the first time, by source.", "source")
        self.images = self._counter("images", "Memory images of the engine written.")
        self.batch = self._histogram("batch_events", "Events per micro-batch.", _SIZES)
        self.decide = self._histogram("decide_seconds", "Time in the engine per micro-batch.", _SECONDS)
        self.commit = self._histogram("commit_seconds", "Time of the journal's durable commit.", _SECONDS)
        self.pause = self._histogram("image_pause_seconds", "Time the stream stood while an image was taken.", _SECONDS)
        self.queue = self._gauge("queue_events", "Events waiting for a micro-batch.")
        self.held = self._gauge("held_bytes", "Bodies being read or waiting.")
        self.seq = self._gauge("journal_seq", "Number of the journal's last record.")
        self.ready = self._gauge("ready", "1 when events are decided.")

    def text(self) -> bytes:
        """All meters in Prometheus' text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(name, words, labels, namespace="liandun", registry=self.registry)

    def _gauge(self, name: str, words: str) -> Gauge:
        return Gauge(name, words, namespace="liandun", registry=self.registry)

    def _histogram(self, name: str, words: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, words, namespace="liandun", registry=self.registry, buckets=buckets)
