"""Who gets through: pages of other sites, names that are not ours, and clients with and without tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from formfact import Knowledge
from formfact.errors import NotFound, Refused
from formfact.interfaces.http.run import serve
from formfact.interfaces.http.settings import Settings
from formfact.interfaces.http.tokens import read_tokens
from tests.interfaces.http.serving import Client, form, serving

ASKED = {"question": "pump"}
FOREIGN = "https://elsewhere.example"
TOKENS = """
[[token]]
name = "reader"
token = "read-read-read-read"
bases = ["kb"]

[[token]]
name = "writer"
token = "write-write-write-write"
bases = ["kb"]
may = "write"

[[token]]
name = "auditor"
token = "all-all-all-all-all"
"""


# Pages of other sites, and other names ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "localhost.", "[::2]"]
)
def test_names_that_are_not_ours_are_refused(client: Client, host: str) -> None:
    refused = client("POST", "/search", ASKED, headers={"Host": host})
    assert (refused.status, refused.error["type"]) == (403, "Forbidden")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:99", "[::1]:8000", "LOCALHOST"])
def test_names_of_this_machine_are_let_through(client: Client, host: str) -> None:
    assert client("POST", "/search", ASKED, headers={"Host": host}).status == 200


@pytest.mark.parametrize("origin", [FOREIGN, "null", "http://localhost:1", "http://127.0.0.1.evil.example", "garbage"])
def test_pages_of_other_sites_are_refused(client: Client, origin: str) -> None:
    for method, path, value in (
        ("POST", "/search", ASKED),
        ("GET", "/status", None),
        ("POST", "/remove", {"what": ["x"]}),
    ):
        assert client(method, path, value, headers={"Origin": origin}).status == 403
    asked_before = client("OPTIONS", "/search", headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    assert asked_before.status == 403
    assert "access-control-allow-origin" not in asked_before.headers


def test_forms_of_other_sites_are_refused_where_no_origin_is_sent(client: Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client("POST", "/search", ASKED, headers=headers).status == 403
    body, kind = form(("a.txt", b"text"))
    assert client("POST", "/add", body=body, headers={"Content-Type": kind, **headers}).status == 403
    assert client("POST", "/search", body='{"question":"x"}', headers={"Content-Type": "text/plain"}).status == 400


def test_our_own_page_is_let_through(client: Client) -> None:
    origin = f"http://127.0.0.1:{client.port}"
    assert client("POST", "/search", ASKED, headers={"Origin": origin}).status == 200


def test_an_origin_that_is_allowed(kb: Path) -> None:
    with serving(Settings(kb, origins=(FOREIGN,), hosts=("kb.example",))) as client:
        found = client("POST", "/search", ASKED, headers={"Origin": FOREIGN, "Host": "kb.example"})
        assert found.status == 200
        assert found.headers["access-control-allow-origin"] == FOREIGN
        assert "Origin" in found.headers["vary"]
        before = client("OPTIONS", "/search", headers={"Origin": FOREIGN, "Access-Control-Request-Method": "POST"})
        assert before.status == 204
        assert "Authorization" in before.headers["access-control-allow-headers"]
        assert client("POST", "/search", ASKED, headers={"Origin": "https://other.example"}).status == 403
        assert "access-control-allow-origin" not in client.post("/search", ASKED).headers


def test_every_answer_has_headers_that_keep_it_from_becoming_script(client: Client) -> None:
    for path in ("/health", "/nowhere", "/status", "/search", "/metrics"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


# Tokens -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("guarded")
    for name in ("kb", "other"):
        (folder / f"{name}.txt").write_text(f"The text of {name} is about pumps.\n")
        with Knowledge(folder / "bases" / name, embedder="toy:64") as kb:
            kb.add(folder / f"{name}.txt")
    (folder / "tokens.toml").write_text(TOKENS)
    settings = Settings(
        folder / "bases" / "kb", bases=folder / "bases", token="owner-owner-owner", tokens=folder / "tokens.toml"
    )
    with serving(settings) as client:
        yield client


def test_without_a_token_nothing_is_said(guarded: Client) -> None:
    for client in (guarded, guarded.with_token("wrong"), guarded.with_token(""), guarded.with_token("ö")):
        for path in ("/status", "/search?question=x", "/jobs", "/metrics", "/bases", "/documents", "/status?kb=none"):
            refused = client.get(path)
            assert (refused.status, refused.error["type"]) == (401, "Unauthorized")
            assert refused.headers["www-authenticate"] == "Bearer"
    assert guarded.get("/health").status == 200
    basic = guarded("GET", "/status", headers={"Authorization": "Basic owner-owner-owner"})
    assert basic.status == 401


def test_the_owner_may_do_all(guarded: Client) -> None:
    owner = guarded.with_token("owner-owner-owner")
    assert owner.get("/bases").json == {"bases": ["kb", "other"], "default": "kb"}
    assert owner.get("/status?kb=other").json["documents"] == 1
    assert owner.get("/search?question=pumps&kb=other").json["hits"][0]["document"] == "other.txt"
    assert owner.get("/metrics").status == 200


def test_a_reader_of_one_base_sees_no_other_and_changes_nothing(guarded: Client) -> None:
    reader = guarded.with_token("read-read-read-read")
    assert reader.get("/bases").json == {"bases": ["kb"], "default": "kb"}
    assert reader.get("/search?question=pumps").status == 200
    for path in ("/status?kb=other", "/search?question=x&kb=other", "/document?document=other.txt&kb=other"):
        assert reader.get(path).status == 404
    none, other = reader.get("/status?kb=none"), reader.get("/status?kb=other")
    assert none.error["message"].replace("none", "other") == other.error["message"]
    assert reader.post("/remove", {"what": ["kb.txt"]}).status == 403
    body, kind = form(("a.txt", b"text"))
    assert reader("POST", "/add", body=body, headers={"Content-Type": kind}).status == 403
    assert reader.get("/metrics").status == 403


def test_a_writer_of_one_base(guarded: Client) -> None:
    writer, reader = guarded.with_token("write-write-write-write"), guarded.with_token("read-read-read-read")
    owner = guarded.with_token("owner-owner-owner")
    body, kind = form(("new.txt", b"The new text.\n"))
    job = writer("POST", "/add", body=body, headers={"Content-Type": kind}).json["id"]
    assert writer("POST", "/add?kb=other", body=body, headers={"Content-Type": kind}).status == 404
    foreign = owner("POST", "/add?kb=other", body=body, headers={"Content-Type": kind}).json["id"]
    assert [one["id"] for one in writer.get("/jobs").json["jobs"]] == [job]
    assert writer.get(f"/jobs/{foreign}").status == writer("DELETE", f"/jobs/{foreign}").status == 404
    assert reader("DELETE", f"/jobs/{job}").status == 403
    assert owner.get(f"/jobs/{job}/events").events[-1][1]["state"] == "done"
    assert writer("DELETE", f"/jobs/{job}").json["state"] == "done"


def test_an_unlimited_token_reads_all_by_default(guarded: Client) -> None:
    auditor = guarded.with_token("all-all-all-all-all")
    assert auditor.get("/status?kb=other").status == 200
    assert auditor.post("/remove?kb=other", {"what": ["other.txt"]}).status == 403


@pytest.mark.parametrize(
    "text",
    [
        "not toml [",
        "",
        "token = 3",
        "[[token]]\nname = 'x'",
        "[[token]]\ntoken = 'abc'",
        "[[token]]\nname = 'x'\ntoken = 'abc'\nmay = 'all'",
        "[[token]]\nname = 'x'\ntoken = 'abc'\nbases = 'kb'",
        "[[token]]\nname = 'x'\ntoken = 'abc'\nmya = 'write'",
        "\xff",
    ],
)
def test_a_file_of_tokens_that_is_amiss_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "tokens.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(Refused) as refused:
        read_tokens("", tmp_path / "tokens.toml")
    assert "token" in refused.value.hint
    with pytest.raises(NotFound):
        read_tokens("", tmp_path / "none.toml")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_it_does_not_listen_beyond_this_machine_without_a_token(kb: Path, host: str) -> None:
    with pytest.raises(Refused) as refused:
        serve(Settings(kb, host=host, port=0))
    assert "FORMFACT_TOKEN" in refused.value.hint


def test_an_origin_that_is_no_address_is_foreign(client: Client) -> None:
    assert client("GET", "/health", headers={"Origin": "http://[::1"}).status == 403


@pytest.mark.parametrize("name", ["owner", "local"])
def test_no_token_is_named_as_who_may_do_everything(tmp_path: Path, name: str) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(f'[[token]]\nname = "{name}"\ntoken = "x"\nbases = ["kb"]\n')
    with pytest.raises(Refused, match="may do everything"):
        read_tokens("", file)
