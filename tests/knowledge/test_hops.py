"""Second rounds: which mentions lead further, what is asked for them, how both rounds are merged, and one view."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.errors import Refused
from formfact.knowledge.fuse import Fused
from formfact.knowledge.hops import (
    PLACES,
    PROBES,
    Bridge,
    Led,
    Read,
    bridges,
    leading,
    leads_to,
    mentions,
    merge,
    probe,
    strongest,
    things,
    wanted,
    worth,
)
from formfact.knowledge.search import first_round, make_probe, search, second_round
from formfact.knowledge.stores import Batch, Candidate, Store, open_store
from formfact.models.toy import Toy
from tests.knowledge.stores.texts import TOY, made_up, prepare, put, source


def named(text: str) -> list[str]:
    return [one.text for one in mentions(text)]


# Mentions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The pump was made by the Journal of Mathematical Physics.", ["Journal of Mathematical Physics"]),
        ("It was led by Ludwig van Beethoven and J. R. R. Tolkien.", ["Ludwig van Beethoven", "J. R. R. Tolkien"]),
        ("Moreover Émile Zola's book sank.", ["Émile Zola"]),
        ("Replace part R-204 of a Gannet 5.", ["R-204", "Gannet 5"]),
        ("Hank (known as Old Luke) wrote “cold, cold heart” then.", ["Hank", "Old Luke", "cold, cold heart"]),
        ("call `retry once` or parse_frame, then getUserName", ["retry once", "parse_frame", "getUserName"]),
        ("However, the tide rose. Nothing was said.", []),
        ("- *Firmware*, four people, led by **Beata Skjorne**: radio", ["Beata Skjorne"]),
    ],
)  # fmt: skip
def test_what_a_text_calls_by_a_name(text: str, found: list[str]) -> None:
    assert named(text) == found


@given(st.text(alphabet=st.sampled_from("AbCd Éé.'’\"“”`-_1 \nof the van&|("), max_size=80))
def test_a_mention_stands_where_it_says(text: str) -> None:
    for one in mentions(text):
        assert text[one.start : one.end] == one.text
        assert one.text.strip() == one.text != ""


def test_what_the_question_or_the_title_says_leads_nowhere() -> None:
    read = Read(1, "Hello Love", "Hello Love is by Hank Snow, made in May 1955 for RCA Victor in Canada.", 1.0)
    found = [one.text for one in leading("Where did the performer of Hello Love live, Canada?", read)]
    assert found == ["Hank Snow", "RCA Victor"]


def bridged(question: str, *read: Read) -> list[Bridge]:
    return bridges(question, read, dict.fromkeys(wanted(question, read), 2.0))


def test_a_bridge_asks_for_what_its_passage_does_not_say() -> None:
    held = {"hello", "love", "hank", "snow"}
    assert probe("Where did the performer of Hello Love die?", "Hank Snow", held) == "Hank Snow performer die"
    (bridge,) = bridged("Who wrote Hello Love?", Read(4, "", "Hello Love is by Hank Snow", 0.5))
    assert (bridge.text, bridge.passage, bridge.probe) == ("Hank Snow", 4, "Hank Snow wrote")


def test_the_mention_beside_the_questions_words_weighs_most() -> None:
    text = "- Pumps are led by Oskar Vane.\n- Firmware is led by Beata Skjorne.\n- Rufus Tarn is the dog."
    assert bridged("Where does the head of firmware sit?", Read(1, "", text, 1.0))[0].text == "Beata Skjorne"


PIECES = st.sampled_from(["Hank Snow", "the pump", "R-204", "valve", "Old Moll", "“the tide”", "x.\n"])
TEXTS = st.lists(PIECES, max_size=30).map(" ".join)


@given(st.lists(st.tuples(TEXTS, st.floats(0, 1)), max_size=4), st.sampled_from(["pump Moll?", "", "valve"]))
def test_bridges_are_few_and_weigh_at_most_their_passage(passages: list[tuple[str, float]], question: str) -> None:
    read = [Read(at, "", text, score) for at, (text, score) in enumerate(passages)]
    found = bridged(question, *read)
    assert len(found) <= PROBES
    assert len({one.text.casefold() for one in found}) == len(found)
    assert all(0 <= one.weight <= read[one.passage].score for one in found)
    assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Are Christopher Nolan and Sathish Kalathil both directors?", ["Christopher Nolan", "Sathish Kalathil"]),
        ("Which is heavier, a Gannet 3 or a Gannet 5?", ["Gannet 3", "Gannet 5"]),
        ("Who wrote Hello Love in Canada?", []),
        ("Is Hello Love older than that?", []),
    ],
)
def test_what_a_question_compares(question: str, found: list[str]) -> None:
    assert things(question) == found
    probes = {one.text: one.probe for one in bridged(question)}
    assert list(probes) == found
    for name, asks in probes.items():
        assert asks.startswith(name)
        assert not any(other in asks for other in found if other != name)


def test_where_a_bridge_leads() -> None:
    bridge = Bridge("Hank Snow", 1, 1.0, "")
    assert leads_to(bridge, title="hank snow (singer)", text="He sang.") is True
    assert leads_to(bridge, title="Canada", text="There HANK SNOW lived.") is False
    assert leads_to(bridge, title="Canada", text="There Hank Snowden lived.") is None


# Both rounds in one order -----------------------------------------------------------------------------------------


def fused(passage: int, score: float) -> Fused:
    return Fused(Candidate(passage, 0.5, 1.0, 1, 1), score)


SCORES = st.dictionaries(st.integers(1, 9), st.floats(0, 1), max_size=9)


SECOND = st.tuples(st.integers(1, 12), st.floats(0, 1), st.floats(0, 1), st.booleans())


@given(SCORES, st.lists(SECOND, max_size=20))
def test_no_passage_falls_and_all_are_there(
    first: dict[int, float], second: list[tuple[int, float, float, bool]]
) -> None:
    led = [Led(Bridge("Hank Snow", 1, weight, ""), fused(at, score), title) for at, score, weight, title in second]
    ranked = sorted((fused(*pair) for pair in first.items()), key=lambda one: -one.score)
    found = merge(ranked, strongest(led))
    scores = {one.candidate.passage: one.score for one in found}
    assert len(scores) == len(found)
    assert set(first) <= set(scores) <= set(first) | {passage for passage, *_ in second}
    assert all(scores[passage] >= score for passage, score in first.items())
    assert [one.score for one in found] == sorted(scores.values(), reverse=True)
    assert all(one.score <= 1 for one in found)
    before = [one.candidate.passage for one in ranked]
    for at, one in enumerate(found):
        passage = one.candidate.passage
        by = strongest(led).get(passage)
        risen = by is not None and passage in before and (at < before.index(passage) or worth(by) > first[passage])
        assert bool(one.via) == (passage not in before or risen)
    best = sorted(strongest(led).values(), key=worth, reverse=True)
    if best and worth(best[0]) > 0:
        assert any(one.candidate.passage in strongest(led) for one in found[: PLACES[0]])


# Over real stores -------------------------------------------------------------------------------------------------

ORGANISATION = "the firmware team reset the valve and is led by Beata Skjorne"
SEAT = "Beata Skjorne: bay 6"
QUESTION = "reset of the valve by the firmware team, which bay"


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    address = "memory:" if request.param == "memory" else str(tmp_path / "kb")
    opened = open_store(address, embedder=TOY.card, create=True)
    texts = [ORGANISATION, *(f"the team reset a valve by the bay {made_up(at, 3)}" for at in range(30)), SEAT]
    documents = tuple(prepare("/r/a.jsonl", str(at), text) for at, text in enumerate(texts))
    opened.commit(Batch(sources=(source("/r/a.jsonl"),), put=documents))
    return opened


def test_a_second_round_finds_what_the_first_one_names(store: Store) -> None:
    one = search(store, TOY, QUESTION, k=5)
    two = search(store, TOY, QUESTION, k=5, hops=2)
    assert ORGANISATION in one[0].text
    assert SEAT not in [hit.text for hit in one]
    (led,) = [hit for hit in two if hit.text == SEAT]
    assert led.via == "Beata Skjorne"
    assert two[0] == one[0]
    assert [hit.rank for hit in two] == [1, 2, 3, 4, 5]
    assert [hit.score for hit in two] == sorted((hit.score for hit in two), reverse=True)


def test_where_nothing_is_named_the_first_round_stands(store: Store) -> None:
    assert search(store, TOY, "tide lamp storm", k=9, hops=2) == search(store, TOY, "tide lamp storm", k=9)


def test_both_rounds_read_one_view(store: Store) -> None:
    """What is committed between the rounds is not seen by the second."""
    asked = make_probe(TOY, QUESTION, k=5)
    with store.snapshot() as view:
        first = first_round(view, asked)
        store.commit(put("/r/b.md", "late", SEAT))
        store.commit(put("/r/a.jsonl", "31", "gone"))
        found = second_round(view, TOY, asked, first).order
        texts = {one.id: one for one in view.read([one.candidate.passage for one in found])}
    assert len(texts) == len(found)
    assert [one.document.id for one in texts.values() if one.passage.text == SEAT] == ["31"]


def test_a_question_longer_than_the_window_has_a_second_round(tmp_path: Path) -> None:
    narrow = Toy(64, window=12)
    with pytest.raises(Refused):
        narrow.embed(["word " * 40])
    opened = open_store("memory:", embedder=narrow.card, create=True)
    opened.commit(Batch(sources=(source("/r/a.jsonl"),), put=(prepare("/r/a.jsonl", "0", ORGANISATION),)))
    assert search(opened, narrow, f"{QUESTION} " + "pump " * 40, hops=2)


@pytest.mark.parametrize("hops", [0, 3, -1])
def test_other_numbers_of_rounds_are_refused(store: Store, hops: int) -> None:
    with pytest.raises(Refused, match="hops"):
        search(store, TOY, "pump", hops=hops)
