"""Questions by rules: what each kind of sentence, row and definition gives."""

from __future__ import annotations

import random

import pytest

from formfact.proof.makers import RULES, source, synonyms, topics
from formfact.proof.makers.frames import LONG, drafts
from formfact.proof.makers.rules import MOST, make, split_context

SENTENCES = [
    ("The pump came on 7 May.", "When did the pump come?"),
    ("The office received 340 messages in one night.", "How many messages did the office receive in one night?"),
    ("Maren Tolquist leads the yard on the island.", "Who leads the yard on the island?"),
    ("A residual is a surge of the sea.", "What is a residual?"),
    ("The gauge stopped because its float was leaking.", "Why did the gauge stop?"),
    ("If a hub shows the wrong time, exchange the clock board.", "What happens if a hub shows the wrong time?"),
    ("To reset the pump, hold the green lever for nine seconds.", "How do I reset the pump?"),
    ("The advance costs 300 marks for each journey.", "How much does the advance cost for each journey?"),
    ("The ferry to Kessing sails in bad weather.", "Does the ferry to Kessing sail in bad weather?"),
    ("The ferry was built by Anders Holm in a week.", "By whom was the ferry built?"),
]


@pytest.mark.parametrize(("sentence", "question"), SENTENCES)
def test_a_sentence_gives_its_question(sentence: str, question: str) -> None:
    assert question in [draft.text for draft in drafts(sentence, room=LONG)]


def test_a_sentence_that_leans_on_another_gives_none() -> None:
    assert list(drafts("It floats upright on the water.", room=LONG)) == []


def test_a_row_is_asked_for_by_its_first_column() -> None:
    found = make("Spare parts\nPart: H-705 | Name: Clock board | Price: 298")
    assert found
    assert all("H-705" in one or "Clock board" in one for one in found)


def test_a_markdown_table_is_asked_for_by_its_header() -> None:
    found = make("| Lamp | Range |\n|---|---|\n| Lapwing | 9 miles |\n| Dunlin | 2 miles |")
    assert found
    assert all("range" in one.lower() or "Which lamp" in one for one in found)


def test_a_function_is_asked_for_by_its_docstring() -> None:
    code = 'def write_boolean(self, n):\n    """Writes a boolean to the stream."""\n    self.stream.write(n)\n'
    assert "How do I write a boolean to the stream?" in [draft.text for draft in source.drafts(code)]
    assert make(code)


def test_a_function_without_a_word_about_it_is_asked_for_by_its_name() -> None:
    assert "Which function gets user name?" in [
        draft.text for draft in source.drafts("def getUserName(self):\n    ...")
    ]


def test_the_same_text_gives_the_same_questions_and_never_too_many() -> None:
    text = "Pumps\nThe pump came on 7 May. The pump needs 12 bolts. It was built by Anders Holm. Hold the lever."
    assert make(text) == make(text) == RULES.questions([text])[0]
    assert 1 < len(make(text)) <= MOST


@pytest.mark.parametrize("text", ["", "   ", "7", "| | |", "—", "a", "##"])
def test_a_text_without_words_gives_none(text: str) -> None:
    assert make(text) == []


def test_the_context_is_told_from_the_text() -> None:
    assert split_context("Pumps > Reset\nHold the lever.") == ("Pumps > Reset", "Hold the lever.")
    assert split_context("Hold the lever.\nThe lamp turns white.") == ("", "Hold the lever.\nThe lamp turns white.")


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("When did the ship begin the voyage?", {"begin", "ship", "voyage"}),
        ("What has three errors?", {"errors"}),
    ],
)
def test_words_give_way_to_others_that_mean_the_same(question: str, other: set[str]) -> None:
    swapped = synonyms.swap(question, 1.0, random.Random(1))
    assert not other & set(swapped.rstrip("?").split())
    assert len(swapped.split()) == len(question.split())
    assert synonyms.swap(question, 0.0, random.Random(1)) == question


def test_a_noun_that_is_spelt_like_a_verb_stays() -> None:
    question = "How many weeks of help are there in the change?"
    assert synonyms.swap(question, 1.0, random.Random(1)) == question


def test_a_pronoun_stands_for_the_topic() -> None:
    assert "When did Anders Holm build the ferry?" in [
        draft.text for draft in drafts("He built the ferry in 1912.", room=LONG, topic="Anders Holm")
    ]


def test_first_words_that_are_no_names_make_no_topic() -> None:
    assert list(
        topics.names("Now the ferry sails. Where is Kessing? Following the storm, following it, all is well.")
    ) == ["Kessing"]
