"""Errors that no route had a hand in, as the official client reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openai as sdk
import pytest
from openai import OpenAI

from formfact.interfaces.http.faces import FACES
from formfact.interfaces.http.routes import Call, Json, Nothing, Route
from formfact.interfaces.http.settings import Limits, Settings
from tests.interfaces.http.serving import serving
from tests.interfaces.openai.conftest import client_of

MEMBERS = {"message", "type", "param", "code"}
ASKED: Any = [{"role": "user", "content": "x" * 5000}]


def fail(call: Call, asked: Nothing) -> Json:
    raise ValueError("nobody foresaw this")


ROUTES = [Route("GET", "/v1/fail", fail, "fails")]


def body_of(wrong: sdk.APIStatusError) -> dict[str, Any]:
    assert isinstance(wrong.body, dict)
    assert set(wrong.body) == MEMBERS
    return wrong.body


def test_what_no_route_answers_has_the_shape_of_the_api(openai: OpenAI) -> None:
    with pytest.raises(sdk.NotFoundError, match="not found: POST /v1/responses") as wrong:
        openai.responses.create(model="knowledge", input="x")
    assert (body_of(wrong.value)["type"], wrong.value.code) == ("invalid_request_error", "unknown_url")
    with pytest.raises(sdk.APIStatusError, match="method not allowed: POST /v1/vector_stores") as refused:
        openai.vector_stores.create(name="mine")
    assert (refused.value.status_code, body_of(refused.value)["code"]) == (405, "method_not_supported")
    assert "GET" in refused.value.response.headers["allow"]
    with pytest.raises(sdk.PermissionDeniedError, match="--allow-origin") as foreign:
        openai.models.list(extra_headers={"Origin": "http://elsewhere.example"})
    assert body_of(foreign.value)["type"] == "permission_error"


def test_a_mistake_of_ours_has_it_too(v1_kb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FACES, "test", f"{__name__}:ROUTES")
    with serving(Settings(v1_kb, limits=Limits(body=1000))) as server, client_of(server.port) as client:
        with pytest.raises(sdk.InternalServerError, match="something went wrong here") as wrong:
            client.get("/fail", cast_to=object)
        assert (body_of(wrong.value)["type"], wrong.value.code) == ("server_error", "internal_error")
        with pytest.raises(sdk.APIStatusError) as large:
            client.chat.completions.create(model="knowledge", messages=ASKED)
        assert (large.value.status_code, body_of(large.value)["code"]) == (413, "request_too_large")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"max_tokens": 0}, r"\['max_tokens'\]: 0 is less than the minimum of 1 \(see"),
        ({"stop": ["a", 1]}, r"\['stop'\]\[1\]: 1 is not of type 'string'"),
        ({"model": "m" * 5000}, r"\['model'\]: it has 5,000 characters; 200 are the most"),
    ],
)
def test_a_value_that_does_not_fit_is_told_what_would(openai: OpenAI, more: Any, message: str) -> None:
    with pytest.raises(sdk.BadRequestError, match=message):
        openai.chat.completions.create(**({"model": "knowledge", "messages": ASKED} | more))
