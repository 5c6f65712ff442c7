"""A small client for the Shearwater Hub, for harbour offices that keep a copy of their own readings.

    client = HarbourClient("https://shearwater.local:8443", token)
    for level in client.levels("north-pier", start, end):
        print(level.at, level.millimetres, level.quality)

It asks for at most 31 days at once, follows cursors, waits when the hub says that it is busy, and asks again for the
last three days of any copy, since readings may arrive late.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

LONGEST_PERIOD = timedelta(days=31)
OVERLAP = timedelta(days=3)
MOST_ATTEMPTS = 6
TIMEOUT_SECONDS = 17
"""Just longer than a hub takes to wake its memory card, which was measured as 14 seconds on a cold morning."""

TRUSTED_QUALITIES = frozenset("VPF")
"""Verified, provisional and filled. D (doubtful) and H (held while cleaning) are left out unless asked for."""


@dataclass(frozen=True)
class Level:
    """One reading of a tide gauge."""

    at: datetime
    millimetres: int
    quality: str


class HubBusy(Exception):
    """The hub went on asking us to wait, MOST_ATTEMPTS times over."""


class ClockUnsure(Exception):
    """The hub does not trust its clock and serves no times. Trying again does not help; call the service desk."""


class HarbourClient:
    """Reads one hub. Not safe for threads: make one for each."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address.rstrip("/")
        self._headers = {"Authorization": f"Tide {token}", "Accept": "application/json"}

    def levels(self, instrument: str, start: datetime, end: datetime, *, doubtful: bool = False) -> Iterator[Level]:
        """Levels from `start` up to, and not including, `end`, oldest first. Gaps are passed over in silence."""
        for first, last in split_period(start, end):
            query = {"instrument": instrument, "from": as_utc(first), "to": as_utc(last), "gaps": "allow"}
            for item in self._pages("/v2/levels", query):
                if doubtful or item["quality"] in TRUSTED_QUALITIES:
                    yield Level(datetime.fromisoformat(item["at"]), item["level"], item["quality"])

    def refresh_from(self, newest_copy: datetime) -> datetime:
        """Where to begin when a copy is brought up to date: three days before its newest reading."""
        return newest_copy - OVERLAP

    def dark_lamps(self) -> list[str]:
        """The ids of lanterns that ought to be lit and are not. Anything in this list is an alarm."""
        return [item["id"] for item in self._pages("/v2/lamps", {}) if item["state"] == "dark"]

    def _pages(self, path: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            page = self._get(path, {**query, **({"cursor": cursor} if cursor else {})})
            yield from page["items"]
            cursor = page.get("nextCursor")
            if not cursor:
                return

    def _get(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self._address}{path}?{urllib.parse.urlencode(query)}", headers=self._headers
        )
        for _ in range(MOST_ATTEMPTS):
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code == 503:
                    raise ClockUnsure(path) from error
                if error.code != 429:
                    raise
                time.sleep(int(error.headers.get("Retry-After", "20")))
        raise HubBusy(path)


def split_period(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Cut a period into pieces that a hub will serve."""
    while start < end:
        stop = min(start + LONGEST_PERIOD, end)
        yield start, stop
        start = stop


def as_utc(moment: datetime) -> str:
    """A moment as the hub wants it, ending in Z. A moment without a time zone is refused: guessing has cost a boat."""
    if moment.tzinfo is None:
        raise ValueError("give the time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
