"""Models, embeddings, grounded answers and vector stores, by the official client."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import openai as sdk
import pydantic
import pytest
from openai import OpenAI

import formfact as ff
from formfact.interfaces.http.settings import Settings
from tests.interfaces.http.serving import serving
from tests.interfaces.openai.conftest import QUOTE, client_of
from tests.models import server as endpoint

MINILM = "all-MiniLM-L6-v2"
ASKED: Any = [{"role": "user", "content": "how many seconds do I hold the green lever of the pump?"}]


# Models -----------------------------------------------------------------------------------------------------------


def test_models_are_embedders_bases_and_patterns(openai: OpenAI) -> None:
    names = [one.id for one in openai.models.list()]
    assert names[:3] == [MINILM, "knowledge", "knowledge:kb"]
    assert "pattern:questions" in names
    assert openai.models.retrieve("pattern:questions").object == "model"
    with pytest.raises(sdk.NotFoundError) as wrong:
        openai.models.retrieve("gpt-4o")
    assert (wrong.value.code, wrong.value.param, wrong.value.type) == (
        "model_not_found", "model", "invalid_request_error",
    )  # fmt: skip
    assert "pattern:questions" in str(wrong.value)


# Embeddings -------------------------------------------------------------------------------------------------------


def test_embeddings_are_those_of_the_house(openai: OpenAI) -> None:
    texts = ["the pump", "a lamp that burns whale oil", "the pump"]
    found = openai.embeddings.create(model=MINILM, input=texts)
    rows = np.array([one.embedding for one in found.data])
    assert [one.index for one in found.data] == [0, 1, 2]
    assert np.allclose(rows, ff.open_embedder(MINILM).embed(texts), atol=1e-6)
    assert found.usage.prompt_tokens == found.usage.total_tokens == 4 + 8 + 4
    one = openai.embeddings.create(model=MINILM, input="the pump", encoding_format="float", dimensions=384)
    assert np.allclose(one.data[0].embedding, rows[0], atol=1e-6)


def test_many_texts_at_once(openai: OpenAI) -> None:
    found = openai.embeddings.create(model=MINILM, input=[f"text {at}" for at in range(300)])
    assert [one.index for one in found.data] == list(range(300))


@pytest.mark.parametrize(
    ("more", "param", "message"),
    [
        ({"input": "word " * 300}, "input", "has 302 tokens; all-MiniLM-L6-v2 reads 256"),
        ({"input": [1, 2, 3]}, "input", "token ids"),
        ({"input": [[1, 2]]}, "input", "token ids"),
        ({"input": ""}, "input", "empty"),
        ({"input": []}, "input", "no text"),
        ({"input": ["x"] * 2049}, "input", "2,049 texts"),
        ({"input": "x", "dimensions": 256}, "dimensions", "384 dimensions, not 256"),
        ({"input": "x", "model": "text-embedding-3-small"}, "model", "there is no model"),
    ],
)
def test_what_cannot_be_embedded_is_refused(openai: OpenAI, more: Any, param: str, message: str) -> None:
    with pytest.raises(sdk.APIStatusError, match=message) as wrong:
        openai.embeddings.create(**({"model": MINILM} | more))
    assert wrong.value.param == param
    assert wrong.value.type == "invalid_request_error"


# Chat -------------------------------------------------------------------------------------------------------------


def test_an_answer_is_quotes_with_citations(openai: OpenAI) -> None:
    found = openai.chat.completions.create(model="knowledge", messages=ASKED)
    message = found.choices[0].message
    assert found.choices[0].finish_reason == "stop"
    assert message.content
    assert message.content.startswith(QUOTE)
    assert message.annotations
    cited = message.annotations[0].url_citation
    assert message.content[cited.start_index : cited.end_index] == QUOTE
    assert cited.title == "pump.md › Pumps › Reset"
    with urllib.request.urlopen(cited.url) as reply:
        assert json.load(reply)["text"] == QUOTE
    assert found.usage
    count = ff.open_embedder(MINILM).count
    assert [found.usage.prompt_tokens, found.usage.completion_tokens] == count([ASKED[0]["content"], message.content])
    assert found.usage.total_tokens == found.usage.prompt_tokens + found.usage.completion_tokens
    assert found.model_extra
    assert found.model_extra["formfact"]["confidence"] > 0.5


def test_a_follow_up_is_understood_in_the_conversation(openai: OpenAI) -> None:
    talk: Any = [
        {"role": "system", "content": "You talk about lamps."},
        {"role": "user", "content": "How is the pump reset?"},
        {"role": "assistant", "content": QUOTE},
        {"role": "user", "content": "Thanks!"},
        {"role": "assistant", "content": "You're welcome."},
        {"role": "user", "content": "And when is it oiled?"},
    ]
    found = openai.chat.completions.create(model="knowledge", messages=talk)
    assert (found.choices[0].message.content or "").startswith("Oil the pump in May.")
    assert found.model_extra
    assert "pump" in found.model_extra["formfact"]["carried"]
    alone = openai.chat.completions.create(model="knowledge", messages=talk[-1:])
    assert alone.model_extra
    assert alone.model_extra["formfact"]["carried"] == []


def test_a_servers_writer_says_it_in_words(v1_kb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    said = "The green lever is held for nine seconds [1]. It is held for ninety seconds [1]."
    with endpoint.serving() as model:
        settings = Settings(v1_kb, writer=f"{model.address}#small")
        with serving(settings) as server, client_of(server.port) as client:
            model.script = [endpoint.says(said), endpoint.status(500), *[endpoint.says("")] * 9]
            found = client.chat.completions.create(model="knowledge", messages=ASKED)
            fallen = client.chat.completions.create(model="knowledge", messages=ASKED)
    message = found.choices[0].message
    assert message.content == "The green lever is held for nine seconds [1]."
    assert message.annotations
    cited = message.annotations[0].url_citation
    assert message.content[cited.start_index : cited.end_index] == message.content
    assert cited.title == "pump.md › Pumps › Reset"
    assert found.model_extra
    assert found.model_extra["formfact"]["dropped"] == 1
    assert (fallen.choices[0].message.content or "").startswith(QUOTE)
    assert fallen.model_extra
    assert fallen.model_extra["formfact"]["fallback"]


def test_an_abstention_is_a_message(openai: OpenAI) -> None:
    asked: Any = [{"role": "user", "content": "who was the first emperor of Byzantium?"}]
    found = openai.chat.completions.create(model="knowledge:kb", messages=asked)
    assert found.choices[0].message.content == "Not in your documents."
    assert found.choices[0].message.annotations == []
    assert found.model_extra
    assert found.model_extra["formfact"]["abstained"] is True


def test_a_stream_is_the_same_in_pieces(openai: OpenAI) -> None:
    stream = openai.chat.completions.create(
        model="knowledge", messages=ASKED, stream=True, stream_options={"include_usage": True}
    )
    with stream:
        chunks = list(stream)
    whole = openai.chat.completions.create(model="knowledge", messages=ASKED)
    text = "".join(one.choices[0].delta.content or "" for one in chunks if one.choices)
    assert text == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert len(chunks) > 4
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage
    cited = [one.choices[0].delta.model_extra for one in chunks if one.choices and one.choices[0].delta.model_extra]
    assert [one["annotations"][0]["url_citation"]["title"] for one in cited if one] == ["pump.md › Pumps › Reset"]
    with openai.chat.completions.create(model="knowledge", messages=ASKED, stream=True) as plain:
        assert all(one.choices for one in plain)


class Answer(pydantic.BaseModel):
    """A schema that quotes alone fill."""

    answer: str
    quotes: list[str]
    sources: list[str]


class Reset(pydantic.BaseModel):
    """One that only a writer fills."""

    part: str
    seconds: int


WRONG: Any = {"type": "object", "properties": {"mood": {"type": "string"}}, "required": ["mood"]}
UNKNOWN: Any = [{"role": "user", "content": "who was the first emperor of Byzantium?"}]


def test_a_schema_is_filled_with_quotes(openai: OpenAI) -> None:
    found = openai.chat.completions.parse(model="knowledge", messages=ASKED, response_format=Answer)
    message = found.choices[0].message
    assert message.parsed
    assert message.parsed.quotes[0] == QUOTE
    assert message.parsed.sources[0] == "pump.md"
    assert message.refusal is None
    assert message.annotations
    cited = message.annotations[0].url_citation
    assert json.loads((message.content or "")[cited.start_index : cited.end_index]).startswith(QUOTE)
    anything: Any = {"type": "json_object"}
    plain = openai.chat.completions.create(model="knowledge", messages=ASKED, response_format=anything)
    assert json.loads(plain.choices[0].message.content or "")["quotes"][0]["text"] == QUOTE


def test_a_schema_is_streamed(openai: OpenAI) -> None:
    whole = openai.chat.completions.parse(model="knowledge", messages=ASKED, response_format=Answer)
    with openai.chat.completions.stream(model="knowledge", messages=ASKED, response_format=Answer) as stream:
        kinds = {event.type for event in stream}
        last = stream.get_final_completion().choices[0].message
    assert {"content.delta", "content.done"} <= kinds
    assert last.parsed == whole.choices[0].message.parsed
    with openai.chat.completions.stream(model="knowledge", messages=UNKNOWN, response_format=Answer) as stream:
        kinds = {event.type for event in stream}
        last = stream.get_final_completion().choices[0].message
    assert "refusal.delta" in kinds
    assert (last.refusal, last.parsed) == ("Not in your documents.", None)


def test_an_abstention_is_a_refusal_of_the_schema(openai: OpenAI) -> None:
    found = openai.chat.completions.parse(model="knowledge", messages=UNKNOWN, response_format=Answer)
    message = found.choices[0].message
    assert (message.content, message.parsed, message.refusal) == (None, None, "Not in your documents.")
    assert found.model_extra
    assert found.model_extra["formfact"]["abstained"] is True


def test_what_quotes_do_not_fill_needs_a_writer(openai: OpenAI, v1_kb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(sdk.BadRequestError, match=r"schema: part .*serve --writer") as wrong:
        openai.chat.completions.parse(model="knowledge", messages=ASKED, response_format=Reset)
    assert wrong.value.param == "response_format"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with endpoint.serving() as model:
        settings = Settings(v1_kb, writer=f"{model.address}#small")
        with serving(settings) as server, client_of(server.port) as client:
            model.script = [endpoint.says('{"part": "green lever", "seconds": 9}')]
            found = client.chat.completions.parse(model="knowledge", messages=ASKED, response_format=Reset)
            model.script = [endpoint.says('{"part": "green lever", "seconds": 90}')]
            wrong_number = client.chat.completions.parse(model="knowledge", messages=ASKED, response_format=Reset)
    assert found.choices[0].message.parsed == Reset(part="green lever", seconds=9)
    assert found.model_extra
    assert found.model_extra["formfact"]["verified"] is True
    refused = wrong_number.choices[0].message
    assert refused.parsed is None
    assert "a number that no quote holds" in (refused.refusal or "")


def test_parts_stops_and_fields_that_change_nothing(openai: OpenAI) -> None:
    parts: Any = [
        {"role": "developer", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "how many seconds do I hold"},
                {"type": "text", "text": "the green lever of the pump?"},
            ],
        },
    ]
    found = openai.chat.completions.create(
        model="knowledge", messages=parts, temperature=0.2, top_p=0.9, seed=3, user="me", n=1, stop=[" for"],
        metadata={"a": "b"}, tools=[],
    )  # fmt: skip
    assert found.choices[0].message.content == "Hold the green lever of the pump"
    assert found.choices[0].message.annotations == []


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"n": 2}, "n"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"logprobs": True}, "logprobs"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": " "}]}, "messages[0].content"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "messages[0].role"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": WRONG}}},
            "response_format",
        ),
        ({"response_format": {"type": "xml"}}, "response_format"),
        ({"model": "gpt-4o-mini"}, "model"),
        ({"model": "knowledge:../etc"}, "model"),
        ({"model": "pattern:../../etc"}, "model"),
    ],
)
def test_what_cannot_be_answered_is_refused(openai: OpenAI, more: Any, param: str) -> None:
    with pytest.raises(sdk.APIStatusError) as wrong:
        openai.chat.completions.create(**({"model": "knowledge", "messages": ASKED} | more))
    assert wrong.value.param == param
    assert wrong.value.status_code in (400, 404)


def test_an_unknown_field_is_named(openai: OpenAI) -> None:
    with pytest.raises(sdk.BadRequestError, match="'colour' was unexpected"):
        openai.chat.completions.create(model="knowledge", messages=ASKED, extra_body={"colour": 1})


# Vector stores ----------------------------------------------------------------------------------------------------


def test_bases_are_vector_stores(openai: OpenAI) -> None:
    (one,) = list(openai.vector_stores.list())
    assert (one.id, one.name, one.status, one.file_counts.completed) == ("vs_kb", "kb", "completed", 22)
    assert one.usage_bytes > 1000
    assert openai.vector_stores.retrieve("vs_kb") == one
    with pytest.raises(sdk.NotFoundError, match="there are: vs_kb"):
        openai.vector_stores.retrieve("vs_other")


def test_search_and_its_files(openai: OpenAI) -> None:
    found = list(openai.vector_stores.search("vs_kb", query="the green lever", max_num_results=3))
    assert len(found) == 3
    assert (found[0].filename, found[0].content[0].text) == ("pump.md", QUOTE)
    assert found[0].score >= found[1].score >= found[2].score
    file = openai.vector_stores.files.retrieve(found[0].file_id, vector_store_id="vs_kb")
    assert (file.id, file.status) == (found[0].file_id, "completed")
    text = "".join(one.text or "" for one in openai.vector_stores.files.content(file.id, vector_store_id="vs_kb"))
    assert QUOTE in text
    strict = openai.vector_stores.search("vs_kb", query="the green lever", ranking_options={"score_threshold": 0.9})
    assert [one.filename for one in strict] == ["pump.md"]
    with pytest.raises(sdk.NotFoundError):
        openai.vector_stores.files.retrieve("file-0", vector_store_id="vs_kb")


def test_files_come_in_pages(openai: OpenAI) -> None:
    every = list(openai.vector_stores.files.list("vs_kb", limit=7))
    assert len(every) == len({one.id for one in every}) == 22
    first = openai.vector_stores.files.list("vs_kb", limit=7)
    assert first.has_more
    assert [one.id for one in openai.vector_stores.files.list("vs_kb", limit=3, before=every[5].id)] == [
        one.id for one in every[2:5]
    ]
    assert list(openai.vector_stores.files.list("vs_kb", filter="failed")) == []
    with pytest.raises(sdk.NotFoundError, match="nothing in this list"):
        openai.vector_stores.files.list("vs_kb", after="file-none")


@pytest.mark.parametrize(
    ("filters", "years"),
    [
        ({"type": "eq", "key": "year", "value": 1890}, {1890}),
        ({"type": "gte", "key": "year", "value": 1898}, {1898, 1899}),
        ({"type": "in", "key": "year", "value": [1881, 1882]}, {1881, 1882}),
        ({"type": "and", "filters": [
            {"type": "gt", "key": "year", "value": 1880}, {"type": "lt", "key": "year", "value": 1883},
            {"type": "ne", "key": "year", "value": 1881},
        ]}, {1882}),
        ({"type": "or", "filters": [
            {"type": "eq", "key": "year", "value": 1885}, {"type": "eq", "key": "year", "value": 1886},
        ]}, {1885, 1886}),
        ({"type": "and", "filters": [
            {"type": "eq", "key": "year", "value": 1885}, {"type": "eq", "key": "year", "value": 1886},
        ]}, set()),
    ],
)  # fmt: skip
def test_filters_hold(openai: OpenAI, filters: Any, years: set[int]) -> None:
    found = openai.vector_stores.search("vs_kb", query="what broke the mast?", max_num_results=50, filters=filters)
    assert {one.attributes["year"] for one in found if one.attributes} == years


@pytest.mark.parametrize(
    "filters",
    [
        {"type": "like", "key": "a", "value": "b"},
        {"type": "and", "filters": [1]},
        {"type": "eq", "value": 1},
        {"type": "in", "key": "year", "value": 1890},
    ],
)
def test_what_is_no_filter_is_refused(openai: OpenAI, filters: Any) -> None:
    with pytest.raises(sdk.BadRequestError) as wrong:
        openai.vector_stores.search("vs_kb", query="x", filters=filters)
    assert wrong.value.param == "filters"


# Who may ----------------------------------------------------------------------------------------------------------

TOKENS = """
[[token]]
name = "all"
token = "all"
[[token]]
name = "other"
token = "other"
bases = ["other"]
"""


def test_keys_open_what_they_are_for(v1_kb: Path, tmp_path: Path) -> None:
    (tmp_path / "tokens.toml").write_text(TOKENS)
    with serving(Settings(v1_kb, tokens=tmp_path / "tokens.toml")) as server:
        with client_of(server.port, "wrong") as client, pytest.raises(sdk.AuthenticationError) as wrong:
            client.models.list()
        assert wrong.value.code == "invalid_api_key"
        with client_of(server.port, "all") as client:
            assert "knowledge" in [one.id for one in client.models.list()]
        with client_of(server.port, "other") as limited:
            assert [one.id for one in limited.models.list()] == [MINILM]
            assert list(limited.vector_stores.list()) == []
            for name in ("knowledge", "knowledge:kb", "pattern:questions"):
                with pytest.raises(sdk.NotFoundError):
                    limited.chat.completions.create(model=name, messages=ASKED)


def test_an_empty_base_says_what_to_do(tmp_path: Path) -> None:
    with serving(Settings(tmp_path / "none")) as server, client_of(server.port) as client:
        assert len(client.embeddings.create(model=MINILM, input="x").data[0].embedding) == 384
        assert next(iter(client.vector_stores.list())).file_counts.total == 0
        with pytest.raises(sdk.NotFoundError, match="formfact add"):
            client.chat.completions.create(model="knowledge", messages=ASKED)


def test_what_was_refused_can_be_sent_back(openai: OpenAI) -> None:
    found = openai.chat.completions.parse(model="knowledge", messages=UNKNOWN, response_format=Answer)
    messages: Any = [*UNKNOWN, found.choices[0].message, *ASKED]
    again = openai.chat.completions.create(model="knowledge", messages=messages, modalities=["text"])
    assert QUOTE in (again.choices[0].message.content or "")


@pytest.mark.parametrize(
    "asked",
    [
        {"ranking_options": {"score_threshold": "abc"}},
        {"ranking_options": {"score_threshold": [1]}},
        {"filters": {"type": {"a": 1}, "key": "year", "value": "x"}},
    ],
)
def test_what_is_no_search_is_refused(openai: OpenAI, asked: dict[str, Any]) -> None:
    with pytest.raises(sdk.BadRequestError):
        openai.post("/vector_stores/vs_kb/search", body={"query": "storm", **asked}, cast_to=object)


def test_a_number_beyond_all_numbers_filters(openai: OpenAI) -> None:
    asked = {"query": "storm", "filters": {"type": "gt", "key": "year", "value": 10**400}}
    assert openai.post("/vector_stores/vs_kb/search", body=asked, cast_to=object)["data"] == []  # type: ignore[index]
