"""Calibration: what is asked, how it is fitted and judged, the promise of the threshold, and its undoing."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from formfact.errors import Refused, Unreadable
from formfact.front import Knowledge
from formfact.interfaces.cli import main
from formfact.knowledge.abstain import CARD, SHIPPED, Evidence, Scale, confidence, scale_of, unnamed, weighed
from formfact.knowledge.answer import weigh
from formfact.knowledge.expect import given
from formfact.knowledge.search import make_probe
from formfact.knowledge.stores import Batch
from formfact.proof.audit.gather import RUN, gather
from formfact.proof.audit.own import read_own
from formfact.proof.calibrate import asked, fit, scale
from formfact.proof.calibrate.asked import Parts, Question, halves
from formfact.proof.calibrate.foreign import SUBJECTS
from formfact.proof.calibrate.judge import CHANCE, FEW, KEPT, judge
from formfact.proof.calibrate.put import Put
from formfact.proof.calibrate.without import Without
from tests.proof.conftest import WHAT, Carriers


@pytest.fixture
def kb(carriers: Carriers) -> Knowledge:
    return carriers("The {who} carries {what}.")


EVIDENCE = Evidence(span=0.7, passage=0.6, rise=3.0, covered=0.8, quoted=0.6, words=0.5, unknown=0.1)


def drawn(slope: float, shift: float, *, groups: int = 120, each: int = 4, seed: int = 1) -> list[Put]:
    """Questions of many documents whose labels are drawn from the logistic of this slope and shift."""
    chance = np.random.default_rng(seed)
    found = []
    for at in range(groups * each):
        evidence = replace(EVIDENCE, span=float(chance.uniform(0.0, 1.2)))
        real = chance.random() < 1 / (1 + math.exp(-(slope * weighed(evidence) + shift)))
        found.append(Put(Question("?", f"document {at % groups}", "", 0.7, own=True), evidence, bool(real)))
    return found


def test_a_fit_finds_the_slope_and_the_shift_that_there_are() -> None:
    found = drawn(0.5, 1.0, groups=2000)
    logits = np.array([weighed(one.evidence) for one in found])
    labels = np.array([float(one.answerable) for one in found])
    slope, shift, _ = fit.platt(logits, np.zeros(len(found)), labels, np.ones(len(found)))
    assert slope == pytest.approx(0.5, abs=0.05)
    assert shift == pytest.approx(1.0, abs=0.1)


def test_few_questions_leave_it_near_the_shipped_one() -> None:
    slope, shift, names = fit.platt(np.array([2.0, -2.0]), np.zeros(2), np.array([1.0, 0.0]), np.ones(2))
    assert names == 0.0
    assert slope == pytest.approx(1.0, abs=0.2)
    assert shift == pytest.approx(0.0, abs=0.3)


def test_a_confidence_that_is_wrong_is_put_right_and_kept() -> None:
    done = judge(drawn(0.3, 1.5, groups=200), 0.05)
    assert done.kept
    assert done.why == KEPT
    assert done.brier_after < done.brier_before
    assert done.ece_after < done.ece_before
    assert done.interval[0] > 0


def test_a_confidence_that_is_right_is_left_alone() -> None:
    # Both labels count alike, which moves the shift of what was drawn; the slope is as shipped.
    done = judge(drawn(1.0, 0.0, seed=4), 0.05)
    assert not done.kept
    assert done.why == CHANCE
    assert scale(done) == SHIPPED


def test_few_documents_show_nothing() -> None:
    done = judge(drawn(0.3, 1.5, groups=30), 0.05)
    assert done.why == FEW
    assert (done.slope, done.shift, done.names) == fit.SHIPPED


@pytest.mark.parametrize("error", [0.02, 0.05, 0.2])
def test_the_threshold_keeps_its_promise(error: float) -> None:
    chance = np.random.default_rng(2)
    below = []
    for _ in range(400):
        known, new = chance.random(99), chance.random(200)
        below.append((new < fit.conformal(known, np.ones(99), error)).mean())
    assert np.mean(below) == pytest.approx(error, abs=0.01)


def test_the_threshold_is_the_order_statistic_that_the_method_names() -> None:
    known = np.arange(1, 20) / 100  # 19 of them: (19 + 1) * 0.05 = 1
    assert fit.conformal(known, np.ones(19), 0.05) == 0.01
    assert fit.conformal(known, np.ones(19), 0.1) == 0.02
    assert fit.conformal(known[:18], np.ones(18), 0.05) == 0.0


def test_bins_have_equal_mass_and_their_error_is_the_distance_to_the_diagonal() -> None:
    sure = np.linspace(0.0, 1.0, 1000)
    found = fit.bins(sure, (sure > 0.5).astype(float), np.ones(1000))
    assert [one.questions for one in found] == [100] * 10
    assert fit.ece(found) == pytest.approx(0.25, abs=0.01)
    assert fit.brier(np.array([0.5, 0.5]), np.array([0.0, 1.0]), np.ones(2)) == 0.25


def test_what_is_left_out_is_found_by_nothing_and_counted_by_nobody(kb: Knowledge) -> None:
    store, embedder = kb._open()
    with store.snapshot() as view:
        held = gather(view)
        parts = Parts(held)
        target = next(one for one in held if "donkey carries rope" in one.passage.text)
        gone = [one for one in held if "donkey" in one.passage.text]
        without = Without(view, {one.id: one.read for one in gone}, passages=len(held))
        found = without.retrieve(make_probe(embedder, "what does the donkey carry", k=10))
        assert not {one.passage for one in found} & {one.id for one in gone}
        assert sorted(one.dense_rank for one in found if one.dense_rank) == list(range(1, len(held) - len(gone) + 1))
        assert without.ids() == [one.id for one in held if one not in gone]
        assert without.rarity(["donkey"]) == [pytest.approx(math.log((30 + 1) / 0.5))]
        assert without.rarity(["carri"]) == [pytest.approx(math.log((30 + 1) / 30.5))]
        assert set(parts.gone(Question("?", parts.of(target), "", 0.5))) == {target.id}
    assert not parts.gone(Question("?", "elsewhere", "", 0.5))


def test_long_documents_are_left_out_in_runs(tmp_path: Path) -> None:
    text = "\n\n".join(f"# Part {at}\n\n{' '.join(f'word{at}x{n}' for n in range(90))}." for at in range(130))
    (tmp_path / "long.md").write_text(text)
    with Knowledge("memory:", embedder="toy:64") as kb:
        kb.add(tmp_path / "long.md")
        store, _ = kb._open()
        with store.snapshot() as view:
            held = gather(view)
    parts = Parts(held)
    assert len(held) > asked.WHOLE
    questions = [Question("?", parts.of(one), "", 0.5, target=one.id) for one in held[:-RUN]]
    assert {len(parts.gone(replace(one, target=None))) for one in questions} == {RUN}
    assert [list(parts.gone(one)) for one in questions] == [[one.target] for one in questions]


def test_a_folder_that_was_moved_is_halved_as_before_and_copies_are_in_one_half(tmp_path: Path) -> None:
    found = []
    for place in ("here", "elsewhere"):
        folder = tmp_path / place
        folder.mkdir()
        for at in range(24):
            (folder / f"{at}.txt").write_text(f"The barge of quay {at // 2} carries granite.")
        with Knowledge("memory:", embedder="toy:64") as kb:
            kb.add(folder)
            store, _ = kb._open()
            with store.snapshot() as view:
                held = gather(view)
        parts = Parts(held)
        half = halves([parts.of(one) for one in held])
        found.append({one.place.document: half[parts.of(one)] for one in held})
        assert len(parts) == 24
    assert found[0] == found[1]
    assert all(found[0][f"{at}.txt"] == found[0][f"{at + 1}.txt"] for at in range(0, 24, 2))
    assert sum(found[0].values()) == 12


def test_the_first_quote_is_asked_for_names_and_numbers(tmp_path: Path) -> None:
    assert given(" What did Ann Lee's “Blue Boat” cost in 1998? And (Bob's)?") == [
        "Ann",
        "Lee's",
        "Blue",
        "Boat",
        "1998",
        "Bob's",
    ]
    assert unnamed(["Ann", "Lee's"], ["ann lee sold it"]) == 0.0
    assert unnamed(["Ann", "1998"], ["Ann sold it.", "That was in 1998."]) == 1.0
    assert unnamed(["Ann", "1998"], ["Ann sold it.", "That was in 1999."]) == unnamed(["Ann"], []) == 2.0
    assert unnamed([], ["It was sold."]) == 0.0
    (tmp_path / "boats.md").write_text("# Blue Boat\n\nIt was sold by Ann in 1998 and cost nine pounds.\n")
    with Knowledge("memory:", embedder="toy:64") as kb:
        kb.add(tmp_path / "boats.md")
        store, embedder = kb._open()
        with store.snapshot() as view:
            found = [
                weigh(view, embedder, make_probe(embedder, question, k=10)).evidence.unnamed
                for question in ("What did the Blue Boat cost in 1998?", "What did the Blue Boat cost in 1999?")
            ]
    assert found == [0.0, 2.0]


def test_a_name_that_is_missing_costs_what_questions_show() -> None:
    chance = np.random.default_rng(3)
    logits, lacks = chance.normal(1, 1, 900), chance.integers(0, 3, 900).astype(float)
    labels = (chance.random(900) < 1 / (1 + np.exp(-(logits - 1.5 * lacks)))).astype(float)
    _, _, names = fit.platt(logits, lacks, labels, np.ones(900))
    assert names == pytest.approx(-1.2, abs=0.3)
    assert fit.platt(logits, lacks, 1 - labels, np.ones(900))[2] == 0.0


def test_a_subject_that_the_base_holds_is_not_foreign(tmp_path: Path) -> None:
    (tmp_path / "bread.txt").write_text(f"All about it: {SUBJECTS['baking'][0]}.")
    with Knowledge("memory:", embedder="toy:64") as kb:
        kb.add(tmp_path / "bread.txt")
        store, _ = kb._open()
        with store.snapshot() as view:
            found = list(asked.foreign(view))
    assert {one.part.rpartition(" ")[2] for one in found} == set(SUBJECTS) - {"baking"}


def test_the_words_of_a_subject_are_not_those_of_its_questions() -> None:
    for words, questions in SUBJECTS.values():
        assert len(questions) == 8
        said = {word.strip("?'s,.").lower() for question in questions for word in question.split()}
        assert len(said & set(words.split())) <= 2


def test_what_another_document_says_too_is_not_unanswerable() -> None:
    question = Question("?", "a", "the ferry leaves the north quay at nine", 0.5)
    assert asked.answers(question, "Note: The ferry  leaves the north quay at nine.")
    assert asked.answers(question, "At nine o'clock the ferry will be leaving from the north quay.")
    assert not asked.answers(question, "The ferry has a bar.")


def test_calibrating_is_remembered_and_can_be_taken_back(kb: Knowledge) -> None:
    before = kb.ask("who carries granite?")
    done = kb.calibrate(sample=12, error=0.1)
    assert (done.answerable, done.passages) == (12, 36)
    assert done.foreign == 6
    assert 0 < done.held_out <= 12
    assert kb.calibration() == done
    assert "error 0.1" in kb.status().calibrated
    assert kb.undo_calibration()
    assert kb.calibration() is None
    assert kb.status().calibrated == ""
    assert not kb.undo_calibration()
    assert kb.ask("who carries granite?").confidence == before.confidence


def test_answers_and_dialogues_use_the_scale_of_the_base(kb: Knowledge) -> None:
    question = "what does the donkey carry to the quay?"
    before = kb.ask(question)
    store, _ = kb._open()
    card = {"scale": {"slope": 1.0, "shift": 2.0, "names": 0.0, "threshold": 0.999999}}
    store.commit(Batch(cards={CARD: card}))
    with store.snapshot() as view:
        assert scale_of(view) == Scale(1.0, 2.0, 0.0, 0.999999)
    after = kb.ask(question)
    assert after.abstained
    assert math.log(after.confidence / (1 - after.confidence)) == pytest.approx(
        math.log(before.confidence / (1 - before.confidence)) + 2
    )
    assert kb.chat().say(question).confidence == after.confidence


def test_status_says_when_the_base_has_grown_since(kb: Knowledge, tmp_path: Path) -> None:
    kb.calibrate(sample=2)
    assert "now" not in kb.status().calibrated
    (tmp_path / "more").mkdir()
    for at in range(10):
        (tmp_path / "more" / f"{at}.txt").write_text(f"Lamp number {at} is lit at dusk.")
    kb.add(tmp_path / "more")
    assert kb.status().calibrated.endswith("fitted when it had 36 passages; it has 46 now: calibrate again")


def test_a_users_questions_say_what_is_absent(kb: Knowledge, tmp_path: Path) -> None:
    file = tmp_path / "asked.jsonl"
    lines = [
        {"question": "What does the widow carry?", "document": "24.txt"},
        {"question": "Who sells tickets?", "answerable": False},
        {"question": "Who knows?"},
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    done = kb.calibrate(questions=file, sample=4)
    assert done.own == 3  # as it is, without its document, and the absent one
    file.write_text('{"question": "?", "answerable": "no"}')
    with pytest.raises(Unreadable, match="true or false"):
        read_own(file)


@pytest.mark.parametrize("error", [0.0, -1.0, 0.6, float("nan")])
def test_an_error_is_a_share(kb: Knowledge, error: float) -> None:
    with pytest.raises(Refused, match="error"):
        kb.calibrate(error=error)


def test_a_base_without_passages_is_refused() -> None:
    with Knowledge("memory:", embedder="toy:64") as kb:
        kb._open(create=True)
        with pytest.raises(Refused, match="no passages"):
            kb.calibrate()


def test_the_confidence_on_the_shipped_scale_is_the_shipped_one() -> None:
    assert (
        confidence(EVIDENCE, SHIPPED) == confidence(EVIDENCE) == pytest.approx(1 / (1 + math.exp(-weighed(EVIDENCE))))
    )


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "docs").mkdir()
    for at, what in enumerate(WHAT):
        (tmp_path / "docs" / f"{at}.txt").write_text(f"The barge carries {what} to the quay.")
    home = str(tmp_path / "kb")
    assert main(["--kb", home, "add", str(tmp_path / "docs"), "--embedder", "toy:64", "--quiet"]) == 0
    capsys.readouterr()
    assert main(["--kb", home, "calibrate", "--show"]) == 0
    assert "not calibrated" in capsys.readouterr().out
    assert main(["--kb", home, "calibrate", "--quiet", "--error", "0.1"]) == 0
    shown = capsys.readouterr().out
    assert "Brier score" in shown
    assert "Too few were asked to promise an error of 10 %" in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 80
    assert main(["--kb", home, "calibrate", "--show", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["error"] == 0.1
    assert sum(one["questions"] for one in found["bins_before"]) == found["judged"]
    page = tmp_path / "page.html"
    assert main(["--kb", home, "calibrate", "--show", "--html", str(page)]) == 0
    text = page.read_text()
    assert text.count("<circle") == len(found["bins_before"]) + len(found["bins_after"])
    assert "://" not in text
    assert "Content-Security-Policy" in text
    assert "<script" not in text
    assert "&lt;" not in text
    assert main(["--kb", home, "calibrate", "--show", "--html", str(tmp_path / "no" / "page.html")]) == 1
    capsys.readouterr()
    assert main(["--kb", home, "status"]) == 0
    assert "calibrated" in capsys.readouterr().out
    assert main(["--kb", home, "calibrate", "--undo", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"undone": True}


def test_a_base_of_one_passage_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("The pump of the Gannet is reset by holding the green lever for nine seconds.\n")
    with Knowledge("memory:", embedder="toy:64") as kb:
        kb.add(tmp_path / "one.md")
        with pytest.raises(Refused, match="so few questions show nothing"):
            kb.calibrate()
