"""Writers by address for every face: endpoints, and the models that the patterns wing opens on this machine."""

from __future__ import annotations

from pathlib import Path

from formfact import models
from formfact.models import Writer
from formfact.patterns import tuned
from formfact.patterns.shelf import find

LOCAL = "local:"


def open_writer(address: str) -> Writer:
    """Open a Writer by its address.

    `https://HOST/v1#MODEL`  any OpenAI-compatible endpoint: hosted, Ollama, llama.cpp, vLLM, LM Studio
    `local:`                 the default base of patterns, by transformers on this machine (the extra `train`)
    `local:NAME`             another base by hub name, or a folder: of a base, or of a tuned pattern

    Raises Refused, ModelError, MissingExtra.
    """
    if not address.startswith(LOCAL):
        return models.open_writer(address)
    name = address.removeprefix(LOCAL)
    base, adapter = name or None, None
    if name and (Path(name).expanduser() / "adapter").is_dir():
        found = find(name)
        base, adapter = found.base, found.adapter
    network = tuned.load("network")(base, adapter=adapter)
    writer: Writer = tuned.load("local")(network, address)
    return writer
