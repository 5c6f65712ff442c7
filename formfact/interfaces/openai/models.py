"""GET /v1/models: the embedders, the knowledge bases and the patterns, as models by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from formfact.errors import FormfactError, NotFound
from formfact.interfaces.http.routes import Call, Json, Nothing
from formfact.interfaces.http.schema import Within
from formfact.interfaces.openai.refusals import NotThere, check_unlimited
from formfact.interfaces.openai.tuning import forget, tuning_of
from formfact.models import BUNDLED, Embedder, open_embedder

KNOWLEDGE, PATTERN, TUNED = "knowledge", "pattern", "ft"
SHIPPED = 1_735_689_600
"""When what ships was made, as far as a client needs to know: the first second of 2025."""

MODEL = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "object": {"type": "string"},
        "created": {"type": "integer"},
        "owned_by": {"type": "string"},
    },
    "required": ["id", "object", "created", "owned_by"],
}


@dataclass(frozen=True, slots=True)
class Named:
    """A model by its name."""

    model: Annotated[str, Within(1, 200)]


def models(call: Call, asked: Nothing) -> Json:
    return {"object": "list", "data": [_model(name) for name in _names(call)]}


def model(call: Call, asked: Named) -> Json:
    if asked.model not in _names(call):
        raise missing(call, asked.model)
    return _model(asked.model)


def delete(call: Call, asked: Named) -> Json:
    """Only what was tuned here can be deleted."""
    check_unlimited(call)
    records = tuning_of(call.desk).records.all()
    found = next((one for one in records if one.name == asked.model and one.status == "succeeded"), None)
    if found is None or pattern_of(call, asked.model) is None:
        raise missing(call, asked.model)
    forget(call.desk, found)
    return {"id": asked.model, "object": "model", "deleted": True}


def missing(call: Call, name: str) -> NotThere:
    """The error for a model that is not there."""
    listed = ", ".join(_names(call))
    return NotThere(f"there is no model {name!r}", hint=f"there are: {listed}", param="model", code="model_not_found")


def base_of(call: Call, name: str) -> str | None:
    """The knowledge base that a model is about; None for a model that is none. Raises NotThere."""
    kind, _, base = name.partition(":")
    if kind != KNOWLEDGE:
        return None
    if not base and call.desk.default not in call.desk.names(call.grant):
        base = next(iter(call.desk.names(call.grant)), "")
    try:
        call.desk.permit(call.grant, base or call.desk.default, write=False)
        call.desk.place(base or call.desk.default)
    except NotFound as error:
        raise missing(call, name) from error
    return base or call.desk.default


def pattern_of(call: Call, name: str) -> str | None:
    """The pattern that a model is; None for a model that is none."""
    if call.grant.bases is not None:
        return None
    kind, _, pattern = name.partition(":")
    pattern = _tuned(call).get(name, "") if kind == TUNED else pattern if kind == PATTERN else ""
    return pattern if pattern in call.desk.patterns.names() else None


def embedder_of(call: Call, name: str) -> Embedder:
    """The embedder of this name: that of a knowledge base, else the bundled one. Raises NotThere."""
    for base in call.desk.names(call.grant):
        found = _embedder(call, base)
        if found is not None and found.card.name == name:
            return found
    if name != BUNDLED:
        raise missing(call, name)
    return open_embedder()


def _names(call: Call) -> list[str]:
    names = call.desk.names(call.grant)
    embedders = [found.card.name for base in names if (found := _embedder(call, base))]
    bases = [KNOWLEDGE, *(f"{KNOWLEDGE}:{name}" for name in names)] if names else []
    return [*dict.fromkeys([BUNDLED, *embedders]), *bases, *_patterns(call)]


def _patterns(call: Call) -> Iterator[str]:
    """Those of the catalogue, and the tuned ones; what was tuned here goes by the name that its job gave it."""
    if call.grant.bases is None:
        tuned = {folder: name for name, folder in _tuned(call).items()}
        yield from (tuned.get(name, f"{PATTERN}:{name}") for name in call.desk.patterns.names())


def _tuned(call: Call) -> dict[str, str]:
    """The names of fine-tuned models, each with the pattern that it is."""
    return {one.name: one.folder for one in tuning_of(call.desk).records.all() if one.status == "succeeded"}


def _embedder(call: Call, base: str) -> Embedder | None:
    """A knowledge base's embedder; None where there is nothing in it yet, or it cannot be opened."""
    try:
        return call.desk.knowledge(base).embedder
    except FormfactError:
        return None


def _model(name: str) -> Json:
    return {"id": name, "object": "model", "created": SHIPPED, "owned_by": "formfact"}
