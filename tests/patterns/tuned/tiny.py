"""A model of a few thousand weights, made on the spot: it knows nothing, and everything around it is real."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from formfact.patterns.bases.tokens import FILE

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make_tiny(folder: Path, *, seed: int = 1, merges: int | None = None) -> Path:
    """A checkpoint with SmolLM2's tokenizer and random weights; of its merges only the first where that is enough."""
    torch.manual_seed(seed)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=_tokenizer(merges),
        bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|im_end|>",
    )  # fmt: skip
    tokenizer.chat_template = TEMPLATE
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=8192, eos_token_id=tokenizer.eos_token_id,
        bos_token_id=tokenizer.bos_token_id, tie_word_embeddings=True,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer(merges: int | None) -> Tokenizer:
    if merges is None:
        return Tokenizer.from_file(str(FILE))
    plain = json.loads(FILE.read_text("utf-8"))
    model = plain["model"]
    model["merges"] = model["merges"][:merges]
    made = {"".join(one if isinstance(one, list) else one.split(" ")) for one in model["merges"]}
    special = {one["content"] for one in plain["added_tokens"]}
    kept = [text for text in model["vocab"] if len(text) == 1 or text in made or text in special]
    model["vocab"] = {text: at for at, text in enumerate(kept)}
    for one in plain["added_tokens"]:
        one["id"] = model["vocab"][one["content"]]
    return Tokenizer.from_str(json.dumps(plain))
