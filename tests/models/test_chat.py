"""Writers at endpoints over real HTTP on loopback: what is sent, what comes back whole and in pieces, what fails."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import formfact as ff
from formfact.errors import ModelError, Refused
from formfact.models import Writer, open_writer
from formfact.models.chat import Chat, Events, parse_chat_address
from formfact.models.post import Patience
from formfact.types import Message
from tests.models.server import KEY, Server, die, event, hang, pieces, says, status, trickle

ASKED = [Message("system", "Be short."), Message("user", "How wide is it?")]
QUICK = Patience(timeout=0.4, attempts=3, delay=0.01)


def chat(server: Server) -> Chat:
    return Chat(f"{server.address}#small", key=KEY, patience=QUICK)


def test_an_address_opens_a_writer_and_sends_nothing(server: Server) -> None:
    address = f"{server.address}#small"
    writers: list[Writer] = [open_writer(address), ff.open_writer(address)]
    assert [writer.address for writer in writers] == [address, address]
    assert not server.seen


@pytest.mark.parametrize(
    "address",
    ["small", "https://host/v1", "ftp://host/v1#small", "https:///v1#small", "http://[::1/v1#small", "http://h:x/v1#m"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Refused, match=r"no writer's address|names no host and model|cannot be read") as wrong:
        open_writer(address)
    assert "https://HOST/v1#MODEL" in wrong.value.hint


def test_an_address_with_a_password_is_refused_and_not_repeated() -> None:
    with pytest.raises(Refused, match="password") as wrong:
        open_writer("https://me:secret@host/v1#small")
    assert "secret" not in str(wrong.value)


def test_an_address_keeps_its_query() -> None:
    assert parse_chat_address("https://host/v1/?api-version=2#org/small") == (
        "https://host/v1/chat/completions?api-version=2",
        "org/small",
    )


def test_a_reply_as_a_whole(server: Server) -> None:
    server.script = [says("It is 3 m wide.", tokens=6)]
    reply = chat(server).complete(ASKED, tokens=40)
    assert (reply.text, reply.tokens, reply.ended) == ("It is 3 m wide.", 6, True)
    (seen,) = server.seen
    assert seen["path"] == "/v1/chat/completions"
    assert seen["headers"]["Authorization"] == f"Bearer {KEY}"
    assert (seen["model"], seen["max_tokens"], seen["temperature"]) == ("small", 40, 0)
    assert seen["messages"] == [{"role": one.role, "content": one.content} for one in ASKED]
    assert "stream" not in seen
    assert "response_format" not in seen


def test_a_reply_that_was_cut_off_says_so(server: Server) -> None:
    server.script = [says("It is 3", finish="length")]
    assert not chat(server).complete(ASKED, tokens=4).ended


def test_a_schema_is_asked_for(server: Server) -> None:
    server.script = [says("{}")]
    chat(server).complete(ASKED, tokens=40, schema={"type": "object"})
    assert server.seen[0]["response_format"]["json_schema"]["schema"] == {"type": "object"}


def test_a_reply_in_pieces(server: Server) -> None:
    server.script = [pieces(["It is ", "", "3 m", " wide."])]
    assert list(chat(server).stream(ASKED, tokens=40)) == ["It is ", "3 m", " wide."]
    assert server.seen[0]["stream"] is True


def test_pieces_come_as_they_are_written(server: Server) -> None:
    server.script = [pieces(["one ", "two ", "three "], wait=0.1)]
    started = time.monotonic()
    moments = [time.monotonic() - started for _ in chat(server).stream(ASKED, tokens=40)]
    assert moments[-1] - moments[0] > 0.15


def test_an_endpoint_without_streaming_gives_one_piece(server: Server) -> None:
    server.script = [lambda handler, asked: says("It is 3 m wide.")(handler, {})]
    assert list(chat(server).stream(ASKED, tokens=40)) == ["It is 3 m wide."]


def test_a_busy_endpoint_is_asked_again(server: Server) -> None:
    server.script = [status(503), status(429, Retry_After="0"), pieces(["yes"])]
    assert list(chat(server).stream(ASKED, tokens=40)) == ["yes"]
    server.script = [status(500), die, says("yes")]
    assert chat(server).complete(ASKED, tokens=40).text == "yes"


REFUSALS = (
    ("Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.", "max_tokens"),
    ("Unsupported value: 'temperature' does not support 0 with this model.", "temperature"),
    ("response_format of type json_schema is not supported", "response_format"),
)


@pytest.mark.parametrize(("refusal", "refused"), REFUSALS)
def test_an_endpoint_is_asked_in_its_own_dialect(server: Server, refusal: str, refused: str) -> None:
    body = json.dumps({"error": {"message": refusal}})
    server.script = [status(400, body), says("3 m"), says("4 m")]
    writer = chat(server)
    assert writer.complete(ASKED, tokens=7, schema={"type": "object"}).text == "3 m"
    assert "".join(writer.stream(ASKED, tokens=7)) == "4 m"
    first, *later = server.seen
    assert refused in first
    assert all(refused not in seen for seen in later)
    assert len(later) == 2, "what was learnt is not asked again"
    assert (later[0].get("max_tokens") or later[0]["max_completion_tokens"]) == 7


def test_an_endpoint_without_a_system_role_is_told_by_the_user(server: Server) -> None:
    server.script = [status(400, "System role not supported"), says("3 m")]
    assert chat(server).complete(ASKED, tokens=7).text == "3 m"
    assert server.seen[1]["messages"] == [{"role": "user", "content": "Be short.\n\nHow wide is it?"}]


def test_a_refusal_for_another_reason_is_an_error_at_once(server: Server) -> None:
    server.script = [status(400, "the prompt is too long"), says("never")]
    with pytest.raises(ModelError, match="too long"):
        chat(server).complete(ASKED, tokens=7)
    server.script = [status(400, "temperature"), status(400, "temperature")]
    with pytest.raises(ModelError, match="temperature"):
        chat(server).complete(ASKED, tokens=7)


def test_one_that_dies_in_the_middle_is_not_asked_again(server: Server) -> None:
    server.script = [pieces(["It is ", "3"], done=False), pieces(["never"])]
    stream = chat(server).stream(ASKED, tokens=40)
    assert [next(stream), next(stream)] == ["It is ", "3"]
    with pytest.raises(ModelError, match="broke off"):
        next(stream)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "bad", [hang(2), trickle(2), status(200, "<html>"), status(200, "data: {}\n\ndata: [1]\n\n"), status(404), die]
)
def test_what_is_no_reply_is_an_error_with_the_next_step(server: Server, bad: object) -> None:
    for ask in (lambda: chat(server).complete(ASKED, tokens=4), lambda: list(chat(server).stream(ASKED, tokens=4))):
        server.script = [bad, bad, bad]  # type: ignore[list-item]
        started = time.monotonic()
        with pytest.raises(ModelError) as wrong:
            ask()
        assert wrong.value.hint
        assert KEY not in str(wrong.value)
        assert time.monotonic() - started < 3


def test_an_error_in_the_middle_is_an_error(server: Server) -> None:
    body = event("It ") + b'data: {"error": {"message": "overloaded ' + KEY.encode() + b'"}}\n\n'
    server.script = [status(200, body.decode(), Content_Type="text/event-stream")]
    with pytest.raises(ModelError, match="overloaded") as wrong:
        list(chat(server).stream(ASKED, tokens=4))
    assert KEY not in str(wrong.value)


def test_a_stream_that_is_closed_closes_its_connection(server: Server) -> None:
    gone: list[bool] = []

    def endless(handler: object, asked: object) -> None:
        try:
            pieces(["word "] * 1000, wait=0.005)(handler, asked)  # type: ignore[arg-type]
        except OSError:
            gone.append(True)

    server.script = [endless]
    stream = chat(server).stream(ASKED, tokens=4)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    for _ in range(100):
        if gone:
            break
        time.sleep(0.02)
    assert gone


@given(st.lists(st.text(min_size=1), max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_events_give_back_what_was_written(texts: list[str], end: str) -> None:
    sent = b"".join(map(event, texts)).decode() + event(None, finish="stop").decode() + "data: [DONE]\n\n"
    events = Events()
    read = [events.take(line.encode()) for line in sent.replace("\n", end).replace("\r", "").split("\n")]
    assert "".join(read) == "".join(texts)
    assert events.done


@given(st.binary(max_size=80))
def test_no_line_makes_events_fail_in_another_way(line: bytes) -> None:
    events = Events()
    for one in (line, b"data:" + line, json.dumps({"choices": line.hex()}).encode()):
        try:
            events.take(one)
            events.end()
        except ValueError:
            continue


def test_a_count_of_tokens_without_end_is_no_usable_reply(server: Server) -> None:
    body = '{"choices": [{"message": {"content": "3 m"}}], "usage": {"completion_tokens": 1e999}}'
    server.script = [status(200, body)]
    with pytest.raises(ModelError, match="no usable reply"):
        chat(server).complete(ASKED, tokens=40)
