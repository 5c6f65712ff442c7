"""What has happened and how things stand, in the text form that Prometheus reads."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper ends in seconds."""
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
STARTED = time.time()
Labels = Mapping[str, str]


class Metrics:
    """Counts of requests. Safe to use from several threads."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._seconds: dict[str, list[float]] = defaultdict(lambda: [0.0] * (len(BUCKETS) + 2))
        self._under_way = 0

    def begun(self) -> None:
        """A request has come in."""
        with self._mutex:
            self._under_way += 1

    def ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        with self._mutex:
            self._under_way -= 1
            self._requests[method if method in METHODS else "other", route, str(status)] += 1
            row = self._seconds[route]
            row[next((at for at, end in enumerate(BUCKETS) if seconds <= end), len(BUCKETS))] += 1
            row[-1] += seconds

    def lines(self) -> Iterator[str]:
        """All of it in Prometheus' text form."""
        with self._mutex:
            requests, under_way = dict(self._requests), self._under_way
            seconds = {route: list(row) for route, row in self._seconds.items()}
        counted = [({"method": m, "route": r, "status": s}, n) for (m, r, s), n in sorted(requests.items())]
        yield from family("formfact_requests_total", "counter", "Requests answered.", counted)
        yield from family("formfact_requests_under_way", "gauge", "Requests being answered.", [({}, under_way)])
        yield from _histogram(seconds)
        yield from _process()


def _histogram(seconds: Mapping[str, Sequence[float]]) -> Iterator[str]:
    name = "formfact_request_seconds"
    yield f"# HELP {name} How long requests took."
    yield f"# TYPE {name} histogram"
    for route, row in sorted(seconds.items()):
        total = 0.0
        for end, count in zip([*map(str, BUCKETS), "+Inf"], row[:-1], strict=True):
            total += count
            yield _sample(f"{name}_bucket", {"route": route, "le": end}, total)
        yield _sample(f"{name}_sum", {"route": route}, row[-1])
        yield _sample(f"{name}_count", {"route": route}, total)


def _process() -> Iterator[str]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    yield from family("process_cpu_seconds_total", "counter", "Processor time.", [({}, cpu)])
    yield from family("process_start_time_seconds", "gauge", "When it began, since 1970.", [({}, STARTED)])
    statm, fds = Path("/proc/self/statm"), Path("/proc/self/fd")
    if statm.exists():
        resident = int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        yield from family("process_resident_memory_bytes", "gauge", "Resident memory.", [({}, resident)])
        yield from family("process_open_fds", "gauge", "Open files and connections.", [({}, len(os.listdir(fds)))])  # noqa: PTH208


def family(name: str, kind: str, about: str, samples: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    """One metric with its samples."""
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"
    yield from (_sample(name, labels, value) for labels, value in samples)


def _sample(name: str, labels: Labels, value: float) -> str:
    shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"{name}{{{shown}}} {value}" if shown else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
