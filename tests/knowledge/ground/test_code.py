"""Code beside its sources: imported and called names that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.front import Knowledge
from formfact.knowledge.ground.code import in_standard_library, unknown
from tests.models.server import Server, says

SOURCE = '''"""The log of the tide gauge."""
from tidelog.reading import Reading

def open_log(path: str, *, follow: bool = False) -> "Log":
    """Open a log."""

class Log:
    def latest(self, count: int) -> list[Reading]:
        """The latest readings, newest first."""

    def close(self) -> None: ...
'''


def names(code: str, language: str = "python") -> list[str]:
    return [one.name for one in unknown(code, [SOURCE], language=language)]


@pytest.mark.parametrize(
    "code",
    [
        "from tidelog import open_log\nlog = open_log('x')\nprint(log.latest(3)[0])\nlog.close()",
        "import json, os.path\nfrom pathlib import Path\njson.dumps({}); os.path.join('a', 'b'); Path('a').read_text()",
        "from tidelog.reading import Reading as R\ndef f(r):\n    return R(r)\nf(1)",
        "class A:\n    def go(self): return self.stop()\n    def stop(self): return super().__init__()\nA().go()",
        "x = [str(n).upper() for n in range(3)]\nsorted(x, key=len)\nx.append('y')",
        "@staticmethod\ndef f(callback): return callback()",
        "",
    ],
)
def test_what_source_and_language_know_is_known(code: str) -> None:
    assert names(code) == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import tidelogger", ["tidelogger"]),
        ("from tidelog import close_log", ["tidelog.close_log"]),
        ("from tidelog.writing import Log", ["tidelog.writing"]),
        ("from tidelog import open_log\nopen_log('x').oldest(3)", ["oldest"]),
        ("from tidelog import open_log\nlog = open_log('x')\nlog.oldest(3)", ["log.oldest"]),
        ("import tidelog\ntidelog.shut_log()", ["tidelog.shut_log"]),
        ("import json\njson.parse('x')", ["json.parse"]),
        ("from os import teleport", ["os.teleport"]),
        ("import os.teleport", ["os.teleport"]),
        ("from urllib import nothing_there", ["urllib.nothing_there"]),
        ("frobnicate(1)\nfrobnicate(2)", ["frobnicate"]),
        ("@frobnicate\ndef f(): pass", ["frobnicate"]),
    ],
)
def test_what_nobody_knows_is_found(code: str, expected: list[str]) -> None:
    assert names(code) == expected


def test_lines_are_told() -> None:
    (found,) = unknown("x = 1\n\nfrobnicate(x)", [SOURCE])
    assert found.line == 3


@pytest.mark.parametrize(
    ("language", "code", "expected"),
    [
        ("js", "const { open_log } = require('tidelog');\nopen_log('x').latest(3).map(r => r + 1);", []),
        ("js", "import { openAll } from 'tidelog';\nopenAll();", ["openAll"]),
        ("js", "// frobnicate()\nconst s = 'frobnicate()';\nfunction go(x) { return x }\ngo(1);\nzap(1);", ["zap"]),
        ("go", 'import "fmt"\nfunc main() { fmt.Println(open_log("x")) }', []),
        ("go", 'import "tidelog/zap"\nfunc main() { Zap() }', ["tidelog/zap", "Zap"]),
        ("perl", "use strict;\nuse TideZap;\nmy $l = open_log('x');\n$l->oldest(3);", ["TideZap", "oldest"]),
        ("rust", "use tidelog::Log;\nfn main() { let l = open_log(\"x\"); l.oldest(); }", ["oldest"]),
        ("sql", "SELECT count(*), latest(x) FROM log", []),
        ("sql", "SELECT median(x) FROM log", ["median"]),
        ("sql", "WITH high AS (SELECT x FROM log) SELECT max(x) FROM high JOIN tides ON 1", ["tides"]),
    ],
)  # fmt: skip
def test_other_languages_token_by_token(language: str, code: str, expected: list[str]) -> None:
    assert names(code, language) == expected


def test_nothing_of_the_answer_is_run() -> None:
    assert in_standard_library("antigravity.fly")
    assert names("import this, antigravity") == []
    assert "antigravity" not in __import__("sys").modules


@given(st.text(max_size=200))
def test_nothing_makes_it_fail(code: str) -> None:
    for language in ("", "python", "js"):
        unknown(code, [SOURCE], language=language)


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    folder = tmp_path_factory.mktemp("code")
    (folder / "tidelog.py").write_text(SOURCE)
    (folder / "ferry.md").write_text("# Ferry\n\nThe ferry to Kessing sails at nine.\n")
    with Knowledge(folder / "kb") as base:
        base.add(folder / "tidelog.py", folder / "ferry.md")
        yield base


QUESTION = "How do I open the log of the tide gauge and read the latest readings?"


def test_code_whose_names_are_known_is_verified(kb: Knowledge, server: Server) -> None:
    server.script = [says("```python\nfrom tidelog import open_log\nopen_log('x').latest(3)\n```\n[1]")]
    answer = kb.ask(QUESTION, writer=f"{server.address}#coder")
    assert answer.answer == "```python\nfrom tidelog import open_log\nopen_log('x').latest(3)\n```\n[1]"
    assert answer.flags == ()
    assert answer.verified
    assert "| def open_log" in server.seen[0]["messages"][-1]["content"]


def test_code_with_unknown_names_is_given_with_flags_and_not_as_verified(kb: Knowledge, server: Server) -> None:
    server.script = [says("```python\nimport tidelog\nlog = tidelog.open_all()\nlog.latest(3)\n```\n[1]")]
    answer = kb.ask(QUESTION, writer=f"{server.address}#coder")
    assert "open_all" in answer.answer
    assert [(flag.kind, flag.text, flag.claim) for flag in answer.flags] == [("code", "tidelog.open_all", 0)]
    assert not answer.verified
    assert answer.dropped == 0


def test_code_without_a_citation_is_flagged(kb: Knowledge, server: Server) -> None:
    server.script = [says("```python\nopen_log('x')\n```")]
    answer = kb.ask(QUESTION, writer=f"{server.address}#coder")
    assert [flag.kind for flag in answer.flags] == ["citation"]
    assert not answer.verified


def test_where_the_quotes_hold_no_code_none_is_let_through(kb: Knowledge, server: Server) -> None:
    server.script = [says("```python\nopen_log('x')\n```\n[1]\nThe ferry to Kessing sails at nine [1].")]
    answer = kb.ask("When does the ferry to Kessing sail?", writer=f"{server.address}#coder")
    assert answer.answer == "The ferry to Kessing sails at nine [1]."
    assert answer.dropped == 1
