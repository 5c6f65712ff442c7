"""What a disk refuses while a pattern's files are written -> an error that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from formfact.errors import DiskFull, Refused

TOLD = "No space left", "File too large", "Disk quota exceeded"
"""What errors of packages say that pack the system's into one of their own: tokenizers, safetensors, shutil."""


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """As long as this lasts, what the disk refuses is an error of ours. Raises DiskFull, Refused."""
    try:
        yield
    except Exception as error:
        if getattr(error, "errno", None) in DiskFull.numbers or any(one in str(error) for one in TOLD):
            hint = "free some space, then run the same command again"
            raise DiskFull(f"no space is left for {folder}", hint=hint) from error
        if not isinstance(error, OSError):
            raise
        place = error.filename if isinstance(error.filename, str) else folder
        hint = f"check the path and its permissions, or name another place than {folder}"
        raise Refused(f"{place}: {error.strerror or error}", hint=hint) from error
