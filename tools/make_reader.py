"""Make a reader: the bundled encoder trained to judge a passage beside a question, as one int8 ONNX file.

Run it from the repository's root, in the environment of `tools/make_minilm.py`:

    LRU_CACHE_CAPACITY=64 python tools/make_reader.py --data ../shared/data --to reader/

(torch otherwise keeps a plan for every shape of a batch that it ever saw, which came to 10 GB in a quarter of an hour.)
It writes `model.onnx`, `tokenizer.json` and `CARD.md`. The model reads `[CLS] question [SEP] passage [SEP]` and has
three heads: whether the passage is relevant, where the answer starts and ends, and whether it holds one at all.
Training ends after `--minutes`, and its learning rate falls to nothing by then, whatever the machine's speed; stopped
before, it goes on from its last checkpoint. What may be done with the result depends on what it was trained on: the
card carries the sources' licences.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from make_minilm import original, quantize, write_tokenizer
from reader_rows import HELD_OUT, Group, rows
from tokenizers import Encoding, Tokenizer
from torch.nn import functional
from transformers import AutoModel

from formfact.models import open_embedder

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUTS = ("relevance", "start", "end", "answerable")
WINDOW = 256
RATE, WARM, DECAY, CLIP = 1e-4, 0.06, 0.01, 1.0
TOKENS = 4096
"""Tokens of a batch, padding included."""
KEEP_EVERY = 120
"""Seconds between checkpoints."""
SEED = 0


CARD = """# A reader

Made by tools/make_reader.py of formfact from all-MiniLM-L6-v2 (Apache-2.0) on {date}: {pairs:,} pairs of question and
passage, {seen:.0%} of them seen within {minutes:.0f} minutes. Reads {window} word pieces of English. int8 weights.

It gives logits: `relevance`, `answerable`, and `start` and `end` of the answer for each token.

Trained on, and what is stated of each:

| data | licence as its source states it |
|---|---|
| squad11_train44 | no licence that permits passing on; the texts are Wikipedia's, CC BY-SA 4.0 |
| fairytale_train (FairytaleQA) | Apache-2.0 |
| squad2_dev_8 (SQuAD 2.0) without its last {held_out} articles | MIT for the repository; its texts are CC BY-SA 4.0 |
| chunking (chunking_evaluation) | MIT for the repository; its texts are of several origins |
| dialogue (MT-RAG) | Apache-2.0; its texts are of several origins |

Use it yourself; before you pass it on, look at the first row.
"""


class Judge(torch.nn.Module):
    """The encoder with its heads; all outputs are logits: (batch,), (batch, length) twice, (batch,)."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.encoder = encoder
        width = encoder.config.hidden_size
        self.whole = torch.nn.Linear(2 * width, 2)
        self.place = torch.nn.Linear(width, 2)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> tuple[torch.Tensor, ...]:
        hidden = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
        said = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * said).sum(1) / said.sum(1)
        relevance, answerable = self.whole(torch.cat((hidden[:, 0], mean), 1)).unbind(1)
        start, end = self.place(hidden).unbind(2)
        return relevance, start, end, answerable


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors of some groups. `first` are the rows of right passages, `second` of the wrong ones beside them."""

    ids: torch.Tensor
    mask: torch.Tensor
    types: torch.Tensor
    answerable: torch.Tensor
    relevant: torch.Tensor
    judged: torch.Tensor
    span: torch.Tensor
    spanned: torch.Tensor
    first: torch.Tensor
    second: torch.Tensor


def places(encoding: Encoding, span: tuple[int, int] | None) -> tuple[int, int] | None:
    """The first and last token of a span of the passage; None where it is unknown or was cut off."""
    if span is None:
        return None
    held = [
        at
        for at, (start, end) in enumerate(encoding.offsets)
        if encoding.sequence_ids[at] == 1 and start < span[1] and end > span[0]
    ]
    return (held[0], held[-1]) if held else None


def batch_of(groups: Sequence[Group], tokenizer: Tokenizer) -> Batch:
    pairs = [pair for group in groups for pair in group]
    encoded = tokenizer.encode_batch([(pair.question, pair.passage) for pair in pairs])
    spans = [places(one, pair.span) for one, pair in zip(encoded, pairs, strict=True)]
    first, second, at = [], [], 0
    for group in groups:
        if len(group) == 2 and group[0].relevant is not None:
            first.append(at)
            second.append(at + 1)
        at += len(group)
    return Batch(
        torch.tensor([one.ids for one in encoded]),
        torch.tensor([one.attention_mask for one in encoded]),
        torch.tensor([one.type_ids for one in encoded]),
        torch.tensor([float(pair.answerable) for pair in pairs]),
        torch.tensor([float(bool(pair.relevant)) for pair in pairs]),
        torch.tensor([at for at, pair in enumerate(pairs) if pair.relevant is not None], dtype=torch.long),
        torch.tensor([span for span in spans if span] or [(0, 0)])[: sum(map(bool, spans))],
        torch.tensor([at for at, span in enumerate(spans) if span], dtype=torch.long),
        torch.tensor(first, dtype=torch.long),
        torch.tensor(second, dtype=torch.long),
    )


def loss_of(model: Judge, batch: Batch) -> torch.Tensor:
    """Relevance by each pair and by right over wrong, the span's ends by cross entropy, answerable by each pair."""
    relevance, start, end, answerable = (out.float() for out in model(batch.ids, batch.mask, batch.types))
    total = functional.binary_cross_entropy_with_logits(answerable, batch.answerable)
    if len(batch.judged):
        judged = relevance[batch.judged], batch.relevant[batch.judged]
        total = total + 0.5 * functional.binary_cross_entropy_with_logits(*judged)
    if len(batch.first):
        total = total + 0.5 * functional.softplus(relevance[batch.second] - relevance[batch.first]).mean()
    if len(batch.spanned):
        outside = batch.types[batch.spanned] * batch.mask[batch.spanned] == 0
        for logits, side in ((start, 0), (end, 1)):
            inside = logits[batch.spanned].masked_fill(outside, -1e4)
            total = total + 0.5 * functional.cross_entropy(inside, batch.span[:, side])
    return total


def batches(groups: Sequence[Group]) -> list[list[Group]]:
    """Batches of like length within TOKENS, in a random order that is the same each time."""
    rng = random.Random(SEED)

    def length(group: Group) -> int:
        return max(len(pair.question) + len(pair.passage) for pair in group)

    made: list[list[Group]] = []
    for start in range(0, len(groups), 512):
        current: list[Group] = []
        for group in sorted(groups[start : start + 512], key=length):
            pairs = sum(map(len, current)) + len(group)
            if current and pairs * min(WINDOW, length(group) / 4.2) > TOKENS:
                made.append(current)
                current = []
            current.append(group)
        made.append(current)
    rng.shuffle(made)
    return made


def train(model: Judge, todo: Sequence[Sequence[Group]], tokenizer: Tokenizer, minutes: float, kept: Path) -> float:
    """Train in place until the batches or the minutes are spent; returns the share of the batches that was seen."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    step, before = 0, 0.0
    if kept.is_file():
        state = torch.load(kept, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step, before = state["step"], state["spent"]
    started = last = time.monotonic()
    while True:
        spent = before + time.monotonic() - started
        share = max(step / len(todo), spent / (60 * minutes))
        if share >= 1 or time.monotonic() - last > KEEP_EVERY:
            keep(model, optimizer, step, spent, kept)
            last = time.monotonic()
        if share >= 1:
            return step / len(todo)
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(share / WARM + 1e-3, (1 - share) / (1 - WARM))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = loss_of(model, batch_of(todo[step], tokenizer))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        if step % 20 == 0:
            print(f"batch {step:,} of {len(todo):,}  {spent:.0f} s  loss {loss.item():.3f}", flush=True)
        step += 1


def keep(model: Judge, optimizer: torch.optim.Optimizer, step: int, spent: float, kept: Path) -> None:
    """Write a checkpoint by rename."""
    draft = kept.with_suffix(".new")
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "spent": spent}, draft)
    draft.replace(kept)


def export(model: Judge, target: Path) -> None:
    """The graph with fused attention and int8 weights, one scale per output channel; see `tools/make_minilm.py`."""
    ids = torch.ones(2, 16, dtype=torch.long)
    mask = ids.clone()
    mask[1, 8:] = 0
    whole = {0: "batch", 1: "length"}
    axes = {name: whole if name in (*INPUTS, "start", "end") else {0: "batch"} for name in (*INPUTS, *OUTPUTS)}
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "float.onnx"
        torch.onnx.export(
            model.eval(),
            (ids, mask, torch.zeros_like(ids)),
            str(plain),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
        quantize(plain, target)


def pairs_tokenizer(file: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.enable_truncation(WINDOW, strategy="only_second")
    tokenizer.enable_padding(pad_to_multiple_of=16)
    return tokenizer


def main() -> None:
    warnings.simplefilter("ignore")
    wanted = argparse.ArgumentParser(description="Train a reader from the bundled encoder.")
    wanted.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of questions")
    wanted.add_argument("--to", type=Path, default=Path("reader"), help="the folder to write")
    wanted.add_argument("--minutes", type=float, default=30, help="when training ends at the latest")
    wanted.add_argument("--share", type=float, default=0.5, help="the share of questions without marked answers")
    asked = wanted.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    source = original()
    write_tokenizer(source / "tokenizer.json", asked.to / "tokenizer.json")
    torch.manual_seed(SEED)
    groups = rows(asked.data, open_embedder(), share=asked.share, seed=SEED)
    todo = batches(groups)
    print(f"{len(groups):,} groups, {sum(map(len, groups)):,} pairs, {len(todo):,} batches", flush=True)
    model = Judge(AutoModel.from_pretrained(source, attn_implementation="eager"))
    seen = train(model, todo, pairs_tokenizer(asked.to / "tokenizer.json"), asked.minutes, asked.to / "checkpoint.pt")
    export(model, asked.to / "model.onnx")
    window = json.dumps({"max_seq_length": WINDOW})
    (asked.to / "sentence_bert_config.json").write_text(window, encoding="utf-8")
    card = CARD.format(
        date=datetime.now(UTC).date(), pairs=sum(map(len, groups)), seen=seen, minutes=asked.minutes,
        window=WINDOW, held_out=HELD_OUT,
    )  # fmt: skip
    (asked.to / "CARD.md").write_text(card, encoding="utf-8")
    print(f"{asked.to}: {seen:.0%} of the batches seen, {(asked.to / 'model.onnx').stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
