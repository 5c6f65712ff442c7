from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.models.server import Server, serving

# The same examples each time, so that a change alone can make a test fail; HYPOTHESIS_PROFILE=default looks for others.
# How long one takes says more of what else the machine does than of the code.
settings.register_profile("settled", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "settled"))


def _keep_to_one_core() -> None:
    """Of several workers each has a core: networks would else start a thread for every core in every worker."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})


_keep_to_one_core()


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test sees the same page whatever terminal it is run from."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch", reason="needs the extra: pip install 'formfact[train]'")
    for name in ("transformers", "peft", "llguidance"):
        pytest.importorskip(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tests.patterns.tuned.tiny import make_tiny

        return make_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """An endpoint of models on this machine, which says what its script holds."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("FORMFACT_API_KEY", raising=False)
    with serving() as started:
        yield started
