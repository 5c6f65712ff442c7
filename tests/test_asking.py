"""Facts by search, form by a pattern, in one call: form and facts are kept, or the quotes are given alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import formfact as ff
from formfact.errors import Refused
from formfact.front.parts import code_of, parts
from formfact.types import Answer
from tests.models.server import Server, says, status

HANDBOOK = Path(__file__).resolve().parents[1] / "examples" / "handbook"
QUESTION = "How much paid time off do new parents have?"
SCHEMA = {
    "type": "object", "required": ["who", "weeks"], "additionalProperties": False,
    "properties": {"who": {"type": "string"}, "weeks": {"type": "integer"}},
}  # fmt: skip


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ff.Knowledge]:
    with ff.Knowledge(tmp_path_factory.mktemp("asking") / "kb") as base:
        base.add(HANDBOOK)
        yield base


def formed(kb: ff.Knowledge, server: Server, pattern: str, reply: str, **more: object) -> Answer:
    # An endpoint that breaks the form is asked again, as often as patterns ask.
    server.script = [says(reply)] * 3
    return kb.ask(QUESTION, pattern=pattern, writer=f"{server.address}#small", **more)  # type: ignore[arg-type]


def test_questions_of_the_quotes(kb: ff.Knowledge, server: Server) -> None:
    reply = "Who has paid leave?\nHow many weeks of paid leave do new parents have?"
    answer = formed(kb, server, "questions", reply)
    assert answer.answer == reply
    assert ff.Pattern("questions").check(answer.answer) == []
    assert answer.pattern == "questions"
    assert answer.verified
    assert answer.fallback == ""
    assert [answer.answer[claim.start : claim.end] for claim in answer.claims] == reply.split("\n")
    assert 0 in answer.claims[1].quotes
    assert "22 weeks" in server.seen[0]["messages"][-1]["content"]
    assert QUESTION not in server.seen[0]["messages"][-1]["content"]


def test_a_line_that_no_quote_holds_is_dropped_where_the_form_allows(kb: ff.Knowledge, server: Server) -> None:
    reply = "Who has paid leave?\nWhy do parents have 99 weeks?\nHow long is the paid leave?"
    answer = formed(kb, server, "questions", reply)
    assert answer.answer == "Who has paid leave?\nHow long is the paid leave?"
    assert ff.Pattern("questions").check(answer.answer) == []
    assert (answer.dropped, [flag.kind for flag in answer.flags]) == (1, ["number"])


def test_where_the_form_does_not_the_quotes_are_given(kb: ff.Knowledge, server: Server) -> None:
    answer = formed(kb, server, "questions", "Who has paid leave?\nWhy do parents have 99 weeks?")
    assert answer.answer == kb.ask(QUESTION).answer
    assert "the pattern wrote a number that no quote holds" in answer.fallback


def test_loose_keeps_the_form_and_flags(kb: ff.Knowledge, server: Server) -> None:
    reply = "Who has paid leave?\nWhy do parents have 99 weeks?"
    answer = formed(kb, server, "questions", reply, strict=False)
    assert answer.answer == reply
    assert [(flag.text, flag.claim) for flag in answer.flags] == [("99", 1)]
    assert not answer.verified


def test_a_record_by_a_schema(kb: ff.Knowledge, server: Server) -> None:
    answer = formed(kb, server, "json-record", '{"who": "new parents", "weeks": 22}', schema=SCHEMA)
    assert json.loads(answer.answer) == {"who": "new parents", "weeks": 22}
    assert answer.verified
    assert [claim.text for claim in answer.claims] == ['"new parents"', "22"]
    wrong = formed(kb, server, "json-record", '{"who": "new parents", "weeks": 23}', schema=SCHEMA)
    assert "a number that no quote holds" in wrong.fallback
    with pytest.raises(Refused, match="schema"):
        formed(kb, server, "json-record", "{}")


def test_a_form_that_is_not_kept_falls_back(kb: ff.Knowledge, server: Server) -> None:
    answer = formed(kb, server, "questions", "There are no questions")
    assert answer.answer == kb.ask(QUESTION).answer
    assert "the form was not kept" in answer.fallback


def test_an_endpoint_that_fails_falls_back(kb: ff.Knowledge, server: Server) -> None:
    server.script = [status(404)]
    answer = kb.ask(QUESTION, pattern="questions", writer=f"{server.address}#small")
    assert "HTTP 404" in answer.fallback
    assert answer.quotes


def test_where_search_abstains_nothing_is_written(kb: ff.Knowledge, server: Server) -> None:
    answer = kb.ask("How do I renew my driving licence?", pattern="questions", writer=f"{server.address}#small")
    assert answer.abstained
    assert not server.seen


def test_code_by_a_pattern_is_given_with_its_flags(server: Server, tmp_path: Path) -> None:
    (tmp_path / "tidelog.py").write_text(
        'def open_log(path: str) -> "Log":\n    """Open the log of the tide gauge."""\n'
    )
    code = 'def latest(path: str) -> int:\n    """The latest reading."""\n    return open_log(path).newest_of_all()'
    with ff.Knowledge(tmp_path / "kb") as base:
        base.add(tmp_path / "tidelog.py")
        server.script = [says(code)]
        asked = "How do I open the log of the tide gauge?"
        answer = base.ask(asked, pattern="python", writer=f"{server.address}#coder")
    assert answer.answer == code
    assert ff.Pattern("python").check(answer.answer) == []
    assert [(flag.kind, flag.text) for flag in answer.flags] == [("code", "newest_of_all")]
    assert not answer.verified
    assert asked in server.seen[0]["messages"][-1]["content"]


def test_a_model_on_this_machine_keeps_the_form(kb: ff.Knowledge, tiny: Path) -> None:
    answer = kb.ask(QUESTION, pattern=ff.Pattern("questions", base=str(tiny)), strict=False)
    assert answer.fallback == ""
    assert ff.Pattern("questions").check(answer.answer) == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("questions", "One?\nTwo?", ["One?", "Two?"]),
        ("dialogue", "Guide: It is wide.\nGuide: 3 m.", ["It is wide.", "3 m."]),
        ("json-record", '{"a": "x \\"y\\"", "b": [1, -2.5, "\\u00e4"], "c": null}', ['x "y"', "1", "-2.5", "ä"]),
        ("xml", "<r><a>It is &lt; 3</a> <b/></r>", ["It is < 3"]),
    ],
)
def test_only_what_a_form_says_is_looked_at(name: str, text: str, expected: list[str]) -> None:
    found = parts(ff.Pattern(name).contract, text)
    assert [part.text for part in found] == expected
    assert all(0 <= part.start < part.end <= len(text) for part in found)


def test_patterns_of_code_are_known() -> None:
    languages = {name: code_of(ff.Pattern(name).contract) for name in ("python", "sql", "perl", "questions")}
    assert languages == {"python": "python", "sql": "sql", "perl": "perl", "questions": ""}
