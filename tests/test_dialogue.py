"""`Knowledge.chat`: questions in their context over a real base, kept, listed, exported, deleted."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

import formfact as ff
from formfact.errors import Busy, Damaged, ModelError, NotFound, Refused
from formfact.interfaces.cli import main
from formfact.knowledge import history
from formfact.knowledge.history import FILE
from formfact.models import Reply
from formfact.types import Answer, Claim, Message, Turn
from tests.models import server as endpoint

PUMP = """# Gannet

The Gannet is reset by holding the brass lever for seven seconds.

The Gannet weighs forty kilograms and is carried by two people.

# Petrel

The Petrel is reset by turning the blue key twice.

The Petrel weighs three kilograms and fits in a rucksack.
"""
FERRY = "# Ferry\n\nThe ferry to Kessing sails every Tuesday from the north quay at nine in the morning.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "instruments.md").write_text(PUMP)
    (docs / "ferry.md").write_text(FERRY)
    with ff.Knowledge(tmp_path / "kb") as kb:
        kb.add(docs)
    return tmp_path / "kb"


def test_a_follow_up_is_answered_about_what_was_spoken_of(folder: Path) -> None:
    with ff.Knowledge(folder) as kb:
        chat = kb.chat()
        assert "brass lever" in chat.say("How is the Gannet reset?").answer
        given = chat.say("And how much does it weigh?")
        assert "forty" in given.answer.split("\n\n")[0]
        assert given.question == "And how much does it weigh?"
        assert "Gannet" in given.carried
        about = chat.say("When does the ferry to Kessing sail?")
        assert "Tuesday" in about.answer
        assert [turn.question for turn in chat.turns][-1] == "When does the ferry to Kessing sail?"


def test_it_goes_on_from_turns_that_somebody_else_kept(folder: Path) -> None:
    with ff.Knowledge(folder) as kb:
        turns = [turn_of("How is the Gannet reset?", "By holding the brass lever.")]
        given = kb.chat(turns=turns).say("And how much does it weigh?")
        assert "forty" in given.answer.split("\n\n")[0]
        assert "Gannet" in given.carried
        assert kb.dialogues() == []


def turn_of(question: str, answer: str) -> Turn:
    return Turn(question, answer, abstained=False)


def test_courtesies_search_nothing_and_leave_the_context(folder: Path) -> None:
    with ff.Knowledge(folder) as kb:
        chat = kb.chat()
        chat.say("How is the Petrel reset?")
        assert not chat.say("Thanks!").quotes
        assert "three kilograms" in chat.say("How much does it weigh?").answer


def test_a_named_dialogue_goes_on_after_a_restart(folder: Path) -> None:
    with ff.Knowledge(folder) as kb:
        kb.chat("desk").say("How is the Petrel reset?")
        kb.chat().say("nobody keeps this, does anybody?")
    with ff.Knowledge(folder) as kb:
        again = kb.chat("desk")
        assert [turn.question for turn in again.turns] == ["How is the Petrel reset?"]
        assert again.turns[0].quotes[0].document == "instruments.md"
        assert "three kilograms" in again.say("How much does it weigh?").answer
        assert [(one.name, one.turns) for one in kb.dialogues()] == [("desk", 2)]
        kb.forget("desk")
        assert kb.dialogues() == []
        with pytest.raises(NotFound):
            kb.forget("desk")
    assert b"Petrel" not in (folder / FILE).read_bytes()


def test_a_removed_document_does_not_come_back_through_a_dialogue(folder: Path) -> None:
    with ff.Knowledge(folder) as kb:
        chat = kb.chat("desk")
        chat.say("How is the Petrel reset?")
        kb.remove("instruments.md")
        given = chat.say("How much does it weigh?")
        assert all(quote.document != "instruments.md" for quote in given.quotes)


def test_a_copy_leaves_dialogues_behind(folder: Path, tmp_path: Path) -> None:
    with ff.Knowledge(folder) as kb:
        kb.chat("desk").say("How is the Petrel reset?")
        kb.copy(tmp_path / "copy")
    with ff.Knowledge(tmp_path / "copy") as kb:
        assert kb.dialogues() == []


def test_several_dialogues_at_once_lose_no_turn(folder: Path) -> None:
    with ff.Knowledge(folder) as kb:
        one, other = kb.chat("shared"), kb.chat("shared")

        def talk(chat: object) -> None:
            for _ in range(5):
                chat.say("How is the Petrel reset?")  # type: ignore[attr-defined]

        threads = [Thread(target=talk, args=(chat,)) for chat in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [listed.turns for listed in kb.dialogues()] == [10]


class Rewriter:
    """A writer that makes a question plain, and whose answers carry no citation."""

    address = "test:rewriter"

    def __init__(self, replies: Sequence[str | Exception]) -> None:
        self.replies, self.asked = list(replies), []

    def complete(self, messages: Sequence[Message], *, tokens: int, schema: object = None) -> Reply:
        self.asked.append(messages[-1].content)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return Reply(reply, 5, ended=True)

    def stream(self, messages: Sequence[Message], *, tokens: int) -> Iterator[str]:
        yield self.complete(messages, tokens=tokens).text


def test_a_writer_makes_a_follow_up_plain(folder: Path) -> None:
    writer = Rewriter(
        ["It is reset by a lever [1].", "How much does the Gannet weigh?", "It weighs forty kilograms [1]."]
    )
    with ff.Knowledge(folder) as kb:
        chat = kb.chat(writer=writer)
        chat.say("How is the Gannet reset?")
        given = chat.say("And its weight?")
    assert given.rewritten == "How much does the Gannet weigh?"
    assert given.question == "And its weight?"
    assert "How is the Gannet reset?" in writer.asked[1]


def test_sentences_come_as_each_is_checked(folder: Path) -> None:
    class Slow(Rewriter):
        """Writes a sentence when it is asked for the next."""

        said = 0

        def stream(self, messages: Sequence[Message], *, tokens: int) -> Iterator[str]:
            for piece in (
                "By turning the blue key twice [1]. ",
                "It is made of gold [1]. ",
                "It is reset by the key [1]. ",
            ):
                self.said += 1
                yield piece

    writer = Slow([])
    with ff.Knowledge(folder) as kb:
        chat = kb.chat("desk", writer=writer)
        stream = chat.say_stream("How is the Petrel reset?")
        first = next(stream)
        assert isinstance(first, Claim)
        assert first.text == "By turning the blue key twice [1]."
        assert writer.said == 2  # the second one ended the first
        assert chat.turns == ()
        *_, last = stream
        assert isinstance(last, Answer)
        assert (last.dropped, last.claims[0].text) == (1, first.text)
        assert [turn.answer for turn in chat.turns] == [last.answer]
        assert kb.dialogues()[0].turns == 1
        plain = list(kb.chat().say_stream("How is the Petrel reset?"))
        assert [type(one) for one in plain] == [Answer]
        with pytest.raises(Refused):
            chat.say_stream(" ")


def test_a_turn_that_is_broken_off_was_never_said(folder: Path) -> None:
    writer = Rewriter(["By turning the blue key [1]. It is reset by the key [1].", "It weighs forty kilograms [1]."])
    with ff.Knowledge(folder) as kb:
        chat = kb.chat("desk", writer=writer)
        stream = chat.say_stream("How is the Petrel reset?")
        next(stream)
        stream.close()  # type: ignore[attr-defined]
        assert (chat.turns, kb.dialogues()) == ((), [])
        given = chat.say("How much does the Gannet weigh?")
        assert given.carried == ()
        assert len(chat.turns) == 1


def test_without_the_writers_rewriting_the_context_is_carried(folder: Path) -> None:
    writer = Rewriter(["By a lever [1].", ModelError("down", hint="wait"), "It weighs forty kilograms [1]."])
    with ff.Knowledge(folder) as kb:
        chat = kb.chat(writer=writer)
        chat.say("How is the Gannet reset?")
        given = chat.say("And its weight?")
    assert given.rewritten == ""
    assert "Gannet" in given.carried


def test_what_is_wrong_is_named(folder: Path, tmp_path: Path) -> None:
    with ff.Knowledge(folder) as kb:
        with pytest.raises(Refused):
            kb.chat().say("   ")
        with pytest.raises(Refused):
            kb.chat("line\nfeed")
        (folder / FILE).write_bytes(b"no database" * 500)
        with pytest.raises(Damaged, match="dialogues"):
            kb.chat("desk")
        assert kb.chat().say("How is the Petrel reset?").quotes
    with pytest.raises(NotFound):
        ff.Knowledge(tmp_path / "nowhere").chat()


def test_a_file_that_another_process_holds_is_not_called_damaged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "WAIT", 0.1)
    with ff.Knowledge(folder) as kb:
        kb.chat("desk").say("How is the Petrel reset?")
        with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(Busy) as held:
                kb.dialogues()
        assert "delete" not in held.value.hint
        assert [one.name for one in kb.dialogues()] == ["desk"]


def test_a_file_with_other_tables_is_no_file_of_dialogues(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE)) as other:
        other.execute("CREATE TABLE turns (dialogue TEXT, id INTEGER)")
    with ff.Knowledge(folder) as kb, pytest.raises(Damaged, match="dialogues"):
        kb.chat("desk")


def test_in_memory(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(PUMP)
    with ff.Knowledge("memory:") as kb:
        kb.add(tmp_path / "a.md")
        kb.chat("desk").say("How is the Petrel reset?")
        assert [one.name for one in kb.dialogues()] == ["desk"]


# The command line -------------------------------------------------------------------------------------------------


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str, *arguments: str) -> str:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_questions_from_standard_input(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = "How is the Gannet reset?\n\nAnd how much does it weigh?\nthanks\n/quit\nnever asked\n"
    base = ("--kb", str(folder), "chat")
    out = run(monkeypatch, capsys, typed, *base, "--name", "desk", "--json")
    first, second, third = [json.loads(line) for line in out.splitlines()]
    assert first["quotes"]
    assert "Gannet" in second["carried"]
    assert not third["quotes"]
    shown = run(monkeypatch, capsys, "How is the Petrel reset?\n", *base)
    assert "blue key" in shown
    listed = json.loads(run(monkeypatch, capsys, "", *base, "--list", "--json"))
    assert [(one["name"], one["turns"]) for one in listed["dialogues"]] == [("desk", 2)]
    exported = run(monkeypatch, capsys, "", *base, "--export", "desk")
    assert exported.startswith("# desk\n\n**How is the Gannet reset?**")
    assert "brass lever" in exported
    turns = [
        json.loads(line) for line in run(monkeypatch, capsys, "", *base, "--export", "desk", "--json").splitlines()
    ]
    assert turns[0]["question"] == "How is the Gannet reset?"
    run(monkeypatch, capsys, "", *base, "--delete", "desk")
    assert main([*base, "--export", "desk"]) == 1


def test_a_writers_sentences_are_printed_as_they_come(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    said = (
        "The Petrel is reset by turning the blue key twice [1]. It is of gold [1].\nThe blue key is turned twice [1]."
    )
    with endpoint.serving() as model:
        asked = ("--kb", str(folder), "chat", "--writer", f"{model.address}#small")
        model.script = [endpoint.says(said)]
        shown = run(monkeypatch, capsys, "How is the Petrel reset?\n", *asked)
        model.script = [endpoint.pieces(["By turning the blue key [1]. It is reset "], done=False)]
        broken = run(monkeypatch, capsys, "How is the Petrel reset?\n", *asked)
    first, second, third, _, quote, *_ = shown.split("\n")
    assert (first, second) == ("The Petrel is reset by turning the blue key twice", "[1].")
    assert third == "The blue key is turned twice [1]."
    assert "[1] “The Petrel is reset" in quote
    assert shown.count("twice [1].") == 1
    assert "1 sentence was left out" in shown
    assert broken.index("By turning the blue key [1].") < broken.index("What stands above is taken back:")
    assert "this is the answer without it" in " ".join(broken.split())


def test_the_file_is_no_part_of_the_truth(folder: Path) -> None:
    with ff.Knowledge(folder) as kb:
        kb.chat("desk").say("How is the Petrel reset?")
    (folder / FILE).unlink()
    with ff.Knowledge(folder) as kb:
        assert kb.dialogues() == []
        assert kb.status().documents == 2
    assert not (folder / FILE).exists()
