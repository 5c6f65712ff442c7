"""Endpoints over real HTTP on loopback: what is sent, what is accepted, and how each way of failing is told."""

from __future__ import annotations

import dataclasses
import json
import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formfact.errors import ModelError, Refused
from formfact.models import endpoint, open_embedder, post
from formfact.models.bundled import FOLDER
from formfact.models.endpoint import Endpoint, batches, estimate, parse, parse_address
from formfact.models.post import Patience, retry_after
from formfact.models.toy import Toy
from tests.models.server import KEY, Reply, Server, die, hang, in_base64, serving, status, trickle, vectors

TEXTS = ["the river", "a stone", "the mill by the river"]
QUICK = Patience(timeout=0.4, attempts=3, delay=0.01)


def opened(server: Server, options: str = "&dimensions=16", key: str = KEY) -> Endpoint:
    return Endpoint(parse_address(f"{server.address}#toy{options}"), key, QUICK)


def expected(texts: list[str]) -> np.ndarray:
    return Toy(16).embed(texts)


@pytest.mark.parametrize("change", [lambda rows: rows, in_base64], ids=["numbers", "base64"])
def test_vectors_are_put_in_order_and_normalised(server: Server, change: Any) -> None:
    server.script = [vectors(change)]
    assert np.allclose(opened(server).embed(TEXTS), expected(TEXTS), atol=1e-6)


def test_what_is_sent(server: Server) -> None:
    opened(server, "&dimensions=8").embed(["the river", ""])
    (seen,) = server.seen
    assert seen["path"] == "/v1/embeddings"
    assert seen["headers"]["Authorization"] == f"Bearer {KEY}"
    assert {name: seen[name] for name in ("model", "input", "dimensions", "encoding_format")} == {
        "model": "toy",
        "input": ["the river", " "],
        "dimensions": 8,
        "encoding_format": "float",
    }


def test_many_texts_go_in_batches(server: Server) -> None:
    texts = [f"text {number}" for number in range(150)]
    assert np.allclose(opened(server).embed(texts), expected(texts), atol=1e-6)
    assert sorted(len(seen["input"]) for seen in server.seen) == [22, 64, 64]


def test_the_card_costs_one_request_and_opening_none(server: Server) -> None:
    embedder = open_embedder(f"{server.address}#toy&window=100")
    assert not server.seen
    assert (embedder.card.dimensions, embedder.card.window, embedder.card.name) == (16, 100, "toy")
    assert embedder.card.address == f"{server.address}#toy&window=100"
    assert len(server.seen) == 1


def test_digests_tell_models_apart(server: Server) -> None:
    cards = [open_embedder(f"{server.address}#{model}").card for model in ("toy", "toy&window=9", "other")]
    assert cards[0].digest == cards[1].digest != cards[2].digest
    assert open_embedder(f"{server.address}#toy&dimensions=8").card.digest != cards[0].digest


@pytest.mark.parametrize(
    "failure",
    [status(500), status(503, "busy"), status(429, Retry_After="0"), die],
    ids=["500", "503", "429", "dies mid-body"],
)
def test_a_passing_failure_is_tried_again(server: Server, failure: Reply) -> None:
    server.script = [failure, failure]
    assert np.allclose(opened(server).embed(TEXTS), expected(TEXTS), atol=1e-6)
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("failure", "told"),
    [(status(500, "it burns"), "3 attempts: HTTP 500: it burns"), (die, "3 attempts: IncompleteRead")],
)
def test_a_failure_that_stays_is_told(server: Server, failure: Reply, told: str) -> None:
    server.script = [failure] * 3
    with pytest.raises(ModelError, match=told):
        opened(server).embed(TEXTS)
    assert len(server.seen) == 3


def test_retry_after_is_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(post.time, "sleep", waited.append)
    server.script = [status(429, Retry_After="7"), status(429), status(429, Retry_After="nonsense")]
    with pytest.raises(ModelError):
        opened(server).embed(TEXTS)
    assert waited[0] == 7
    assert 0.01 <= waited[1] <= 0.02


def test_a_long_wait_is_told_and_not_waited(server: Server) -> None:
    server.script = [status(429, "slow down", Retry_After="3600")]
    with pytest.raises(ModelError, match="slow down, and asks to wait 3600 seconds"):
        opened(server).embed(TEXTS)


def test_a_spent_quota_is_not_tried_again(server: Server) -> None:
    server.script = [status(429, '{"error": {"code": "insufficient_quota"}}')]
    with pytest.raises(ModelError, match="insufficient_quota"):
        opened(server).embed(TEXTS)
    assert len(server.seen) == 1


@pytest.mark.parametrize("silence", [hang(1.0), trickle(1.0)], ids=["nothing", "a byte at a time"])
def test_silence_ends_in_time(server: Server, silence: Reply) -> None:
    server.script = [silence]
    started = time.monotonic()
    with pytest.raises(ModelError, match=r"no reply in 0\.4 seconds"):
        opened(server).embed(TEXTS)
    assert time.monotonic() - started < 0.9


def test_nobody_there() -> None:
    with serving() as gone:
        pass
    with pytest.raises(ModelError, match="ConnectionRefusedError"):
        opened(gone).embed(TEXTS)


def without_one(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return rows[1:]


def twice_the_same(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [rows[0], *rows[:-1]]


def first_vector(value: Any) -> Any:
    return lambda rows: [{**rows[0], "embedding": value}, *rows[1:]]


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (status(200, '{"data": [{"index": 0, "emb'), "JSONDecodeError"),
        (status(200, "<html>It works!</html>"), "It works!"),
        (status(200, '{"error": "no such model"}'), "no such model"),
        (status(200, '{"data": null}'), "TypeError"),
        (status(200, "[]"), "TypeError"),
        (status(200, '{"data": [1, 2, 3]}'), "AttributeError"),
        (status(200, "[" * 100_000), "RecursionError"),
        (vectors(without_one), "2 vectors for 3 texts"),
        (vectors(twice_the_same), "3 vectors for 3 texts"),
        (vectors(first_vector([float("nan")] * 16)), "not finite"),
        (vectors(first_vector([None] * 16)), "not finite"),
        (vectors(first_vector([1e308] * 16)), "not finite"),
        (vectors(first_vector([0.0] * 16)), "zero"),
        (vectors(first_vector([1.0] * 15)), "15 and 16 dimensions"),
        (vectors(first_vector([])), "0 and 16 dimensions"),
        (vectors(first_vector([[1.0] * 16])), "2 axes"),
        (vectors(first_vector("no base64!")), "Error"),
        (vectors(first_vector("YWJj")), "ValueError"),
        (vectors(first_vector(10**400)), "OverflowError"),
        (vectors(lambda rows: [{**row, "embedding": [1.0] * 4} for row in rows]), "4 dimensions instead of 16"),
    ],
)
def test_a_reply_that_is_no_vectors_says_what_came(server: Server, reply: Reply, told: str) -> None:
    server.script = [reply]
    with pytest.raises(ModelError, match="no usable vectors") as error:
        opened(server).embed(TEXTS)
    assert told in error.value.message
    assert len(error.value.message) < 600


@pytest.mark.parametrize(
    ("code", "told"),
    [(401, "FORMFACT_API_KEY"), (403, "FORMFACT_API_KEY"), (404, "base URL"), (400, "base URL")],
)
def test_a_refusal_carries_the_next_step_and_never_the_key(server: Server, code: int, told: str) -> None:
    server.script = [status(code, f'{{"error": "you sent {KEY}"}}')]
    with pytest.raises(ModelError, match=rf"HTTP {code}: .*you sent \*\*\*") as error:
        opened(server).embed(TEXTS)
    assert told in error.value.hint
    assert KEY not in str(error.value)


def test_a_redirect_is_not_followed(server: Server) -> None:
    with serving() as other:
        server.script = [status(307, Location=f"{other.address}/embeddings")]
        with pytest.raises(ModelError, match="a redirect to http://127"):
            opened(server).embed(TEXTS)
        assert not other.seen


def test_the_key_comes_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-openai-alone")
    open_embedder(f"{server.address}#toy").embed(["a"])
    monkeypatch.setenv("FORMFACT_API_KEY", KEY)
    open_embedder(f"{server.address}#toy").embed(["a"])
    sent = [seen["headers"].get("Authorization") for seen in server.seen]
    assert sent == [None, None, f"Bearer {KEY}", f"Bearer {KEY}"]


def test_openai_s_key_goes_to_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = []
    monkeypatch.delenv("FORMFACT_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-openai-alone")
    monkeypatch.setattr(endpoint, "Endpoint", lambda place, key: keys.append(key))
    for host in ("api.openai.com", "openai.com", "notopenai.com", "openai.com.example"):
        open_embedder(f"https://{host}/v1#m")
    assert keys == ["sk-for-openai-alone", "sk-for-openai-alone", "", ""]


def test_an_address_taken_apart() -> None:
    place = parse_address("https://host:8443/v1/?api=2#org/model:tag&window=8192&dimensions=1024&tokenizer=/a%26b.json")
    assert dataclasses.asdict(place) == {
        "address": place.address,
        "url": "https://host:8443/v1/embeddings?api=2",
        "model": "org/model:tag",
        "window": 8192,
        "dimensions": 1024,
        "tokenizer": endpoint.Path("/a&b.json"),
    }


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://host/v1", "no host and model"),
        ("https://host/v1#&window=3", "no host and model"),
        ("http:///v1#model", "no host and model"),
        ("https://me:secret@host/v1#model", "user name or password"),
        ("https://me:secret/v1#model", "host or port"),
        ("http://[::1/v1#model", "host or port"),
        ("https://host/v1#model&size=3", "unknown option 'size'"),
        ("https://host/v1#model&window=many", "window=many"),
        ("https://host/v1#model&dimensions=0", "dimensions=0"),
    ],
)
def test_an_address_that_is_none(address: str, told: str) -> None:
    with pytest.raises(Refused, match=told) as error:
        open_embedder(address)
    assert "secret" not in str(error.value)


def test_a_tokenizer_in_the_address_counts(server: Server) -> None:
    exact = opened(server, f"&tokenizer={FOLDER / 'tokenizer.json'}")
    assert exact.count(["unbelievably", ""]) == open_embedder().count(["unbelievably", ""])


@pytest.mark.parametrize("kind", ["prose", "digits", "code", "names"])
def test_the_estimate_is_not_below_the_true_count(kind: str) -> None:
    text = {
        "prose": "The river froze early that year, and the mill stood silent until March.",
        "digits": "3.14159 26535, 8979; +49 (0)30 1234-5678",
        "code": "def f(x):\n    return {k: v[0] for k, v in x.items() if v != []}\n",
        "names": "Nguyễn Thị Xuân, Þórbergur Ólafsson, Wójcik",
    }[kind]
    assert estimate(text) >= open_embedder().count([text])[0]


@given(st.text(), st.text())
def test_estimates_add_up(left: str, right: str) -> None:
    assert 0 <= estimate(left) + estimate(right) - estimate(left + right) <= 1


@given(st.lists(st.integers(0, 200_000), max_size=300))
def test_batches_hold_every_text_once_in_order_and_within_their_limits(counts: list[int]) -> None:
    spans = list(batches(counts))
    assert [place for span in spans for place in range(span.start, span.stop)] == list(range(len(counts)))
    for span in spans:
        assert 1 <= span.stop - span.start <= endpoint.BATCH_TEXTS
        assert span.stop - span.start == 1 or sum(counts[span]) <= endpoint.BATCH_TOKENS


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("12", 12),
        (" 1.5 ", 1.5),
        ("Tue, 24 Nov 2026 10:00:30 GMT", 30),
        ("Tue, 24 Nov 2026 09:00:00 GMT", 0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_as_seconds_and_as_a_date(value: str, seconds: float | None) -> None:
    assert retry_after(value, datetime(2026, 11, 24, 10, tzinfo=UTC)) == seconds


def test_a_reply_without_index_is_taken_in_its_order() -> None:
    body = json.dumps({"data": [{"embedding": [2, 0]}, {"embedding": [0, 5]}]}).encode()
    assert parse(body, 2).tolist() == [[1, 0], [0, 1]]
