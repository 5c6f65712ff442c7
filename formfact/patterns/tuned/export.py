"""A tuned pattern -> files for other programs, loaded again and measured again before they are called done."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from math import comb
from pathlib import Path
from typing import Any

import torch

from formfact.errors import ModelError, Refused
from formfact.patterns.card import Export
from formfact.patterns.conformance import conformance
from formfact.patterns.contract import print_contract
from formfact.patterns.examples import HELD_OUT, load_examples
from formfact.patterns.shelf import Found
from formfact.patterns.tuned.decoding import Decoder
from formfact.patterns.tuned.gguf_file import write_gguf
from formfact.patterns.tuned.modelfile import modelfile
from formfact.patterns.tuned.network import Network, open_gguf, open_network
from formfact.patterns.tuned.outcomes import outcomes

CHANCE = 0.05
"""What a loss must be less likely than to be called one: two files that are as good differ in single texts too."""


def export(found: Found, to: Path, *, form: str) -> Export:
    """Write a tuned pattern to a new folder in one of FORMS, load it again, and measure both on the held-out inputs.

    Raises Refused where it cannot be measured or `form` is unknown, ModelError where conformance was lost: then
    nothing is left behind.
    """
    if form not in FORMS:
        raise Refused(f"no form of export is called {form!r}", hint=f"use one of: {', '.join(FORMS)}")
    held_out = load_examples(found.folder, HELD_OUT)
    if not held_out:
        raise Refused(
            f"{found.folder} has no held-out inputs ({HELD_OUT}) to measure an export on",
            hint="train again with more rows, or with --validation FILE",
        )
    to.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=to.parent, prefix=f".{to.name}-"))
    try:
        network = open_network(found.base, adapter=found.adapter)
        before = outcomes(Decoder(network), found.contract, held_out)
        load = FORMS[form](found, network, work)
        del network
        after = outcomes(Decoder(load()), found.contract, held_out)
        check_loss(form, before, after)
        _accompany(found, work)
        files = tuple(sorted(str(file.relative_to(work)) for file in work.rglob("*") if file.is_file()))
        work.chmod(0o755)
        work.rename(to)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Export(
        form, str(to), files, conformance(len(before), sum(before)), conformance(len(after), sum(after))
    )  # fmt: skip


def check_loss(form: str, before: Sequence[bool], after: Sequence[bool]) -> None:
    """Raise ModelError where the exported file lost more than chance explains: the sign test of McNemar (1947)."""
    lost = sum(one and not other for one, other in zip(before, after, strict=True))
    gained = sum(other and not one for one, other in zip(before, after, strict=True))
    changed = lost + gained
    likely = sum(comb(changed, k) for k in range(lost, changed + 1)) / 2**changed
    if likely < CHANCE:
        raise ModelError(
            f"the {form} file lost conformance: {sum(before)} of {len(before)} held-out inputs before, "
            f"{sum(after)} after it was loaded again",
            hint="nothing was written; export the adapter instead (--form adapter), or train again",
        )


def _adapter(found: Found, network: Network, folder: Path) -> Callable[[], Network]:
    """PEFT's folder, which names the base as others find it, with the tokenizer beside it."""
    assert found.adapter
    shutil.copytree(found.adapter, folder, dirs_exist_ok=True)
    config = folder / "adapter_config.json"
    named = json.loads(config.read_text("utf-8")) | {"base_model_name_or_path": network.base.address}
    config.write_text(json.dumps(named, indent=2) + "\n", encoding="utf-8")
    network.tokenizer.save_pretrained(folder)
    return lambda: open_network(found.base, adapter=folder)


def _merged(_: Found, network: Network, folder: Path) -> Callable[[], Network]:
    """A checkpoint in safetensors, 16 bits a weight: half precision keeps more of a small adapter than bfloat16."""
    network.model.to(torch.float16).save_pretrained(folder)
    network.tokenizer.save_pretrained(folder)
    return lambda: open_network(str(folder))


def _gguf(found: Found, network: Network, folder: Path) -> Callable[[], Network]:
    name = f"{found.contract.name}.gguf"
    write_gguf(network, folder / name, name=found.contract.name)
    (folder / "Modelfile").write_text(modelfile(network, found.contract, name), encoding="utf-8")
    return lambda: open_gguf(folder / name)


FORMS: dict[str, Callable[[Found, Network, Path], Callable[[], Any]]] = {
    "adapter": _adapter,
    "merged": _merged,
    "gguf": _gguf,
}
"""A form -> what writes it to a folder, and gives back what loads it again."""


def _accompany(found: Found, folder: Path) -> None:
    """The contract and the card, so that whoever gets the folder knows what it keeps and how well."""
    (folder / "pattern.toml").write_text(print_contract(found.contract), encoding="utf-8")
    shutil.copyfile(found.folder / "CARD.md", folder / "README.md")
