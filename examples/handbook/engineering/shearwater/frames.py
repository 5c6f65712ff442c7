"""The radio frame of Sennet instruments: 22 bytes, one reading, and a checksum that the sea has tested.

All numbers are big-endian. A frame on the air looks like this:

    bytes  0-1    sync word, always 0x7E 0x5A
    byte   2      kind of instrument, see INSTRUMENT_KINDS
    bytes  3-6    serial number, without the letters in front
    bytes  7-10   time of the reading, seconds since 1 January 1988 (the year of Old Moll)
    bytes  11-13  value, signed: millimetres, millimetres per second, or the state of a lamp
    bytes  14-15  direction in tenths of a degree, 0xFFFF where there is none
    byte   16     reserve in steps of six hours
    byte   17     code, 0 for none; errors are 1 to 99, advice begins at 101
    bytes  18-19  running number, so that a hub notices what it has not heard
    bytes  20-21  checksum over bytes 0 to 19

Written for the hub, and used by the test bench as well. No dependencies, on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

FRAME_LENGTH = 22
SYNC_WORD = b"\x7e\x5a"
EPOCH = datetime(1988, 1, 1, tzinfo=UTC)
CHECKSUM_POLYNOMIAL = 0x8BB7
"""Chosen in 2011 because it finds every burst of up to sixteen wrong bits; rain on the aerial comes in bursts."""

NO_DIRECTION = 0xFFFF
INSTRUMENT_KINDS = {0x03: "gannet3", 0x05: "gannet5", 0x11: "petrel", 0x12: "petrel-deep", 0x20: "lapwing"}


class FrameError(ValueError):
    """A frame that cannot be trusted. The message says which of its parts is wrong."""


@dataclass(frozen=True)
class Reading:
    """What one frame says, in units that people use."""

    kind: str
    serial: int
    at: datetime
    value: int
    direction: float | None
    reserve_hours: int
    code: str
    number: int


def checksum(data: bytes) -> int:
    """CRC-16 with CHECKSUM_POLYNOMIAL, started at 0x1988 and not reflected."""
    register = 0x1988
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1) ^ CHECKSUM_POLYNOMIAL if register & 0x8000 else register << 1
            register &= 0xFFFF
    return register


def decode_frame(frame: bytes) -> Reading:
    """Decode one frame. Raises FrameError for a wrong length, sync word, checksum or kind, in that order."""
    if len(frame) != FRAME_LENGTH:
        raise FrameError(f"length is {len(frame)} and not {FRAME_LENGTH}")
    if frame[:2] != SYNC_WORD:
        raise FrameError("sync word is missing")
    if checksum(frame[:20]) != int.from_bytes(frame[20:], "big"):
        raise FrameError("checksum does not fit")
    if frame[2] not in INSTRUMENT_KINDS:
        raise FrameError(f"kind {frame[2]:#04x} is unknown; is the hub older than the instrument?")
    tenths = int.from_bytes(frame[14:16], "big")
    return Reading(
        kind=INSTRUMENT_KINDS[frame[2]],
        serial=int.from_bytes(frame[3:7], "big"),
        at=EPOCH + timedelta(seconds=int.from_bytes(frame[7:11], "big")),
        value=int.from_bytes(frame[11:14], "big", signed=True),
        direction=None if tenths == NO_DIRECTION else tenths / 10,
        reserve_hours=frame[16] * 6,
        code=code_name(frame[17]),
        number=int.from_bytes(frame[18:20], "big"),
    )


def code_name(value: int) -> str:
    """The code as it stands in the window: `E07`, `A03`, or nothing."""
    if value == 0:
        return ""
    return f"E{value:02}" if value < 100 else f"A{value - 100:02}"


def missing_numbers(last: int, current: int) -> list[int]:
    """The running numbers between two frames. Numbers wrap after 65,535.

    More than 240 missing numbers are not listed: that is a day of a Gannet 3, and the hub then asks for the whole day.
    """
    count = (current - last - 1) % 65_536
    if count > 240:
        return []
    return [(last + 1 + step) % 65_536 for step in range(count)]
