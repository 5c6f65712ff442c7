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

FEWEST = {"questions": 200}
KINDS = {"questions": 10}


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
    kinds = Counter(example.kind for example in examples)
    assert "" not in kinds
    assert len([kind for kind, count in kinds.items() if count >= len(examples) / 30]) >= KINDS[name]


def test_the_lint_finds_nothing(looked: Lint) -> None:
    # What it says of files under fifty rows is advice, and true of the smaller ones.
    assert [one for one in looked.problems if one.rule != "few-rows"] == []


def test_the_rows_teach_form_and_no_facts(looked: Lint) -> None:
    assert looked.verdict == "structure"
    assert [row.row for row in looked.knowledge.rows if row.verdict == "knowledge"] == []


def test_the_card_counts_the_rows(name: str) -> None:
    found = find(name)
    card = (found.folder / "CARD.md").read_text("utf-8")
    examples = ff.Pattern(name).examples()
    assert card.startswith(f"# {name}\n")
    assert f"**Rows:** {len(examples)} of " in card
    words = [len(example.text.split()) for example in examples]
    assert f" {min(words)} to {max(words)} words" in card
    counted = {kind: int(count) for kind, count in re.findall(r"^\| ([\w ]+) \| (\d+) \|", card, re.MULTILINE)}
    assert counted == Counter(example.kind for example in examples)


def test_every_input_fits_the_contract(name: str) -> None:
    pattern = ff.Pattern(name)
    longest = max(open_counter().count([example.text for example in pattern.examples()]))
    assert longest <= pattern.contract.input_tokens


# questions ---------------------------------------------------------------------------------------------------------


def questions() -> list[tuple[str, list[str]]]:
    return [(example.text, example.output.split("\n")) for example in ff.Pattern("questions").examples()]


def test_no_question_is_numbered_or_asked_of_two_texts() -> None:
    asked = [question for _, lines in questions() for question in lines]
    assert [one for one in asked if re.match(r"\d+[.)]\s|[a-z]", one)] == []
    twice = [one for one, count in Counter(one.casefold() for one in asked).items() if count > 1]
    assert twice == []


def test_longer_texts_are_asked_more() -> None:
    few = [len(lines) for text, lines in questions() if len(text.split()) < 40]
    many = [len(lines) for text, lines in questions() if len(text.split()) >= 120]
    assert min(few) <= 3
    assert sum(few) / len(few) < 5
    assert sum(many) / len(many) > 7
    assert max(len(lines) for _, lines in questions()) <= 10


def test_questions_begin_in_many_ways() -> None:
    first = Counter(line.split()[0] for _, lines in questions() for line in lines)
    assert max(first.values()) < 0.35 * first.total()
    assert len([word for word, count in first.items() if count >= 3]) >= 10


def test_questions_speak_of_their_text() -> None:
    """Nearly every question takes up a word of its text; a few ask for "the file" of some code, and the like."""
    lexicon = Lexicon()
    strangers = [
        [line for line in lines if not stems(line, lexicon) & stems(text, lexicon)] for text, lines in questions()
    ]
    assert sum(map(len, strangers)) < 0.06 * sum(len(lines) for _, lines in questions())
    for (_, lines), strange in zip(questions(), strangers, strict=True):
        assert len(strange) <= len(lines) / 2, strange


def test_the_questions_of_a_row_find_its_text_among_all() -> None:
    """By the cosine of the words they share, each weighted by how few of the texts have it."""
    lexicon = Lexicon()
    texts = [stems(text, lexicon) for text, _ in questions()]
    spread = Counter(stem for text in texts for stem in text)
    weights = {stem: log(len(texts) / count) ** 2 for stem, count in spread.items()}
    lengths = [sqrt(sum(weights[stem] for stem in text)) for text in texts]
    for at, (_, lines) in enumerate(questions()):
        asked = stems("\n".join(lines), lexicon)
        scores = [
            sum(weights[stem] for stem in asked & text) / length for text, length in zip(texts, lengths, strict=True)
        ]
        assert scores.index(max(scores)) == at, lines
