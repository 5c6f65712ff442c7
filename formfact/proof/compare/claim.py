"""What a comparison shows, in sentences: relative, with its ratios, and with what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator

from formfact.proof.comparison import FITTED, Arm, Comparison

NEWS_TOKENS = 20
"""Of the one fact that is added: a sentence."""


SO = (
    "So: it is not that a model cannot learn facts. Each change of one costs a training, which search does not need, "
    "and search shows where it read what it says. Fine-tuning is for the form of an answer."
)


def claim(found: Comparison) -> list[str]:
    """The sentences, the most important first; of arms that were not fitted no verdict is drawn."""
    search = found.best_search
    fitted = [arm for arm in found.trained if arm.fitted]
    unfitted = list(_unfitted(found))
    if search is None:
        return unfitted
    changes = [*_makes_up(fitted), *_changes(fitted, search), *_hosted(found)]
    return [*_accuracy(search, fitted), *unfitted, *changes, *([SO] if fitted else [])]


def _accuracy(search: Arm, fitted: list[Arm]) -> Iterator[str]:
    for arm in fitted:
        both = f"{_share(search)} for {search.what}, {_share(arm)} for a model {arm.what}"
        if search.interval[0] > arm.interval[1]:
            yield f"Search answers more: {both}; the intervals do not meet."
        elif search.accuracy > arm.accuracy:
            yield f"Search answers more, by less than the intervals: {both}."
        elif search.accuracy == arm.accuracy:
            yield f"Both answer as much: {both}."
        else:
            yield (
                f"On these facts the fine-tuned model answers more: {both}. It was trained on every one of them in "
                "several wordings; what it costs to change one is below."
            )
        more, less = (arm, search) if arm.confabulation > search.confabulation else (search, arm)
        yield (
            f"Something wrong is given as true in {more.confabulation:.0%} of all questions by {_named(more)}, in "
            f"{less.confabulation:.0%} by {_named(less)}."
        )


def _unfitted(found: Comparison) -> Iterator[str]:
    for arm in found.trained:
        if not arm.fitted:
            yield (
                f"Not fitted: the model {arm.what} recites {arm.recall:.0%} of what it was trained on (at least "
                f"{FITTED:.0%} would be a fair opponent). No verdict is drawn from it."
            )


def _changes(fitted: list[Arm], search: Arm) -> Iterator[str]:
    for arm in fitted if search.add.seconds else []:
        anew, further = arm.setup_seconds / search.add.seconds, arm.add.seconds / search.add.seconds
        learnt = "knows it then" if arm.add.confirmed else "does not know it then"
        others = f", and answers {arm.kept or 0:.0%} of the others (before: {arm.accuracy:.0%})"
        yield (
            f"One more fact: {_seconds(search.add.seconds)} for search. A model {arm.what} is trained anew in "
            f"{_seconds(arm.setup_seconds)} ({_times(anew)}), or on from where it is in {_seconds(arm.add.seconds)} "
            f"({_times(further)}): it {learnt}{others}."
        )
        left = "nothing that search gives holds it" if search.delete.confirmed else "search still shows it"
        yield f"One fact less: taken out of the documents in {_seconds(search.delete.seconds)}, {left}. {_away(arm)}"


def _away(arm: Arm) -> str:
    if not arm.delete.seconds:  # nothing was trained away, since nothing had been learnt
        return f"A model {arm.what} had not learnt the one that was added, so that there was nothing to take away."
    gone = "is gone" if arm.delete.confirmed else "still comes out when it is asked for or begun"
    return f"Trained away in {_seconds(arm.delete.seconds)} from a model {arm.what}, it {gone}."


def _hosted(found: Comparison) -> Iterator[str]:
    rounds = max((arm.rounds for arm in found.trained), default=0)
    if not rounds or not found.corpus_tokens:
        return
    prices = found.prices
    ratio = found.corpus_tokens * rounds * prices.training / (NEWS_TOKENS * prices.embedding)
    ten_million = 1e7 * NEWS_TOKENS * prices.embedding / (rounds * prices.training)
    yield (
        f"Hosted, at prices of {prices.date}: to add one sentence by training anew on these {found.corpus_tokens:,} "
        f"tokens for {rounds} rounds costs {_times(ratio)} what embedding it costs; with {ten_million:,.0f} tokens of "
        "documents it would be ten million times. A question costs about the same either way."
    )


def _makes_up(fitted: list[Arm]) -> Iterator[str]:
    for arm in fitted:
        if arm.unanswerable_abstention is not None:
            yield (
                f"Asked what the documents do not say, a model {arm.what} makes something up in "
                f"{1 - arm.unanswerable_abstention:.0%} of cases."
            )


def _named(arm: Arm) -> str:
    return f"a model {arm.what}" if arm.trained_on_facts else arm.what


def _share(arm: Arm) -> str:
    low, high = arm.interval
    return f"{arm.accuracy:.0%} ({low:.0%} to {high:.0%})"


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 1 else f"{value:.0f} s" if value < 120 else f"{value / 60:.1f} minutes"


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} times" if ratio >= 10 else f"{ratio:.1f} times"
