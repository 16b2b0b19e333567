#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Golden pictures of fit, crop and orientation, as letters: `sws_golden.py > tests/support/sws_golden.txt`.

Knows nothing of the element: a source is 4x4 fields of one colour each, "A" to "P" from the upper left, and what is
seen at a place of the output follows from the definitions of docs/elements/swsconvertscale.md in fractions. "." is the
border, "?" a place within two pixels of an edge, where a kernel or the rounding to chroma samples may decide.
One letter stands for the pixel in the middle of each 4x4 pixels.
"""
from fractions import Fraction as F

SOURCES = {"16:9": (64, 36, F(1)), "4:3": (48, 36, F(1)), "anamorphic": (40, 32, F(64, 45)), "vertical": (36, 64, F(1))}
TARGETS = {"16:9": (64, 36), "vertical": (36, 64)}
FITS = ["fill", "contain", "cover", "none"]
TURNS = {  # output place (x, y) of a picture of w x h (as seen) to the source's directions
    "identity": lambda x, y, w, h: (x, y),
    "90r": lambda x, y, w, h: (y, w - x),
    "180": lambda x, y, w, h: (w - x, h - y),
    "90l": lambda x, y, w, h: (h - y, x),
    "horiz": lambda x, y, w, h: (w - x, y),
    "vert": lambda x, y, w, h: (x, h - y),
    "ul-lr": lambda x, y, w, h: (y, x),
    "ur-ll": lambda x, y, w, h: (h - y, w - x),
}
TURNED = {"90r", "90l", "ul-lr", "ur-ll"}


def picture(seen_w, seen_h, par, out_w, out_h, fit):
    """Scale and offset: source place = (output place - offset) * scale."""
    shape, frame = F(seen_w) / seen_h * par, F(out_w, out_h)
    if fit == "fill":
        return F(seen_w, out_w), F(seen_h, out_h), F(0), F(0)
    if fit == "none":
        return F(1), F(1), F(out_w - seen_w, 2), F(out_h - seen_h, 2)
    wide = shape > frame
    if wide == (fit == "contain"):  # the width decides
        sx = F(seen_w, out_w)
        sy = sx * par  # a source pixel is 1/par as high as it is wide
        return sx, sy, F(0), (out_h - seen_h / sy) / 2
    sy = F(seen_h, out_h)
    sx = sy / par
    return sx, sy, (out_w - seen_w / sx) / 2, F(0)


def letter(x, y, w, h, crop, fields_w, fields_h):
    if not (0 <= x < w and 0 <= y < h):
        return "."
    column, row = (x + crop[0]) * 4 // fields_w, (y + crop[1]) * 4 // fields_h
    return chr(ord("A") + int(row) * 4 + int(column))


def case(source, target, fit, crop, turn):
    fw, fh, par = SOURCES[source]
    w, h = fw - crop[0] - crop[2], fh - crop[1] - crop[3]
    sw, sh = (h, w) if turn in TURNED else (w, h)
    out_w, out_h = TARGETS[target]
    sx, sy, ox, oy = picture(sw, sh, 1 / par if turn in TURNED else par, out_w, out_h, fit)

    def at(x, y):
        return letter(*TURNS[turn]((x - ox) * sx, (y - oy) * sy, F(sw), F(sh)), w, h, crop, fw, fh)

    print(f"case {source} {target} {fit} {','.join(map(str, crop))} {turn}")
    for y in range(2, out_h, 4):
        row = ""
        for x in range(2, out_w, 4):
            px, py = x + F(1, 2), y + F(1, 2)
            # Beyond the output's frame there is no border, only the picture's or border's last pixels.
            near = {at(min(max(px + dx, F(1, 4)), out_w - F(1, 4)), min(max(py + dy, F(1, 4)), out_h - F(1, 4)))
                    for dx in (-F(3, 2), F(0), F(3, 2)) for dy in (-F(3, 2), F(0), F(3, 2))}
            row += near.pop() if len(near) == 1 else "?"
        print(row)


for name in SOURCES:
    for shape in TARGETS:
        for way in FITS:
            case(name, shape, way, (0, 0, 0, 0), "identity")
for way in FITS:
    case("16:9", "16:9", way, (10, 4, 2, 8), "identity")
    case("4:3", "vertical", way, (5, 3, 0, 7), "identity")
for rotation in TURNS:
    case("16:9", "16:9", "contain", (0, 0, 0, 0), rotation)
    case("anamorphic", "vertical", "cover", (4, 0, 0, 6), rotation)
