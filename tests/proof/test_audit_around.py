"""What a question brings from around its evidence: words of the document that the passage does not have."""

from __future__ import annotations

from formfact.knowledge.prepare import hash_of
from formfact.knowledge.words import terms
from formfact.proof.audit.around import BROUGHT, WINDOW, Around, content
from formfact.proof.audit.gather import Held
from formfact.proof.findings import Place
from formfact.proof.questions import Question
from formfact.types import Passage

PUMP = "The green pump came on 7 May with the ferry."
LAMP = "The harbour lamp burns whale oil at dusk."
MAST = "The storm broke the mast of the schooner."


def held(number: int, text: str, document: str = "a.md") -> Held:
    passage = Passage(number * 1000, number * 1000 + len(text), text)
    return Held(number, hash_of(passage), Place(document, document, passage.start, passage.end), "text", passage)


def test_words_come_from_the_same_document_alone() -> None:
    one, near, far = held(1, PUMP), held(2, LAMP), held(3, MAST, "b.md")
    (asked,) = Around([one, near, far]).widened(one, [Question("When did the pump come?", PUMP, 1.0)])
    brought = asked.removeprefix("When did the pump come?").split()
    assert 0 < len(brought) <= BROUGHT
    assert set(brought) <= set(LAMP.rstrip(".").split())
    assert not set(terms(" ".join(brought))) & set(terms(PUMP))


def test_a_document_of_one_passage_brings_nothing() -> None:
    one = held(1, PUMP)
    made = [Question("When did the pump come?", PUMP, 1.0)]
    assert Around([one, held(2, LAMP, "b.md")]).widened(one, made) == ["When did the pump come?"]


def test_what_is_nearest_comes_first_and_no_further_than_the_window() -> None:
    middle = held(2, PUMP)
    passages = [held(1, f"{'before ' * WINDOW}anchor"), middle, held(3, f"bollard {'behind ' * WINDOW}quay")]
    near = Around(passages).near(middle, PUMP).split()
    assert len(near) <= WINDOW
    assert {"anchor", "bollard"} <= set(near)
    assert "quay" not in near


def test_the_same_base_asks_the_same() -> None:
    passages = [held(1, PUMP), held(2, f"{LAMP} {MAST}")]
    made = [Question("When did the pump come?", PUMP, 1.0), Question("What came with the ferry?", PUMP, 1.0)]
    first = Around(passages).widened(passages[0], made)
    assert first == Around(passages).widened(passages[0], made)
    assert len(set(first)) == 2


def test_words_that_name_nothing_are_no_content() -> None:
    assert [word for _, word in content("The pump and the pumps would have been there.")] == ["pump"]
