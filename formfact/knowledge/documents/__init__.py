"""Files -> documents: which reader reads what, and one place where whatever goes wrong becomes a reason.

A reader is a function `(file, name)` that yields the Documents of an open binary file; `name` is the file's path
below its root. It raises Unreadable with a short reason where the file as a whole cannot become a document, and
yields Skipped for a row of it that cannot.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO

from formfact import plugins
from formfact.errors import FormfactError, Unreadable
from formfact.types import Document, Skipped

READERS = {
    "markdown": "formfact.knowledge.documents.markdown:read_markdown",
    "text": "formfact.knowledge.documents.plain:read_plain",
    "rst": "formfact.knowledge.documents.rst:read_rst",
    "html": "formfact.knowledge.documents.html:read_html",
    "pdf": "formfact.knowledge.documents.pdf:read_pdf",
    "docx": "formfact.knowledge.documents.docx:read_docx",
    "pptx": "formfact.knowledge.documents.pptx:read_pptx",
    "xlsx": "formfact.knowledge.documents.xlsx:read_xlsx",
    "csv": "formfact.knowledge.documents.records:read_csv",
    "json": "formfact.knowledge.documents.records:read_json",
    "jsonl": "formfact.knowledge.documents.records:read_jsonl",
    "notebook": "formfact.knowledge.documents.notebook:read_notebook",
    "epub": "formfact.knowledge.documents.epub:read_epub",
    "mail": "formfact.knowledge.documents.mail:read_mail",
    "code": "formfact.knowledge.documents.code:read_code",
}

_ENDINGS = {
    "markdown": "md markdown mdown mkd mdx",
    "text": "txt text log",
    "rst": "rst",
    "html": "html htm xhtml",
    "pdf": "pdf",
    "docx": "docx docm",
    "pptx": "pptx pptm",
    "xlsx": "xlsx xlsm",
    "csv": "csv tsv",
    "json": "json",
    "jsonl": "jsonl ndjson",
    "notebook": "ipynb",
    "epub": "epub",
    "mail": "eml",
    "code": (
        "py pyi js mjs cjs ts tsx jsx java c h cc cpp cxx hpp cs go rs rb php swift kt kts scala sh bash zsh fish "
        "ps1 pl pm lua r jl sql css scss toml yaml yml ini cfg conf xml tf proto graphql vue svelte dart ex exs erl "
        "hs ml clj m mm asm s vb groovy gradle cmake mk dockerfile makefile"
    ),
}
FORMATS = {f".{ending}": form for form, endings in _ENDINGS.items() for ending in endings.split()}
"""A file's ending -> its format, a key of READERS."""

_UNREAD = """
png jpg jpeg gif bmp tif tiff webp ico psd heic svgz mp3 wav flac ogg m4a mp4 mov avi mkv webm zip tar gz tgz bz2 xz 7z
rar zst jar whl exe dll so dylib a o obj class pyc pyo bin dat db sqlite sqlite3 parquet feather npy npz pkl pickle pt
pth onnx gguf safetensors h5 ttf otf woff woff2 eot doc xls ppt msg odt ods odp iso dmg rtf
"""
SAVE_AS = {
    ".doc": ".docx",
    ".xls": ".xlsx",
    ".ppt": ".pptx",
    ".msg": ".eml",
    ".odt": ".docx",
    ".ods": ".xlsx",
    ".odp": ".pptx",
    ".rtf": ".docx",
}
"""What the programs that write a format can also write, and a reader here reads."""
NO_READER = frozenset(f".{ending}" for ending in _UNREAD.split())
"""Endings that are known to hold nothing a reader here reads; said so without opening the file."""

LIMIT = 64 << 20
"""Bytes above which a file is skipped; record formats are read row by row and may be larger."""
RECORDS_LIMIT = 1 << 30
STREAMED = ("jsonl", "csv")


def format_of(name: str) -> str:
    """The format of a file by its name, "text" for an unknown ending. Raises Unreadable for one that is not read."""
    path = PurePosixPath(name.lower())
    ending = path.suffix or f".{path.name}"  # `Makefile` and `Dockerfile` are their own ending
    if ending in NO_READER:
        instead = SAVE_AS.get(ending)
        raise Unreadable(f"no reader for {ending}" + (f": save it as {instead}" if instead else ""))
    return FORMATS.get(ending, "text")


TOO_LARGE = "larger than the limit"
"""How the reason begins for which a file is skipped that a larger limit lets through."""


def check_size(name: str, size: int, limit: int | None = None) -> None:
    """Raise Unreadable for a file that is empty, or larger than `limit` bytes (None: the limit of its format)."""
    if size == 0:
        raise Unreadable("empty")
    most = limit or (RECORDS_LIMIT if format_of(name) in STREAMED else LIMIT)
    if size > most:
        raise Unreadable(f"{TOO_LARGE} ({_bytes(size)} of at most {_bytes(most)})")


def _bytes(size: int) -> str:
    return f"{size / (1 << 20):,.1f} MB" if size >= 1 << 20 else f"{size / (1 << 10):,.1f} KB"


def read(file: IO[bytes], name: str) -> Iterator[Document | Skipped]:
    """The documents of an open file. Raises Unreadable, whatever the libraries below may raise."""
    reader = plugins.load(READERS, format_of(name), what="reader")
    try:
        yield from reader(file, name)
    except FormfactError:
        raise
    except (MemoryError, RecursionError) as error:
        raise Unreadable("damaged: nested or expanded beyond reason") from error
    except Exception as error:
        # Parsers of foreign formats raise anything; the user wants to know which file, and roughly why.
        raise Unreadable(f"damaged: {_short(error)}") from error


def _short(error: Exception) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return words if len(words) <= 120 else f"{words[:117]}..."
