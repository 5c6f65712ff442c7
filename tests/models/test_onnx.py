"""Folders with an ONNX model: what is read from them, and what is said about those that cannot be used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from formfact.errors import ModelError, Refused
from formfact.models import hub, open_embedder
from formfact.models.bundled import FOLDER
from tests.models import tiny
from tests.models.tiny import states, unit


def close(found: np.ndarray, expected: np.ndarray) -> bool:
    return np.allclose(found, unit(expected), atol=1e-6)


@pytest.mark.parametrize(
    ("config", "pooled"),
    [
        ({}, states("river mill").mean(0)),
        ({"pooling_mode": "cls"}, states("river mill")[0]),
        ({"pooling_mode": "lasttoken"}, states("river mill")[-1]),
        ({"pooling_mode": "max"}, states("river mill").max(0)),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, states("river mill")[0]),
        ({"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}, states("river mill").mean(0)),
    ],
)
def test_pools_as_the_folder_says(tmp_path: Path, config: dict[str, Any], pooled: np.ndarray) -> None:
    tiny.write(tmp_path, **{"1_Pooling__config": config})
    assert close(open_embedder(str(tmp_path)).embed(["river mill"])[0], pooled)


@pytest.mark.parametrize(
    "model",
    [
        tiny.graph(inputs=("input_ids",)),
        tiny.graph(inputs=("input_ids", "attention_mask", "token_type_ids", "position_ids"), kind=tiny.INT32),
        tiny.graph(output="token_embeddings"),
        tiny.graph(output="sentence_embedding", pooled=True),
    ],
    ids=["ids alone", "int32 and every input", "token embeddings", "pooled by the graph"],
)
def test_feeds_what_the_graph_asks_for_and_takes_what_it_gives(tmp_path: Path, model: bytes) -> None:
    embedder = open_embedder(str(tiny.write(tmp_path, model)))
    assert embedder.card.dimensions == 8
    assert close(embedder.embed(["river mill"])[0], states("river mill").mean(0))


def test_questions_and_passages_get_their_prefixes(tmp_path: Path) -> None:
    prompts = {"prompts": {"query": "query: ", "passage": "a "}}
    tiny.write(tmp_path, config_sentence_transformers=prompts, sentence_bert_config={"max_seq_length": 10})
    embedder = open_embedder(str(tmp_path))
    assert close(embedder.embed(["river"], question=True)[0], states("query: river").mean(0))
    assert close(embedder.embed(["river"])[0], states("a river").mean(0))
    assert embedder.count(["river"]) == [1]
    # 10 tokens less the two of the longer prefix, less one that prefix and text together may need.
    assert embedder.card.window == 7
    embedder.embed(["river " * 5], question=True)
    with pytest.raises(Refused, match="11 tokens"):
        embedder.embed(["river " * 7], question=True)


def test_the_tokenizer_s_own_cutting_and_padding_are_off(tmp_path: Path) -> None:
    embedder = open_embedder(str(tiny.write(tmp_path)))
    assert embedder.count(["river " * 30]) == [30]
    assert close(embedder.embed(["river " * 30])[0], states("river " * 30).mean(0))


@pytest.mark.parametrize(
    "place", ["model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx"]
)
def test_finds_the_model_where_exporters_put_it(tmp_path: Path, place: str) -> None:
    tiny.write(tmp_path)
    (tmp_path / "onnx").mkdir()
    (tmp_path / "model.onnx").rename(tmp_path / place)
    assert open_embedder(str(tmp_path)).card.dimensions == 8


def test_a_copy_is_the_same_model_and_a_change_is_another(tmp_path: Path) -> None:
    first = open_embedder(str(tiny.write(tmp_path / "first"))).card
    second = open_embedder(str(tiny.write(tmp_path / "second"))).card
    assert first.digest == second.digest
    assert first.address == str((tmp_path / "first").resolve())
    (tmp_path / "second" / "modules.json").write_text("[]")
    assert open_embedder(str(tmp_path / "second")).card.digest == first.digest
    tiny.write(tmp_path / "second", sentence_bert_config={"max_seq_length": 64})
    assert open_embedder(str(tmp_path / "second")).card.digest != first.digest
    other = tiny.write(tmp_path / "third", tiny.graph().replace(b"tiny", b"tidy"))
    assert open_embedder(str(other)).card.digest != first.digest


def test_weights_beside_the_graph_are_part_of_the_digest(tmp_path: Path) -> None:
    before = open_embedder(str(tiny.write(tmp_path))).card.digest
    (tmp_path / "model.onnx_data").write_bytes(b"weights")
    assert open_embedder(str(tmp_path)).card.digest != before


def test_a_copy_of_the_bundled_model_is_the_bundled_model(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "copy")
    copy = open_embedder(f"onnx:{tmp_path / 'copy'}")
    assert copy.card.digest == open_embedder().card.digest
    assert np.array_equal(copy.embed(["the river"]), open_embedder().embed(["the river"]))


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (b"no protobuf", "is no ONNX model"),
        (b"", "is no ONNX model"),
        (tiny.graph(inputs=("input_ids", "pixel_values")), "asks for pixel_values"),
        (tiny.graph(output="logits"), "gives only logits"),
        (tiny.graph(inputs=("attention_mask",)).replace(tiny.TABLE.tobytes(), bytes(tiny.TABLE.nbytes)), "length 0.0"),
    ],
)
def test_says_what_is_wrong_with_a_model(tmp_path: Path, model: bytes, problem: str) -> None:
    tiny.write(tmp_path, model)
    with pytest.raises(ModelError, match=problem):
        open_embedder(str(tmp_path))


def test_a_token_that_the_graph_does_not_know_is_an_error(tmp_path: Path) -> None:
    tiny.write(tmp_path)
    tokenizer = tmp_path / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text().replace('"mill":8', '"mill":80').replace('"mill": 8', '"mill": 80'))
    with pytest.raises(ModelError, match="cannot be run"):
        open_embedder(str(tmp_path)).embed(["the mill"])


@pytest.mark.parametrize("lacking", ["model.onnx", "tokenizer.json"])
def test_says_which_file_is_missing(tmp_path: Path, lacking: str) -> None:
    tiny.write(tmp_path)
    (tmp_path / lacking).unlink()
    with pytest.raises(ModelError, match=f"has no {lacking}"):
        open_embedder(str(tmp_path))


def test_says_that_a_tokenizer_is_none(tmp_path: Path) -> None:
    tiny.write(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match="is no tokenizer"):
        open_embedder(str(tmp_path))


@pytest.mark.parametrize("address", ["./nowhere", "onnx:./nowhere", "nowhere", "onnx:", "all-minilm"])
def test_an_address_that_is_nothing_lists_what_one_may_be(address: str) -> None:
    with pytest.raises(ModelError, match="no such folder") as error:
        open_embedder(address)
    assert "all-MiniLM-L6-v2" in error.value.hint


def test_a_hub_name_is_downloaded_once_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(hub, "snapshot_download", lambda name, **_: asked.append(name) or str(tiny.write(tmp_path)))
    card = open_embedder("onnx:org/name").card
    assert (card.address, card.name, asked) == ("onnx:org/name", "org/name", ["org/name"])


def test_without_the_hub_the_hint_is_a_local_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(name: str, **_: Any) -> str:
        raise FileNotFoundError("no connection\nand more")

    monkeypatch.setattr(hub, "snapshot_download", offline)
    with pytest.raises(ModelError, match=r"cannot be had from the hub: no connection\n") as error:
        open_embedder("onnx:org/name")
    assert "local folder" in error.value.hint


def test_many_threads_that_ask_one_text_each_get_the_same_vectors_as_one() -> None:
    """Whoever is not alone works with one core, which must not show."""
    embedder, texts = open_embedder(), [f"the {word} valve of pump {n}" for n in range(8) for word in ("red", "old")]
    alone = np.stack([embedder.embed([text], question=True)[0] for text in texts])
    with ThreadPoolExecutor(8) as pool:
        together = np.stack(list(pool.map(lambda text: embedder.embed([text], question=True)[0], texts)))
    assert np.array_equal(alone, together)


def test_nothing_is_noted_or_sent_for_the_runtimes_maker(tmp_path: Path) -> None:
    """It would keep a device's id under the home folder and a queue of messages beside it."""
    code = "from formfact.models import open_embedder; open_embedder().embed(['x'])"
    places = {name: str(tmp_path) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME")}
    kept = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-B", "-c", code], env={**kept, **places}, check=True, timeout=60)
    assert not list(tmp_path.iterdir())
