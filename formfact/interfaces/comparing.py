"""The command `formfact compare`."""

from __future__ import annotations

import argparse

from formfact.interfaces.as_json import put_json


def run(arguments: argparse.Namespace) -> None:
    from formfact.front.comparisons import compare
    from formfact.interfaces import comparison_page, comparison_shown
    from formfact.interfaces.output import advancing, put, write

    with advancing(arguments) as progress:
        found = compare(
            arguments.kb if arguments.facts else None,
            arguments.facts,
            quick=arguments.quick,
            arms=arguments.arms,
            paraphrases=arguments.paraphrases,
            base=arguments.base,
            writer=arguments.writer,
            prices=arguments.prices,
            progress=progress,
        )
    # Printed first: a file that cannot be written must not take what took minutes with it.
    if arguments.json:
        put_json(comparison_shown.wire(found))
    else:
        put(comparison_shown.shown, found)
    if arguments.html:
        write(arguments.html, comparison_page.page(found))
    if arguments.markdown:
        write(arguments.markdown, comparison_shown.markdown(found))


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--facts", metavar="FILE",
        help="questions and answers on your base: JSONL or CSV; `made` reads them off it; else a handbook's",
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="15 facts and three arms, in about 5 minutes")
    parser.add_argument(
        "--arms", action="extend", nargs="+", default=[], metavar="ARM",
        help="only these: base documents answers search search+writer search+pattern",
    )  # fmt: skip
    parser.add_argument("--paraphrases", type=int, default=4, metavar="N", help="other wordings to train on (4)")
    parser.add_argument("--base", help="another base model: a hub's name or a folder")
    parser.add_argument("--writer", metavar="ADDRESS", help="who speaks for search (the base model)")
    parser.add_argument("--prices", metavar="FILE", help="a price table of your own, TOML")
    parser.add_argument("--html", metavar="FILE", help="also write a page with charts")
    parser.add_argument("--markdown", metavar="FILE", help="also write a report in Markdown")
