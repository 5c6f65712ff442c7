"""Facts by search, form by fine-tuning.

    import formfact as ff

    kb = ff.Knowledge("./kb")
    kb.add("handbook/")
    answer = kb.ask("how do I reset it?")
    print(answer.answer, answer.quotes)

Names are imported when they are first used, so that `import formfact` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from formfact.errors import FormfactError
    from formfact.front import Knowledge, Pattern
    from formfact.front.comparisons import compare
    from formfact.front.diagnose import diagnose
    from formfact.front.writers import open_writer
    from formfact.models import Embedder, Reader, Writer, open_embedder, open_reader
    from formfact.types import AddReport, Answer, Document, Hit, Passage, Quote, Status

__version__ = "0.1.0"

_HOMES = {
    "Knowledge": "formfact.front",
    "Pattern": "formfact.front",
    "Embedder": "formfact.models",
    "Reader": "formfact.models",
    "Writer": "formfact.models",
    "diagnose": "formfact.front.diagnose",
    "compare": "formfact.front.comparisons",
    "open_embedder": "formfact.models",
    "open_reader": "formfact.models",
    "open_writer": "formfact.front.writers",
    "FormfactError": "formfact.errors",
    "AddReport": "formfact.types",
    "Answer": "formfact.types",
    "Document": "formfact.types",
    "Hit": "formfact.types",
    "Passage": "formfact.types",
    "Quote": "formfact.types",
    "Status": "formfact.types",
}

__all__ = [
    "AddReport",
    "Answer",
    "Document",
    "Embedder",
    "FormfactError",
    "Hit",
    "Knowledge",
    "Passage",
    "Pattern",
    "Quote",
    "Reader",
    "Status",
    "Writer",
    "__version__",
    "compare",
    "diagnose",
    "open_embedder",
    "open_reader",
    "open_writer",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'formfact' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
