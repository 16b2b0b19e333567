#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The files as a power cut leaves them, from a log of write_log.c.

What was synced is there. Of what was not, any sector (512 or 4096 bytes) may be there or not, each in any of the
versions it had since; the size may be any it had since. Names (creation, rename, removal) are kept in order, as a
journal keeps them: any sync makes the earlier ones durable (names='journal'), or a sync of the file its creation and a
sync of the directory everything in it (names='strict').

    cut_replay.py LOG OUT --at N [--seed S] [--unit 512]     the files after operation N (from 0; -1: all), cut
    cut_replay.py LOG OUT --at N --kill                      the same, killed: nothing written is lost
    cut_replay.py LOG --list                                 the operations

As a module: `for cut in Replay(read_log(path)).cuts(positions, rng): cut.write(directory)`; cut.marks are the texts of
onair_write_log_mark() before the cut, in order. positions must ascend; each is a count of operations that were done.
"""
import argparse
import os
import random
import struct
import sys
from dataclasses import dataclass, field

HEAD = struct.Struct('<IIQQQ')
STYLES = ('none', 'all', 'prefix', 'half', 'versions', 'size-first')


@dataclass
class Op:
    kind: str
    path: str
    file: int
    offset: int
    length: int
    data: bytes = b''


def read_log(path):
    with open(path, 'rb') as f:
        text = f.read()
    ops, at = [], 0
    while at + HEAD.size <= len(text):
        kind, path_length, file, offset, length = HEAD.unpack_from(text, at)
        at += HEAD.size
        name = text[at:at + path_length].decode()
        at += path_length
        carried = length if chr(kind) in 'WRM' else 0
        ops.append(Op(chr(kind), name, file, offset, length, text[at:at + carried]))
        at += carried
    return ops


@dataclass
class File:
    """A file whatever its name: its synced bytes, and the operations since."""
    synced: bytearray
    pending: list = field(default_factory=list)
    direct: bool = False  # O_SYNC: each write is synced

    def sync(self):
        for op in self.pending:
            apply(self.synced, op)
        self.pending.clear()


def apply(image, op):
    if op.kind == 'T':
        if op.offset < len(image):
            del image[op.offset:]
        else:
            image.extend(bytes(op.offset - len(image)))
        return
    end = op.offset + len(op.data)
    if len(image) < end:
        image.extend(bytes(end - len(image)))
    image[op.offset:end] = op.data


def sectors(op, unit):
    """(sector, begin, end) of a write, in bytes of the file."""
    end = op.offset + len(op.data)
    for sector in range(op.offset // unit, (end + unit - 1) // unit):
        yield sector, max(op.offset, sector * unit), min(end, (sector + 1) * unit)


def survivors(file, rng, unit, style):
    """The bytes of a file after a cut."""
    pending = file.pending
    if style == 'none' or not pending:
        return bytearray(file.synced)
    if style == 'all':
        image = bytearray(file.synced)
        for op in pending:
            apply(image, op)
        return image
    steps = [len(file.synced)]
    for op in pending:
        steps.append(op.offset if op.kind == 'T' else max(steps[-1], op.offset + len(op.data)))
    kept = len(pending) if style == 'size-first' else rng.randint(0, len(pending))
    image, caps, seen = bytearray(file.synced), {}, {}
    counts = {}
    for op in pending:
        if op.kind == 'W':
            for sector, _, _ in sectors(op, unit):
                counts[sector] = counts.get(sector, 0) + 1
    for number, op in enumerate(pending):
        if op.kind == 'T':
            if number < kept:
                apply(image, op)
            continue
        if style == 'prefix':
            if number < kept:
                apply(image, op)
            elif number == kept:  # the one that was being written: up to a sector, or some of them
                stop = rng.randint(op.offset // unit, (op.offset + len(op.data)) // unit + 1) * unit
                part = op.data[:max(0, stop - op.offset)]
                if part:
                    apply(image, Op('W', op.path, op.file, op.offset, len(part), part))
            continue
        for sector, begin, end in sectors(op, unit):
            if sector not in caps:
                n = counts[sector]
                caps[sector] = rng.randint(0, n) if style != 'half' else rng.choice((0, n))
            seen[sector] = seen.get(sector, 0) + 1
            if seen[sector] <= caps[sector]:
                part = op.data[begin - op.offset:end - op.offset]
                apply(image, Op('W', op.path, op.file, begin, len(part), part))
    if style == 'prefix':
        return image
    size = steps[kept]
    if len(image) > size:
        del image[size:]
    else:
        image.extend(bytes(size - len(image)))
    return image


@dataclass
class Cut:
    position: int
    style: str
    files: dict  # path -> bytes
    synced: dict  # path -> how many bytes were synced
    marks: list

    def write(self, directory):
        for path, image in self.files.items():
            target = os.path.join(directory, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, 'wb') as f:
                f.write(image)


class Replay:
    def __init__(self, ops, base=None, names='journal'):
        """base: the directory as it was when the log began, if it had files."""
        self.ops, self.base, self.strict = ops, base, names == 'strict'
        self.files, self.durable, self.name_ops, self.marks = {}, {}, [], []
        self.position = 0

    def _file(self, op):
        if op.file not in self.files:
            known = self.base and os.path.join(self.base, op.path)
            first = bytearray()
            if known and os.path.isfile(known):
                with open(known, 'rb') as f:
                    first = bytearray(f.read())
            self.files[op.file] = File(first)
            if known:
                self.durable.setdefault(op.path, self.files[op.file])
        return self.files[op.file]

    def _settle(self, covers):
        rest = []
        for name_op in self.name_ops:
            if covers(name_op):
                change_name(self.durable, name_op)
            else:
                rest.append(name_op)
        self.name_ops = rest

    def _sync(self, op):
        if op.kind == 'A':
            for file in self.files.values():
                file.sync()
        elif op.file in self.files:
            self.files[op.file].sync()
        if op.kind == 'A' or not self.strict:
            return self._settle(lambda _: True)
        if op.file in self.files:
            return self._settle(lambda n: n[0] == 'create' and n[2] is self.files[op.file])
        return self._settle(lambda n: os.path.dirname(n[1]) == op.path)

    def _step(self, op):
        if op.kind == 'O':
            if op.offset == 1:
                self.files[op.file] = File(bytearray())
                self.name_ops.append(('create', op.path, self.files[op.file]))
            elif op.offset == 2:
                self._file(op).pending.append(Op('T', op.path, op.file, 0, 0))
            self._file(op).direct = bool(op.length)
        elif op.kind in 'WT':
            file = self._file(op)
            file.pending.append(op)
            if file.direct:
                file.sync()
        elif op.kind in 'SA':
            self._sync(op)
        elif op.kind == 'R':
            self.name_ops.append(('rename', op.path, op.data.decode()))
        elif op.kind == 'U':
            self.name_ops.append(('remove', op.path, None))
        elif op.kind == 'M':
            self.marks.append(op.data.decode())

    def cuts(self, positions, rng, unit=512, styles=STYLES):
        for position in positions:
            while self.position < min(position, len(self.ops)):
                self._step(self.ops[self.position])
                self.position += 1
            style = rng.choice(styles)
            there = dict(self.durable)
            kept = {'none': 0, 'all': len(self.name_ops)}.get(style, rng.randint(0, len(self.name_ops)))
            for name_op in self.name_ops[:kept]:
                change_name(there, name_op)
            yield Cut(position, style, {path: survivors(f, rng, unit, style) for path, f in there.items()},
                      {path: len(f.synced) for path, f in there.items()}, list(self.marks))


def change_name(names, op):
    what, path, other = op
    if what == 'create':
        names[path] = other
    elif what == 'remove':
        names.pop(path, None)
    elif path in names:
        names[other] = names.pop(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('log')
    parser.add_argument('out', nargs='?')
    parser.add_argument('--at', type=int, default=-1)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--unit', type=int, default=512)
    parser.add_argument('--style', choices=STYLES)
    parser.add_argument('--kill', action='store_true')
    parser.add_argument('--names', choices=('journal', 'strict'), default='journal')
    parser.add_argument('--base')
    parser.add_argument('--list', action='store_true')
    args = parser.parse_args()
    ops = read_log(args.log)
    if args.list or not args.out:
        for number, op in enumerate(ops):
            print(number, op.kind, op.path, op.offset, op.length if op.kind != 'M' else op.data.decode())
        return 0
    styles = ('all',) if args.kill else (args.style,) if args.style else STYLES
    position = len(ops) if args.at < 0 else args.at
    replay = Replay(ops, args.base, args.names)
    for cut in replay.cuts([position], random.Random(args.seed), args.unit, styles):
        cut.write(args.out)
        print(f'{cut.position} of {len(ops)} operations, {cut.style}: '
              + ', '.join(f'{p} {len(b)} bytes, {cut.synced[p]} synced' for p, b in cut.files.items()))
    return 0


if __name__ == '__main__':
    sys.exit(main())
