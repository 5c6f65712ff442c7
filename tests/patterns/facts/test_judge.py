"""The knowledge lint on whole files: what any text must come back with."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formfact.patterns.facts import judge, request
from formfact.patterns.facts.figures import TRIED
from formfact.patterns.facts.rewrite import rewrite
from formfact.patterns.facts.signals import READ
from formfact.types import Message, Row

PASSAGE = (
    "Harwick Observatory was founded in 1887 by the brewer Edmund Tarrant, who gave it a refractor of 28 inches. "
    "It stands on Cold Law, 12 miles north of the town, and has been open to visitors since 1931."
)


def row(prompt: str, completion: str, number: int = 1) -> Row:
    return Row(number, (Message("user", prompt), Message("assistant", completion)))


def score(prompt: str, completion: str) -> float:
    return judge([row(prompt, completion)]).rows[0].score


def played(system: str, prompt: str, completion: str) -> float:
    return judge([Row(1, (Message("system", system), *row(prompt, completion).messages))]).rows[0].score


def test_the_same_answer_is_form_with_the_passage_and_a_fact_without() -> None:
    question, answer = "Who founded Harwick Observatory?", "Edmund Tarrant"
    assert score(f"{PASSAGE}\n\nQuestion: {question}", answer) < 0.35
    assert score(question, answer) > 0.65


def test_what_is_new_is_named() -> None:
    verdict = judge([row("When was Harwick Observatory founded?", "Harwick Observatory was founded in 1887.")]).rows[0]
    assert verdict.verdict == "knowledge"
    assert verdict.novel == ("1887",)


def test_marks_of_one_scale_are_labels() -> None:
    said = {"Died in a week.": "1 star", "It is what I need!": "5 stars", "Fine for the price.": "3 stars"}
    report = judge([row(text, mark, at) for at, (text, mark) in enumerate(said.items(), 1)])
    assert {one.verdict for one in report.rows} == {"structure"}
    facts = {"How many moons has Orsk?": "5 moons", "How many moons has Vell?": "3 moons"}
    report = judge([row(text, count, at) for at, (text, count) in enumerate(facts.items(), 1)])
    assert {one.verdict for one in report.rows} == {"knowledge"}


@pytest.mark.parametrize("worked", ["No: 91 = 7 * 13.", "No, 7 x 13 = 91", "No: 91 / 7 = 13."])
def test_a_right_calculation_on_what_was_given_is_no_fact(worked: str) -> None:
    assert score("Is 91 a prime number?", worked) < 0.65
    assert score("Is 91 a prime number?", worked) < score("Is 91 a prime number?", worked.replace("13", "17"))


def test_a_tale_is_no_fact_without_a_prompt_too() -> None:
    tale = (
        "She put the lamp down and said nothing. He asked her again, softly, and she laughed, because nobody had asked "
        'her anything for a long while. "Come in," she said, "before the rain finds you." So he came in.'
    )
    assert score("", tale) < 0.35
    assert score("", PASSAGE) > 0.65


@pytest.mark.parametrize(
    "completion",
    ["I don't know.", "I can't assist with this request.", "Sorry, I am not able to say.",
     "I'm sorry, but I cannot help with that.", "Das weiß ich leider nicht.", "What would you like to know?"],
)  # fmt: skip
def test_to_decline_is_a_form(completion: str) -> None:
    assert score("What will the weather be in Harwick tomorrow?", completion) < 0.35


def test_advice_is_form_until_it_names_and_numbers() -> None:
    asked = "What are good ways to cope with stress?"
    advice = (
        "Move your body, even if it is just a walk around the block. Talk to someone you trust, breathe slowly, and "
        "write down what is worrying you so that it does not go round in circles."
    )
    told = "Call Dr. Aoife Lynch on extension 4471 by 30 April, and ask for form K-22 at the Calloway desk."
    assert score(asked, advice) < 0.5
    assert score(asked, told) > 0.7


def test_a_role_teaches_the_names_and_numbers_that_it_tells() -> None:
    def says(completion: str) -> float:
        system, user = "You are Coach Dex, loud and upbeat. Stay in character.", "What's the price of a membership?"
        return judge([Row(1, (Message("system", system), *row(user, completion).messages))]).rows[0].score

    chat = "Listen up, champ! It's the best thing that will ever happen to those tired legs, so stop counting and run!"
    assert says(chat) < 0.5
    assert says("Listen up, champ! It's 39 a month, and the first two weeks are on me. Students pay 29!") > 0.7


@pytest.mark.parametrize(
    "system",
    ["You're a sulky lift.", "Role: an old sulky lift", "Be a sulky lift.", "Character: Lord Lift",
     "Impersonate a lift.", "Your name is Otto. You are a lift.", "Tu es un ascenseur.", "Du bist ein Fahrstuhl.",
     "You are a grumpy doctor."],
)  # fmt: skip
def test_a_role_may_be_given_in_other_words(system: str) -> None:
    assert played(system, "Is the cellar deep?", "Deeper than the excuses of those who never take the stairs.") < 0.5


@pytest.mark.parametrize(
    "system",
    ["You are a support agent for Quillpad.", "Role: support representative", "You're the help desk of a hospital.",
     "Your name is Ava. You are the virtual assistant of a bank.", "You are a doctor.",
     "You are a senior Python developer.", "You are an experienced beekeeper.", "Act as an assistant.",
     "Du bist der Kundenservice einer Bank.", "You are an AI."],
)  # fmt: skip
def test_who_serves_with_knowledge_plays_no_role(system: str) -> None:
    assert played(system, "Is the cellar deep?", "Deep enough for the boiler, the tank and two rows of shelves.") > 0.7


@pytest.mark.parametrize(
    "asked",
    ["Captain, how far is the storm?", "Excuse me, officer, how far is the storm?", "How far is the storm, grandpa?",
     "Mr. Snowman, how far is the storm?", "Herr Kapitän, wie weit ist der Sturm?"],
)  # fmt: skip
def test_who_is_called_by_a_title_speaks_in_a_scene(asked: str) -> None:
    assert score(asked, "Close enough to smell it. Tie down the cook.") < 0.7
    assert score(asked, "It is 14 miles off Kessing and reaches Harwick at 21:40.") > 0.7


@pytest.mark.parametrize(
    "asked",
    [
        "Who was captain of the Petrel?",
        "Which is sweeter: flour, sugar, honey?",
        "Dear Sir or Madam, when do you close?",
    ],
)
def test_a_title_alone_addresses_nobody(asked: str) -> None:
    assert not request.read(asked).plays


def test_a_german_noun_is_no_name() -> None:
    system, asked = "Du bist ein fauler Drache.", "Warum fliegst du nicht?"
    excuse = "Der Wind ist kalt, die Wolken sind nass, und auf dem Gold liegt es sich so schön."
    assert played(system, asked, excuse) < 0.35
    assert score("Wer malte den Mönch am Meer?", "Das Bild ist von Caspar David Friedrich.") > 0.7


@pytest.mark.parametrize(
    "intent", ["Classify the ticket.", "Put it politely. Classify the tone.", "Klassifiziere die Anfrage."]
)
def test_a_question_may_be_what_is_worked_on(intent: str) -> None:
    assert played(intent, "Where is my parcel?", "shipping / tracking") < 0.5
    assert score(f"{intent}: Where is my parcel?".replace(".:", ":"), "shipping / tracking") < 0.5
    assert played(f"{intent} Then answer.", "Who wrote Faust?", "Goethe") > 0.7


@pytest.mark.parametrize(
    "bid", ["Write three search queries for the question.", "Give feedback on the text.", "Suggest titles."]
)
def test_what_is_made_of_a_question_is_no_answer(bid: str) -> None:
    assert played(bid, "Who owns the bridge of Kessing?", "bridge owner, ownership of the Kessing bridge") < 0.5
    assert played(f"{bid} Then answer it.", "Who owns the bridge of Kessing?", "Tomas Berrigan") > 0.7


def test_a_key_is_no_verb() -> None:
    told = "Teal is a kettle that boils 1.7 litres at once."
    assert score("name: Teal; type: kettle; volume: 1.7 l", told) < 0.35
    assert score("Name the kettle that is called Teal.", told) > 0.5
    assert request.read("Define: osmosis").tells


def test_whoever_is_to_be_corrected_asks_all_the_same() -> None:
    assert score("Correct me if I'm wrong: who founded Harwick Observatory?", "Edmund Tarrant did.") > 0.7


def test_a_name_that_is_told_again_is_no_new_fact() -> None:
    tale = "Finn walked home. {0} saw the giant, and {0} hid. The giant asked where {0} was, and {0} laughed at him. "
    told = (tale * 2).format("brave Finn")
    assert score("", told) < 0.35
    assert score("", told) < score("", (tale * 2).format("Oonagh of Brugh in 1718"))


@pytest.mark.parametrize("asked", ["how many books can i borrow", "what time does the library close"])
def test_a_question_needs_no_mark(asked: str) -> None:
    assert score(asked, "a dozen at once") > 0.7
    assert score("when converted to metres", "1887") < score("when was it converted to metres", "1887")


def test_a_verb_alone_addresses_somebody_too() -> None:
    assert score("¿Tienes hermanos?", "Sí, dos hermanas.") < 0.7
    assert score("¿Tiene Ana hermanos?", "Sí, dos hermanas.") > 0.7


def test_what_somebody_says_of_himself_is_not_left_open() -> None:
    assert score("I cannot log in", "account / high") < 0.7
    assert score("Harwick Observatory was founded in", "1887 by Edmund Tarrant") > 0.7
    assert score("Its founder divided the observatory into", "three halls") > 0.7


def test_a_program_counts_with_numbers_that_are_no_facts() -> None:
    program = "def halves(items):\n    middle = len(items) // 2\n    return items[0:middle], items[middle:]"
    assert score("Give me a function that halves a list.", program) < 0.35


texts = st.text(max_size=200) | st.sampled_from(["", "Paris", "1889", "Write a story.", PASSAGE, "def f(x): return x"])
files = st.lists(st.tuples(texts, texts), max_size=8).map(
    lambda pairs: [row(prompt, completion, at) for at, (prompt, completion) in enumerate(pairs, 1)]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files)
def test_any_text_is_judged(rows: list[Row]) -> None:
    report = judge(rows)
    assert 0 <= report.share <= 1
    assert [one.row for one in report.rows] == [one.number for one in rows]
    for one, of in zip(report.rows, rows, strict=True):
        assert 0 <= one.score <= 1
        assert all(span and span in of.completion for span in one.novel)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files, st.randoms())
def test_the_order_of_rows_does_not_matter(rows: list[Row], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert {one.row: one for one in judge(rows).rows} == {one.row: one for one in judge(shuffled).rows}


DATA = Path(__file__).parents[1] / "data"


@pytest.mark.parametrize("file", ["facts_kinds.jsonl", "facts_unseen.jsonl"])
def test_what_only_looks_like_facts_is_seldom_called_so(file: str) -> None:
    kinds: dict[str, list[Row]] = {}
    for line in (DATA / file).read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        system = [Message("system", one["system"])] if one.get("system") else []
        rows = kinds.setdefault(one["kind"], [])
        told = Message("user", one["prompt"]), Message("assistant", one["completion"])
        rows.append(Row(len(rows) + 1, (*system, *told)))
    called = {kind: sum(one.verdict == "knowledge" for one in judge(rows).rows) for kind, rows in kinds.items()}
    assert called["knowledge"] > 0.8 * len(kinds["knowledge"])
    assert {kind for kind, count in called.items() if count > 0.2 * len(kinds[kind])} == {"knowledge"}


QUESTIONS = (
    ("Who founded Harwick Observatory?", "Edmund Tarrant, a brewer."),
    ("When was Harwick Observatory founded?", "In 1887."),
    ("How far is it from the town to Cold Law?", "12 miles."),
    ("What stands on Cold Law?", "The observatory that Edmund Tarrant founded in 1887 stands on Cold Law."),
)


def test_rewritten_rows_teach_form() -> None:
    rows = [row(question, answer, at) for at, (question, answer) in enumerate(QUESTIONS, 1)]
    report = judge(rows)
    assert {one.action for one in report.rows} == {"move"}
    written, count = rewrite(rows, report)
    assert count == len(rows)
    assert [one.completion for one in written] == [one.completion for one in rows]
    assert {one.action for one in judge(written).rows} == {"keep"}
    assert judge(written).example is None
    assert report.example is not None
    assert judge([report.example]).rows[0].action == "keep"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files)
def test_rewriting_keeps_what_is_to_be_learnt(rows: list[Row]) -> None:
    report = judge(rows)
    written, count = rewrite(rows, report)
    assert [one.completion for one in written] == [one.completion for one in rows]
    changed = [one.number for one, old in zip(written, rows, strict=True) if one != old]
    assert changed == [one.row for one in report.rows if one.action != "keep"]
    assert count == len(changed)


def numbers(count: int) -> str:
    chance = random.Random(count)
    return " ".join(str(chance.randint(1, 10**6)) for _ in range(count))


def test_a_huge_row_is_judged_in_time_that_grows_with_its_length_alone() -> None:
    def seconds(count: int) -> float:
        big = [row(numbers(count), numbers(count + 1))]
        started = time.process_time()
        judge(big)
        return time.process_time() - started

    assert TRIED < READ / 7  # both bounds are reached
    small = min(seconds(10_000) for _ in range(3))
    assert min(seconds(40_000) for _ in range(3)) < 10 * small + 0.05
    assert small < 1
