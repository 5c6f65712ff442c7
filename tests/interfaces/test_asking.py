"""`formfact ask` with a writer and with a pattern: the JSON, the page at 80 columns, and what is refused."""

from __future__ import annotations

import io
import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from formfact.interfaces import answer_shown
from formfact.interfaces.cli import main
from formfact.interfaces.terminal import Page
from formfact.types import Answer, Claim, Flag, Quote
from tests.models.server import Server, says, status

QUESTION = "How long must the green lever be held to reset the pump?"
HELD = "Hold the green lever for nine seconds to reset the pump [1]."


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asking")
    (folder / "pump.md").write_text("# Pumps\n\nHold the green lever for nine seconds to reset the pump.\n")
    assert main(["--kb", str(folder / "kb"), "--quiet", "add", str(folder / "pump.md")]) == 0
    return folder / "kb"


def run(capsys: pytest.CaptureFixture[str], base: Path, *argv: str) -> str:
    capsys.readouterr()
    assert main(["--kb", str(base), "ask", QUESTION, *argv]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    return shown.out


def test_json_of_words(capsys: pytest.CaptureFixture[str], base: Path, server: Server) -> None:
    server.script = [says(f"{HELD} It wants 10 litres of oil [1].")]
    address = f"{server.address}#small"
    answer: dict[str, Any] = json.loads(run(capsys, base, "--json", "--writer", address))
    assert answer["answer"] == HELD
    assert answer["claims"] == [{"text": HELD, "quotes": [0], "start": 0, "end": len(HELD), "joint": ""}]
    assert answer["flags"] == [
        {"kind": "number", "text": "", "claim": None}, {"kind": "wording", "text": "", "claim": None},
    ]  # fmt: skip
    assert (answer["dropped"], answer["verified"]) == (1, True)
    assert (answer["writer"], answer["pattern"], answer["fallback"]) == (address, "", "")


def test_loose_keeps_and_flags(capsys: pytest.CaptureFixture[str], base: Path, server: Server) -> None:
    server.script = [says("Hold the green lever for 10 seconds to reset the pump [1].")]
    shown = run(capsys, base, "--loose", "--writer", f"{server.address}#small")
    assert "for 10 seconds" in shown
    assert "not in the quotes: a number: 10" in shown


def test_the_page(capsys: pytest.CaptureFixture[str], base: Path, server: Server) -> None:
    server.script = [says(f"{HELD} It wants 10 litres of oil [1].")]
    rows = run(capsys, base, "--writer", f"{server.address}#small").splitlines()
    assert rows[0] == HELD
    assert rows[2] == "  [1] “Hold the green lever for nine seconds to reset the pump.”"
    assert rows[3].startswith("    — pump.md › Pumps, ")
    assert rows[-1] == "1 sentence was left out, with a number and other words that no quote holds"
    assert max(map(len, rows)) <= 80


def test_a_fallback_says_why(capsys: pytest.CaptureFixture[str], base: Path, server: Server) -> None:
    server.script = [status(404)]
    shown = run(capsys, base, "--writer", f"{server.address}#small")
    assert "“Hold the green lever for nine seconds to reset the pump.”" in shown
    assert "[1]" not in shown
    assert "this is the answer without it" in " ".join(shown.split())


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--writer", "gpt"], "no writer's address"),
        (["--pattern", "no-such-pattern"], "no pattern is called"),
        (["--schema", "no-such.json"], "no-such.json cannot be read"),
    ],
)
def test_what_is_refused(capsys: pytest.CaptureFixture[str], base: Path, argv: list[str], said: str) -> None:
    assert main(["--kb", str(base), "ask", QUESTION, *argv]) == 1
    shown = capsys.readouterr()
    assert said in shown.err
    assert "next: " in shown.err
    assert shown.out == ""


def test_what_a_writer_says_cannot_command_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    quote = Quote("\x1b[2JIt is wide.", "a.md", "a.md", (), None, 0, 12)
    text = "It is \x1b[31mwide\x07 [1]."
    given = Answer(
        "How wide?", text, False, 0.9, (quote,), (), 1.0, claims=(Claim(text, (0,), 0, len(text)),),
        flags=(Flag("name", "\x1b[31mX", 0),), writer="w", verified=False,
    )  # fmt: skip
    for pattern in ("", "questions"):
        shown = list(answer_shown.answer(Page(io.StringIO()), replace(given, pattern=pattern)))
        assert not any(ord(c) < 32 for row in shown for c in row)


@pytest.mark.parametrize("command", ["ask", "search"])
def test_filters_that_leave_nothing_are_told(capsys: pytest.CaptureFixture[str], base: Path, command: str) -> None:
    for given in (["--path", "no such/*"], ["--where", "product=pump"]):
        assert main(["--kb", str(base), command, QUESTION, *given]) == 0
        assert f"no passage is left by {shlex.join(given)} (capitals count)" in capsys.readouterr().err
    assert main(["--kb", str(base), command, QUESTION, "--path", "pump.md"]) == 0
    assert capsys.readouterr().err == ""
