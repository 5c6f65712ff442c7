"""Tuning: what judges, what is kept, what keys do, and that all of it can be taken back."""

from __future__ import annotations

import json
import random
from dataclasses import asdict
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from formfact.errors import Refused
from formfact.front import Knowledge
from formfact.interfaces.cli import main
from formfact.knowledge.fuse import fuse
from formfact.knowledge.setting import CARD, TUNING, UNFINISHED, Setting, as_card, setting_of
from formfact.knowledge.stores import KEYS, Batch, Candidate, Store
from formfact.proof.audit.gather import RUN, Held, gather
from formfact.proof.findings import Place
from formfact.proof.paired import paired
from formfact.proof.tune import asked, remembered, tune, undo
from formfact.proof.tune.choose import choose, half
from formfact.proof.tune.counts import counts
from formfact.proof.tune.keys import phrasing, set_keys, try_keys
from formfact.proof.tune.trials import Trial, table, trial
from formfact.types import Passage
from tests.proof.conftest import WHAT, WHO, Carriers


@pytest.fixture
def kb(carriers: Carriers) -> Knowledge:
    return carriers("The {who} carries {what} to the quay in the morning.")


def results(kb: Knowledge) -> str:
    """All that searches give, scores included."""
    questions = ("who carries granite", "letters", "the donkey at dawn", "quay")
    return repr([[asdict(hit) for hit in kb.search(question, 40)] for question in questions])


def one_trial(seed: int, *, group: str = "", own: bool = False) -> tuple[list[Candidate], list[bool], Trial]:
    drawn = random.Random(seed)
    found = [
        Candidate(i, round(drawn.random(), 1), round(drawn.random() * 9), i if i < 15 else None, 30 - i)
        for i in range(1, 30)
    ]
    right = [drawn.random() < 0.08 for _ in found]
    return found, right, trial("?", found, right, group=group or str(seed), place="", own=own)


def test_parts_that_are_held_out_stay_the_same_where_a_folder_is_moved() -> None:
    def halves(folder: str) -> list[int]:
        held = [
            Held(
                at,
                f"digest {at}",
                Place(f"{document}.txt", f"{folder}/{document}.txt", 0, 9),
                "text",
                Passage(0, 0, ""),
            )
            for at, document in enumerate([*["a"] * (RUN + 5), *["b"] * 3])
        ]
        groups = asked.groups(held)
        assert len(set(groups.values())) == len({id(name) for name in groups.values()}) == 3
        return [half(groups[one.id]) for one in held]

    assert halves("/here") == halves("/over/there")


@pytest.mark.parametrize("seed", range(20))
def test_gains_are_those_of_the_order_that_search_gives(seed: int) -> None:
    found, right, tried = one_trial(seed)
    answers = {candidate.passage for candidate, good in zip(found, right, strict=True) if good}
    weights = (0.0, 0.3, 0.65, 1.0)
    for weight, gain in zip(weights, tried.gains(weights, depth=100), strict=True):
        order = [one.candidate.passage for one in fuse(found, weight=weight)]
        rank = next((at for at, passage in enumerate(order[:10], 1) if passage in answers), None)
        assert gain == pytest.approx(1 / np.log2(rank + 1) if rank else 0.0)


def test_a_shallower_look_is_what_both_legs_would_have_given() -> None:
    found = [Candidate(1, 0.1, 5.0, 9, 1), Candidate(2, 0.9, 0.0, 1, None), Candidate(3, 0.8, 4.0, 12, 12)]
    tried = trial("?", found, [False, False, True], group="", place="")
    assert tried.gains([0.5], depth=10).tolist() == [0.0]
    assert tried.gains([0.5], depth=12).tolist() == [1.0]


def test_a_difference_that_is_always_there_is_no_chance() -> None:
    groups = [str(at // 2) for at in range(60)]
    found = paired([0.1] * 60, [1.0] * 60, groups)
    assert found.gain == pytest.approx(0.1)
    assert found.chance < 0.001
    assert found.worse > 0.99
    assert found.interval[0] > 0


def test_what_goes_up_and_down_alike_is_chance() -> None:
    found = paired([0.1, -0.1] * 30, [1.0] * 60, [str(at) for at in range(60)])
    assert found.chance > 0.3
    assert found.interval[0] < 0 < found.interval[1]


def test_one_document_alone_shows_nothing_however_many_questions_it_has() -> None:
    assert paired([0.5] * 400, [1.0] * 400, ["one"] * 400).chance > 0.4


def test_no_difference_at_all_is_no_gain() -> None:
    assert paired([0.0] * 5, [1.0] * 5, list("abcde")).chance == 1.0


def leaning(weight: float, count: int = 80) -> list[Trial]:
    """Questions whose passage is first where meaning counts for more than `weight`, and third below it."""
    found = []
    for at in range(count):
        apart = weight / (1 - weight)
        candidates = [
            Candidate(1, 1.0, 0.0, 1, 3), Candidate(2, 0.0, apart, 2, 1), Candidate(3, 0.0, apart, 3, 2),
            Candidate(4, 0.0, 1.0 if apart < 1 else apart, 4, 4),
        ]  # fmt: skip
        found.append(trial("?", candidates, [True, False, False, False], group=f"document {at}", place=""))
    return found


SETTINGS = [Setting(weight=at / 20) for at in range(21)]


def test_what_questions_want_is_chosen_and_kept() -> None:
    trials = leaning(0.75)
    # All three rivals are level where the share of words is as large, so the passage is first beyond one half.
    choice = choose(trials, np.ones(len(trials)), SETTINGS, Setting(weight=0.2))
    assert choice.kept
    assert choice.best.weight > 0.5


def test_what_stands_is_left_where_nothing_is_better() -> None:
    trials = leaning(0.5)
    choice = choose(trials, np.ones(len(trials)), SETTINGS, Setting(weight=0.9))
    assert not choice.kept


def test_what_words_alone_find_counts_less_and_a_users_own_counts_once() -> None:
    by_words = [Candidate(1, 0.1, 5.0, 2, 1), *(Candidate(at, 0.9, 1.0, at, at) for at in range(2, 14))]
    copied = trial("?", by_words, [True] + [False] * 12, group="a", place="")
    theirs = trial("?", by_words, [True] + [False] * 12, group="a", place="", own=True)
    by_meaning = trial("?", by_words, [False, True] + [False] * 11, group="a", place="")
    found = counts([copied, by_meaning, theirs])
    assert found[0] < found[2] == 1.0 < found[1]
    assert counts([copied], copied=0.0)[0] == 1.0


def test_tuning_a_base_is_remembered_and_can_be_taken_back(kb: Knowledge) -> None:
    before = results(kb)
    done = kb.tune()
    assert (done.passages, done.asked) == (36, 36)
    assert [change.name for change in done.changes] == [
        "weight of meaning", "weight where it has numbers or symbols", "candidates a leg", "search keys",
    ]  # fmt: skip
    assert kb.tuning() == done
    assert kb.undo_tuning()
    assert kb.tuning() is None
    assert results(kb) == before
    assert not kb.undo_tuning()


def test_the_setting_of_a_base_is_what_it_is_searched_by(kb: Knowledge) -> None:
    before = results(kb)
    store, _ = kb._open()
    store.commit(Batch(cards={CARD: as_card(Setting(weight=1.0))}))
    (hit,) = kb.search("who carries granite", 1)
    assert hit.score == pytest.approx(1.0)
    assert hit.scores.dense == max(one.scores.dense for one in kb.search("who carries granite", 36))
    assert "100% meaning" in kb.explain("who carries granite", "3.txt").why
    assert undo(store)
    assert results(kb) == before


def test_questions_with_numbers_and_symbols_may_have_a_weight_of_their_own(kb: Knowledge) -> None:
    plain, keyed = "who carries granite", "who carries granite in 1890"
    before = results(kb)
    store, _ = kb._open()
    store.commit(Batch(cards={CARD: as_card(Setting(weight=1.0, keyed=0.0))}))
    assert "100% meaning" in kb.explain(plain, "3.txt").why
    assert "0% meaning" in kb.explain(keyed, "3.txt").why
    (best,) = kb.search(keyed, 1)
    assert best.scores.bm25 == max(one.scores.bm25 for one in kb.search(keyed, 36))
    assert undo(store)
    assert results(kb) == before


def test_trials_of_keyed_questions_are_ordered_by_their_own_weight() -> None:
    candidates = [Candidate(1, 0.1, 5.0, 2, 1), *(Candidate(at, 0.9, 1.0, at, at) for at in range(2, 14))]
    right = [True] + [False] * 12
    trials = [trial(question, candidates, right, group="a", place="") for question in ("the mast", "mast_height")]
    found = table(trials, [Setting(weight=1.0), Setting(weight=1.0, keyed=0.0), Setting(weight=0.0, keyed=1.0)])
    assert found.tolist() == [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]


def test_tuning_again_begins_from_the_default(kb: Knowledge) -> None:
    before = results(kb)
    store, _ = kb._open()
    store.commit(Batch(cards={CARD: as_card(Setting(weight=0.1))}))
    set_keys(store, {_held(store)[0].digest: ["hawser"]})
    assert not any(change.kept for change in kb.tune().changes)
    assert kb.status().tuned == ""
    assert results(kb) == before


def test_what_was_kept_is_told_by_the_status(kb: Knowledge) -> None:
    change = {"name": "weight of meaning", "before": "0.65", "after": "0.8", "kept": True}
    store, _ = kb._open()
    store.commit(Batch(cards={TUNING: {"tuned": "2026-01-02T03:04:05+00:00", "changes": [change]}}))
    assert kb.status().tuned == "2026-01-02: weight of meaning 0.65 → 0.8"


def test_keys_find_a_passage_and_leave_no_trace(kb: Knowledge) -> None:
    before = results(kb)
    store, _ = kb._open()
    digest = next(one.digest for one in _held(store) if "widow" in one.passage.text and "rope" in one.passage.text)
    set_keys(store, {digest: ["Where is the hawser stowed?"]})
    (found,) = [hit for hit in kb.search("hawser", 36) if hit.scores.bm25 > 0]
    assert "widow carries rope" in found.text
    assert "hawser" not in found.text
    assert undo(store)
    assert results(kb) == before


def test_what_only_a_key_found_is_lost_again_without_it(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number}.txt").write_text(f"The donkey carries letters to the quay number {number} at dawn.\n")
    with Knowledge("memory:", embedder="toy:64") as kb:
        kb.add(tmp_path)
        store, _ = kb._open()
        before = kb.audit()
        held = {one.place: one.digest for one in _held(store)}
        set_keys(store, {held[one.place]: [one.question] for one in before.lost})
        keyed = kb.audit()
        assert keyed.findability[10].rate > before.findability[10].rate
        assert undo(store)
        assert kb.audit().findability == before.findability


def test_a_sample_that_says_nothing_takes_nothing_back(kb: Knowledge) -> None:
    store, _ = kb._open()
    store.commit(Batch(cards={CARD: as_card(Setting(weight=0.2))}))
    with pytest.raises(Refused, match="a sample of 0"):
        kb.tune(sample=0)
    with store.snapshot() as view:
        assert setting_of(view).weight == 0.2


def test_a_run_that_was_killed_among_its_keys_is_known(kb: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    store, _ = kb._open()
    before, seen = results(kb), []

    def cut_off(*_: object) -> None:
        seen.append(kb.status().tuned)
        with pytest.raises(Refused, match="was cut off"):
            kb.tuning()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("formfact.proof.tune.try_keys", cut_off)
        with pytest.raises(KeyboardInterrupt):
            kb.tune()
    assert seen == ["cut off while search keys were tried; formfact tune --undo takes them back"]
    assert kb.status().tuned == ""
    store.commit(Batch(cards={TUNING: UNFINISHED}))
    set_keys(store, {_held(store)[0].digest: ["Where is the hawser stowed?"]})
    assert kb.undo_tuning()
    assert results(kb) == before
    assert kb.tuning() is None


def _held(store: Store) -> list[Held]:
    with store.snapshot() as view:
        return gather(view)


def test_keys_are_judged_by_questions_that_are_none_and_taken_back(kb: Knowledge) -> None:
    store, embedder = kb._open()
    held = _held(store)
    bench = asked.Bench(embedder, held)
    texts = ("xyzzy plugh", "frobozz plugh", "plugh xyzzy")
    questions = [asked.Question(text, held[35], "") for text in texts]
    trials = list(bench.put(store, questions))
    tried = try_keys(store, bench, questions, trials, Setting(weight=0.0))
    assert tried is not None
    assert tried.keys == {held[35].digest: list(texts)}
    assert tried.questions == 1
    assert tried.held_out.gain == pytest.approx(1.0)
    with store.snapshot() as view:
        assert view.notes(KEYS) == {}


def test_keys_hold_what_is_asked_for_and_not_how(kb: Knowledge) -> None:
    store, _ = kb._open()
    held = _held(store)
    questions = [asked.Question(f"What is reported about the {one.passage.text.split()[1]}?", one, "") for one in held]
    found = phrasing(questions)
    assert {"report", "what", "about"} <= found
    assert not found & {"barg", "skipper", "widow"}
    assert phrasing(questions[:3]) == frozenset()


def test_an_empty_base_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with Knowledge("memory:", embedder="toy:64") as kb:
        kb.add(tmp_path / "empty")
        with pytest.raises(Refused, match="no passages"):
            kb.tune()


def test_own_questions_judge_alone_where_there_are_enough(kb: Knowledge, tmp_path: Path) -> None:
    file = tmp_path / "asked.jsonl"
    rows = [
        {"question": f"who has {what} for the {who}, number {turn}?", "document": f"{number}.txt"}
        for turn in range(3)
        for number, (who, what) in enumerate(product(WHO, WHAT))
    ]
    file.write_text("\n".join(map(json.dumps, rows)))
    done = kb.tune(questions=file)
    assert done.own == 108
    assert done.changes[0].judges == "own"
    assert done.changes[0].questions == 108


def test_the_command_tells_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("The barge carries granite to the quay.\n")
    base = ["--kb", str(tmp_path / "kb"), "--quiet"]
    assert main([*base, "add", str(tmp_path / "a.txt"), "--embedder", "toy:64"]) == 0
    assert main([*base, "tune", "--show"]) == 0
    assert "not tuned" in capsys.readouterr().out
    assert main([*base, "tune"]) == 0
    told = capsys.readouterr().out
    assert "fewer than 30 show nothing" in " ".join(told.split())
    assert max(map(len, told.splitlines())) <= 80
    assert main([*base, "tune", "--show", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["changes"][0]["kept"] is False
    assert main([*base, "tune", "--undo", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"undone": True}


def test_what_is_remembered_is_what_was_found() -> None:
    with Knowledge("memory:", embedder="toy:64") as kb:
        kb.add(Path(__file__))
        store, embedder = kb._open()
        done = tune(store, embedder, sample=5)
        assert remembered(store) == done
        with store.snapshot() as view:
            assert setting_of(view) == Setting()
