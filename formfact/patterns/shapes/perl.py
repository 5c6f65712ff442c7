"""The check of Perl by perl itself, which is kept from running anything of what it reads.

`perl -c` carries out BEGIN blocks and `use`, and calls subs by certain names or in other packages, while it compiles.
So it is never given the words that bring this about: each is exchanged for a harmless one of the same length, inside
strings too, which changes neither whether the rest compiles nor where a problem stands.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable

from formfact.types import Problem

SECONDS, KILOBYTES = 5, 512 * 1024
BOUNDED = f'ulimit -t {SECONDS} 2>&-; ulimit -f 0 2>&-; ulimit -v {KILOBYTES} 2>&-; exec "$0" -T -c -'
"""In a shell: what Python can do in a child before perl starts is not safe beside threads."""
CARRIED_OUT = re.compile(
    r"\b(?:BEGIN|UNITCHECK|CHECK|INIT|END)\s*\{|(?:^|[;{}])[ \t]*((?:use|no)\s+[\w:.]+)", re.MULTILINE | re.ASCII
)
"""What a program would run at once: a problem, as the contract is a form and not an effect."""
QUOTED = re.compile(r"\\.|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|(?<!\S)#[^\n]*")
PERLS = "attributes|bytes|charnames|feature|main|mro|overload|re|strict|utf8|warnings"
HARMLESS: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"BEGIN|UNITCHECK|CHECK|INIT", lambda word: word[0][:-1] + "_"),
    # Called for attributes, and for properties in regular expressions.
    (r"MODIFY_|FETCH_", lambda word: word[0][:-2] + "__"),
    (r"(?<!\w)I(?=[ns])", lambda _: "_"),
    (r"(?<![A-Za-z_])(?:use|no)(?!\w)", lambda word: word[0][:-1] + "_"),
    # Subs stay in one package, so that none takes the place of one that perl calls.
    (r"(?<![A-Za-z_])package(?!\w)", lambda _: "sub    "),
    (r"::", lambda _: "__"),
    (rf"(?<!\w)(?:[A-Z_]\w*|{PERLS})'(?=[A-Za-z_])", lambda word: word[0][:-1] + "_"),
    (r"\A#!", lambda _: "##"),
)
LINE = re.compile(r" at \S+ line (\d+)")


def check_perl(text: str) -> list[Problem]:
    """Whether Perl compiles a text; what a program would run at once is a problem.

    Where no perl is installed, brackets and quotes alone are looked at, and nothing else is promised.
    """
    if not text.strip():
        return [Problem("perl", "there is nothing in it", 0, len(text))]
    bare = QUOTED.sub(lambda quoted: "_" * len(quoted[0]), text)
    if found := CARRIED_OUT.search(bare):
        start, end = found.span(1) if found[1] else found.span()
        return [Problem("perl", f"{text[start:end]!r} is carried out while Perl compiles: leave it out", start, end)]
    perl = shutil.which("perl")
    return _compile(perl, text) if perl else _brackets(text, bare)


def harmless(text: str) -> str:
    """A text of the same length in which nothing is left that perl runs while it compiles."""
    for pattern, exchange in HARMLESS:
        text = re.sub(pattern, exchange, text, flags=re.ASCII)
    return text


def _compile(perl: str, text: str) -> list[Problem]:
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", BOUNDED, perl], input=harmless(text), text=True, capture_output=True, timeout=2 * SECONDS,
            cwd="/", env={}, check=False, encoding="utf-8", errors="replace",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return [Problem("perl", f"perl took more than {2 * SECONDS} seconds", 0, len(text))]
    if done.returncode == 0:
        return []
    first = next((line for line in done.stderr.splitlines() if line.strip()), "perl refused it")
    number = int(found[1]) if (found := LINE.search(first)) else 1
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: number - 1])
    end = start + len(lines[number - 1]) if number <= len(lines) else len(text)
    return [Problem("perl", f"does not compile: {LINE.sub('', first)}", min(start, len(text)), min(end, len(text)))]


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
