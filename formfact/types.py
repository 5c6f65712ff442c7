"""The nouns that cross rooms: frozen dataclasses, with shapes and units stated.

Offsets are counted in characters (Python `str` indices) of `Document.text`, half open: `text[start:end]`.
Pages count from 1. Scores and confidences: higher is better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Scalar = str | int | float | bool
"""What a metadata value may be; anything deeper is kept by readers as its JSON text."""

BlockKind = Literal["heading", "paragraph", "item", "row", "code"]


@dataclass(frozen=True, slots=True)
class Block:
    """One unit of a document's structure that should not be torn: `text[start:end]`.

    `level` is the depth of a heading (1 is the highest) and 0 for every other kind.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """One text as a reader gave it, with its structure.

    `id` is what the user sees: a record's own id, or a file's path relative to the added root (posix separators).
    `source` is the file it came from: the added root joined with the relative path (posix separators).
    `blocks` are in order and do not overlap; what lies between two blocks is white space or markup.
    `pages` holds the start offset of each page, page 1 first; empty where the format has no pages.
    """

    id: str
    source: str
    text: str
    title: str = ""
    format: str = ""
    blocks: tuple[Block, ...] = ()
    pages: tuple[int, ...] = ()
    metadata: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of a document that search finds: `document.text[start:end] == text`, always.

    `headings` is the path of headings above it, outermost first; it is given to the embedder and to BM25 as
    context (see `context`) and is no part of `text`. `page` is the page its first character stands on.
    """

    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()
    page: int | None = None
    context: str = ""


@dataclass(frozen=True, slots=True)
class Scores:
    """Why a hit stands where it does.

    `dense` is the cosine of question and passage (-1 to 1), `bm25` the raw BM25 score (0 and more).
    A rank counts from 1 and is None where that leg's own list did not hold the passage.
    `fused` is the min-max normalised weighted sum that orders the hits (0 to 1). `relevance` is what a Reader gave
    the passage (0 to 1), None where none read it.
    """

    dense: float
    bm25: float
    dense_rank: int | None
    bm25_rank: int | None
    fused: float
    relevance: float | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that search found, with where it stands.

    `via` is the name, term or symbol that led a second round to it, "" where the first round did; its `scores` are
    then those of the question that the second round asked.
    """

    rank: int
    score: float
    document: str
    source: str
    title: str
    headings: tuple[str, ...]
    page: int | None
    start: int
    end: int
    text: str
    metadata: Mapping[str, Scalar]
    scores: Scores
    passage: int
    """The passage's id in its store: never used twice."""
    via: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim span of a stored document, checked against it: one to three sentences, a table row or code."""

    text: str
    document: str
    source: str
    headings: tuple[str, ...]
    page: int | None
    start: int
    end: int


FlagKind = Literal["citation", "name", "number", "date", "quotation", "link", "markup", "wording", "denial", "code"]
"""What of a written sentence is not in the quotes that it cites; `wording`: too few of its words are, `denial`: it
denies what they do not or the reverse, `markup`: it holds what a page would carry out, `code`: an unknown name.
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of a written answer, `Answer.answer[start:end]`; `text` has its citations in it.

    `quotes` are places in `Answer.quotes`, from 0; citation `[1]` is place 0. `joint` is what stands before it in the
    answer: nothing, a space or a line break.
    """

    text: str
    quotes: tuple[int, ...]
    start: int
    end: int
    joint: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """What a written sentence says and its quotes do not. `claim` is the sentence's place in `Answer.claims`; None for
    one that was dropped, whose `text` is not repeated.
    """

    kind: FlagKind
    text: str
    claim: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What `ask` returns. Either `quotes` hold the answer, or `abstained` is true and `nearest` shows what came close.

    `confidence` lies between 0 and 1 and is made of raw scores and margins, never of normalised ones.

    Where a Writer or a pattern wrote it, `writer` is its address and `pattern` its name, and `claims` are the sentences
    with the quotes that each rests on; `dropped` counts those left out, `flags` say why, or what of those kept no quote
    holds: then `verified` is false. `fallback` says why what was written is not given: the answer is then the
    extractive one, or an abstention.

    In a dialogue, `carried` are the words that earlier turns lent the question, or `rewritten` is what a Writer made
    of it; `shifted`: the question changed the subject, and nothing was lent.

    Where a Reader read the passages, `answerable` is how sure it is (0 to 1) that one of them holds the answer, and
    `short` the few words inside a quote that it takes for the answer; None where it cannot tell.
    """

    question: str
    answer: str
    abstained: bool
    confidence: float
    quotes: tuple[Quote, ...]
    nearest: tuple[Hit, ...]
    milliseconds: float
    claims: tuple[Claim, ...] = ()
    flags: tuple[Flag, ...] = ()
    dropped: int = 0
    verified: bool = True
    writer: str = ""
    pattern: str = ""
    fallback: str = ""
    carried: tuple[str, ...] = ()
    rewritten: str = ""
    shifted: bool = False
    answerable: float | None = None
    short: Quote | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange of a dialogue as it is kept; `said` is the time in ISO 8601, UTC."""

    question: str
    answer: str
    abstained: bool
    quotes: tuple[Quote, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True)
class DialogueListing:
    """A named dialogue as a list shows it; `said` is when it was last spoken in."""

    name: str
    turns: int
    said: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, or a row of one (`path` then ends in `:row`), that was not added, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class FileCounts:
    """Of the files met under the added paths: all, those read, those skipped as a whole."""

    seen: int
    read: int
    skipped: int


@dataclass(frozen=True, slots=True)
class AddReport:
    """What `add` did. `added` to `removed` count documents, `passages` those in the base afterwards."""

    files: FileCounts
    added: int
    updated: int
    unchanged: int
    removed: int
    skipped: tuple[Skipped, ...]
    passages: int
    seconds: float


@dataclass(frozen=True, slots=True)
class EmbedderCard:
    """What a knowledge base remembers of its embedder; two are the same model when their `digest` is.

    `address` opens it again, `dimensions` is the length of a vector, `window` the most tokens it reads at once,
    its two special tokens included.
    """

    address: str
    name: str
    dimensions: int
    window: int
    digest: str


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a knowledge base. `bytes` counts its folder on disk, shadows included; `journal` is SQLite's, "none"
    where nothing may be written.

    `tuned` says when `tune` ran last and what it changed; empty where search is as everything is set by default.
    `calibrated` says the same of `calibrate`, and whether the base has changed since.
    """

    address: str
    documents: int
    passages: int
    sources: int
    generation: int
    embedder: str
    dimensions: int
    bytes: int
    journal: str
    version: int
    writable: bool
    tuned: str = ""
    calibrated: str = ""


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of like confidence in a reliability diagram: their mean confidence, and the share that is answerable.

    `questions` is how many they are, `mass` how much they count together.
    """

    confidence: float
    answerable: float
    questions: int
    mass: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How `calibrate` made a base's confidence a probability, and how far it is one.

    Asked were `answerable` questions, the same `held_out` again with their documents left out of the search, and
    `foreign` ones of subjects that the base does not hold; `own` of the first two are the user's. A confidence is the
    probability that the base holds the answer where it holds half of what is asked.

    `slope` and `shift` are of the fitted logistic, on the shipped one's logit; `names` is what it adds where the first
    quote lacks a name or number of the question, and again where all quotes do; `kept` says whether all this is used,
    and `why`. All figures are
    of the `judged` questions, whose documents had no part in the fit: the Brier score, its fall with a 95 % interval
    (bootstrap over documents) and how often chance alone gives as much; the expected calibration error over ten bins
    of equal mass, and what a perfect confidence would show on so few questions; the AUROC of answerable against
    unanswerable.

    A new answerable question lies below `threshold`, and gets no answer, with a probability of at most `error` (split
    conformal); of the judged ones `refused` do, and `answered` is the share of unanswerable ones that lie above it.
    Where too few were asked for that, `promised` is false and the threshold as shipped.
    `passages` is what the base had, `calibrated` the time in ISO 8601, UTC.
    """

    passages: int
    answerable: int
    held_out: int
    foreign: int
    own: int
    maker: str
    kept: bool
    why: str
    slope: float
    shift: float
    names: float
    error: float
    threshold: float
    promised: bool
    refused: float
    answered: float
    judged: int
    brier_before: float
    brier_after: float
    gain: float
    interval: tuple[float, float]
    chance: float
    ece_before: float
    ece_after: float
    ece_by_chance: float
    auroc_before: float
    auroc_after: float
    bins_before: tuple[Bin, ...]
    bins_after: tuple[Bin, ...]
    calibrated: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Listing:
    """A document of a knowledge base as a list shows it; `passages` is how many it was cut into."""

    document: str
    source: str
    title: str
    format: str
    passages: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far `add` has come; `files_total` grows while folders are still being walked.

    `share` is what is done of all, from 0 to 1, by bytes (None: not known), `file` the path of the one at hand.
    """

    files: int
    files_total: int
    passages: int
    seconds: float
    done: bool = False
    share: float | None = None
    file: str = ""


@dataclass(frozen=True, slots=True)
class Loss:
    """Why a named document is not among the hits: its best passage, scored on the scale of the search it lost.

    `rank` is its place in the whole fused list (None: in neither leg's list); `needed` the fused score of the last
    hit shown; `why` a sentence.
    """

    best: Hit
    rank: int | None
    needed: float
    why: str


Severity = Literal["error", "warning", "note"]
Verdict = Literal["structure", "mixed", "knowledge"]
Action = Literal["keep", "rewrite", "move"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What breaks a contract or spoils a training row.

    `rule` is a short fixed name; `start` and `end` are character offsets in the text that was checked; `row` is the
    line of its file from 1 (a CSV's record). An error breaks the contract or the training, a warning may spoil it.
    """

    rule: str
    message: str
    start: int | None = None
    end: int | None = None
    row: int | None = None
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Example:
    """An input of a pattern and an output that keeps its contract; `schema` where the pattern's user gives one."""

    text: str
    output: str
    kind: str = ""
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Conformance:
    """How many of the texts keep a contract. `rate` is from 0 to 1, `interval` its 95 % Wilson interval."""

    checked: int
    conforming: int
    rate: float
    interval: tuple[float, float]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Writing:
    """What a pattern wrote for one input, and how it breaks the contract. `tokens` are those written."""

    text: str
    problems: tuple[Problem, ...]
    tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Node:
    """A text in a tree that a pattern and its children grew.

    `part` is the part of its parent's text that it was grown from ("" where that is all of it), `file` where it lies
    in the tree's folder; `tokens` and `seconds` are what writing it took, 0 where a person wrote it.
    """

    pattern: str
    part: str
    text: str
    file: str
    tokens: int
    seconds: float
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """What a pattern and its children grew: a tree of texts in a folder, and the one document made of them.

    `words` counts the texts at the ends; `seconds` is what this run took, `written` how many texts it wrote.
    """

    folder: str
    document: str
    title: str
    words: int
    seconds: float
    written: int
    root: Node


@dataclass(frozen=True, slots=True)
class Growing:
    """How far a growth has come: `done` of `total` texts of one level, and the words of all texts so far."""

    pattern: str
    done: int
    total: int
    words: int
    seconds: float


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """How training stands after a step. `loss` is per completion token, `seconds` since the beginning, `left` to its
    end at the latest; `conformance` is the share of a few held-out inputs, where it was measured after this step.
    `stage` says what goes on before the first step and after the last; between them it is "".
    """

    step: int
    steps: int
    loss: float
    tokens_per_second: float
    seconds: float
    left: float
    conformance: float | None = None
    stage: str = ""


@dataclass(frozen=True, slots=True)
class TunedCard:
    """What training made of a pattern, and what that is worth.

    `conformance` has an entry for each arm: before (the base, given the input alone), few_shot (the base, given
    examples), after, and after_masked (with the decoding mask). `seconds` says where the time went.
    """

    pattern: str
    base: str
    note: str
    data: Mapping[str, Any]
    lint: Mapping[str, Any]
    conformance: Mapping[str, Conformance]
    seconds: Mapping[str, float]
    hardware: str
    versions: Mapping[str, str]
    recipe: Mapping[str, Any]
    history: tuple[TrainingStep, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a Reader makes of one passage beside a question, each figure from 0 to 1.

    `relevance` orders passages. `answerable` is whether the passage holds the answer, `passage[start:end]` the answer
    itself and `sure` how sure that span is; None where the model does not tell.
    """

    relevance: float
    answerable: float | None = None
    start: int | None = None
    end: int | None = None
    sure: float | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation or of a training row; `role` is system, user, assistant or tool."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a Writer wrote; `tokens` as it counted them, 0 where it did not; `ended`: it was not cut off."""

    text: str
    tokens: int
    ended: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A training row: messages, the last of which is the assistant's: the completion that is to be learnt.

    `number` is the line of its file from 1, or the CSV's record. `extra` keeps what else the row held.
    """

    number: int
    messages: tuple[Message, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def completion(self) -> str:
        return self.messages[-1].content if self.messages and self.messages[-1].role == "assistant" else ""

    @property
    def prompt(self) -> str:
        """All that comes before the completion, system message included, one message after the other."""
        last = -1 if self.messages and self.messages[-1].role == "assistant" else len(self.messages)
        return "\n\n".join(message.content for message in self.messages[:last])


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """Whether a row's completion teaches form or facts.

    `score` from 0 to 1 rises with the belief that it teaches facts; `novel` are the parts of the completion that
    cannot come from the prompt. `action`: keep the row, rewrite it so that its prompt holds what is novel, or move it
    to a knowledge base.
    """

    row: int
    verdict: Verdict
    score: float
    novel: tuple[str, ...]
    action: Action


@dataclass(frozen=True, slots=True)
class FactsReport:
    """The knowledge lint of a file; `share` is the estimated share of rows that teach facts.

    `example` is one of the rows that are not to be kept, rewritten: its fact in the prompt, so that it teaches form.
    """

    verdict: Verdict
    share: float
    rows: tuple[RowVerdict, ...]
    example: Row | None = None


@dataclass(frozen=True, slots=True)
class TrainingCost:
    """What training on the file will take: minutes on this machine, and dollars at a provider by its dated price."""

    minutes: float
    prices: Mapping[str, float]
    priced_on: str


@dataclass(frozen=True, slots=True)
class Lint:
    """What is wrong with a training file. `tokens` counts prompts and completions once, in the base's tokens."""

    rows: int
    problems: tuple[Problem, ...]
    tokens: int
    verdict: Verdict
    knowledge: FactsReport
    cost: TrainingCost


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a longer piece of work has come: `done` of `total` things of a kind, in `seconds`."""

    what: str
    done: int
    total: int
    seconds: float
    finished: bool = False
