"""An open network -> one GGUF file, as llama.cpp and Ollama read it: the llama architecture, 16-bit weights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gguf import GGUFWriter, LlamaFileType, TokenType
from numpy.typing import NDArray

from formfact.errors import Refused
from formfact.patterns.bases.tokens import FILE
from formfact.patterns.tuned.network import Network

ARCHITECTURE = "llama"
OF_BLOCK = {
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}  # fmt: skip
OF_MODEL = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
"""Names of modules in transformers -> in GGUF."""


def write_gguf(network: Network, file: Path, *, name: str) -> None:
    """Write a network whose adapter is merged in. Raises Refused for another architecture or tokenizer."""
    _check(network)
    writer = GGUFWriter(file, ARCHITECTURE)
    writer.add_type("model")
    writer.add_name(name)
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    _add_sizes(writer, network.model.config)
    _add_tokenizer(writer, network)
    for tensor, values in _tensors(network.model):
        writer.add_tensor(tensor, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _check(network: Network) -> None:
    """Refuse what this file cannot say: llama.cpp knows tokenizers by name, and only one such name is known here."""
    kind = network.model.config.model_type
    known = json.loads(FILE.read_text("utf-8"))["pre_tokenizer"]
    if kind != ARCHITECTURE or _tokenizer(network)["pre_tokenizer"] != known:
        raise Refused(
            f"GGUF is written for bases like SmolLM2, not for this one ({kind}: {network.base.address})",
            hint="export --form merged, and give that folder to llama.cpp's convert_hf_to_gguf.py",
        )


def _tokenizer(network: Network) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(network.tokenizer.backend_tokenizer.to_str())
    return plain


def _add_sizes(writer: GGUFWriter, config: Any) -> None:
    head = config.hidden_size // config.num_attention_heads
    writer.add_vocab_size(config.vocab_size)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_dimension_count(getattr(config, "head_dim", None) or head)
    writer.add_rope_freq_base(float(config.rope_parameters["rope_theta"]))
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)


def _add_tokenizer(writer: GGUFWriter, network: Network) -> None:
    tokenizer, size = network.tokenizer, network.model.config.vocab_size
    special = {token: one.special for token, one in tokenizer.added_tokens_decoder.items()}
    named = {token: text for text, token in tokenizer.get_vocab().items()}
    tokens = [named.get(token, f"[PAD{token}]") for token in range(size)]
    kinds = [_kind(token, named, special) for token in range(size)]
    merges = [one if isinstance(one, str) else " ".join(one) for one in _tokenizer(network)["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_add_space_prefix(False)
    writer.add_add_bos_token(False)
    writer.add_eos_token_id(network.end)
    for token, add in ((tokenizer.bos_token_id, writer.add_bos_token_id), (network.end, writer.add_pad_token_id)):
        if token is not None:
            add(token)
    if tokenizer.chat_template:
        writer.add_chat_template(tokenizer.chat_template)


def _kind(token: int, named: dict[int, str], special: dict[int, bool]) -> int:
    if token not in named:
        return int(TokenType.UNUSED)
    if token not in special:
        return int(TokenType.NORMAL)
    return int(TokenType.CONTROL if special[token] else TokenType.USER_DEFINED)


def _tensors(model: Any) -> Iterator[tuple[str, NDArray[Any]]]:
    """Each tensor by its name in GGUF: matrices in 16 bits, the rest in 32."""
    config = model.config
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    for name, value in model.state_dict().items():
        module, _, end = name.rpartition(".")
        if module == "lm_head" and config.tie_word_embeddings:
            continue
        part, placed = _name(module)
        values = value.detach().to("cpu", torch.float32).numpy()
        if part in heads:
            values = _interleaved(values, heads[part])
        yield f"{placed}.{end}", values.astype(np.float16) if values.ndim > 1 else values


def _name(module: str) -> tuple[str, str]:
    """What a module is called in GGUF: alone, and with its block."""
    if module in OF_MODEL:
        return OF_MODEL[module], OF_MODEL[module]
    _, _, rest = module.partition("model.layers.")
    number, _, inner = rest.partition(".")
    return OF_BLOCK[inner], f"blk.{number}.{OF_BLOCK[inner]}"


def _interleaved(values: NDArray[Any], heads: int) -> NDArray[Any]:
    """A query or key projection as llama.cpp has it: that rotates neighbours, transformers the two halves."""
    rows = values.shape[0]
    halves = values.reshape(heads, 2, rows // heads // 2, *values.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(values.shape)
