"""A document by its name, whole, as it is stored; and the file that it was read from."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from formfact.errors import NotFound, Refused
from formfact.knowledge.stores import Entry, Store
from formfact.types import Document


def read(store: Store, document: str, *, source: str = "") -> Document:
    """The document of this id, of this source where one is given.

    Raises NotFound where there is none, and Refused where several sources have one of that id and none is named.
    """
    with store.snapshot() as view:
        found = view.entries([source] if source else None, [document])
        if len({one.address for one in found}) > 1:
            sources = sorted(one.address for one in found)
            raise Refused(
                f"{len(found)} documents are called {document!r}", hint=f"name the source too: {', '.join(sources[:5])}"
            )
        for one in view.documents([entry.key for entry in found]):
            return one
    raise NotFound(f"the knowledge base has no document {document!r}", hint="formfact status --documents lists them")


def is_called(entry: Entry, name: str) -> bool:
    """Whether a document has this id, or is `file.csv:id`, with the end of its file's path or the whole of it."""
    if name == entry.record:
        return True
    file = name.removesuffix(f":{entry.record}")
    if not file or file == name:
        return False
    return file == entry.address or (not file.startswith("/") and entry.address.endswith(f"/{file}"))


def shared(store: Store, documents: Sequence[str]) -> set[str]:
    """Those of the ids that documents of several sources have."""
    with store.snapshot() as view:
        counts = Counter(one.record for one in view.entries(records=list(dict.fromkeys(documents))))
    return {name for name, count in counts.items() if count > 1}


def original(store: Store, document: str, *, source: str = "") -> BinaryIO:
    """The file that a document was read from, opened for reading: the very bytes, by their digest.

    Raises NotFound where it is gone or has changed since.
    """
    address = read(store, document, source=source).source
    with store.snapshot() as view:
        noted = next((one.digest for one in view.sources(address) if one.address == address), "")
    try:
        opened = Path(address).open("rb")  # noqa: SIM115 (it is what is returned)
    except OSError as error:
        raise NotFound(
            f"the file of {document!r} cannot be read", hint="the text that was read of it is kept"
        ) from error
    if hashlib.file_digest(opened, "sha256").hexdigest() != noted:
        opened.close()
        raise NotFound(f"the file of {document!r} is no longer what was read", hint="formfact add reads it again")
    opened.seek(0)
    return opened
