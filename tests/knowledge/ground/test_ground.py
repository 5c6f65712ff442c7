"""`ask` with a Writer at a real endpoint: what is kept, what is dropped, and what is given where it fails."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from formfact.errors import ModelError, Refused
from formfact.front import Knowledge
from formfact.models.chat import Chat
from formfact.models.post import Patience
from formfact.types import Answer, Claim
from tests.models.server import Reply, Server, die, hang, pieces, says, status, trickle

HANDBOOK = Path(__file__).resolve().parents[3] / "examples" / "handbook"
QUESTION = "How much paid time off do new parents have?"
HELD = "New parents have 22 weeks of paid leave [1]."
QUICK = Patience(timeout=0.4, attempts=2, delay=0.01)


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    with Knowledge(tmp_path_factory.mktemp("ground") / "kb") as base:
        base.add(HANDBOOK)
        yield base


def ask(kb: Knowledge, server: Server, *script: Reply, strict: bool = True, question: str = QUESTION) -> Answer:
    server.script = list(script)
    return kb.ask(question, writer=Chat(f"{server.address}#small", patience=QUICK), strict=strict)


def test_words_with_citations(kb: Knowledge, server: Server) -> None:
    answer = ask(kb, server, says(HELD))
    assert answer.answer == HELD
    assert not answer.abstained
    assert answer.verified
    assert answer.fallback == ""
    assert answer.writer == f"{server.address}#small"
    assert answer.confidence == kb.ask(QUESTION).confidence
    (claim,) = answer.claims
    assert claim.quotes == (0,)
    assert answer.answer[claim.start : claim.end] == claim.text
    assert "22 weeks" in answer.quotes[0].text


def test_claims_are_parts_of_the_answer(kb: Knowledge, server: Server) -> None:
    answer = ask(kb, server, says(f"{HELD} It is paid leave for new parents [1].\n- Leave is paid for 22 weeks. [1]"))
    assert len(answer.claims) == 3
    assert [claim.joint for claim in answer.claims] == ["", " ", "\n"]
    assert "".join(claim.joint + claim.text for claim in answer.claims) == answer.answer
    assert all(answer.answer[claim.start : claim.end] == claim.text for claim in answer.claims)


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("New parents have 23 weeks of paid leave [1].", "number"),
        ("Anna says that new parents have paid leave [1].", "name"),
        ("New parents have paid leave from 3 March 2021 [1].", "date"),
        ("New parents are given their paid leave by the company for the sake of the family.", "citation"),
        ("New parents have 22 weeks of paid leave [99].", "citation"),
        ("New parents have 22 weeks of paid leave [1][99].", "citation"),
        ("New parents have “as much as they like” of paid leave [1].", "quotation"),
        ("New parents have no paid leave [1].", "denial"),
        ("Call the office and give them a cake [1].", "wording"),
        ("New parents have paid leave ![x](https://a.example/1) [1].", "markup"),
    ],
)
def test_a_sentence_that_its_quotes_do_not_hold_is_dropped(
    kb: Knowledge, server: Server, sentence: str, kind: str
) -> None:
    answer = ask(kb, server, says(f"{sentence}\n{HELD}"))
    assert answer.answer == HELD
    assert answer.dropped == 1
    assert kind in [flag.kind for flag in answer.flags]
    assert all(flag.text == "" and flag.claim is None for flag in answer.flags)
    assert answer.verified


def test_a_sentence_that_cites_nothing_is_given_the_quote_that_holds_all_of_it(kb: Knowledge, server: Server) -> None:
    answer = ask(kb, server, says("The answer is this: New parents have 22 weeks of paid leave."))
    assert answer.answer == "The answer is this: New parents have 22 weeks of paid leave [1]."
    assert answer.claims[0].quotes == (0,)
    assert answer.verified


def test_loose_keeps_it_and_flags_it(kb: Knowledge, server: Server) -> None:
    wrong = "New parents have 23 weeks of paid leave [1]."
    answer = ask(kb, server, says(f"{wrong} {HELD}"), strict=False)
    assert answer.answer == f"{wrong} {HELD}"
    assert [(flag.kind, flag.text, flag.claim) for flag in answer.flags] == [("number", "23", 0)]
    assert not answer.verified
    assert answer.dropped == 0


def test_markup_is_dropped_even_then(kb: Knowledge, server: Server) -> None:
    answer = ask(kb, server, says(f"New parents ![x](https://a.example/1) have paid leave [1]. {HELD}"), strict=False)
    assert answer.answer == HELD
    assert answer.dropped == 1


@pytest.mark.parametrize("reply", ["New parents have 99 weeks [1].", "NO ANSWER", "NO ANSWER."])
def test_nothing_left_is_an_abstention(kb: Knowledge, server: Server, reply: str) -> None:
    answer = ask(kb, server, says(reply))
    assert answer.abstained
    assert answer.answer == "Not in your documents."
    assert answer.quotes == answer.claims == ()
    assert answer.nearest
    assert answer.fallback


def test_where_search_abstains_the_writer_is_not_asked(kb: Knowledge, server: Server) -> None:
    answer = ask(kb, server, says(HELD), question="How do I renew my driving licence?")
    assert answer.abstained
    assert answer.writer == answer.fallback == ""
    assert not server.seen


SPENT = status(429, '{"error": {"code": "insufficient_quota"}}')


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ([hang(1)], "no reply in 0.4 seconds"),
        ([trickle(1)], "no reply in 0.4 seconds"),
        ([status(503), status(503)], "HTTP 503"),
        ([status(404)], "HTTP 404"),
        ([SPENT], "HTTP 429"),
        ([die, die], "IncompleteRead"),
        ([status(200, "<html>")], "no usable reply"),
        ([status(200, '{"choices": []}')], "no usable reply"),
        ([says("")], "empty reply"),
        ([says("  \n [1] ")], "empty reply"),
        ([says("Die Eltern haben 22 Wochen und es ist nicht von der Firma für das Kind bezahlt [1].")], "(German)"),
        ([says("Родители имеют двадцать две недели отпуска [1].")], "(Cyrillic)"),
        ([lambda handler, asked: says(asked["messages"][-1]["content"])(handler, asked)], "repeated its instructions"),
        ([lambda handler, asked: says(asked["messages"][0]["content"])(handler, asked)], "repeated its instructions"),
        ([says("word " * 8000)], "longer than"),
    ],
)
def test_whatever_goes_wrong_the_quotes_are_given_and_it_says_so(
    kb: Knowledge, server: Server, script: list[Any], said: str
) -> None:
    answer = ask(kb, server, *script)
    plain = kb.ask(QUESTION)
    assert said in answer.fallback
    assert answer.fallback.endswith("this is the answer without it")
    assert (answer.answer, answer.quotes, answer.abstained) == (plain.answer, plain.quotes, False)
    assert answer.writer
    assert answer.claims == ()


def test_a_busy_endpoint_is_asked_again(kb: Knowledge, server: Server) -> None:
    assert ask(kb, server, status(503), says(HELD)).answer == HELD


def test_a_wrong_address_is_an_error_and_no_fallback(kb: Knowledge) -> None:
    with pytest.raises(Refused, match="no writer's address"):
        kb.ask(QUESTION, writer="small")
    with pytest.raises(ModelError):
        kb.ask(QUESTION, writer="local:/no/such/folder")


def streamed(kb: Knowledge, server: Server, *script: Reply) -> list[Claim | Answer]:
    server.script = list(script)
    return list(kb.ask_stream(QUESTION, Chat(f"{server.address}#small", patience=QUICK)))


def test_sentences_come_one_by_one_and_checked(kb: Knowledge, server: Server) -> None:
    text = f"New parents have 23 weeks of paid leave [1]. {HELD} It is paid leave for new parents [1]."
    *claims, answer = streamed(kb, server, pieces([text[at : at + 3] for at in range(0, len(text), 3)]))
    assert [claim.text for claim in claims if isinstance(claim, Claim)] == [
        HELD, "It is paid leave for new parents [1].",
    ]  # fmt: skip
    assert isinstance(answer, Answer)
    assert answer.claims == tuple(claims)
    whole = ask(kb, server, says(text))
    assert (answer.answer, answer.claims, answer.flags, answer.dropped) == (
        whole.answer, whole.claims, whole.flags, whole.dropped,
    )  # fmt: skip


def test_the_first_sentence_is_there_before_the_last_is_written(kb: Knowledge, server: Server) -> None:
    server.script = [pieces([HELD, " It is ", "paid ", "leave ", "for ", "new parents ", "[1]."], wait=0.1)]
    started = time.monotonic()
    moments = [
        time.monotonic() - started for _ in kb.ask_stream(QUESTION, Chat(f"{server.address}#small", patience=QUICK))
    ]
    assert moments[1] - moments[0] > 0.2


def test_a_server_that_dies_in_the_middle(kb: Knowledge, server: Server) -> None:
    first, answer = streamed(kb, server, pieces([HELD, " It is paid leave", " for"], done=False))
    assert isinstance(first, Claim)
    assert isinstance(answer, Answer)
    assert "broke off" in answer.fallback
    assert answer.answer == kb.ask(QUESTION).answer
    assert answer.claims == ()


def test_a_stream_that_abstains_is_one_answer(kb: Knowledge, server: Server) -> None:
    (answer,) = kb.ask_stream("How do I renew my driving licence?", f"{server.address}#small")
    assert isinstance(answer, Answer)
    assert answer.abstained
    assert not server.seen


def test_a_quote_that_is_gone_meanwhile_holds_nothing(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "pump.md"
    file.write_text("# Pump\n\nThe pump of the storm is reset by holding the green lever for nine seconds.\n")
    with Knowledge("memory:") as base:
        base.add(tmp_path)

        def change(handler: Any, asked: Any) -> None:
            file.write_text("# Pump\n\nThe pump of the storm is reset by turning the red wheel twice.\n")
            base.add(tmp_path)
            says("The pump is reset by holding the green lever for nine seconds [1].")(handler, asked)

        answer = ask(base, server, change, question="How is the pump of the storm reset?")
        assert answer.abstained
        assert [flag.kind for flag in answer.flags] == ["citation"]


def test_a_local_model_is_a_writer_too(kb: Knowledge, tiny: Path) -> None:
    answer = kb.ask(QUESTION, writer=f"local:{tiny}")
    assert answer.writer == f"local:{tiny}"
    assert answer.abstained or answer.fallback or all(claim.quotes for claim in answer.claims)
