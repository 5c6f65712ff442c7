"""A document by its name, whole, as it is stored."""

from __future__ import annotations

from formfact.errors import NotFound, Refused
from formfact.knowledge.stores import Store
from formfact.types import Document


def read(store: Store, document: str, *, source: str = "") -> Document:
    """The document of this id, of this source where one is given.

    Raises NotFound where there is none, and Refused where several sources have one of that id and none is named.
    """
    with store.snapshot() as view:
        found = [one for one in view.entries([source] if source else None) if one.record == document]
        if len({one.address for one in found}) > 1:
            sources = sorted(one.address for one in found)
            raise Refused(
                f"{len(found)} documents are called {document!r}", hint=f"name the source too: {', '.join(sources[:5])}"
            )
        for one in view.documents([entry.key for entry in found]):
            return one
    raise NotFound(f"the knowledge base has no document {document!r}", hint="formfact status --documents lists them")
