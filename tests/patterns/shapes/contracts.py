"""Settings of every shape, plain and with all that it can say, for tests that hold for each of them."""

from __future__ import annotations

from typing import Any

PERSON = {
    "type": "object", "additionalProperties": False, "required": ["name", "born", "tags"],
    "properties": {
        "name": {"type": "string", "minLength": 2, "maxLength": 30},
        "born": {"type": "string", "pattern": r"^\d{4}-[0-9]{2}$"},
        "tags": {"type": "array", "items": {"enum": ["new", "old", None]}, "minItems": 1, "maxItems": 3},
        "size": {"type": "number", "exclusiveMinimum": 0, "maximum": 3},
        "parent": {"$ref": "#"},
    },
}  # fmt: skip
PAGE = {
    "root": "article",
    "elements": {
        "article": "h1 (p | ul | table | hr)+", "ul": "li+", "li": "(#text | a | em | img | br)*", "table": "tbody",
        "tbody": "tr+", "tr": "(th | td)+", "p": "(#text | a)*",
    },
    "attributes": {"a": "href title?", "img": "src alt", "td": "colspan=1|2|3?"},
}  # fmt: skip
LETTER = {
    "root": "r-1",
    "elements": {"r-1": "title? (p | list)+", "list": "item*", "p": "(#text | Em | br)*", "br": "", "title": "#text"},
    "attributes": {"p": "id kind=a|b?", "br": "n?", "Em": "x"},
}

SHAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "lines": ("lines", {"line": r"[^\s*•?-][^\n?]{7,60}\?", "count": [2, 5], "distinct": True}),
    "lines, numbered": ("lines", {"line": r"[^?]+\?", "count": [1, 12], "numbered": True}),
    "lines, one": ("lines", {"line": r"\w+(, \w+)*|none", "count": [1, 1]}),
    "regex": ("regex", {"pattern": r"(?P<code>[A-Z]{2}-\d{4})( \S+)*"}),
    "regex, slashes": ("regex", {"pattern": r"^/([\w/.]+/)*[^/\n\]]+(\.md)?$"}),
    "text": ("text", {"words": [3, 40], "paragraphs": [1, 3]}),
    "text, any": ("text", {}),
    "dialogue": ("dialogue", {"parties": ['A "n\\', "Bo é", "C c"], "turns": [2, 5], "length": [1, 30]}),
    "dialogue, one": ("dialogue", {"parties": ["Guide"], "length": [2, 40]}),
    "outline": ("outline", {"sections": [2, 4], "points": [1, 3]}),
    "outline, heads": ("outline", {"sections": [1, 3], "points": [0, 0]}),
    "json": ("json", {"schema": PERSON}),
    "json, any": ("json", {}),
    "xml": ("xml", LETTER),
    "html": ("html", PAGE),
    "python": ("python", {"functions": 1, "typed": True, "docstring": True}),
    "python, several": ("python", {"functions": [1, 2]}),
    "perl": ("grammar", {"lark": "perl", "parser": "perl"}),
    "sql": ("grammar", {"lark": "sql", "parser": "sql"}),
    "grammar": ("grammar", {"lark": 'start: (KEY "=" VALUE "\\n")+\nKEY: /[a-z]+/\nVALUE: /[^\\n=]+/'}),
    "grammar, nested": ("grammar", {"lark": 'start: sum\nsum: one (("+" | "-") one)*\none: /[0-9]+/ | "(" sum ")"'}),
}
"""A name -> a shape and its settings."""
