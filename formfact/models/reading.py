"""How a model's folder wants to be read: window, pooling and prefixes, from the JSON files beside the model.

Covered: the files of sentence-transformers (both its old and its new layout) and of transformers, pooling by mean,
first token, last token or maximum, prompts for questions and passages. Not covered, and an error rather than other
vectors: modules after pooling that compute (Dense), weighted pooling, prompts left out of the pooling.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from formfact.errors import ModelError, Refused

POOLINGS = ("mean", "cls", "lasttoken", "max")
WINDOW = 512
"""Tokens, where no file says how many the model reads: what most encoders of BERT's family do."""

OFFSET_POSITIONS = ("roberta", "xlm-roberta", "camembert", "mpnet")
"""Model types that count positions from `pad_token_id + 1`, so that many positions are not for tokens."""

SPECIAL = 2
"""Special tokens that a card's window counts, whatever the model's own number is."""

ANOTHER_RUNTIME = "open it as sentence-transformers:FOLDER, which runs every such module"


@dataclass(frozen=True, slots=True)
class Reading:
    """`window` counts tokens with the special ones and the prefix; `question` and `passage` are put before a text."""

    window: int = WINDOW
    pooling: str = "mean"
    question: str = ""
    passage: str = ""


def reading(folder: Path) -> Reading:
    """What the JSON files in `folder` say; ModelError where they ask for something not covered."""
    modules = _json(folder / "modules.json", [])
    pooling = _json(folder / _pooling_folder(modules) / "config.json", {})
    question, passage = prefixes(_json(folder / "config_sentence_transformers.json", {}).get("prompts") or {})
    found = Reading(_window(folder), _pooling(pooling, folder), question, passage)
    if pooling.get("include_prompt") is False and (found.question or found.passage):
        raise ModelError(f"{folder} leaves its prompts out of the pooling", hint=ANOTHER_RUNTIME)
    return found


def prefixes(prompts: Mapping[str, str | None]) -> tuple[str, str]:
    """What is put before a question and before a passage, by the names sentence-transformers gives its prompts."""
    passage = next((prompts[name] for name in ("document", "passage", "corpus") if prompts.get(name)), "")
    return prompts.get("query") or "", passage or ""


def text_window(window: int, special: int, prefix: Iterable[int]) -> int:
    """A card's window: a text of this less `SPECIAL` tokens fits into a model that reads `window` tokens.

    `special` is the model's own number of special tokens, `prefix` the tokens of each of its prefixes.
    """
    # The tokens of prefix and text together may be one more than those of each alone.
    return window - special - max((count + 1 for count in prefix), default=0) + SPECIAL


def refuse_longer(tokens: Iterable[int], window: int, name: str) -> None:
    """Raise Refused where one of the texts, of so many tokens each, is longer than the model called `name` reads."""
    longest = max(tokens, default=0)
    if longest > window:
        raise Refused(
            f"a text of {longest} tokens does not fit {name}, which reads {window} at once",
            hint="split the text; nothing is cut off unseen",
        )


def _json(path: Path, absent: Any) -> Any:
    """The content of `path`, of the same type as `absent`, which stands in for a file that is not there."""
    if not path.is_file():
        return absent
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as broken:
        raise ModelError(f"{path} cannot be read: {broken}", hint="copy the model's folder again") from broken
    if not isinstance(content, type(absent)):
        raise ModelError(f"{path} holds a {type(content).__name__}", hint="copy the model's folder again")
    return content


def _pooling_folder(modules: list[dict[str, Any]]) -> str:
    for module in modules:
        kind = str(module.get("type", "")).rpartition(".")[2]
        if kind not in ("Transformer", "Pooling", "Normalize"):
            raise ModelError(f"the model has a module of type {kind!r}, which is not run here", hint=ANOTHER_RUNTIME)
    paths = [str(module.get("path", "")) for module in modules if str(module.get("type", "")).endswith("Pooling")]
    return paths[0] if paths else "1_Pooling"


def _pooling(config: dict[str, Any], folder: Path) -> str:
    """The one way of pooling: `pooling_mode` since sentence-transformers 5, one `pooling_mode_..._token(s)` before."""
    modes = config.get("pooling_mode")
    if modes is None:
        modes = [
            key.removeprefix("pooling_mode_") for key, on in config.items() if key.startswith("pooling_mode_") and on
        ]
    modes = [modes] if isinstance(modes, str) else modes
    modes = [mode.removesuffix("_tokens").removesuffix("_token") for mode in modes] or ["mean"]
    if len(modes) > 1 or modes[0] not in POOLINGS:
        raise ModelError(f"{folder} pools by {' and '.join(modes)}, which is not run here", hint=ANOTHER_RUNTIME)
    return str(modes[0])


def _window(folder: Path) -> int:
    """The smallest of the limits that the files name: the model was trained on no more."""
    config = _json(folder / "config.json", {})
    positions = config.get("max_position_embeddings")
    if positions and config.get("model_type") in OFFSET_POSITIONS:
        positions -= (config.get("pad_token_id") or 0) + 1
    limits = [
        _json(folder / "sentence_bert_config.json", {}).get("max_seq_length"),
        _json(folder / "tokenizer_config.json", {}).get("model_max_length"),
        positions,
    ]
    # Tokenizers without a limit write a very large number.
    known = [int(limit) for limit in limits if isinstance(limit, int | float) and 0 < limit < 10_000_000]
    return min(known, default=WINDOW)
