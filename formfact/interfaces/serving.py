"""`formfact serve`: its options, and the way to the server, which is imported when it runs."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from formfact import plugins
from formfact.interfaces.http.settings import Limits, Settings

SERVERS = {"http": "formfact.interfaces.http.run:serve"}


def serve(arguments: argparse.Namespace) -> None:
    limits = Limits(
        body=arguments.max_body, upload=arguments.max_upload, rate=arguments.rate, seconds=arguments.timeout
    )
    settings = Settings(
        kb=Path(arguments.kb).expanduser(),
        bases=arguments.bases,
        patterns=arguments.patterns,
        base=arguments.base,
        writer=arguments.writer or "",
        embedders=tuple(arguments.embedder),
        host=arguments.host,
        port=arguments.port,
        token=os.environ.get("FORMFACT_TOKEN", ""),
        tokens=arguments.tokens,
        origins=tuple(one.rstrip("/") for one in arguments.allow_origin),
        hosts=tuple(one.lower() for one in arguments.allow_host),
        limits=limits,
        quiet=arguments.quiet,
    )
    plugins.load(SERVERS, "http", what="server")(settings)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    about = Limits()
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1: this machine alone)")
    parser.add_argument("--port", type=int, default=8000, metavar="N", help="the port (8000); 0 takes a free one")
    parser.add_argument("--bases", type=Path, metavar="FOLDER", help="serve each knowledge base in this folder as well")
    parser.add_argument("--patterns", type=Path, metavar="FOLDER", help="tuned patterns: those found, and new ones")
    parser.add_argument("--base", metavar="NAME", help="another local model for patterns: a hub's name or a folder")
    parser.add_argument(
        "--writer", metavar="ADDRESS", help="what says answers in words: https://HOST/v1#MODEL, or local:"
    )
    parser.add_argument(
        "--embedder", action="append", default=[], metavar="ADDRESS", help="another model that re-embed may choose"
    )
    parser.add_argument("--tokens", type=Path, metavar="FILE", help="tokens limited to bases, and to read or write")
    parser.add_argument(
        "--allow-origin", action="append", default=[], metavar="ORIGIN", help="let pages of this site call (none)"
    )
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="another name that the server goes by"
    )
    parser.add_argument(
        "--max-body", type=int, default=about.body, metavar="BYTES", help=f"the longest request ({about.body:,})"
    )
    parser.add_argument(
        "--max-upload", type=int, default=about.upload, metavar="BYTES", help=f"the longest upload ({about.upload:,})"
    )
    parser.add_argument(
        "--rate", type=float, metavar="N", help="requests a second and client (no limit on loopback, else 50)"
    )
    parser.add_argument(
        "--timeout", type=float, default=about.seconds, metavar="SECONDS", help=f"for an answer ({about.seconds:g})"
    )
