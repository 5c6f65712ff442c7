"""A base model with its adapter: opened, trained, decoded. All that needs torch is here, behind the extra `train`."""

from __future__ import annotations

from typing import Any

from formfact import plugins
from formfact.errors import MissingExtra

TUNED = {
    "network": "formfact.patterns.tuned.network:open_network",
    "tune": "formfact.patterns.tuned.session:tune",
    "masks shown": "formfact.patterns.tuned.session:masks_shown",
    "decoder": "formfact.patterns.tuned.decoding:Decoder",
    "closed book": "formfact.patterns.tuned.closed_book:ClosedBook",
    "local": "formfact.patterns.tuned.local:Local",
    "hardware": "formfact.patterns.tuned.session:hardware",
    "export": "formfact.patterns.tuned.export:export",
    "loss": "formfact.patterns.tuned.export:check_loss",
    "gguf network": "formfact.patterns.tuned.network:open_gguf",
    "modelfile": "formfact.patterns.tuned.modelfile:modelfile",
}
INSTALL = (
    "on a machine without a GPU, its small build of torch first, as pytorch.org shows for Pip and CPU; then\n"
    "  pip install 'formfact[train]'"
)


def load(name: str) -> Any:
    """One of the parts that need torch. Raises MissingExtra, which says what to install."""
    try:
        return plugins.load(TUNED, name, what="part of the training extra")
    except MissingExtra as missing:
        package = getattr(missing.__cause__, "name", "torch")
        raise MissingExtra(
            f"writing and training with a local model need the package {package!r}, which is not installed",
            hint=INSTALL,
        ) from missing
