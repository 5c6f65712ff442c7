"""The check of SQL by SQLite's own parser, which explains each statement and carries none out."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

from formfact.types import Problem

OPENERS = re.compile(r"""['"`\[;]|--|/\*""")
CLOSERS = {"'": "'", '"': '"', "`": "`", "[": "]", "--": "\n", "/*": "*/"}
VERBS = re.compile(r"(select|insert|update|delete|with|values|create\s+table|replace)\b", re.IGNORECASE)
SKIPPED = re.compile(r"[ \t\r\n\f]+|--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
"""White space, or a comment."""
MISSING = re.compile(r"no such (?:table|column|function|collation)|has no column|ambiguous|already exists|circular")
"""What SQLite misses in a base that holds nothing, after it has read the whole statement."""
NEAR = re.compile(r'(?:near|token:) "([^"]+)"')
TRIED = 20
"""Places of a word that are tried to find the one that SQLite means."""


def check_sql(text: str) -> list[Problem]:
    """Whether SQLite parses each statement; tables and columns need not be there."""
    problems: list[Problem] = []
    any_statement = False
    connection = sqlite3.connect(":memory:")
    try:
        for start, statement in _statements(text):
            if statement[_begin(statement) :].strip(" \t\r\n;"):
                any_statement = True
                problems += _check(connection, statement, start)
    finally:
        connection.close()
    return problems if any_statement else [Problem("sql", "there is no statement", 0, len(text))]


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each statement with its semicolon, and where it begins; quotes and comments may hold semicolons."""
    start = at = 0
    while found := OPENERS.search(text, at):
        if found[0] == ";":
            at = found.end()
            yield start, text[start:at]
            start = at
            continue
        closer = text.find(CLOSERS[found[0]], found.end())
        if closer < 0:
            break
        at = closer + len(CLOSERS[found[0]])
    yield start, text[start:]


def _begin(statement: str) -> int:
    """Where a statement begins, after white space and comments; its end where there is nothing else."""
    at = 0
    while found := SKIPPED.match(statement, at):
        at = found.end()
    return at


def _check(connection: sqlite3.Connection, statement: str, start: int) -> list[Problem]:
    end = start + len(statement)
    if not VERBS.match(statement, _begin(statement)):
        what = "a statement begins with SELECT, INSERT, UPDATE, DELETE, WITH or CREATE TABLE"
        return [Problem("sql", what, start, end)]
    message = _explain(connection, statement)
    if not message or MISSING.search(message):
        return []
    near = NEAR.search(message)
    place = _place(connection, statement, near[1]) if near else -1
    spot = (start + place, start + place + len(near[1])) if near and place >= 0 else (start, end)
    return [Problem("sql", message, *spot)]


def _explain(connection: sqlite3.Connection, statement: str) -> str:
    """What SQLite says against a statement; "" for nothing."""
    try:
        connection.execute(f"EXPLAIN {statement}")
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        return str(error) or "SQLite refused it"
    return ""


def _place(connection: sqlite3.Connection, statement: str, word: str) -> int:
    """Which of the places of a word SQLite stumbled over: the first up to which it asks for more, and then does not."""
    place, first = -1, statement.find(word)
    for _ in range(TRIED):
        place = statement.find(word, place + 1)
        if place < 0 or _explain(connection, statement[: place + len(word)]) != "incomplete input":
            break
    return place if place >= 0 else first
