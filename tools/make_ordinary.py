"""Writes formfact/knowledge/ordinary.txt: English words that are written small more often than with a capital.

They are read off the vocabulary of the default base's tokenizer (SmolLM2, Apache-2.0), whose tokens stand in the
order in which they were made, the commonest first: `Ġdress` comes before `ĠDress`, and there is no `Ġobama`. Words
that are common names as well are left out by hand. Run it when the tokenizer changes.
"""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOKENIZER = ROOT / "formfact" / "patterns" / "bases" / "smollm2-tokenizer.json"
WORDS = ROOT / "formfact" / "knowledge" / "ordinary.txt"
SHORTEST = 4
"""Letters; shorter tokens are mostly parts of words, and the short words that matter are listed in `names.py`."""
NAMES = frozenset(
    (
        "amazon amber apple april archer autumn banks bass bath bill bird black blake bond brandy brook brooks"
        " brown buck buddy burns bush butler carol carter case chad chance chandler chase china chip christian clay"
        " cliff coal cole colt cork crane cruz crystal cuba daisy dale dawn dean dell delta dolly drew duke earl"
        " ember faith fields finch fish fisher fleming flora florence ford forest foster frank franklin gale garden"
        " gates gene ginger glen glenn gold good grace grant graves gray green grey griffin guest hale harper harry"
        " heath holly holmes hood hope house howard hudson hunt hunter india iris ivory jade jasmine jersey jordan"
        " josh joyce judge junior justice kelly kent lance lane laurel leigh lily lima lincoln little long love"
        " major mali manning march maria mark marks marshal marshall martin mason mercury mercy miles miller mills"
        " mini misty mobile money moon moss mount nice nick niger noble norm norman north olive oman orange oslo"
        " owen page parker parks patience paul peace pearl penny perry peru pierce pine piper polish poll pope"
        " porter potter powers price pride prime prince quinn rain randy rang rave reading reed regal rice rich"
        " ridge ring river rivers robin rock rocky roman romance rome root rose rosemary rowan ruby rush russell"
        " sage saint sally sands sandy savannah sawyer scott shell shepherd sierra sigma silver skip sky small smart"
        " snow sonny south speaker split spring star stark steel stella sterling stone storm strong summer sunny"
        " swan swift sylvan tanner target taylor temple terry tiffany togo turkey turner tyler underwood union vale"
        " valentine vance victor victoria viola violet virgin wade walker wall waller ward warner warren washing"
        " watt watts wayne webb wells west wheeler white whitney wild wilder will willow wing winter wise wolf wood"
        " woods worth wren wright yale york young zion"
    ).split()
)


def main() -> None:
    vocabulary: dict[str, int] = json.loads(TOKENIZER.read_text(encoding="utf-8"))["model"]["vocab"]
    found = []
    for token, rank in vocabulary.items():
        match = re.fullmatch(rf"Ġ([a-z]{{{SHORTEST},}})", token)
        if match and match[1] not in NAMES and rank <= vocabulary.get(f"Ġ{match[1].capitalize()}", rank):
            found.append(match[1])
    WORDS.write_text("\n".join(textwrap.wrap(" ".join(sorted(found)), 120)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
