"""The model inside the package: all-MiniLM-L6-v2 with int8 weights, English, 384 dimensions, no network and no torch.

`minilm/CARD.md` says where it comes from and what was measured; `tools/make_minilm.py` makes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from formfact.errors import ModelError
from formfact.models import BUNDLED, Embedder
from formfact.models.onnx import Encoder, Onnx, fingerprint
from formfact.models.reading import Reading
from formfact.models.tokens import Tokens
from formfact.types import EmbedderCard

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDER = Path(__file__).with_name("minilm")
MODEL_BYTES = 22_808_795
MODEL_SHA256 = "a43a4247cb908499b5de714f73c396fc27f66126d231d3a091c4f6c932d8fe8e"
TOKENIZER_BYTES = 466_081
TOKENIZER_SHA256 = "9114256b104cca80e04367526f03f46aa3c443c2ed174904142a73bbf13b9fbb"
HOW = Reading(window=256)
"""The model was trained on 256 tokens: it has positions for 512, and what stands there carries little."""


@cache
def open_bundled(_address: str = BUNDLED) -> Onnx:
    """The bundled model, one for a process; nothing is loaded before the first text.

    Only the files' sizes are checked here, because reading them twice would cost a tenth of the time to open; the
    tests check their SHA-256. ModelError where they are not whole.
    """
    graph = _whole("model.onnx", MODEL_BYTES)
    tokenizer = _whole("tokenizer.json", TOKENIZER_BYTES)
    card = EmbedderCard(BUNDLED, BUNDLED, 384, HOW.window, fingerprint([MODEL_SHA256, TOKENIZER_SHA256], HOW))
    return Onnx(Tokens(tokenizer), Encoder(graph, HOW.pooling), HOW, card)


def _whole(name: str, size: int) -> Path:
    path = FOLDER / name
    found = path.stat().st_size if path.is_file() else 0
    if found != size:
        raise ModelError(
            f"the bundled model is damaged: {path} has {found} bytes instead of {size}",
            hint="pip install --force-reinstall --no-deps formfact",
        )
    return path


def agreement(embedder: Embedder, texts: Sequence[str], vectors: NDArray[np.float32]) -> tuple[float, float]:
    """Mean and lowest cosine of an embedder's vectors with given unit vectors of the same texts: a self test.

    The bundled model against the float one has a mean of .99 or more, and .97 or more for the worst text.
    """
    cosines = np.einsum("ij,ij->i", embedder.embed(texts), vectors)
    return float(cosines.mean()), float(cosines.min())
