"""The rows that ship with the patterns of words: enough, sound, unlike one another, and about their own text."""

from __future__ import annotations

import re
from collections import Counter
from math import log, sqrt

import pytest

import formfact as ff
from formfact.patterns.bases import open_counter
from formfact.patterns.examples import problems_of
from formfact.patterns.facts.content import stems
from formfact.patterns.facts.words import Lexicon
from formfact.patterns.shelf import find
from formfact.types import Lint

FEWEST = {"questions": 200, "clarify": 50, "dialogue": 50, "feedback": 50}


@pytest.fixture(scope="module", params=FEWEST)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def looked(name: str) -> Lint:
    return ff.Pattern(name).lint(find(name).folder / "examples.jsonl")


def test_every_row_keeps_its_contract(name: str) -> None:
    pattern = ff.Pattern(name)
    for at, example in enumerate(pattern.examples(), 1):
        assert problems_of(pattern.contract, example) == [], f"row {at}"


def test_there_are_enough_rows_of_enough_kinds(name: str) -> None:
    examples = ff.Pattern(name).examples()
    assert len(examples) >= FEWEST[name]
    kinds = {example.kind for example in examples}
    assert "" not in kinds
    assert len(kinds) >= 6


def test_the_lint_finds_nothing(looked: Lint) -> None:
    assert looked.problems == ()


def test_the_rows_teach_form_and_no_facts(looked: Lint) -> None:
    assert looked.verdict == "structure"


def test_the_card_counts_the_rows(name: str) -> None:
    found = find(name)
    card = (found.folder / "CARD.md").read_text("utf-8")
    examples = ff.Pattern(name).examples()
    assert card.startswith(f"# {name}\n")
    assert re.search(rf"\*\*Rows:\*\* {len(examples)}\b", card)
    words = [len(example.text.split()) for example in examples]
    assert f" {min(words)} to {max(words)} words" in card


def test_every_input_fits_the_contract(name: str) -> None:
    pattern = ff.Pattern(name)
    longest = max(open_counter().count([example.text for example in pattern.examples()]))
    assert longest <= pattern.contract.input_tokens


@pytest.mark.parametrize("name", ["questions", "feedback"])
def test_the_output_of_a_row_finds_its_text_among_all(name: str) -> None:
    """By the cosine of the words they share, each weighted by how few of the texts have it."""
    lexicon, examples = Lexicon(), ff.Pattern(name).examples()
    texts = [stems(example.text, lexicon) for example in examples]
    spread = Counter(stem for text in texts for stem in text)
    weights = {stem: log(len(texts) / count) ** 2 for stem, count in spread.items()}
    lengths = [sqrt(sum(weights[stem] for stem in text)) for text in texts]
    for at, example in enumerate(examples):
        said = stems(example.output, lexicon)
        scores = [
            sum(weights[stem] for stem in said & text) / length for text, length in zip(texts, lengths, strict=True)
        ]
        assert scores.index(max(scores)) == at, example.output


@pytest.mark.parametrize("name", ["questions", "clarify", "feedback"])
def test_no_line_is_written_twice(name: str) -> None:
    lines = Counter(
        line.casefold() for example in ff.Pattern(name).examples() for line in example.output.split("\n")
        if not line.endswith(":")
    )  # fmt: skip
    assert [line for line, count in lines.items() if count > 1] == []


# questions ---------------------------------------------------------------------------------------------------------


def questions() -> list[tuple[str, list[str]]]:
    return [(example.text, example.output.split("\n")) for example in ff.Pattern("questions").examples()]


def test_each_kind_of_text_has_its_share_and_the_card_counts_it() -> None:
    card = (find("questions").folder / "CARD.md").read_text("utf-8")
    counted = {kind: int(count) for kind, count in re.findall(r"^\| ([\w ]+) \| (\d+) \|", card, re.MULTILINE)}
    assert counted == Counter(example.kind for example in ff.Pattern("questions").examples())
    assert min(counted.values()) >= 15


def test_no_question_has_a_number() -> None:
    assert [one for _, lines in questions() for one in lines if re.match(r"\d+[.)]\s|[a-z]", one)] == []


def test_longer_texts_are_asked_more() -> None:
    few = [len(lines) for text, lines in questions() if len(text.split()) < 40]
    many = [len(lines) for text, lines in questions() if len(text.split()) >= 120]
    assert min(few) == 2
    assert sum(few) / len(few) < 5
    assert sum(many) / len(many) > 8
    assert max(many) <= 10


def test_questions_begin_in_many_ways() -> None:
    first = Counter(line.split()[0] for _, lines in questions() for line in lines)
    assert max(first.values()) < 0.35 * first.total()
    assert len([word for word, count in first.items() if count >= 10]) >= 10


def test_questions_speak_of_their_text() -> None:
    """Nearly every question takes up a word of its text; a few ask for "the file" of some code, and the like."""
    lexicon = Lexicon()
    strangers = [
        [line for line in lines if not stems(line, lexicon) & stems(text, lexicon)] for text, lines in questions()
    ]
    assert sum(map(len, strangers)) < 0.05 * sum(len(lines) for _, lines in questions())
    for (_, lines), strange in zip(questions(), strangers, strict=True):
        assert len(strange) <= len(lines) / 2, strange


# clarify and dialogue -----------------------------------------------------------------------------------------------


def test_requests_are_short_and_asked_three_to_six_questions() -> None:
    examples = ff.Pattern("clarify").examples()
    assert max(len(re.findall(r"[.!?]+(?:\s|$)", example.text)) for example in examples) <= 4
    assert {len(example.output.split("\n")) for example in examples} == {3, 4, 5, 6}


def test_the_guide_answers_somebody_else() -> None:
    parties = []
    for example in ff.Pattern("dialogue").examples():
        turns = [re.match(r"([^:\n]{1,40}): \S", line) for line in example.text.split("\n")]
        speakers = [turn[1] if turn else "" for turn in turns]
        assert all(speakers), example.text
        assert speakers[-1] != "Guide", example.text
        parties.append(len({*speakers, "Guide"}))
    assert set(parties) == {2, 3, 4}
