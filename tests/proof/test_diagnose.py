"""The advice as a table of cases, and what holds of every advice whatever was said and seen."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formfact.errors import Refused
from formfact.interfaces.cli import make_parser
from formfact.proof.diagnose import NOT_THERE, PROMPT, SAID, diagnose
from formfact.proof.diagnosis import SeenDocuments, SeenQuestions, SeenRows
from formfact.proof.interview import CHOICES, QUESTIONS, Interview, read_answers

FACTS = SeenRows("rows.jsonl", 60, "knowledge", 0.9, facts=tuple(range(1, 61)))
FORM = SeenRows("rows.jsonl", 60, "structure", 0.1, form=tuple(range(1, 61)), shape="json", keeps="JSON of one form")
MIXED = SeenRows("rows.jsonl", 60, "mixed", 0.5, facts=tuple(range(1, 31)), form=tuple(range(31, 61)), shape="text")
STRAY = SeenRows("rows.jsonl", 8, "structure", 0.12, facts=(7,), form=(1, 2, 3, 4, 5, 6, 8), shape="text")
BOOK = SeenDocuments(("docs",), 90, 90, 88, 700, 400_000, languages={"en": 1.0})
PAGE = SeenDocuments(("docs",), 1, 1, 1, 3, 4_000, languages={"en": 1.0})
SCANS = SeenDocuments(("docs",), 4, 4, 0, 0, 0, scanned=("a.pdf", "b.pdf"), languages={})
GERMAN = SeenDocuments(("docs",), 90, 90, 88, 700, 400_000, languages={"de": 0.9, "": 0.1})
GOOD = SeenQuestions(20, silent=(3,), judged=20, missed=(3, 8, 9))
BAD = SeenQuestions(20, silent=tuple(range(1, 20)))
PARSER = make_parser()

CASES = [
    ({"goal": "answers", "source": "documents"}, {}, "search"),
    ({"goal": "answers"}, {"documents": BOOK}, "search"),
    ({}, {"documents": BOOK, "questions": GOOD}, "search"),
    ({}, {"rows": FACTS}, "search"),
    ({"tried": "facts"}, {}, "search"),
    ({"goal": "answers", "often": "once"}, {"documents": BOOK}, "search"),
    ({"goal": "texts", "form": "fixed"}, {}, "pattern"),
    ({"goal": "texts", "form": "style", "examples": "few"}, {}, "pattern"),
    ({}, {"rows": FORM}, "pattern"),
    ({}, {"rows": STRAY}, "pattern"),
    ({"source": "live", "form": "fixed", "goal": "both"}, {}, "pattern"),
    ({"goal": "answers", "source": "input", "form": "fixed"}, {}, "pattern"),
    ({"goal": "both", "form": "fixed"}, {}, "both"),
    ({}, {"rows": MIXED}, "both"),
    ({}, {"rows": FORM, "documents": BOOK}, "both"),
    ({"tried": "both"}, {}, "both"),
    ({"goal": "answers"}, {"rows": MIXED}, "both"),
    ({"goal": "reasoning"}, {}, "neither"),
    ({"goal": "reasoning"}, {"documents": BOOK}, "neither"),
    ({"goal": "answers", "source": "live"}, {}, "neither"),
    ({"goal": "answers", "source": "heads"}, {}, "neither"),
    ({"goal": "answers", "amount": "page", "often": "once"}, {}, "neither"),
    ({"often": "once"}, {"documents": PAGE}, "neither"),
    ({"goal": "texts", "often": "once"}, {}, "neither"),
    ({"goal": "texts", "form": "free", "examples": "none"}, {}, "neither"),
    ({"tried": "works"}, {"documents": BOOK}, "neither"),
    ({}, {"documents": SCANS}, "neither"),
    ({}, {"documents": BOOK, "questions": BAD}, "neither"),
    ({"form": "free"}, {}, "neither"),
    ({}, {}, "neither"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "seen", "advice"), CASES)
def test_the_advice(said, seen, advice) -> None:
    found = diagnose(read_answers(said), **seen)
    assert found.advice == advice
    assert (found.instead != "") == (advice == "neither")


def test_each_advice_is_reached() -> None:
    assert {advice for _, _, advice in CASES} == {"search", "pattern", "both", "neither"}


def test_what_was_seen_is_named_by_row_and_question() -> None:
    found = diagnose(Interview(), rows=STRAY, documents=BOOK, questions=GOOD)
    rows = {one.says: one.rows for one in found.evidence if one.rows}
    assert rows["1 of 8 rows: facts that their prompts do not hold"] == (7,)
    assert rows["1 not answered, as far as search sees"] == (3,)
    assert rows["of 20 with a known answer, 17 have it in a quote; not these:"] == (3, 8, 9)
    assert "19 of 20 questions answered by quotes now" in [one.says for one in found.evidence]
    assert "the estimated share of rows that teach facts is 12%" in [one.says for one in found.evidence]
    assert any("strays" in one for one in found.cautions)
    assert any("50 to 500" in one for one in found.cautions)


def test_what_was_seen_weighs_more_than_what_was_said_and_both_are_told() -> None:
    found = diagnose(read_answers({"goal": "texts", "form": "fixed"}), rows=FACTS)
    assert found.advice == "both"
    assert {one.about for one in found.evidence} == {"rows", "interview"}
    assert diagnose(read_answers({"goal": "answers", "form": "free"}), rows=FORM).advice == "both"


def test_why_neither_says_what_to_do() -> None:
    assert diagnose(Interview(often="once", amount="page", goal="answers")).instead == PROMPT
    assert diagnose(Interview(), documents=BOOK, questions=BAD).instead == NOT_THERE
    assert "OCR" in diagnose(Interview(), documents=SCANS).instead


def test_the_cautions() -> None:
    assert "--embedder" in " ".join(diagnose(Interview(), documents=GERMAN).cautions)
    assert "90% German" in " ".join(one.says for one in diagnose(Interview(), documents=GERMAN).evidence)
    assert "prompt" in " ".join(diagnose(Interview(often="often"), documents=PAGE).cautions)
    assert "corrected" in " ".join(diagnose(Interview(changes="often"), rows=MIXED).cautions)
    assert diagnose(Interview(), documents=BOOK, questions=GOOD).cautions == ()


def test_the_commands_name_the_users_own_files() -> None:
    facts = diagnose(Interview(), rows=FACTS).steps
    assert facts[0].command == "formfact pattern lint rows.jsonl --to-kb ./.formfact"
    form = diagnose(Interview(), rows=FORM).steps
    assert [one.command for one in form] == [
        "formfact pattern new rows --from rows.jsonl",
        "formfact pattern train ./rows",
    ]
    mixed = diagnose(Interview(), rows=MIXED).steps
    assert mixed[0].command == "formfact pattern lint rows.jsonl --to-kb ./.formfact --rewrite rows-form.jsonl"
    assert mixed[1].command == "formfact pattern new rows-form --from rows-form.jsonl"
    known = SeenRows("my rows.jsonl", 60, "structure", 0.0, form=tuple(range(60)), known="questions", keep=58)
    assert diagnose(Interview(), rows=known).steps[1].command == "formfact pattern train questions 'my rows.jsonl'"


def test_every_question_says_why_and_every_choice_is_weighed() -> None:
    assert 6 <= len(QUESTIONS) <= 8
    assert all(one.why and one.question.endswith("?") and len(one.choices) >= 2 for one in QUESTIONS)
    assert all(word in CHOICES[name] for name, word in SAID)
    idle = {(name, word) for name, words in CHOICES.items() for word in words} - set(SAID)
    assert idle == {("changes", "rarely"), ("tried", "untried")}


@pytest.mark.parametrize("wrong", [{"goals": "answers"}, {"goal": "answer"}, {"goal": 3}, {"goal": ["answers"]}])
def test_what_is_no_answer_is_refused_with_what_may_be_said(wrong) -> None:
    with pytest.raises(Refused) as refused:
        read_answers(wrong)
    assert "goal" in refused.value.hint or "answers" in refused.value.hint


numbers = st.lists(st.integers(1, 99), unique=True, max_size=99).map(tuple)
saids = st.builds(Interview, **{name: st.sampled_from(("", *words)) for name, words in CHOICES.items()})
seen_rows = st.builds(
    lambda share, facts, mixed, form, shape, known: SeenRows(
        "a b.jsonl", len(facts) + len(mixed) + len(form), "mixed", share, facts, mixed, form, shape, shape, known
    ),
    st.floats(0, 1), numbers, numbers, numbers, st.sampled_from(("", "json", "text")),
    st.sampled_from(("", "questions")),
)  # fmt: skip
seen_documents = st.builds(
    lambda files, documents, size, tongue: SeenDocuments(
        ("d/e f",), files, min(files, 300), documents, documents, size * documents, languages={tongue: 1.0}
    ),
    st.integers(0, 999), st.integers(0, 300), st.integers(1, 9_999), st.sampled_from(("en", "de", "han", "")),
)  # fmt: skip
seen_questions = st.integers(1, 30).flatmap(
    lambda n: st.lists(st.integers(1, n), unique=True).map(lambda silent: SeenQuestions(n, tuple(silent)))
)


@settings(deadline=None)
@given(saids, st.none() | seen_rows, st.none() | seen_documents, st.none() | seen_questions)
def test_whatever_is_given_there_is_advice_with_evidence_and_commands_that_are_understood(said, rows, docs, asked):
    found = diagnose(said, rows=rows, documents=docs, questions=asked)
    assert found.evidence
    assert found.why
    assert all(one.says for one in found.evidence)
    assert len(found.steps) == (0 if found.advice == "neither" else 2)
    assert bool(found.instead) == (found.advice == "neither")
    for step in found.steps:
        words = shlex.split(step.command)
        assert words[0] == "formfact"
        PARSER.parse_args(words[1:])


def test_questions_alone_want_facts() -> None:
    assert diagnose(Interview(), questions=GOOD).advice == "search"
    assert diagnose(Interview(), questions=BAD).instead == NOT_THERE
