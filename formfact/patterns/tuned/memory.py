"""Whether a training fits this machine: its widest step is tried first, where it can fail with a word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from formfact.errors import ModelError
from formfact.patterns.tuned.loss import Encoded, completion_loss
from formfact.patterns.tuned.network import Network, half

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

SIGNS = ("memory", "could not create a primitive")
"""What errors of missing memory say: torch's own, and oneDNN's where no code could be placed."""

LEFT = 0.95
"""The share of the memory that is free which the step may take."""


def check_memory(network: Network, rows: Sequence[Encoded], *, tokens: int, free: int | None = None) -> None:
    """Take the widest step that there can be, and throw it away. Raises ModelError where it does not fit.

    `free` are the bytes that may be taken, where it is not for the system to say.
    """
    longest = max(rows, key=len)
    widest = [longest] * max(1, tokens // len(longest))
    try:
        # A thread of its own: oneDNN remembers for its thread that code could not be placed, and then never places any.
        with ThreadPoolExecutor(1) as apart:
            # The threads that share the work start without limit.
            apart.submit(_step, network, [longest], None).result()
            apart.submit(_step, network, widest, _free() if free is None else free).result()
    except (MemoryError, RuntimeError) as error:  # torch's own errors of memory are RuntimeErrors
        if not isinstance(error, MemoryError) and not any(sign in str(error) for sign in SIGNS):
            raise
        raise ModelError(
            f"a step of {sum(map(len, widest)):,} tokens does not fit the memory of this machine",
            hint="train with fewer tokens in a step (--tokens), leave out the longest rows, or take a smaller base",
        ) from error
    finally:
        network.model.zero_grad(set_to_none=True)
        network.model.eval()


def _step(network: Network, rows: Sequence[Encoded], free: int | None) -> None:
    with _refusing(free):
        network.model.train()
        with half(network.device):
            loss = completion_loss(network, rows)
        loss.backward()


@contextmanager
def _refusing(free: int | None) -> Iterator[None]:
    """As long as this lasts, memory that is not there is refused. Linux else gives it, and then ends the process."""
    if resource is None or free is None:
        yield
        return
    former = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = _held() + int(LEFT * free)
    least = min(one for one in (wanted, *former) if one != resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_DATA, (least, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, former)


def _free() -> int | None:
    """Bytes that a process may still have, by Linux and by the container that it runs in; None elsewhere."""
    found = [_line(Path("/proc/meminfo"), "MemAvailable")]
    group = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):
        found.append(int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    known = [one for one in found if one is not None]
    return min(known) if known else None


def _held() -> int:
    """Bytes of data that this process has asked for, used or not."""
    return _line(Path("/proc/self/status"), "VmData") or 0


def _line(file: Path, name: str) -> int | None:
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), None)
