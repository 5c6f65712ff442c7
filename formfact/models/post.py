"""One JSON request to a model's endpoint: sent again while that may help, its key shown to nobody else.

Covered: proxies from the environment, Retry-After, growing waits with jitter, bodies that end early or never.
A redirect is not followed, since the key was given for one host. A request that times out is not sent again: the
endpoint may still be at work on it. A reply that comes line by line is asked for again only until it has begun.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from formfact.errors import ModelError, Refused

PASSING = (408, 409, 425, 429, 500, 502, 503, 504, 529)
"""HTTP statuses after which the same request may succeed."""

MAX_BYTES = 256 * 2**20
"""A longer reply is not read to its end."""

MAX_LINE = 2**20
"""Bytes of one line of a reply that comes line by line."""

STREAMED = 5.0
"""Times the timeout that such a reply may take as a whole; no two of its lines may lie a timeout apart."""

MAX_WAIT = 60.0
"""Seconds; an endpoint that asks for more is an error at once instead of a silent wait."""

REACH = "check the address, and that the endpoint runs and can be reached from here"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for one request; how many attempts; seconds before the second one, doubled before each further one."""

    timeout: float = 120.0
    attempts: int = 6
    delay: float = 0.5


PATIENCE = Patience()

Result = TypeVar("Result")


class Passing(Exception):
    """A failed attempt that may be repeated: why, and the seconds that the endpoint asks to wait, if it does."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Rejected(ModelError):
    """The endpoint understood the request and does not take it (400 or 422): `said` is its reason."""

    def __init__(self, message: str, *, hint: str, said: str) -> None:
        super().__init__(message, hint=hint)
        self.said = said


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Makes a redirect an error."""

    def redirect_request(self, *request: Any) -> None:
        return None


class Post:
    """Where requests go and with what key. Safe to use from several threads."""

    def __init__(self, url: str, key: str = "", patience: Patience = PATIENCE) -> None:
        self.url = url
        self._key = key
        self._patience = patience
        self._opener = urllib.request.build_opener(NoRedirect)

    def __call__(self, body: bytes) -> bytes:
        """The body of the reply to a JSON body; ModelError, which names the status or failure, where there is none."""
        return self._repeated(lambda: self._once(body))

    def lines(self, body: bytes) -> Iterator[bytes]:
        """The lines of a reply as they come, without their ends. Closing the iterator closes the connection.

        Raises ModelError as a call does, and where the reply breaks off.
        """
        return self._told(self._repeated(lambda: self._opened(body, accept="text/event-stream")))

    def _told(self, reply: http.client.HTTPResponse) -> Iterator[bytes]:
        with reply:
            try:
                yield from self._read_lines(reply)
            except (OSError, http.client.HTTPException) as failure:
                failed = self._failed(failure)
                if isinstance(failed, ModelError):
                    raise failed from failure
                raise ModelError(f"{self.url} broke off in the middle of its reply: {failed}", hint=REACH) from failure

    def _repeated(self, attempted: Callable[[], Result]) -> Result:
        """What an attempt gives, repeated while that may help."""
        for attempt in range(1, self._patience.attempts + 1):
            try:
                return attempted()
            except Passing as failure:
                wait = self._backoff(attempt) if failure.wait is None else failure.wait
                if attempt == self._patience.attempts or wait > MAX_WAIT:
                    asks = f", and asks to wait {wait:.0f} seconds" if wait > MAX_WAIT else ""
                    message = f"{self.url} gave no result in {attempt} attempts: {failure}{asks}"
                    raise ModelError(message, hint=f"try again later; {REACH}") from failure
                time.sleep(wait)
        raise AssertionError("patience allows no attempt")

    def hidden(self, text: str) -> str:
        """A text without the key, for messages."""
        return text.replace(self._key, "***") if self._key else text

    def _backoff(self, attempt: int) -> float:
        """Seconds before the next attempt; spread, so that many clients do not come back together."""
        return min(MAX_WAIT, self._patience.delay * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1)

    def _once(self, body: bytes) -> bytes:
        with self._opened(body, accept="application/json") as reply:
            try:
                return self._read(reply)
            except (OSError, http.client.HTTPException) as failure:
                raise self._failed(failure) from failure

    def _opened(self, body: bytes, *, accept: str) -> http.client.HTTPResponse:
        """The reply to a request, its body not read yet."""
        headers = {"Content-Type": "application/json", "Accept": accept, "User-Agent": "formfact"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(self.url, body, headers)
        try:
            reply: http.client.HTTPResponse = self._opener.open(request, timeout=self._patience.timeout)
            return reply
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise self._refused(refusal.code, refusal.headers, self._shown(refusal)) from None
        except (OSError, http.client.HTTPException) as failure:
            raise self._failed(failure) from failure

    def _read_lines(self, reply: http.client.HTTPResponse) -> Iterator[bytes]:
        deadline = time.monotonic() + STREAMED * self._patience.timeout
        while line := reply.readline(MAX_LINE + 1):
            if time.monotonic() > deadline:
                raise TimeoutError
            if len(line) > MAX_LINE:
                raise ModelError(f"{self.url} sends a line of more than {MAX_LINE} bytes", hint=REACH)
            yield line.rstrip(b"\r\n")
        if reply.length:
            raise http.client.IncompleteRead(b"", reply.length)

    def _read(self, reply: http.client.HTTPResponse) -> bytes:
        """The body within the timeout as a whole: the socket's own timeout starts again with every byte."""
        deadline = time.monotonic() + self._patience.timeout
        parts, size = [], 0
        while part := reply.read1(2**16):
            parts.append(part)
            size += len(part)
            if time.monotonic() > deadline:
                raise TimeoutError
            if size > MAX_BYTES:
                raise ModelError(f"{self.url} sends more than {MAX_BYTES} bytes", hint=REACH)
        if reply.length:
            raise http.client.IncompleteRead(b"", reply.length)
        return b"".join(parts)

    def _refused(self, status: int, headers: Message, text: str) -> Exception:
        message = f"HTTP {status}{': ' if text else ''}{text}"
        # A spent quota comes as 429 too, and does not come back by waiting.
        if status in PASSING and "insufficient_quota" not in text:
            return Passing(message, retry_after(headers.get("Retry-After", ""), datetime.now(UTC)))
        hint = "check that the address is the base URL of such an API (it mostly ends in /v1) and the model's name"
        if status in (401, 403):
            hint = "put the endpoint's key into the environment variable FORMFACT_API_KEY"
        elif 300 <= status < 400:
            message = f"HTTP {status}, a redirect to {headers.get('Location', 'nowhere')}, which is not followed"
            hint = "give the address that it redirects to, if you trust it with your key"
        refusal = f"{self.url} refused the request: {message}"
        return Rejected(refusal, hint=hint, said=text) if status in (400, 422) else ModelError(refusal, hint=hint)

    def _failed(self, failure: Exception) -> Exception:
        reason = getattr(failure, "reason", failure)
        if isinstance(reason, TimeoutError):
            return ModelError(f"{self.url} gave no reply in {self._patience.timeout:g} seconds", hint=REACH)
        message = self.hidden(f"{type(reason).__name__} {reason}".strip())
        if isinstance(reason, ssl.SSLCertVerificationError):
            return ModelError(f"{self.url} cannot be trusted: {message}", hint="check its certificate")
        return Passing(message)

    def _shown(self, refusal: urllib.error.HTTPError) -> str:
        """The first characters of an error's body, on one line and without the key."""
        try:
            text = refusal.read(2000).decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return ""
        return self.hidden(" ".join(text.split()))[:300]


def parts_of(address: str, *, example: str) -> SplitResult:
    """The parts of `https://HOST/v1#MODEL`; Refused where it names no host or model, or holds a password."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # which is looked at when it is asked for
    except ValueError as error:  # which may repeat a password that stands where a port should
        raise Refused("the address has a host or port that cannot be read", hint=f"write {example}") from error
    if parts.username or parts.password:
        raise Refused("the address holds a user name or password", hint="put the key into FORMFACT_API_KEY instead")
    if not parts.hostname or not parts.fragment.partition("&")[0]:
        raise Refused(f"{address!r} names no host and model", hint=f"write {example}")
    return parts


def key_for(url: str) -> str:
    """The key for an endpoint: FORMFACT_API_KEY, or OPENAI_API_KEY for openai.com and no other host; "" for none."""
    key = os.environ.get("FORMFACT_API_KEY", "")
    if not key and f".{urlsplit(url).hostname or ''}".endswith(".openai.com"):
        key = os.environ.get("OPENAI_API_KEY", "")
    return key


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks to wait, given as seconds or as a date; None where it says neither."""
    if re.fullmatch(r"\s*\d+(\.\d+)?\s*", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
