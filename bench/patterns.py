"""What a tuned pattern is worth: form before and after, how many rows it takes, other texts, time, one seed, batches.

Every tuning and every text is kept under .bench/patterns, so that a run which was ended goes on. Names of tables as
arguments (`rows`, `elsewhere`, ...) make those alone; without any, all.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

import torch
from about import about
from paragraphs import blocks, paragraphs
from table import data, markdown, show
from tuning import BRIEF, FEW, HERE, SHORT, Kept, Writing, chats, contract, kept, rows, shots, tune

from formfact.patterns.bases import open_counter
from formfact.patterns.conformance import conformance
from formfact.types import Conformance, Message

MAIN = 400
COUNTS = (10, 25, 50, 100, 200, MAIN)
HELD_OUT = 120
ASKED = 40
"""Of them where an arm for each number of rows has to write."""
BATCHED, BATCH_TOKENS = 16, 64
OTHER_BLOCKS = 15
CORES = 2


def held_out() -> list[str]:
    """Paragraphs of articles that nothing was trained or stopped on."""
    return [one.text for one in paragraphs("held out", HELD_OUT)]


def written(arm: str) -> list[Kept]:
    """What an arm wrote for the held-out paragraphs."""
    texts = held_out()
    if arm == "before":
        return Writing(None).write(arm, [(Message("user", text),) for text in texts], masked=False)
    if arm == "few-shot":
        return Writing(None).write(arm, chats(texts, examples=shots(rows(MAIN))), masked=False)
    name, _, masked = arm.partition(" ")
    tune(int(name.rpartition("-")[2]))
    return Writing(name).write(arm.replace(" ", "-"), chats(texts), masked=masked == "masked")


def conforming(texts: Sequence[Kept]) -> Conformance:
    """How many of an arm's texts came to their end and keep the contract."""
    found = [one["ended"] and not contract().check(one["text"]) for one in texts]
    return conformance(len(found), sum(found))


def share(found: Conformance) -> tuple[str, str]:
    """A share and its interval, as a table has them."""
    low, high = found.interval
    return f"**{found.rate:.1%}**", f"{low:.1%} to {high:.1%}"


def before_and_after() -> str:
    """The flagship's table: the same held-out paragraphs, four ways; and the time it took."""
    arms = {
        "the base, given the paragraph alone": ("before", "about 0"),
        "the base, given three examples": ("few-shot", ""),
        f"tuned on {MAIN} rows": (f"tuned-{MAIN}", "95 %"),
        f"tuned on {MAIN} rows, with the mask": (f"tuned-{MAIN} masked", "100 %"),
    }
    lines = []
    for about_it, (arm, target) in arms.items():
        found = conforming(written(arm))
        lines.append((about_it, f"{found.conforming} of {found.checked}", *share(found), target))
    names = ("questions, one a line, written by", "keep the form", "share", "95 % interval", "at least")
    return f"{markdown(names, lines)}\n\n{_time(tune(MAIN))}"


def _time(done: Kept) -> str:
    """Minutes by the processor's own clock: other programs ran beside it."""
    marks = done["processor"]
    at = {step: seconds for what, step, seconds, _ in marks if what == "step"}
    first = min(at)
    reached = next(((step, s) for what, step, s, rate in marks if what == "step" and (rate or 0) >= 0.9), None)
    minutes = {
        "all": done["processor"][-1][2] / CORES / 60,
        "step": (at[max(at)] - at[first]) / (max(at) - first) / CORES,
        "90": (reached[1] - at[first]) / CORES / 60 if reached else float("nan"),
    }
    return (
        f"90 % of 24 other held-out paragraphs were reached after {reached[0] if reached else 'no'} steps and "
        f"{minutes['90']:.1f} minutes (at most 15); `train` as a whole, its card included, took {minutes['all']:.1f} "
        f"minutes (at most 20). Minutes are those of the processor, over {CORES} cores: other programs ran beside it, "
        f"and by the clock it took {done['wall']['total'] / 60:.0f}. {done['hardware']}."
    )


def by_rows() -> str:
    """How many rows it takes, the steps being the same; arms that are not there yet are made, the smallest first."""
    lines = []
    for count in COUNTS:
        name = f"rows-{count}"
        if "--kept" in sys.argv[1:] and not (HERE / "written" / f"{name}-24.json").exists():
            continue
        tune(count, recipe=BRIEF, name=name, held=FEW)
        found = conforming(Writing(name).write(name, chats(held_out()[:ASKED]), masked=False))
        lines.append((count, f"{found.conforming} of {found.checked}", *share(found)))
    names = ("rows trained on", "keep the form, without the mask", "share", "95 % interval")
    return (
        f"{markdown(names, lines)}\n\nEach was trained for {BRIEF.steps} steps of at most {BRIEF.tokens} tokens and "
        f"wrote for {ASKED} held-out paragraphs. So few steps see at most {_seen():.0f} rows: of more, not all were "
        "seen."
    )


def _seen() -> float:
    """How many rows the steps of BRIEF have room for."""
    some = rows(COUNTS[-1])
    lengths = open_counter().count([f"{one.text}\n{one.output}" for one in some])
    return BRIEF.steps * BRIEF.tokens / (sum(lengths) / len(some))


def elsewhere() -> str:
    """Texts unlike those trained on."""
    name = f"tuned-{MAIN}"
    tune(MAIN)
    model = Writing(name)
    lines, totals = [], [0, 0, 0]
    for kind, texts in blocks(OTHER_BLOCKS).items():
        some = kind.replace(" ", "-").replace(",", "")
        plain, masked = (
            conforming(model.write(f"elsewhere-{some}-{'masked' if mask else 'plain'}", chats(texts), masked=mask))
            for mask in (False, True)
        )
        lines.append((kind, len(texts), f"{plain.rate:.0%}", f"**{masked.rate:.0%}**"))
        for place, more in enumerate((len(texts), plain.conforming, masked.conforming)):
            totals[place] += more
    both = [share(conformance(totals[0], count)) for count in totals[1:]]
    lines.append(("all of them", totals[0], " ".join(both[0]), " ".join(both[1])))
    return markdown(("text", "blocks", "without the mask", "with the mask (target 100 %)"), lines)


def on_the_text() -> str:
    """Whether the questions are about their text."""
    texts = paragraphs("held out", HELD_OUT)
    arms = {"people (or a larger model)": [list(one.questions) for one in texts]}
    arms |= {
        title: [one["text"].split("\n") for one in written(arm)]
        for title, arm in (("the base, given three examples", "few-shot"), (f"tuned on {MAIN} rows", f"tuned-{MAIN}"))
    }
    return about(texts, arms)


def seeds() -> str:
    """Whether a seed decides the weights."""
    one, same, other = (
        tune(25, seed=seed, recipe=SHORT, name=f"seed-{name}", held=FEW)
        for name, seed in (("a", 7), ("b", 7), ("c", 8))
    )
    assert one["digest"] != other["digest"]
    alike = "the same" if one["digest"] == same["digest"] else "not the same"
    return (
        f"Two runs of {SHORT.steps} steps with one seed wrote **{alike}** adapter (SHA-256 {one['digest'][:12]}… and "
        f"{same['digest'][:12]}…); another seed wrote another ({other['digest'][:12]}…)."
    )


def batches() -> str:
    """Many at once against one by one, turn by turn, by the base: an adapter is merged in and costs nothing."""
    done = kept("batches", _batches)
    faster = done["alone"] / done["together"]
    by_processor = done["alone_processor"] / done["together_processor"]
    return (
        f"{done['texts']} paragraphs, at most {done['budget']} tokens of questions for each, with the mask: in one "
        f"batch {done['together']:.0f} s, one by one {done['alone']:.0f} s: **{faster:.1f}x** (target 3x; by the "
        f"processor's clock, {done['threads']} threads, {by_processor:.1f}x)."
    )


def _batches() -> Kept:
    decoder = Writing(None).decoder()
    asked = chats(held_out()[:BATCHED])
    decoder.write(asked[:1], contract(), limit=BATCH_TOKENS)
    found: Kept = {"texts": len(asked), "budget": BATCH_TOKENS, "threads": torch.get_num_threads()}
    for name, parts in (("together", [asked]), ("alone", [[one] for one in asked])):
        started, processor = time.perf_counter(), time.process_time()
        for part in parts:
            decoder.write(part, contract(), limit=BATCH_TOKENS)
        found |= {name: time.perf_counter() - started, f"{name}_processor": time.process_time() - processor}
    return found


TABLES: dict[str, Callable[[], str]] = {
    "patterns": before_and_after,
    "rows": by_rows,
    "elsewhere": elsewhere,
    "about": on_the_text,
    "seeds": seeds,
    "batches": batches,
}


def main() -> None:
    """Print the tables."""
    for folder in ("questions", "chunking", "patterns", "retrieval"):
        data(folder)
    chosen = [one for one in sys.argv[1:] if one in TABLES] or list(TABLES)
    for name in chosen:
        show(name if name == "patterns" else f"patterns_{name}", TABLES[name]())


if __name__ == "__main__":
    main()
