"""Signs that Office tells by a font and a number -> the characters that they show."""

from __future__ import annotations

import re

PRIVATE = re.compile("[\uf020-\uf0ff]")
"""Where Unicode leaves room for the codes of such fonts."""
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_GREEK = "αβχδεφγηιϕκλμνοπθρστυϖωξψζΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"
_FROM_A2 = "′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨®©™∑"
SYMBOL = (
    {code: chr(code) for code in range(0x20, 0x7F)}
    | {
        0x22: "∀",
        0x24: "∃",
        0x27: "∋",
        0x2A: "∗",
        0x2D: "−",
        0x40: "≅",
        0x5C: "∴",
        0x5E: "⊥",
        0x7E: "∼",
        0xF1: "⟩",
        0xF2: "∫",
    }
    | dict(zip(map(ord, _LETTERS), _GREEK, strict=True))
    | dict(enumerate(_FROM_A2, 0xA2))
)
"""The codes of the font Symbol."""
WINGDINGS = {
    0x6F: "☐",
    0xA8: "☐",
    0xFB: "✗",
    0xFC: "✓",
    0xFD: "☒",
    0xFE: "☑",
    0xE0: "→",
    0xDF: "←",
    0xE8: "→",
    0xF0: "→",
}
"""Those of its boxes, marks and arrows; what else is there is ornament."""
FONTS = {"symbol": SYMBOL, "wingdings": WINGDINGS}


def of_font(text: str, font: str) -> str:
    """A text with the private codes of a known font replaced, "" for what shows nothing; as it is in other fonts."""
    signs = FONTS.get(font.lower())
    return text if signs is None else PRIVATE.sub(lambda found: signs.get(ord(found[0]) & 0xFF, ""), text)


def of_number(code: str, font: str) -> str:
    """A sign by its hexadecimal number; nothing for a picture or what is no number."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    if font.lower() in FONTS:
        return FONTS[font.lower()].get(number & 0xFF, "") if number <= 0xFF or 0xF000 <= number <= 0xF0FF else ""
    return chr(number) if 0x20 <= number < 0xD800 else ""
