"""A model's folder from the Hugging Face hub or its cache on this machine, for a name that the user gave."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import snapshot_download

from formfact.errors import ModelError

FILES = [
    "*.json",
    "*.txt",
    "1_Pooling/*",
    "model.onnx*",
    "model_quantized.onnx*",
    "onnx/model.onnx*",
    "onnx/model_quantized.onnx*",
]


def download(name: str) -> Path:
    """The local folder of `org/name`, without weights of other formats; ModelError where it cannot be had."""
    try:
        return Path(snapshot_download(name, allow_patterns=FILES))
    # The hub's client raises its own, its HTTP library's and the system's errors, and changes them between versions.
    except Exception as failure:
        reason = str(failure).strip().splitlines()
        raise ModelError(
            f"the model {name!r} cannot be had from the hub: {reason[0] if reason else type(failure).__name__}",
            hint="give a local folder (onnx:./folder), or use the bundled model, which needs no network",
        ) from failure
