"""A chat request: what is honoured, what is taken and not looked at, what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from formfact.interfaces.http.schema import Within
from formfact.interfaces.openai.refusals import BadRequest
from formfact.types import Message

ROLES = ("system", "developer", "user", "assistant")


@dataclass(frozen=True, slots=True)
class Complete:
    """A conversation to go on with. The fields behind `stop` are taken and not looked at, or refused by `check`."""

    model: Annotated[str, Within(1, 200)]
    messages: Annotated[tuple[Mapping[str, Any], ...], Within(1, 10_000)]
    stream: bool | None = None
    stream_options: Mapping[str, Any] | None = None
    max_tokens: Annotated[int, Within(1)] | None = None
    max_completion_tokens: Annotated[int, Within(1)] | None = None
    response_format: Mapping[str, Any] | None = None
    stop: str | tuple[str, ...] | None = None
    n: Any = None
    tools: Any = None
    functions: Any = None
    tool_choice: Any = None
    function_call: Any = None
    parallel_tool_calls: Any = None
    logprobs: Any = None
    top_logprobs: Any = None
    logit_bias: Any = None
    modalities: tuple[str, ...] | None = None
    audio: Any = None
    prediction: Any = None
    web_search_options: Any = None
    moderation: Any = None
    temperature: Any = None
    top_p: Any = None
    seed: Any = None
    presence_penalty: Any = None
    frequency_penalty: Any = None
    reasoning_effort: Any = None
    verbosity: Any = None
    user: Any = None
    metadata: Any = None
    store: Any = None
    service_tier: Any = None
    safety_identifier: Any = None
    prompt_cache_key: Any = None
    prompt_cache_options: Any = None
    prompt_cache_retention: Any = None

    @property
    def limit(self) -> int | None:
        """The most tokens that may be written."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def stops(self) -> tuple[str, ...]:
        """Texts before which what is written ends."""
        return (self.stop,) if isinstance(self.stop, str) else self.stop or ()

    @property
    def include_usage(self) -> bool:
        """Whether a stream ends with what it used."""
        return bool((self.stream_options or {}).get("include_usage"))


REFUSED: Mapping[str, str] = {
    "tools": "the models here call no tools",
    "functions": "the models here call no functions",
    "logprobs": "no probabilities of tokens are given",
    "top_logprobs": "no probabilities of tokens are given",
    "logit_bias": "the form comes from the pattern's contract alone",
    "audio": "the models here write text",
    "prediction": "nothing is predicted here",
    "web_search_options": "nothing is fetched from the web",
    "moderation": "nothing is sent to a moderation service",
}
"""Fields that would change the answer, and cannot here. Empty ones are let through."""


def check(asked: Complete) -> None:
    """Raise BadRequest for what cannot be done: an answer that does less than was asked for would be worse."""
    for name, why in REFUSED.items():
        if getattr(asked, name):
            raise BadRequest(
                f"{name} cannot be used: {why}", hint="leave it out", param=name, code="unsupported_parameter"
            )
    if asked.n not in (None, 1):
        raise BadRequest("n can only be 1: the same request gives the same answer", hint="leave it out", param="n")
    for name in ("tool_choice", "function_call"):
        if getattr(asked, name) not in (None, "auto", "none"):
            raise BadRequest(
                f"{name} cannot be used: the models here call nothing", hint="leave it out", param=name,
                code="unsupported_parameter",
            )  # fmt: skip
    if asked.modalities is not None and list(asked.modalities) != ["text"]:
        raise BadRequest("modalities can only be text", hint="leave it out", param="modalities")


def conversation(asked: Complete) -> tuple[Message, ...]:
    """The messages as text; the last one is the user's. Raises BadRequest."""
    found = tuple(_message(one, at) for at, one in enumerate(asked.messages))
    if found[-1].role != "user":
        raise BadRequest(
            f"the last message is the {found[-1].role}'s", hint="end with what the user asks", param="messages"
        )
    return found


def _message(one: Mapping[str, Any], at: int) -> Message:
    role, content = one.get("role"), one.get("content")
    where = f"messages[{at}]"
    if role not in ROLES:
        raise BadRequest(f"{where} has the role {role!r}", hint=f"roles are {', '.join(ROLES)}", param=f"{where}.role")
    if role == "assistant" and content is None:
        content = one.get("refusal") or ""  # what was refused is sent back as it came
    if isinstance(content, Sequence) and not isinstance(content, str):
        content = "\n".join(_part(part, f"{where}.content") for part in content)
    if not isinstance(content, str) or (role == "user" and not content.strip()):
        raise BadRequest(f"{where} holds no text", hint="give it a content", param=f"{where}.content")
    return Message("system" if role == "developer" else role, content)


def _part(part: Any, where: str) -> str:
    for kind in ("text", "refusal"):
        if isinstance(part, Mapping) and part.get("type") == kind and isinstance(part.get(kind), str):
            return str(part[kind])
    other = part.get("type") if isinstance(part, Mapping) else part
    raise BadRequest(f"{where} has a part of the type {other!r}", hint="the models here read text alone", param=where)


def schema_of(asked: Complete) -> Mapping[str, Any] | None:
    """The JSON Schema that was asked for; None for plain text. Raises BadRequest."""
    form = asked.response_format or {"type": "text"}
    if form.get("type") == "text":
        return None
    if form.get("type") == "json_object":
        return {"type": "object"}
    named = form.get("json_schema")
    if form.get("type") != "json_schema" or not isinstance(named, Mapping):
        raise BadRequest(
            f"response_format is of the type {form.get('type')!r}", hint="it can be text, json_object or json_schema",
            param="response_format",
        )  # fmt: skip
    schema = named.get("schema")
    if not isinstance(schema, Mapping):
        raise BadRequest("json_schema holds no schema", hint="give one", param="response_format.json_schema.schema")
    return schema
