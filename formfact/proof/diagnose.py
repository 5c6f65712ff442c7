"""Which tool does a problem need: search, a pattern, both, or neither? Values in, advice with its evidence out.

What was seen weighs more than what was said: rows that teach facts ask for search whatever the interview says, and
both stand in the evidence. The bars below are conventions, stated in the evidence that they lead to; none was fitted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from formfact.patterns.lint.rules import USUAL
from formfact.proof.diagnose_steps import steps
from formfact.proof.diagnosis import SCANNED, Advice, Diagnosis, Evidence, SeenDocuments, SeenQuestions, SeenRows
from formfact.proof.interview import Interview

LEAST_ANSWERED, LEAST_ASKED = 0.2, 5
"""Where fewer of at least so many questions are answered, the documents do not hold what is asked."""
PAGES = 20_000
"""Characters, some ten pages, that fit into the prompt of any model."""
REASONS = 3
"""Reasons for which files cannot be read that are told."""
ENGLISH = "en"
NAMES = {
    "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch",
    "sv": "Swedish", "da": "Danish", "pl": "Polish", "cs": "Czech", "hu": "Hungarian", "fi": "Finnish",
    "tr": "Turkish", "ro": "Romanian", "id": "Indonesian", "la": "Latin",
}  # fmt: skip
"""Languages as they are told; scripts are called by their own names."""
SAID: dict[tuple[str, str], tuple[Advice, str]] = {
    ("goal", "answers"): ("search", "answers are wanted from what is written"),
    ("goal", "texts"): ("pattern", "texts of one kind are wanted"),
    ("goal", "both"): ("both", "answers are wanted, each in one form"),
    ("goal", "reasoning"): ("neither", "a calculation, a plan or a decision is wanted"),
    ("source", "documents"): ("search", "what it has to know is in documents"),
    ("source", "heads"): ("neither", "what it has to know is not written down"),
    ("source", "live"): ("neither", "what it has to know is in a system that changes by the hour"),
    ("source", "input"): ("pattern", "each input holds all that is needed"),
    ("amount", "page"): ("neither", "all of it is a few pages"),
    ("amount", "more"): ("search", "it is more text than a prompt holds"),
    ("changes", "often"): ("search", "what is true changes, and weights cannot be corrected"),
    ("form", "style"): ("pattern", "what comes out should keep a style"),
    ("form", "fixed"): ("pattern", "what comes out has to keep a form that can be checked"),
    ("form", "free"): ("search", "no form has to be kept"),
    ("examples", "none"): ("neither", "there are no examples of the form"),
    ("examples", "few"): ("pattern", "there are some examples of the form"),
    ("examples", "enough"): ("pattern", "there are 50 or more examples of the form"),
    ("tried", "facts"): ("search", "with a prompt alone, the facts were wrong"),
    ("tried", "form"): ("pattern", "with a prompt alone, the form was broken"),
    ("tried", "both"): ("both", "with a prompt alone, facts and form went wrong"),
    ("tried", "works"): ("neither", "a prompt alone does what is wanted"),
    ("often", "once"): ("neither", "it is done once"),
    ("often", "often"): ("both", "it is done again and again"),
}
"""What an answer speaks for. Answers that decide nothing are not here."""
CALCULATES = "use a program for what is calculated, or a large model with tools; for its facts, quotes from search"
LIVE = "let the system that has the figures answer: a query or a call of its API, by a program or a model with tools"
PROMPT = "put the text into the prompt of any model, and ask"
BY_HAND = "do it by hand, or with a prompt and the text in it"
WORKS = "keep the prompt: nothing has to be built"
WRITE_DOWN = "write down what is to be known first, a Markdown file a subject; then `formfact add` it"
NOT_THERE = "add the documents that say what is asked: these do not"
UNREADABLE = "bring text that can be read: scans need text recognition (OCR) first"
NOTHING = "find out what should come out: ten questions with the answers you want, or ten inputs with their outputs"


def diagnose(
    said: Interview,
    *,
    rows: SeenRows | None = None,
    documents: SeenDocuments | None = None,
    questions: SeenQuestions | None = None,
) -> Diagnosis:
    """The advice that what was said and seen comes to."""
    evidence = (*_said(said), *_rows(rows), *_documents(documents), *_questions(questions))
    evidence = evidence or (Evidence("interview", "nothing was said, and nothing was shown", "neither"),)
    facts, form = _wants_facts(said, rows, documents, questions), _wants_form(said, rows)
    no_facts = _why_no_facts(said, rows, documents, questions) if facts else ""
    no_form = _why_no_form(said, rows) if form else ""
    if stop := _stop(said, rows, documents):
        return Diagnosis("neither", stop[0], evidence, instead=stop[1])
    found = facts and not no_facts
    kept = form and not no_form
    advice: Advice = "both" if found and kept else "search" if found else "pattern" if kept else "neither"
    if advice == "neither":
        why = " and ".join(
            filter(None, ("no facts can be found" * bool(no_facts), "no form can be taught" * bool(no_form)))
        )
        instead = "; ".join(filter(None, (no_facts, no_form))) or NOTHING
        return Diagnosis("neither", why or "neither facts nor a form are wanted", evidence, instead=instead)
    cautions = (*_cautions(said, rows, documents, questions), *(one for one in (no_facts, no_form) if one))
    return Diagnosis(advice, WHY[advice], evidence, steps(advice, rows, documents), cautions=cautions)


WHY: dict[Advice, str] = {
    "search": "what is wanted are facts, and they are written: search finds them and quotes them",
    "pattern": "what is wanted is a form: a small model can be taught it, and every output is checked",
    "both": "facts and a form are wanted: search finds the facts, and a pattern gives them their form",
}


def _wants_facts(
    said: Interview, rows: SeenRows | None, documents: SeenDocuments | None, questions: SeenQuestions | None
) -> bool:
    """Whether facts are needed from outside the input."""
    if documents or (rows and rows.teaches_facts) or (questions and questions.asked):
        return True
    if said.source == "input":
        return False
    return (
        said.source in ("documents", "heads", "live")
        or said.goal in ("answers", "both")
        or said.tried in ("facts", "both")
    )


def _wants_form(said: Interview, rows: SeenRows | None) -> bool:
    """Whether what comes out has to keep a form."""
    if rows and rows.teaches_form:
        return True
    return said.goal in ("texts", "both") or said.form in ("style", "fixed") or said.tried in ("form", "both")


def _stop(said: Interview, rows: SeenRows | None, documents: SeenDocuments | None) -> tuple[str, str] | None:
    """What settles it before facts and form are weighed: why, and what to do."""
    page = said.amount == "page" or bool(documents and documents.characters and documents.characters <= PAGES
                                         and documents.files == documents.looked)  # fmt: skip
    if said.goal == "reasoning":
        return "what is wanted has to be worked out: it stands in no document, and no form helps", CALCULATES
    if said.tried == "works":
        return "a prompt alone does what is wanted", WORKS
    if said.often == "once" and page and said.goal in ("", "answers", "both"):
        return "it is done once, and the text fits into a prompt", PROMPT
    if said.often == "once" and said.goal == "texts" and rows is None:
        return "it is done once: teaching a form takes longer", BY_HAND
    return None


def _why_no_facts(
    said: Interview, rows: SeenRows | None, documents: SeenDocuments | None, questions: SeenQuestions | None
) -> str:
    """What has to happen before search can find the facts; "" where nothing has."""
    if documents and not documents.documents:
        return UNREADABLE if documents.scanned else "bring files that can be read: none of these holds text"
    if questions and questions.asked >= LEAST_ASKED:
        return NOT_THERE if questions.answered < LEAST_ANSWERED * questions.asked else ""
    if documents or questions or (rows and rows.teaches_facts):
        return ""
    return {"live": LIVE, "heads": WRITE_DOWN}.get(said.source, "")


def _why_no_form(said: Interview, rows: SeenRows | None) -> str:
    """What has to happen before a form can be taught; "". A form that can be described needs none."""
    if rows and rows.teaches_form:
        return ""
    if said.examples == "none" and said.form != "fixed":
        return "write down ten outputs as you want them, or what they have in common: nothing can be learnt from none"
    return ""


def _said(said: Interview) -> Iterator[Evidence]:
    for name, word in said.said.items():
        if (name, word) in SAID:
            speaks, says = SAID[name, word]
            yield Evidence("interview", f"you said: {says}", speaks)


def _rows(rows: SeenRows | None) -> Iterator[Evidence]:
    if rows is None:
        return
    for numbers, what, speaks in _taught(rows):
        if numbers:
            yield Evidence("rows", f"{len(numbers):,} of {_count(rows.rows, 'row')}: {what}", speaks, numbers)
    if rows.rows:
        taught: Advice = "search" if not rows.teaches_form else "both" if rows.teaches_facts else "pattern"
        yield Evidence("rows", f"the estimated share of rows that teach facts is {rows.share:.0%}", taught)
    if rows.known:
        says = (
            f"{rows.keep:,} of {_count(rows.rows, 'completion')} keep the contract of the shipped pattern {rows.known}"
        )
        yield Evidence("rows", says, "pattern")
    if rows.shape and not (rows.known and rows.shape == "text"):
        yield Evidence("rows", f"all completions have in common: {rows.keeps}", "pattern")
    if rows.rows and not rows.shape and not rows.known:
        yield Evidence("rows", "the completions have no form in common that could be checked", "neither")
    if rows.broken:
        yield Evidence("rows", f"{_count(len(rows.broken), 'row')} cannot be read", "neither", rows.broken)


def _taught(rows: SeenRows) -> Sequence[tuple[tuple[int, ...], str, Advice]]:
    return (
        (rows.facts, "facts that their prompts do not hold", "search"),
        (rows.mixed, "some facts, some form", "both"),
        (rows.form, "form, and no facts of their own", "pattern"),
    )


def _documents(seen: SeenDocuments | None) -> Iterator[Evidence]:
    if seen is None:
        return
    of = f" of {seen.files:,}" if seen.looked < seen.files else ""
    held = f"{seen.documents:,} documents, {seen.passages:,} passages, {seen.characters:,} characters"
    says = f"{seen.looked:,}{of} files looked at: {held}"
    yield Evidence("documents", says, "search" if seen.documents else "neither")
    if unread := {why: count for why, count in (seen.reasons or {}).items() if not why.startswith(SCANNED)}:
        told = "; ".join(f"{why} ({count:,})" for why, count in list(unread.items())[:REASONS])
        yield Evidence("documents", f"{sum(unread.values()):,} cannot be read: {told}", "neither")
    if seen.scanned:
        named = ", ".join(seen.scanned[:3]) + (", ..." if len(seen.scanned) > 3 else "")
        yield Evidence("documents", f"{len(seen.scanned):,} are scans without text: {named}", "neither")
    if seen.languages and (
        other := {name: share for name, share in seen.languages.items() if name not in ("", ENGLISH)}
    ):
        shares = ", ".join(f"{share:.0%} {NAMES.get(name, name)}" for name, share in other.items())
        yield Evidence("documents", f"of the text, {shares}", "search")


def _questions(seen: SeenQuestions | None) -> Iterator[Evidence]:
    if seen is None or not seen.asked:
        return
    enough = seen.answered >= LEAST_ANSWERED * seen.asked
    says = f"{seen.answered:,} of {_count(seen.asked, 'question')} answered by quotes now"
    yield Evidence("questions", says, "search" if enough else "neither")
    if seen.judged:
        says = f"of {seen.judged:,} with a known answer, {seen.judged - len(seen.missed):,} have it in a quote"
        yield Evidence("questions", f"{says}; not these:" if seen.missed else says, "search", seen.missed)
    if seen.silent:
        yield Evidence("questions", f"{len(seen.silent):,} not answered, as far as search sees", "neither", seen.silent)


def _cautions(
    said: Interview, rows: SeenRows | None, documents: SeenDocuments | None, questions: SeenQuestions | None
) -> Iterator[str]:
    """What may spoil the advice."""
    if rows and rows.teaches_form and rows.rows < USUAL:
        yield f"{_count(rows.rows, 'row')}: that is few, {USUAL} to 500 are usual"
    if rows and rows.facts and not rows.teaches_facts:
        yield f"rows that teach facts are strays here ({len(rows.facts):,}): leave them out"
    if rows and rows.teaches_facts and said.changes == "often":
        yield "the facts in the rows change: trained into a model they could not be corrected"
    if rows and not (rows.shape or rows.known) and rows.teaches_form:
        yield "no form can be checked in these rows: whether it was learnt is for you to read"
    if documents and documents.scanned and documents.documents:
        yield "the scans are not searched until their text has been recognised (OCR)"
    if documents and documents.languages and documents.languages.get(ENGLISH, 0) + documents.languages.get("", 0) < 0.5:
        yield "the bundled model reads English: give `formfact add --embedder ADDRESS` one for your language"
    if said.amount == "page" or (documents and documents.files == documents.looked and documents.characters <= PAGES):
        yield "so little text also fits into a prompt; search adds quotes that are checked"
    if questions and 0 < questions.asked < LEAST_ASKED:
        yield f"{_count(questions.asked, 'question')} say little: bring {LEAST_ASKED} or more"


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"
