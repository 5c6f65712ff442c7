"""Why passages are lost: each reason as a function of values, and in a base where it really happens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from formfact.front import Knowledge
from formfact.models import open_embedder
from formfact.proof.audit.explain import unknown
from formfact.proof.audit.lost import REASONS, Trace, is_torn, is_wordless, reason
from formfact.proof.makers import Maker

PLAIN = Trace(
    text="The keeper of the harbour lamp fills it with whale oil every evening before the ferry leaves.",
    context="Lamps",
    question="Who fills the lamp?",
    looked=10,
    bm25_rank=12,
    dense_rank=14,
)
CASES = {
    "near-duplicates": replace(PLAIN, alike=3),
    "table without words": replace(PLAIN, text="12.5 | 88 | 0.3\n14.1 | 90 | 0.2\n15.7 | 91 | 0.1"),
    "too short": replace(PLAIN, text="See above."),
    "boilerplate": replace(PLAIN, repeated=0.8),
    "cut badly": replace(
        PLAIN, text="which is why the keeper fills the lamp before the ferry leaves the quay.", context=""
    ),
    "nothing to ask": replace(PLAIN, question=""),
    "unknown terms": replace(PLAIN, unknown=0.5, dense_rank=80),
    "other words": replace(PLAIN, bm25_rank=None),
    "crowded": replace(PLAIN, siblings=6),
    "outranked": PLAIN,
}


def test_every_reason_has_a_case() -> None:
    assert list(CASES) == [one.name for one in REASONS]


@pytest.mark.parametrize("name", CASES)
def test_values_give_their_reason(name: str) -> None:
    found = reason(CASES[name])
    assert found.name == name
    assert found.why
    assert found.help


@pytest.mark.parametrize(
    ("text", "torn"),
    [
        ("and then the lamp turns white.", True),
        ("It turns white.", True),
        ("The lamp turns white.", False),
        ("- one item of a list", False),
        ("`code` in the text", False),
        ("", False),
    ],
)
def test_a_text_that_begins_inside_a_sentence(text: str, torn: bool) -> None:
    assert is_torn(text) is torn


def test_figures_are_no_words() -> None:
    assert is_wordless("1.2 3.4 5.6 level")
    assert not is_wordless("The level is 3.4 metres")


def test_words_that_the_embedder_tears_are_unknown_to_it() -> None:
    bundled = open_embedder()
    assert unknown("Where is the harbour lamp?", bundled) == 0
    assert unknown("What does xqzvtrkw qprtzvbn mean?", bundled) > 0.5


class Told:
    """A maker that asks what a test tells it to."""

    name = "told"

    def __init__(self, question: str) -> None:
        self._question = question

    def questions(self, texts: list[str]) -> list[list[str]]:
        return [[self._question] for _ in texts]


def lost_of(tmp_path: Path, files: dict[str, str], maker: Maker, name: str) -> list[str]:
    """The reasons for which passages of a file of this name are lost."""
    docs = tmp_path / "docs"
    docs.mkdir()
    for file, text in files.items():
        (docs / file).write_text(text)
    with Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        kb.add(docs)
        return [one.reason for one in kb.audit(maker).lost if one.place.document == name]


CROWD = {
    f"{i}.txt": f"The harbour lamp burns whale oil at dusk and dawn, says keeper number {i} of the pier.\n"
    for i in range(14)
}
ASKED = Told("What does the harbour lamp burn at dusk and dawn?")


def test_copies_with_small_changes_push_each_other_off(tmp_path: Path) -> None:
    line = "The harbour lamp burns whale oil at dusk and dawn, and its keeper fills it by hand every night"
    files = {f"{i}.txt": f"{line} at berth {i}.\n" for i in range(14)}
    mine = f"{line} by the old ferry.\n"
    assert lost_of(tmp_path, {**files, "mine.txt": mine}, ASKED, "mine.txt") == ["near-duplicates"]


def test_a_table_of_figures_is_lost_as_such(tmp_path: Path) -> None:
    mine = "12.5 88 0.3\n14.1 90 0.2\n15.7 91 0.1\n"
    assert lost_of(tmp_path, {**CROWD, "mine.txt": mine}, ASKED, "mine.txt") == ["table without words"]


def test_a_short_one_is_lost_as_such(tmp_path: Path) -> None:
    assert lost_of(tmp_path, {**CROWD, "mine.txt": "See above.\n"}, ASKED, "mine.txt") == ["too short"]


def test_what_no_question_can_be_made_of_is_lost(tmp_path: Path) -> None:
    class Silent:
        name = "silent"

        def questions(self, texts: list[str]) -> list[list[str]]:
            return [[] for _ in texts]

    assert lost_of(tmp_path, {"mine.txt": "17 18 19 20\n"}, Silent(), "mine.txt") == ["table without words"]


def test_boilerplate_is_lost_as_such(tmp_path: Path) -> None:
    line = "All rights of this fine company are reserved in every harbour and for all times.\n"
    files = {**CROWD, **{f"b{i}.txt": f"{line}Page {i} of {chr(97 + i) * 9}\n" for i in range(3)}}
    assert set(lost_of(tmp_path, files, ASKED, "b1.txt")) <= {"boilerplate", "near-duplicates"}
