"""The extra for sentence-transformers: missing, and (slow, where it is installed) beside the bundled model."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from formfact.errors import MissingExtra, ModelError
from formfact.models import open_embedder
from tests.models.test_embedders import minilm


def test_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "formfact.models.sentence", raising=False)
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingExtra, match="sentence-transformers:NAME needs") as error:
        open_embedder("sentence-transformers:some/model")
    assert error.value.hint.index("CPU build") < error.value.hint.index("formfact[sentence-transformers]")


@pytest.mark.slow
def test_agrees_with_the_bundled_model() -> None:
    sentence, bundled = open_embedder(f"sentence-transformers:{minilm()}"), open_embedder()
    texts = ["The river froze early that year.", "How do I reset the device?"]
    assert sentence.count(texts) == bundled.count(texts)
    assert (sentence.card.dimensions, sentence.card.window) == (bundled.card.dimensions, bundled.card.window)
    assert (sentence.embed(texts) * bundled.embed(texts)).sum(axis=1).min() > 0.98
    assert sentence.card.digest != bundled.card.digest


@pytest.mark.slow
def test_an_address_that_is_no_model(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    importlib.import_module("formfact.models.sentence")
    with pytest.raises(ModelError, match="no such folder"):
        open_embedder("sentence-transformers:./nowhere")
    with pytest.raises(ModelError, match="cannot open"):
        open_embedder(f"sentence-transformers:{tmp_path}")
