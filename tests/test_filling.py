"""JSON of the caller's schema: filled with quotes alone, or written from them and checked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import formfact as ff
from formfact.errors import Refused
from formfact.front.filling import fill
from formfact.types import Answer, Quote
from tests.models.server import Server, says, status

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
FIRST = Quote("It opens at nine.", "hours.md", "/docs/hours.md", ("Office",), 2, 0, 17)
SECOND = Quote("It closes at noon.", "days.md", "/docs/days.md", (), None, 0, 18)
GIVEN = Answer("When?", "It opens at nine.\n\nIt closes at noon.", False, 0.91234, (FIRST, SECOND), (), 1.0)
ABSENT = Answer("Why?", "Not in your documents.", True, 0.1, (), (), 1.0)


def listed(inner: Any) -> Any:
    return {"type": "array", "items": inner}


def made(optional: bool = False, **members: Any) -> Any:
    required = {} if optional else {"required": list(members)}
    return {"type": "object", "properties": members, "additionalProperties": False, **required}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (made(answer=TEXT), {"answer": GIVEN.answer}),
        (made(answer=TEXT, quotes=listed(TEXT)), {"answer": GIVEN.answer, "quotes": [FIRST.text, SECOND.text]}),
        (
            made(Quotes=listed(made(quote=TEXT, source=TEXT, page={"type": ["integer", "null"]}, section=TEXT))),
            {"Quotes": [
                {"quote": FIRST.text, "source": "hours.md", "page": 2, "section": "Office"},
                {"quote": SECOND.text, "source": "days.md", "page": None, "section": ""},
            ]},
        ),
        (made(sources=listed(TEXT), confidence=NUMBER), {"sources": ["hours.md", "days.md"], "confidence": 0.9123}),
        (made(found={"type": "boolean"}, quote=TEXT), {"found": True, "quote": FIRST.text}),
        (made(result=made(answer=TEXT)), None),
        (made(outcome=made(answer=TEXT)), {"outcome": {"answer": GIVEN.answer}}),
        (made(price={"anyOf": [NUMBER, {"type": "null"}]}, answer=TEXT), {"price": None, "answer": GIVEN.answer}),
        (made(optional=True, price=NUMBER, question=TEXT), {"question": "When?"}),
        (
            {**made(answer=TEXT, citations=listed({"$ref": "#/$defs/Cited"})), "$defs": {"Cited": made(text=TEXT)}},
            {"answer": GIVEN.answer, "citations": [{"text": FIRST.text}, {"text": SECOND.text}]},
        ),
        (made(answer=TEXT, price=NUMBER), None),
        (made(answer=TEXT, mood=TEXT), None),
        (made(answer=NUMBER), None),
        (made(answer=listed(listed(TEXT))), None),
        (TEXT, None),
        ({**made(a={"$ref": "#/$defs/no"}), "$defs": {}}, None),
    ],
)  # fmt: skip
def test_what_quotes_fill(schema: Any, expected: Any) -> None:
    if expected is None:
        with pytest.raises(Refused, match="quotes alone do not fill the schema") as refused:
            fill(GIVEN, schema)
        assert "serve --writer" in refused.value.hint
    else:
        assert json.loads(fill(GIVEN, schema)) == expected


def test_any_object_holds_the_answer_with_its_quotes() -> None:
    found = json.loads(fill(GIVEN, {"type": "object"}))
    assert found["answer"] == GIVEN.answer
    assert [one["document"] for one in found["quotes"]] == ["hours.md", "days.md"]
    assert json.loads(fill(ABSENT, {"type": "object"}))["abstained"] is True


def test_a_schema_without_end_is_given_up() -> None:
    wide = {f"d{at}": {"anyOf": [{"$ref": f"#/$defs/d{at + 1}"}] * 50} for at in range(8)}
    with pytest.raises(Refused):
        fill(GIVEN, {**made(x={"$ref": "#/$defs/d0"}), "$defs": {**wide, "d8": NUMBER}})


# In ask -----------------------------------------------------------------------------------------------------------

HANDBOOK = Path(__file__).resolve().parents[1] / "examples" / "handbook"
QUESTION = "How much paid time off do new parents have?"
PRICED = made(who=TEXT, weeks={"type": "integer"})
QUOTED = made(answer=TEXT, sources=listed(TEXT))


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ff.Knowledge]:
    with ff.Knowledge(tmp_path_factory.mktemp("filling") / "kb") as base:
        base.add(HANDBOOK)
        yield base


def test_without_a_writer_quotes_fill_it(kb: ff.Knowledge) -> None:
    plain, found = kb.ask(QUESTION), kb.ask(QUESTION, schema=QUOTED)
    told = json.loads(found.answer)
    assert told == {"answer": plain.answer, "sources": list(dict.fromkeys(one.document for one in plain.quotes))}
    assert (found.pattern, found.fallback, found.quotes) == ("json-record", "", plain.quotes)
    assert all(found.answer[one.start : one.end] == one.text for one in found.claims)
    assert found.claims[0].quotes
    with pytest.raises(Refused, match="who"):
        kb.ask(QUESTION, schema=PRICED)
    with pytest.raises(Refused, match="JSON Schema"):
        kb.ask(QUESTION, schema={"type": "wrong"})


def test_a_writer_writes_it_and_is_checked(kb: ff.Knowledge, server: Server) -> None:
    writer = f"{server.address}#small"
    server.script = [says('{"who": "new parents", "weeks": 22}')]
    found = kb.ask(QUESTION, writer=writer, schema=PRICED)
    assert json.loads(found.answer) == {"who": "new parents", "weeks": 22}
    assert (found.pattern, found.writer, found.verified) == ("json-record", writer, True)
    asked = server.seen[0]
    assert QUESTION in asked["messages"][-1]["content"]
    assert "22 weeks" in asked["messages"][-1]["content"]
    assert asked["response_format"]["json_schema"]["schema"] == PRICED


def test_what_no_quote_holds_is_filled_or_said(kb: ff.Knowledge, server: Server) -> None:
    writer = f"{server.address}#small"
    server.script = [says('{"who": "new parents", "weeks": 23}')]
    wrong = kb.ask(QUESTION, writer=writer, schema=PRICED)
    assert wrong.pattern == ""
    assert "a number that no quote holds" in wrong.fallback
    server.script = [status(404)]
    filled = kb.ask(QUESTION, writer=writer, schema=QUOTED)
    assert json.loads(filled.answer)["sources"]
    assert "HTTP 404" in filled.fallback
    loose = [says('{"who": "new parents", "weeks": 23}')]
    server.script = loose
    kept = kb.ask(QUESTION, writer=writer, schema=PRICED, strict=False)
    assert (json.loads(kept.answer)["weeks"], kept.verified) == (23, False)


def test_an_abstention_is_none_of_its_values(kb: ff.Knowledge, server: Server) -> None:
    other = "How do I renew my driving licence?"
    for writer in (None, f"{server.address}#small"):
        plain = kb.ask(other, schema=QUOTED, writer=writer)
        assert (plain.abstained, plain.pattern, plain.answer) == (True, "", "Not in your documents.")
        told = kb.ask(other, schema=made(answer=TEXT, found={"type": "boolean"}), writer=writer)
        assert json.loads(told.answer) == {"answer": "Not in your documents.", "found": False}
    assert not server.seen


def test_a_dialogue_gives_it_too(kb: ff.Knowledge) -> None:
    chat = kb.chat()
    chat.say(QUESTION)
    found = chat.say("And when can they take it?", schema=QUOTED)
    assert found.carried
    assert found.pattern == "json-record" or found.abstained
