"""A tiny ONNX embedding model written by hand: each token's state is a row of a table. No onnx package is needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "query", ":", "river", "stone", "mill", "a"]
TABLE = np.random.default_rng(7).standard_normal((len(WORDS), 8)).astype(np.float32)
INT32, INT64, FLOAT = 6, 7, 1


def message(*fields: tuple[int, int | bytes | str]) -> bytes:
    """A protobuf message: numbers as varints, all else with its length before it."""
    parts = []
    for number, value in fields:
        if isinstance(value, int):
            parts += [varint(number << 3), varint(value)]
        else:
            data = value.encode() if isinstance(value, str) else value
            parts += [varint(number << 3 | 2), varint(len(data)), data]
    return b"".join(parts)


def varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def tensor_type(name: str, kind: int, axes: int) -> bytes:
    shape = message(*[(1, message((2, f"axis{axis}"))) for axis in range(axes)])
    return message((1, name), (2, message((1, message((1, kind), (2, shape))))))


def graph(
    inputs: tuple[str, ...] = ("input_ids", "attention_mask"),
    kind: int = INT64,
    output: str = "last_hidden_state",
    pooled: bool = False,
) -> bytes:
    """A model: Gather from the table by `input_ids`; `pooled` adds a mean over the tokens. Other inputs are ignored."""
    table = message((1, TABLE.shape[0]), (1, TABLE.shape[1]), (2, FLOAT), (8, "table"), (9, TABLE.tobytes()))
    gathered = "states" if pooled else output
    nodes = [message((1, "table"), (1, inputs[0]), (2, gathered), (4, "Gather"))]
    if pooled:
        axes = message((1, "axes"), (8, 1), (20, 7))
        keep = message((1, "keepdims"), (3, 0), (20, 2))
        nodes.append(message((1, "states"), (2, output), (4, "ReduceMean"), (5, axes), (5, keep)))
    body = [(1, node) for node in nodes] + [(2, "tiny"), (5, table)]
    body += [(11, tensor_type(name, kind, 2)) for name in inputs]
    body += [(12, tensor_type(output, FLOAT, 2 if pooled else 3))]
    return message((1, 8), (7, message(*body)), (8, message((1, ""), (2, 13))))


def reader(outputs: tuple[str, ...] = ("relevance", "start", "end", "answerable")) -> bytes:
    """A reader to which `stone` is the answer to everything: its token has the logit 5, each other one -5."""
    logits = np.where(np.array(WORDS) == "stone", 5, -5).astype(np.float32)
    table = message((1, len(WORDS)), (2, FLOAT), (8, "table"), (9, logits.tobytes()))
    axes = message((1, "axes"), (8, 1), (20, 7))
    keep = message((1, "keepdims"), (3, 0), (20, 2))
    nodes = [message((1, "table"), (1, "input_ids"), (2, "logits"), (4, "Gather"))]
    for name in outputs:
        whole = name not in ("start", "end")
        how = [(4, "ReduceMax"), (5, axes), (5, keep)] if whole else [(4, "Identity")]
        nodes.append(message((1, "logits"), (2, name), *how))
    body = [(1, node) for node in nodes] + [(2, "tiny"), (5, table), (11, tensor_type("input_ids", INT64, 2))]
    body += [(12, tensor_type(name, FLOAT, 2 if name in ("start", "end") else 1)) for name in outputs]
    return message((1, 8), (7, message(*body)), (8, message((1, ""), (2, 13))))


def write(folder: Path, model: bytes | None = None, **files: Any) -> Path:
    """A model's folder; `files` are JSON files by name, with `__` for a slash."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(graph() if model is None else model)
    tokenizer = Tokenizer(models.WordLevel({word: id for id, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=16)
    tokenizer.save(str(folder / "tokenizer.json"))
    for name, content in files.items():
        path = folder / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content))
    return folder


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def states(text: str) -> np.ndarray:
    """The states that the tiny model gives the tokens of a text, special tokens included."""
    words = ["[CLS]", *text.replace(":", " :").split(), "[SEP]"]
    return TABLE[[WORDS.index(word) if word in WORDS else 3 for word in words]]
