"""Patterns as models by the official client: why a text ended, and what is refused about its form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai as sdk
import pytest
from openai import OpenAI

from formfact.interfaces.http.settings import Settings
from tests.interfaces.http.serving import serving
from tests.interfaces.openai.conftest import client_of

ASKED: Any = [{"role": "user", "content": "table"}]
PATTERNS = {
    "shout": "line = '[A-Z]+!'\ncount = [1, 2]",
    "reply": "line = '(yes|no)!'\ncount = [1, 1]",
}
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[OpenAI]:
    home = tmp_path_factory.mktemp("patterns")
    for name, form in PATTERNS.items():
        (home / "kb.server" / "patterns" / name).mkdir(parents=True)
        (home / "kb.server" / "patterns" / name / "pattern.toml").write_text(
            f'name = "{name}"\ndescribes = "A word in, a line of it."\n[prompt]\nuser = "{{text}} ->"\nfew_shot = 1\n'
            f'[output]\nshape = "lines"\n{form}\ntokens = 60\n'
        )
    with serving(Settings(home / "kb", base=str(tiny))) as server, client_of(server.port) as opened:
        yield opened


@pytest.mark.filterwarnings("ignore")
def test_a_text_that_the_budget_ended_says_so(client: OpenAI) -> None:
    """The mask brings it to an end that keeps the contract, so that the text itself does not show it."""
    whole = client.chat.completions.create(model="pattern:reply", messages=ASKED).choices[0]
    assert (whole.message.content or "") in ("yes!", "no!")
    assert whole.finish_reason == "stop"
    cut = client.chat.completions.create(model="pattern:shout", messages=ASKED, max_tokens=12).choices[0]
    assert (cut.message.content or "").endswith("!")
    assert cut.finish_reason == "length"
    with client.chat.completions.create(model="pattern:shout", messages=ASKED, max_tokens=12, stream=True) as stream:
        assert [one.choices[0].finish_reason for one in stream][-1] == "length"
    asked = client.chat.completions.create(model="pattern:reply", messages=ASKED, max_tokens=50)
    assert asked.choices[0].finish_reason == "stop"


@pytest.mark.parametrize(
    ("model", "more", "param", "message"),
    [
        ("shout", {"response_format": {"type": "json_object"}}, "response_format", "writes no JSON"),
        ("json-record", {}, "response_format", "by a schema of yours"),
        (
            "json-record",
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "wizard"}}}},
            "response_format",
            "no JSON Schema",
        ),
        ("shout", {"messages": [{"role": "user", "content": "word " * 9000}]}, "messages", "the model's window"),
        ("shout", {"tool_choice": "required"}, "tool_choice", "call nothing"),
    ],
)
def test_what_a_pattern_cannot_write_names_the_field(
    client: OpenAI, model: str, more: dict[str, Any], param: str, message: str
) -> None:
    with pytest.raises(sdk.BadRequestError, match=message) as wrong:
        client.chat.completions.create(**({"model": f"pattern:{model}", "messages": ASKED} | more))
    assert wrong.value.param == param
