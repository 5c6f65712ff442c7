"""A contract and its tokenizer -> Ollama's Modelfile: the prompt that was trained on, where to stop, no sampling."""

from __future__ import annotations

from formfact.patterns.contract import Contract
from formfact.patterns.prompt import render
from formfact.patterns.tuned.network import Network
from formfact.types import Message

TEXT, SYSTEM = "\ue000TEXT\ue000", "\ue000SYSTEM\ue000"
"""Stand for the input and the system message while the template is found; no text has such characters."""


def modelfile(network: Network, contract: Contract, gguf: str) -> str:
    """What `ollama create` reads beside the GGUF file: it puts the words of the pattern around a text that is given."""
    template, needs = _template(network, contract)
    window = min(network.window, _rounded(contract.input_tokens + contract.output_tokens))
    lines = [f"# {contract.name}: {contract.describes}", f"FROM ./{gguf}"]
    if needs:
        lines += ["# Each text is followed by its JSON Schema, as the pattern's prompt has it:"]
        lines += [f"# {line}" for line in contract.prompt.user.split("\n")]
    lines.append(f'TEMPLATE """{_quoted(template)}"""')
    if contract.prompt.system:
        lines.append(f'SYSTEM """{contract.prompt.system}"""')
    lines += [
        f'PARAMETER stop "{network.tokenizer.convert_ids_to_tokens(network.end)}"',
        "PARAMETER temperature 0",
        "PARAMETER repeat_penalty 1.0",
        f"PARAMETER num_predict {contract.output_tokens}",
        f"PARAMETER num_ctx {window}",
    ]
    return "\n".join(lines) + "\n"


def _template(network: Network, contract: Contract) -> tuple[str, bool]:
    """The conversation as the model was trained on it, with places for text and system message; and whether the text
    must bring a schema along."""
    needs = "{schema}" in contract.prompt.user and "schema" not in contract.output
    asked = [message for message in render(contract, TEXT) if message.role != "system"]
    if needs:
        asked = [Message("user", TEXT)]
    if contract.prompt.system:
        asked.insert(0, Message("system", SYSTEM))
    written = network.conversation(asked)
    return written.replace("{{", '{{ "{{" }}').replace(SYSTEM, "{{ .System }}").replace(TEXT, "{{ .Prompt }}"), needs


def _quoted(text: str) -> str:
    """A template in three quotes cannot hold three; as a Go string it can."""
    return text.replace('"""', '{{ "\\"\\"\\"" }}')


def _rounded(tokens: int) -> int:
    """The next multiple of 512 above some room for the template."""
    return -(-(tokens + 128) // 512) * 512
