"""Whether a SAS transport file (XPT, version 5 or 8) holds all that its headers promise.

Source: SAS technical support, *The record layout of a data set in SAS transport (XPORT) format*
(TS-140, versions 5 and 8): 80-byte records, header records in a fixed order, NAMESTR records of
140 bytes (136 on VAX), observations padded with blanks to a full record.
"""

from __future__ import annotations

import struct

_RECORD = 80
_START = b"HEADER RECORD*******LI"
_MEMBER = b"HEADER RECORD*******MEM"
_NAMESTR = b"HEADER RECORD*******NAM"
_OBSERVATIONS = b"HEADER RECORD*******OBS"


def is_transport(data: bytes) -> bool:
    """Return whether the first record is that of a SAS transport file.

    Examples
    --------
    >>> is_transport(b"USUBJID,AVAL")
    False
    """
    return data.startswith(_START)


def tables_in_transport(data: bytes) -> int:
    """Return how many tables a transport file holds."""
    return data.count(_MEMBER)


def is_whole_transport(data: bytes) -> bool:
    """Return whether no header and no observation is cut off.

    A version 5 file does not say how many observations it holds, so a cut exactly between two
    observations that is also the end of a record cannot be seen.
    """
    if len(data) % _RECORD:
        return False
    names = data.find(_NAMESTR)
    observations = data.find(_OBSERVATIONS)
    if names < 0 or observations < names:
        return False
    try:
        width = _observation_width(data, names)
    except (ValueError, struct.error):
        return False
    following = data.find(_MEMBER, observations)
    body = data[observations + _RECORD : following if following > 0 else len(data)]
    promised = data[observations + 48 : observations + _RECORD].strip()
    if data.startswith(b"V8", observations + 23) and promised.isdigit():
        return len(body) >= int(promised) * width
    rest = len(body) % width if width else 0
    return rest == 0 or (rest < _RECORD and not body[-rest:].strip(b" "))


def _observation_width(data: bytes, names: int) -> int:
    """Return the bytes of one observation: the sum of the lengths in the NAMESTR records."""
    count = int(data[names + 48 : names + 58].strip() or b"0")
    member = data.rfind(_MEMBER, 0, names)
    size = int(data[member + 74 : member + 78].strip() or b"140")
    first = names + _RECORD
    lengths = (
        struct.unpack(">h", data[first + i * size + 4 : first + i * size + 6])[0]
        for i in range(count)
    )
    return sum(lengths)
