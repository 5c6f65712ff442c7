"""A model on this machine as a Writer: whole and in pieces it says the same, by a schema it says JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import formfact as ff
from formfact.errors import Refused
from formfact.types import Message

ASKED = [Message("user", "How wide is it?")]


@pytest.fixture(scope="module")
def writer(tiny: Path) -> ff.Writer:
    return ff.open_writer(f"local:{tiny}")


def test_pieces_are_the_whole(writer: ff.Writer, tiny: Path) -> None:
    whole = writer.complete(ASKED, tokens=24)
    pieces = list(writer.stream(ASKED, tokens=24))
    assert "".join(pieces) == whole.text
    assert len(pieces) > 1
    assert writer.address == f"local:{tiny}"
    assert whole.tokens == 24
    assert not whole.ended


def test_a_stream_that_is_closed_leaves_the_model_to_others(writer: ff.Writer) -> None:
    stream = writer.stream(ASKED, tokens=24)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert writer.complete(ASKED, tokens=4).tokens == 4


def test_a_schema_is_kept(writer: ff.Writer) -> None:
    schema = {
        "type": "object", "required": ["n"], "additionalProperties": False, "properties": {"n": {"type": "boolean"}},
    }  # fmt: skip
    assert json.loads(writer.complete(ASKED, tokens=40, schema=schema).text)["n"] in (True, False)


def test_what_does_not_fit_the_window_is_refused(writer: ff.Writer) -> None:
    long = [Message("user", "word " * 9000)]
    for ask in (lambda: writer.complete(long, tokens=4), lambda: list(writer.stream(long, tokens=4))):
        with pytest.raises(Refused, match="window"):
            ask()
