"""A tuned pattern -> files for other programs, loaded again and measured again before they are called done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from formfact.errors import Refused
from formfact.patterns import tuned
from formfact.patterns.shelf import find


def export(folder: str | Path, to: str | Path, *, form: str = "merged") -> dict[str, Any]:
    """Write a tuned pattern as `adapter`, `merged` safetensors, or `gguf` with an Ollama Modelfile, to a new folder.

    What was written is loaded again and its conformance measured again. Raises Refused, ModelError where it lost.
    """
    found, target = find(folder), Path(to)
    if found.adapter is None:
        raise Refused(f"{folder} was not tuned: there is nothing to export", hint="formfact pattern train writes one")
    if target.exists():
        raise Refused(f"{target} exists already", hint="name a folder that does not exist yet")
    done: dict[str, Any] = tuned.load("export")(found, target, form)
    return {"form": form, "to": str(target), **done}
