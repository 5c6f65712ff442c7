from __future__ import annotations

import warnings
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch", reason="needs the extra: pip install 'formfact[train]'")
    for name in ("transformers", "peft", "llguidance"):
        pytest.importorskip(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tests.patterns.tuned.tiny import make_tiny

        return make_tiny(tmp_path_factory.mktemp("tiny"))
