"""Near-duplicates and clashes: what is found, and what must not be."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.front import Knowledge
from formfact.interfaces import audit_shown
from formfact.interfaces.terminal import Page
from formfact.proof.audit.clashes import clashes
from formfact.proof.audit.gather import Held
from formfact.proof.audit.twins import LIKE, likeness, runs, twins
from formfact.proof.findings import Place
from formfact.types import Passage

LEAVE = "Whoever becomes a parent has {} weeks of paid leave before the child is two."


def held(*texts: str, one_document: bool = False, contexts: tuple[str, ...] = ()) -> list[Held]:
    found = []
    for at, text in enumerate(texts):
        place = Place("a.md" if one_document else f"{at}.md", "/r", 100 * at, 100 * at + len(text))
        passage = Passage(place.start, place.end, text, context=contexts[at] if contexts else "")
        found.append(Held(at, str(at), place, "markdown", passage))
    return found


def test_near_duplicates_are_clusters() -> None:
    text = "The keeper of the harbour lamp fills it with whale oil every evening before the ferry leaves the quay."
    found = twins(held(text, "Something else that has nothing to do with lamps at all.", text + " Amen.", text))
    assert [[place.document for place in one.places] for one in found] == [["0.md", "2.md", "3.md"]]
    assert LIKE <= found[0].likeness < 1


def test_short_passages_are_alike_by_chance_and_not_told() -> None:
    assert twins(held("See above.", "See above.")) == ()


@given(st.lists(st.sampled_from("lamp oil quay mast ferry rope bell tide pier hull".split()), min_size=8, max_size=40))
def test_a_text_is_its_own_twin_and_likeness_goes_both_ways(words: list[str]) -> None:
    one, other = runs(" ".join(words)), runs(" ".join(words[1:] + words[:1]))
    assert likeness(one, one) == 1
    assert likeness(one, other) == likeness(other, one)


def test_a_thousand_copies_are_one_cluster() -> None:
    text = "The keeper of the harbour lamp fills it with whale oil every evening."
    (found,) = twins(held(*[text] * 1000))
    assert len(found.places) == 1000


def test_different_numbers_for_the_same_thing_clash() -> None:
    (found,) = clashes(
        held(LEAVE.format(22), "The ferry leaves at dusk for the 3 islands of the west.", LEAVE.format(20))
    )
    assert (found.one.value, found.other.value) == ("22 weeks", "20 weeks")
    assert found.one.text == LEAVE.format(22)
    assert found.likeness == 1


def test_a_statement_is_named_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(f"# Leave\n\nWelcome. {LEAVE.format(22)}\n")
    (tmp_path / "docs" / "b.txt").write_text(f"Children come first. {LEAVE.format('twenty')}\n")
    with Knowledge(tmp_path / "kb", embedder="toy:64") as kb:
        kb.add(tmp_path / "docs")
        (found,) = kb.audit().clashes
        for statement in (found.one, found.other):
            text = (tmp_path / "docs" / statement.place.document).read_text()
            assert text[statement.place.start : statement.place.end] == statement.text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LEAVE.format(22), LEAVE.format("22.0")),
        (LEAVE.format(20), LEAVE.format("twenty")),
        ("The Gannet 3 needs 90 turns from empty by hand.", "The Gannet 5 needs 160 turns from empty by hand."),
        ("In 2022 the yard sold 40 gauges to harbours.", "In 2023 the yard sold 52 gauges to harbours."),
        ("Roundhead has a post office with 3 clerks in it.", "Lynn has a post office with 5 clerks in it."),
        ("The office opens on 7 May for the season.", "The office opens on 7 May 2024 for the season."),
        ("The office opens on 2024-05-07 for the season.", "The office opens on 7 May 2024 for the season."),
        ("Page 3 of the terms of the company.", "Page 7 of the terms of the company."),
        ("def turns(hand):\n    return hand * 90 / 3", "def turns(hand):\n    return hand * 160 / 3"),
    ],
)
def test_what_differs_for_a_reason_does_not_clash(one: str, other: str) -> None:
    assert clashes(held(one, other)) == ()


GIVEN = "Whoever joins the yard is given {} before the season of sailing begins."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("24 months", "two years"),
        ("24 months", "730 days"),
        ("one month", "30 days"),
        ("22 weeks", "twenty-two weeks"),
        ("a hundred days", "100 days"),
        ("a dozen weeks", "12 weeks"),
        ("half a year", "6 months"),
        ("1.5 km", "1500 m"),
        ("one mile", "1.6 km"),
        ("5 kg", "5,000 g"),
        ("$2 million", "$2,000,000"),
        ("$2.5m", "2.5 million dollars"),
        ("50 cents", "$0.50"),
        ("50 %", "half"),
        ("2 hours", "two meetings"),
        ("20 °C", "68 °F"),
    ],
)
def test_the_same_in_other_words_or_units_does_not_clash(one: str, other: str) -> None:
    assert clashes(held(GIVEN.format(one), GIVEN.format(other))) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("24 months", "three years"),
        ("24 months", "two weeks"),
        ("one year", "two years"),
        ("22 weeks", "twenty-three weeks"),
        ("1.5 km", "2000 m"),
        ("1.5 km", "1.6 km"),
        ("5 kg", "500 g"),
        ("5 mW", "5 MW"),
        ("$2 million", "$2,500"),
        ("90 %", "half"),
        ("20 °C", "30 °C"),
    ],
)
def test_what_differs_across_words_and_units_clashes(one: str, other: str) -> None:
    (found,) = clashes(held(GIVEN.format(one), GIVEN.format(other)))
    assert (found.one.value, found.other.value) == (one, other)


@pytest.mark.parametrize(
    ("behind", "value"),
    [
        ("\nPlease ring before noon.", "58"),
        (" Please ring before noon.", "58"),
        (" Germans in its cellar.", "58 Germans"),
    ],
)
def test_the_word_that_begins_the_next_sentence_is_not_counted(behind: str, value: str) -> None:
    said = f"The harbour office of the north coast has {{}}{behind}"
    (found,) = clashes(held(said.format(58), said.format(61)))
    assert found.one.value == value


def test_a_value_over_two_lines_is_shown_on_one() -> None:
    said = "The harbour office of the north coast lends {}\nbuoys to each of its visitors."
    found = clashes(held(said.format(58), said.format(61)))
    assert found[0].one.value == "58\nbuoys"
    shown = list(audit_shown.clashes(Page(io.StringIO()), found))
    assert not [line for line in shown if "\n" in line]
    assert any(line.startswith("  58 buoys  ") for line in shown)


def test_what_many_say_in_the_same_words_hides_no_other_clash() -> None:
    ferry = "The ferry needs {} hours from the quay to the western islands in good weather."
    copies = [GIVEN.format("24 months")] * 9
    found = clashes(held(*copies, GIVEN.format("three years"), ferry.format(3), f"{ferry.format(4)[:-1]} as well."))
    assert [one.one.value for one in found[:2]] == ["24 months", "3 hours"]
    assert len(found) == 10


def test_one_document_does_not_contradict_itself() -> None:
    assert clashes(held(LEAVE.format(22), LEAVE.format(20), one_document=True)) == ()


def test_a_pronoun_stands_for_what_its_passage_is_about() -> None:
    texts = ("As of the census, its population was 2581 people.", "As of the census, its population was 325 people.")
    assert clashes(held(*texts, contexts=("Roundhead", "Lynn"))) == ()
    assert len(clashes(held(*texts, contexts=("Lynn", "Lynn")))) == 1


def test_dates_clash() -> None:
    (found,) = clashes(
        held("The summer concert is on 29 June in the boathouse.", "The summer concert is on 28 June in the boathouse.")
    )
    assert {found.one.value, found.other.value} == {"on 29 June".removeprefix("on "), "28 June"}


def test_rows_of_tables_clash_by_their_names() -> None:
    one = "Part: H-705 | Name: Clock board | Price (marks): 298"
    (found,) = clashes(held(one, one.replace("298", "310"), one.replace("H-705", "H-706").replace("298", "99")))
    assert (found.one.value, found.other.value) == ("298", "310")


def test_cells_are_compared_by_what_they_say() -> None:
    row = "Part: H-705 | Name: Clock board | Power: {}"
    assert clashes(held(row.format("1.5 kW"), row.format("1500 W"))) == ()
    assert clashes(held(row.format("1,200"), row.format("1200"))) == ()
    assert len(clashes(held(row.format("1.5 kW"), row.format("150 W")))) == 1
    assert len(clashes(held(row.format("3-4"), row.format("3")))) == 1
