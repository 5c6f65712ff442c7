"""The page's files are served under a policy that runs them alone, open to who has no token, and nothing else is."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from formfact.interfaces.http.settings import Settings
from tests.interfaces.http.conftest import client, docs, kb  # noqa: F401
from tests.interfaces.http.serving import Client, serving

STATIC = files("formfact.interfaces.page") / "static"
LONGEST = 350
MARKUP = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|\bnew Function")
"""What could make text run."""


def names() -> list[str]:
    return sorted(one.name for one in STATIC.iterdir())


def test_every_file_is_served_under_the_policy(client: Client) -> None:  # noqa: F811
    for path in ["/", *(f"/page/{name}" for name in names())]:
        reply = client.get(path)
        assert reply.status == 200, path
        policy = dict(part.split(" ", 1) for part in reply.headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert policy["img-src"] == "'self' data:"
        assert policy["frame-ancestors"] == "'none'"
        assert "unsafe" not in reply.headers["content-security-policy"]
        assert reply.headers["x-content-type-options"] == "nosniff"
    again = client("GET", "/", headers={"If-None-Match": client.get("/").headers["etag"]})
    assert (again.status, again.body) == (304, b"")


def test_no_path_of_a_client_reaches_the_file_system(client: Client) -> None:  # noqa: F811
    for name in ("nothing.js", "..", "..%2froutes.py", "%2fetc%2fpasswd", "__init__.py", "static", "."):
        assert client.get(f"/page/{name}").status == 404, name


def test_it_is_open_where_all_else_wants_a_token(tmp_path: Path) -> None:
    with serving(Settings(tmp_path / "kb", token="secret")) as opened:
        assert opened.get("/").status == 200
        assert opened.get("/page/main.js").status == 200
        assert opened.get("/status").status == 401


def test_what_the_files_may_not_do() -> None:
    for name in names():
        text = (STATIC / name).read_text(encoding="utf-8")
        assert len(text.splitlines()) <= LONGEST, name
        outside = re.findall(r"https?://[^\s\"'`)]*", text)
        assert set(outside) <= {"http://www.w3.org/2000/svg"}, name
        assert not MARKUP.search(text), name
        if name.endswith(".html"):
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)


def test_every_module_says_what_it_is_for() -> None:
    for name in names():
        if name.endswith(".js"):
            assert (STATIC / name).read_text(encoding="utf-8").startswith("// "), name
