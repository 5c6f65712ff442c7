"""The bundled model: its files, its agreement with the float model, its meaning, its price."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from formfact.errors import ModelError
from formfact.models import bundled, open_embedder
from formfact.models.onnx import sha256_of
from formfact.models.reading import reading

HERE = Path(__file__).parent
CARD = (bundled.FOLDER / "CARD.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "size", "digest"),
    [
        ("model.onnx", bundled.MODEL_BYTES, bundled.MODEL_SHA256),
        ("tokenizer.json", bundled.TOKENIZER_BYTES, bundled.TOKENIZER_SHA256),
    ],
)
def test_files_are_those_recorded_and_the_card_says_so(name: str, size: int, digest: str) -> None:
    path = bundled.FOLDER / name
    assert (path.stat().st_size, sha256_of(path)) == (size, digest)
    assert f"| {name} | {size:,} | `{digest}` |" in CARD


def test_the_licence_lies_beside_it() -> None:
    assert "Apache License" in (bundled.FOLDER / "LICENSE").read_text(encoding="utf-8")


def test_its_folder_says_how_it_is_read() -> None:
    assert reading(bundled.FOLDER) == bundled.HOW


def test_agrees_with_the_float_model() -> None:
    texts = (HERE / "reference.txt").read_text(encoding="utf-8").splitlines()
    mean, worst = bundled.agreement(open_embedder(), texts, np.load(HERE / "reference.npy"))
    assert mean >= 0.99
    assert worst >= 0.97


@pytest.mark.parametrize(
    ("question", "paraphrase", "unrelated"),
    [
        ("How do I reset the device?", "Restore factory settings by holding the button.", "The river froze early."),
        ("Who pays for damage in transit?", "Loss during shipping is borne by the seller.", "Lactase splits lactose."),
        ("a dog runs across the field", "the puppy races over the meadow", "quarterly revenue rose by eight percent"),
    ],
)
def test_a_paraphrase_is_nearer_than_what_is_unrelated(question: str, paraphrase: str, unrelated: str) -> None:
    embedder = open_embedder()
    near, far = embedder.embed([paraphrase, unrelated]) @ embedder.embed([question], question=True)[0]
    assert near > far + 0.2


def test_neighbours_and_threads_change_no_bit_of_a_vector() -> None:
    embedder = open_embedder()
    texts = [f"{'word ' * length}number {length}" for length in range(0, 60, 3)]
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    assert np.array_equal(embedder.embed(texts), alone)


def test_counts_word_pieces() -> None:
    assert open_embedder().count(["unbelievably", "a b c", "Hello, world!"]) == [5, 3, 4]


def test_other_names_of_it() -> None:
    for address in ("sentence-transformers/all-MiniLM-L6-v2", "bundled:"):
        assert open_embedder(address).card == open_embedder().card


def test_a_file_that_is_cut_short_is_an_error_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.onnx").write_bytes(b"half")
    monkeypatch.setattr(bundled, "FOLDER", tmp_path)
    bundled.open_bundled.cache_clear()
    with pytest.raises(ModelError, match="4 bytes instead of") as error:
        open_embedder()
    assert "reinstall" in error.value.hint


def test_opening_loads_no_model_and_no_torch() -> None:
    code = """
import sys
from formfact.models import open_embedder
embedder = open_embedder()
assert embedder.card.dimensions == 384
heavy = {"torch", "transformers", "sentence_transformers", "huggingface_hub", "onnx"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, cwd=HERE.parent.parent, timeout=60)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak of memory from /proc")
def test_memory_stays_flat_over_many_passages() -> None:
    code = """
from pathlib import Path
from formfact.models import open_embedder
embedder = open_embedder()
embedder.embed(["river stone " * (5 + number % 100) for number in range(3000)])
print(*[line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")])
"""
    run = subprocess.run([sys.executable, "-c", code], check=True, cwd=HERE.parent.parent, capture_output=True)
    assert int(run.stdout) * 1024 < 350 * 2**20
