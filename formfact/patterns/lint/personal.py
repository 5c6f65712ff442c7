"""Personal data that can be told by its form: addresses, numbers with check digits, keys.

Not covered: names and postal addresses, which no form tells from other words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

EXAMPLES = re.compile(
    r"(?:@(?:[\w-]+\.)*(?:example\.(?:com|org|net)|example|test|invalid|localhost)$|555[- ]?01\d\d\b)", re.IGNORECASE
)
"""What is reserved for examples is nobody's: names by RFC 2606, American telephone numbers."""


def _luhn(text: str) -> bool:
    digits = [int(char) for char in text if char.isdigit()]
    doubled = [d if at % 2 == 0 else sum(divmod(2 * d, 10)) for at, d in enumerate(reversed(digits))]
    return 13 <= len(digits) <= 19 and sum(doubled) % 10 == 0 and len(set(digits)) > 1


def _iban(text: str) -> bool:
    flat = text.replace(" ", "").upper()
    return 15 <= len(flat) <= 34 and int("".join(str(int(char, 36)) for char in flat[4:] + flat[:4])) % 97 == 1


def _phone(text: str) -> bool:
    return 9 <= sum(char.isdigit() for char in text) <= 15


def _isbn(text: str) -> bool:
    digits = [int(char) for char in text if char.isdigit()]
    return sum(digits[::2] + [3 * digit for digit in digits[1::2]]) % 10 == 0


def _always(_: str) -> bool:
    return True


CARD = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")
PHONE = re.compile(r"(?<![\w.])(?:\+\d{1,3}[ .-]?|\(\d{2,5}\)[ .-]?|0\d{1,4}[ /-]|\d{3}-)\d[\d .-]{5,13}\d\b")
KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("an e-mail address", re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})*\.[A-Za-z]{2,24}\b"), _always),
    ("a card number", CARD, _luhn),
    ("an IBAN", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b"), _iban),
    ("a phone number", PHONE, _phone),
    ("a social security number", re.compile(r"\b(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}\b"), _always),
    ("a secret key", re.compile(r"\b(?:sk-[\w-]{20,}|ghp_\w{30,}|AKIA[0-9A-Z]{16}|xox[bap]-[\w-]{10,})"), _always),
)  # fmt: skip

PUBLIC = re.compile(
    r"\bISBN(?:-1[03])?:? ?\d(?:[ -]?\d){8,11}[ -]?[\dX]\b"
    r"|(?<!\d)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?P<book>(?<![\d+-])97[89](?:[ -]?\d){10}\b)",
    re.IGNORECASE,
)
"""Numbers of books, and dates as ISO writes them: they look like telephone and card numbers."""


def _without_public(text: str) -> str:
    """A text of the same length without PUBLIC; a book's number that is not called one must have its check digit."""
    return PUBLIC.sub(lambda one: "|" * len(one[0]) if not one["book"] or _isbn(one["book"]) else one[0], text)


def personal(text: str) -> Iterator[tuple[str, int, int]]:
    """The kind and place of each find, by kind."""
    private = _without_public(text)
    for kind, pattern, holds in KINDS:
        for match in pattern.finditer(private if pattern in (CARD, PHONE) else text):
            if holds(match[0]) and not EXAMPLES.search(match[0]):
                yield kind, match.start(), match.end()
