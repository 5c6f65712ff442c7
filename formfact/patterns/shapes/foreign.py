"""Checks of Perl and SQL by their own parsers, which must not run what they read."""

from __future__ import annotations

import re
import resource
import shutil
import sqlite3
import subprocess
import tempfile
import time

from formfact.types import Problem

SECONDS, MEMORY = 5, 512 * 2**20
RUNS = re.compile(
    r"\b(?:BEGIN|END|INIT|CHECK|UNITCHECK|AUTOLOAD|DESTROY|use|no|require|do|eval|import|format|package|local|tie)\b"
    r"|::|'(?=\w+::)|`|\bqx\b|<<|\(\?\??\{|__(?:END|DATA|FILE|LINE|PACKAGE)__|^=\w|^#|:\s*\w+\s*(?:\(|\{)|\*\{",
    re.MULTILINE,
)
"""What `perl -c` would carry out while it compiles, or what could bring that in."""
LINE = re.compile(r" at \S+ line (\d+)")
VERBS = re.compile(r"\s*(select|insert|update|delete|with|values|create\s+table|replace)\b", re.IGNORECASE)
MISSING = re.compile(r"no such (?:table|column|function|collation)|has no column|ambiguous column|already exists")
NEAR = re.compile(r'near "([^"]*)"')


def check_perl(text: str) -> list[Problem]:
    """Whether Perl compiles a text. Text that perl would partly run while compiling is a problem and never reaches it.

    Where no perl is installed, brackets and quotes alone are looked at, and nothing else is promised.
    """
    bare = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", lambda quoted: "_" * len(quoted[0]), text)
    if refused := RUNS.search(bare):
        return [Problem("perl", f"{refused[0].strip()!r} is run while Perl compiles: left out", *refused.span())]
    perl = shutil.which("perl")
    if perl is None:
        return _brackets(text, bare)
    with tempfile.TemporaryDirectory() as empty:
        try:
            done = subprocess.run(
                [perl, "-T", "-c", "-"], input=text, text=True, capture_output=True, timeout=SECONDS, cwd=empty,
                env={}, preexec_fn=_bound, check=False, encoding="utf-8", errors="replace",
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return [Problem("perl", f"perl took more than {SECONDS} seconds", 0, len(text))]
    if done.returncode == 0:
        return []
    first = next((line for line in done.stderr.splitlines() if line.strip()), "perl refused it")
    number = int(found[1]) if (found := LINE.search(first)) else 1
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: number - 1])
    end = start + len(lines[number - 1]) if number <= len(lines) else len(text)
    return [Problem("perl", f"does not compile: {LINE.sub('', first)}", min(start, len(text)), min(end, len(text)))]


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _brackets(text: str, bare: str) -> list[Problem]:
    pairs, stack = {")": "(", "]": "[", "}": "{"}, []
    for at, char in enumerate(bare):
        if char in "([{":
            stack.append((char, at))
        elif char in pairs and (not stack or stack.pop()[0] != pairs[char]):
            return [Problem("perl", f"{char} closes nothing", at, at + 1)]
    if stack:
        return [Problem("perl", f"{stack[-1][0]} is never closed", stack[-1][1], len(text))]
    return []


def check_sql(text: str) -> list[Problem]:
    """Whether SQLite parses each statement; tables and columns need not be there. Nothing is carried out."""
    problems = []
    at = 0
    for statement in _statements(text):
        start = text.index(statement, at)
        at = start + len(statement)
        if statement.strip(" \t\r\n;"):
            problems += _statement(statement, start)
    return problems or ([] if text.strip(" \t\r\n;") else [Problem("sql", "there is no statement", 0, len(text))])


def _statements(text: str) -> list[str]:
    found, part = [], ""
    for piece in re.split(r"(?<=;)", text):
        part += piece
        if sqlite3.complete_statement(part):
            found.append(part)
            part = ""
    return [*found, part] if part.strip() else found


def _statement(statement: str, start: int) -> list[Problem]:
    end = start + len(statement)
    if not VERBS.match(statement):
        return [
            Problem("sql", "a statement begins with SELECT, INSERT, UPDATE, DELETE, WITH or CREATE TABLE", start, end)
        ]
    connection = sqlite3.connect(":memory:")
    deadline = time.monotonic() + SECONDS
    try:
        connection.set_progress_handler(lambda: int(time.monotonic() > deadline), 1000)
        connection.execute(f"EXPLAIN {statement}")
    except sqlite3.Error as error:
        message = str(error)
        if MISSING.search(message):
            return []
        near = NEAR.search(message)
        place = statement.find(near[1]) if near and near[1] else -1
        spot = (start + place, start + place + len(near[1])) if near and place >= 0 else (start, end)
        return [Problem("sql", message, *spot)]
    except (sqlite3.Warning, ValueError) as error:
        return [Problem("sql", str(error), start, end)]
    finally:
        connection.close()
    return []
