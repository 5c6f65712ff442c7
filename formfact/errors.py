"""One tree of errors; each says what was wrong and what to do next.

    FormfactError            exit  HTTP
    ├── Refused                 1   400   the request cannot be carried out as asked: wrong value, nothing to do
    │   ├── NotFound            1   404   a path, document or knowledge base that is not there
    │   ├── Unreadable          1   422   a file that cannot become a document; `add` lists it as skipped
    │   ├── Unauthorized        1   401   a server wants a token, and there is none or a wrong one
    │   ├── Forbidden           1   403   a server does not let this client do that
    │   ├── TooLarge            1   413   a request of more bytes than a server takes
    │   ├── Stalled             1   408   a request that arrives slower than a server waits
    │   ├── TooMany             1   429   requests faster than a server takes them
    │   └── TooSlow             1   504   an answer that a server did not have in time
    ├── StoreError              1   500   the knowledge base itself
    │   ├── Damaged             1   500   its file is not what it should be
    │   ├── WrongVersion        1   409   made by another version of formfact
    │   ├── WrongEmbedder       1   409   made with another embedding model
    │   ├── Busy                1   503   another process holds it for longer than we wait
    │   ├── DiskFull            1   507   no space; nothing was changed
    │   └── ReadOnly            1   403   it may be searched and not changed
    ├── FellShort               1   422   what was measured is below the bar that was set for it
    └── ModelError              1   502   a model cannot be opened or gave no usable result
        └── MissingExtra        1   501   a package is needed that the default install leaves out

Exit code 2 (wrong usage) belongs to the command line's own parser; 0 includes an abstention.
"""

from __future__ import annotations

import errno


class FormfactError(Exception):
    """An error that a user can act on: `message` says what was wrong, `hint` the next step."""

    exit_code = 1
    status = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  next: {self.hint}" if self.hint else self.message


class Refused(FormfactError):
    """The request cannot be carried out as it stands."""

    status = 400


class NotFound(Refused):
    """What was named is not there."""

    status = 404


class Unreadable(Refused):
    """A file that cannot become a document; `reason` is the short text shown under `skipped`."""

    status = 422

    def __init__(self, reason: str, *, hint: str = "") -> None:
        super().__init__(reason, hint=hint)
        self.reason = reason


class Unauthorized(Refused):
    """The server wants a token."""

    status = 401


class Forbidden(Refused):
    """The server does not let this client do that."""

    status = 403


class TooLarge(Refused):
    """The request has more bytes than the server takes."""

    status = 413


class Stalled(Refused):
    """The request arrives slower than the server waits."""

    status = 408


class TooMany(Refused):
    """The client asks faster than the server lets it."""

    status = 429


class TooSlow(Refused):
    """The server gave up: the answer took too long."""

    status = 504


class StoreError(FormfactError):
    """The knowledge base cannot do what was asked."""


class Damaged(StoreError):
    """The knowledge base's file is not what it should be."""


class WrongVersion(StoreError):
    """The knowledge base was made by another version of formfact."""

    status = 409


class WrongEmbedder(StoreError):
    """The knowledge base was made with another embedding model: its vectors would mean nothing."""

    status = 409


class Busy(StoreError):
    """Another process holds the knowledge base for longer than we wait."""

    status = 503


class DiskFull(StoreError):
    """There is no space left; the knowledge base holds what was committed, whole documents only."""

    status = 507
    numbers = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    """What the system calls it."""


class ReadOnly(StoreError):
    """The knowledge base may be searched and not changed."""

    status = 403


class FellShort(FormfactError):
    """What was measured is below the bar that was set for it; the measurement itself was shown."""

    status = 422


class ModelError(FormfactError):
    """A model cannot be opened, or gave no usable result."""

    status = 502


class MissingExtra(ModelError):
    """A package is needed that the default install leaves out."""

    status = 501
