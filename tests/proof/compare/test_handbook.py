"""The invented handbook of compare holds each of its facts once, and says nothing of what it is asked in vain."""

import json
import re
from pathlib import Path

import pytest

HANDBOOK = Path(__file__).parents[3] / "formfact" / "proof" / "compare" / "handbook"
SMALL = frozenset("a an and are at be by can do does for from have how i in is it its me much many my of on one the to "
                  "what when where which who whose with".split())  # fmt: skip


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (HANDBOOK / name).read_text(encoding="utf-8").splitlines()]


def flat(text: str) -> str:
    return " ".join(text.lower().split())


@pytest.fixture(scope="module")
def documents() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in (HANDBOOK / "documents").glob("*.md")}


def content(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower())) - SMALL


def test_the_counts_are_as_said(documents):
    assert len(documents) == 12
    assert all(250 <= len(text.split()) <= 450 and text.startswith("# ") for text in documents.values())
    facts = rows("facts.jsonl")
    assert len(facts) == 60
    assert [sum(fact["document"] == name for fact in facts) for name in documents] == [5] * 12
    assert [len(rows(f"{name}.jsonl")) for name in ("unanswerable", "known", "changes")] == [20, 40, 3]


def test_each_answer_lies_in_its_document_once_and_in_no_other(documents):
    for fact in rows("facts.jsonl"):
        found = {name: flat(text).count(flat(fact["answer"])) for name, text in documents.items()}
        assert {name: count for name, count in found.items() if count} == {fact["document"]: 1}, fact["id"]
        assert len(fact["answer"].split()) <= 5
        assert flat(fact["answer"]) in flat(fact["statement"])


def test_ids_are_unique_and_no_wording_comes_twice():
    facts = rows("facts.jsonl")
    assert len({fact["id"] for fact in facts}) == 60
    wordings = [flat(wording) for fact in facts for wording in (fact["question"], *fact["questions"])]
    assert len(wordings) == len(set(wordings)) == 7 * 60
    assert all(flat(fact["answer"]) not in flat(wording) for fact in facts for wording in fact["questions"])


def test_what_is_asked_in_vain_is_no_fact_of_the_handbook():
    wordings = [(fact["id"], wording) for fact in rows("facts.jsonl")
                for wording in (fact["question"], fact["statement"], *fact["questions"])]  # fmt: skip
    for row in rows("unanswerable.jsonl"):
        asked = content(row["question"])
        near = [(name, wording) for name, wording in wordings if len(asked & content(wording)) > 0.75 * len(asked)]
        assert not near, row["question"]


def test_what_is_known_and_what_is_changed_is_well_formed(documents):
    known = rows("known.jsonl")
    assert len({row["prompt"] for row in known}) == 40
    assert all(row["prompt"][-1].isalnum() and row["answer"].strip() == row["answer"] for row in known)
    facts = {fact["id"]: fact for fact in rows("facts.jsonl")}
    for row in rows("changes.jsonl"):
        assert row["answer"] != facts[row["id"]]["answer"]
        assert flat(row["answer"]) in flat(row["statement"])
        assert not any(flat(row["answer"]) in flat(text) for text in documents.values())
