"""A command in a process of its own, which ends with the server that started it: `child FD COMMAND...`.

FD is the reading end of a pipe whose other end the server alone holds. The system closes that end when the server ends,
in whatever way, and then this process and all that it started go too.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence

from formfact.interfaces.cli import main

NICE = 5
"""The server and its answers come first."""


def run(argv: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    threading.Thread(target=end_with_the_server, args=(int(argv[0]),), daemon=True).start()
    os.nice(NICE)
    return main(argv[1:])


def end_with_the_server(fd: int) -> None:
    """End this process and all that it started when the other end of the pipe is closed."""
    while os.read(fd, 1):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
