# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""SMPTE ST 12-1 arithmetic for the proofs, apart from the project's own: frames are counted one by one, not by formula."""
from fractions import Fraction
import functools


def nominal(rate):
    """Frames that are counted a second: 24 for 24000/1001."""
    return int(rate + Fraction(1, 2))


@functools.lru_cache(None)
def minutes_table(rate, drop):
    """Frame number at the beginning of each of the day's 1440 minutes, and that of the day's end."""
    per_second = nominal(rate)
    skipped = per_second // 15 if drop else 0
    starts, total = [], 0
    for minute in range(1440):
        starts.append(total)
        total += 60 * per_second - (skipped if minute % 10 else 0)
    return starts, total, skipped


def number(text, rate):
    """Frame number since midnight of "HH:MM:SS:FF", drop frame where ';' stands before the frames."""
    drop = ";" in text
    hours, minutes, seconds, frames = (int(part) for part in text.replace(";", ":").split(":"))
    starts, _, skipped = minutes_table(rate, drop)
    minute = hours * 60 + minutes
    return starts[minute] + seconds * nominal(rate) + frames - (skipped if minute % 10 else 0)


def text(frame, rate, drop):
    """The reverse; frames outside a day wrap."""
    starts, day, skipped = minutes_table(rate, drop)
    frame %= day
    low, high = 0, 1439
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if starts[middle] <= frame else (low, middle - 1)
    rest = frame - starts[low] + (skipped if low % 10 else 0)
    per_second = nominal(rate)
    return "%02d:%02d:%02d%s%02d" % (low // 60, low % 60, rest // per_second, ";" if drop else ":", rest % per_second)


def day(rate, drop):
    return minutes_table(rate, drop)[1]
