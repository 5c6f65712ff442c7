"""How a folder's JSON files are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from formfact.errors import ModelError, Refused
from formfact.models.reading import Reading, reading, refuse_longer, text_window
from tests.models import tiny


@pytest.mark.parametrize(
    ("files", "window"),
    [
        ({}, 512),
        ({"sentence_bert_config": {"max_seq_length": 256}, "config": {"max_position_embeddings": 512}}, 256),
        ({"tokenizer_config": {"model_max_length": 128}}, 128),
        ({"tokenizer_config": {"model_max_length": 1e30}, "config": {"max_position_embeddings": 8192}}, 8192),
        ({"config": {"max_position_embeddings": 514, "model_type": "xlm-roberta", "pad_token_id": 1}}, 512),
        ({"sentence_bert_config": {"max_seq_length": None}}, 512),
    ],
)
def test_the_smallest_limit_is_the_window(tmp_path: Path, files: dict[str, Any], window: int) -> None:
    assert reading(tiny.write(tmp_path, **files)).window == window


def test_modules_name_the_folder_of_the_pooling(tmp_path: Path) -> None:
    modules = [{"type": "x.Transformer", "path": ""}, {"type": "x.Pooling", "path": "2_P"}, {"type": "x.Normalize"}]
    files = {"modules": modules, "2_P__config": {"pooling_mode": "cls"}, "1_Pooling__config": {"pooling_mode": "max"}}
    assert reading(tiny.write(tmp_path, **files)) == Reading(pooling="cls")


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"modules": [{"type": "sentence_transformers.models.Dense", "path": "2_Dense"}]}, "'Dense'"),
        ({"1_Pooling__config": {"pooling_mode": "weightedmean"}}, "weightedmean"),
        ({"1_Pooling__config": {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}}, "cls and mean"),
        (
            {
                "1_Pooling__config": {"include_prompt": False},
                "config_sentence_transformers": {"prompts": {"query": "query: "}},
            },
            "prompts out of the pooling",
        ),
        ({"config": ["a", "list"]}, "holds a list"),
    ],
)
def test_what_is_not_run_here_is_an_error(tmp_path: Path, files: dict[str, Any], problem: str) -> None:
    with pytest.raises(ModelError, match=problem):
        reading(tiny.write(tmp_path, **files))


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    tiny.write(tmp_path)
    (tmp_path / "config.json").write_text('{"half": ')
    with pytest.raises(ModelError, match=r"config\.json cannot be read"):
        reading(tmp_path)


def test_the_window_of_a_card_counts_two_special_tokens() -> None:
    assert text_window(256, 2, []) == 256
    assert text_window(256, 1, []) == 257
    assert text_window(256, 2, [3, 5]) == 250


def test_nothing_longer_than_the_window() -> None:
    refuse_longer([], 5, "it")
    refuse_longer([1, 5], 5, "it")
    with pytest.raises(Refused, match="6 tokens does not fit it, which reads 5"):
        refuse_longer([1, 6], 5, "it")
