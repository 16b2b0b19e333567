# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A reader of QuickTime and MP4 boxes for the proofs, written from the specifications apart from the muxer: ISO/IEC
14496-12 and Apple's QuickTime File Format. Plain and fragmented movies become the same list of samples for each track.

What cannot be read raises Broken; what is readable but wrong goes to Movie.problems."""
import struct
from fractions import Fraction

HOLDERS = {"moov", "trak", "mdia", "minf", "stbl", "edts", "tref", "dinf", "mvex", "moof", "traf", "mfra", "gmhd"}


class Broken(Exception):
    """The file cannot be read as a movie."""


class Bytes:
    """A part of the file: numbers are big-endian, at offsets from the part's beginning."""

    def __init__(self, file, start, end):
        self.file, self.start, self.end = file, start, end
        self.data = None

    def __len__(self):
        return self.end - self.start

    def raw(self, at=0, size=None):
        if self.data is None:
            self.file.seek(self.start)
            self.data = self.file.read(self.end - self.start)
        size = len(self.data) - at if size is None else size
        if at < 0 or at + size > len(self.data):
            raise Broken(f"a field at {self.start + at} leaves its box, which ends at {self.end}")
        return self.data[at:at + size]

    def number(self, form, at):
        return struct.unpack(">" + form, self.raw(at, struct.calcsize(form)))[0]

    def u8(self, at): return self.number("B", at)
    def u16(self, at): return self.number("H", at)
    def u32(self, at): return self.number("I", at)
    def i32(self, at): return self.number("i", at)
    def u64(self, at): return self.number("Q", at)
    def i64(self, at): return self.number("q", at)
    def text(self, at, size): return self.raw(at, size).decode("latin1")

    def table(self, form, at, count):
        """`count` rows of numbers; one number a row gives plain numbers."""
        row = struct.Struct(">" + form)
        raw = self.raw(at, row.size * count)
        rows = list(row.iter_unpack(raw)) if count else []
        return [r[0] for r in rows] if len(form) == 1 else rows


class Box:
    def __init__(self, kind, file, start, header, end, parent):
        self.kind, self.start, self.end, self.parent = kind, start, end, parent
        self.body = Bytes(file, start + header, end)
        self.children = []

    def path(self):
        return (self.parent.path() + "/" if self.parent else "") + self.kind

    def all(self, kind):
        return [child for child in self.children if child.kind == kind]

    def one(self, path, needed=True):
        box = self
        for kind in path.split("/"):
            found = box.all(kind)
            if not found:
                if needed:
                    raise Broken(f"{box.path()} has no {kind}")
                return None
            box = found[0]
        return box


def read_boxes(file, start, end, parent=None, depth=0):
    boxes, at = [], start
    if depth > 12:
        raise Broken("boxes are nested too deep")
    while at < end:
        if at + 8 > end:
            if parent and parent.kind == "udta":  # QuickTime ends this list with 32 zero bits
                break
            raise Broken(f"{end - at} bytes are left over in {parent.path() if parent else 'the file'} at {at}")
        file.seek(at)
        size, kind = struct.unpack(">I4s", file.read(8))
        header = 8
        if size == 1:
            size, header = struct.unpack(">Q", file.read(8))[0], 16
        elif size == 0 and parent is None:
            size = end - at
        kind = kind.decode("latin1")
        if size < header or at + size > end:
            raise Broken(f"box {kind!r} at {at} has a size of {size}; {end - at} bytes are there")
        box = Box(kind, file, at, header, at + size, parent)
        if kind in HOLDERS or (kind == "tmcd" and parent and parent.kind == "gmhd"):
            box.children = read_boxes(file, at + header, at + size, box, depth + 1)
        boxes.append(box)
        at += size
    return boxes


class Sample:
    __slots__ = ("offset", "size", "dts", "shift", "duration", "description", "sync", "fragment")

    def __init__(self, offset, size, dts, shift, duration, description, sync, fragment=0):
        self.offset, self.size, self.dts, self.shift = offset, size, dts, shift
        self.duration, self.description, self.sync, self.fragment = duration, description, sync, fragment

    @property
    def pts(self):
        return self.dts + self.shift


class Edit:
    def __init__(self, duration, media_time, rate):
        self.duration, self.media_time, self.rate = duration, media_time, rate

    def __repr__(self):
        return f"({self.duration}, {self.media_time})"


class TimecodeDescription:
    """A timecode sample description, behind the 8 bytes size and format:

    | offset | bits | field                                   |
    |--------|------|-----------------------------------------|
    | 0      | 48   | reserved                                |
    | 6      | 16   | data reference index                    |
    | 8      | 32   | reserved                                |
    | 12     | 32   | flags: 1 drop, 2 24 h, 4 negative, 8 counter |
    | 16     | 32   | time scale                              |
    | 20     | 32   | frame duration                          |
    | 24     | 8    | number of frames a second               |
    | 25     | 8    | reserved                                |
    | 26     |      | boxes: `name` = length 16, language 16, text |
    """

    def __init__(self, body):
        self.flags, self.timescale, self.frame_duration = body.u32(12), body.u32(16), body.u32(20)
        self.frames = body.u8(24)
        self.reel = None
        at = 26
        while at + 8 <= len(body):
            size = body.u32(at)
            if size < 8 or at + size > len(body):
                raise Broken(f"a box of {size} bytes in the timecode sample description")
            if body.text(at + 4, 4) == "name":
                self.reel = body.raw(at + 12, body.u16(at + 8)).decode("utf-8", "replace")
            at += size

    drop = property(lambda self: bool(self.flags & 1))
    wraps = property(lambda self: bool(self.flags & 2))
    negative = property(lambda self: bool(self.flags & 4))


class Track:
    def __init__(self, movie, box):
        self.movie, self.box = movie, box
        tkhd, mdhd = box.one("tkhd").body, box.one("mdia/mdhd").body
        wide = tkhd.u8(0) == 1
        self.header_version = tkhd.u8(0)
        self.flags = tkhd.u32(0) & 0xFFFFFF
        self.id, self.duration = (tkhd.u32(20), tkhd.u64(28)) if wide else (tkhd.u32(12), tkhd.u32(20))
        wide = mdhd.u8(0) == 1
        self.media_version = mdhd.u8(0)
        self.timescale, self.media_duration = (mdhd.u32(20), mdhd.u64(24)) if wide else (mdhd.u32(12), mdhd.u32(16))
        self.language = mdhd.u16(32 if wide else 20)
        handler = box.one("mdia/hdlr").body
        self.component, self.handler = handler.text(4, 4), handler.text(8, 4)
        if self.timescale == 0:
            raise Broken(f"track {self.id} has a time scale of 0")
        self.references = {ref.kind: ref.body.table("I", 0, len(ref.body) // 4)
                           for holder in box.all("tref") for ref in holder.children}
        self.edits = self.read_edits()
        self.stbl = box.one("mdia/minf/stbl")
        self.descriptions = self.read_descriptions()
        self.samples, self.chunks = self.read_table()
        self.table_samples = len(self.samples)

    def say(self, text):
        self.movie.problems.append(f"track {self.id} ({self.handler}): {text}")

    def read_edits(self):
        box = self.box.one("edts/elst", needed=False)
        if not box:
            return []
        body = box.body
        rows = body.table("QqI" if body.u8(0) == 1 else "IiI", 8, body.u32(4))
        return [Edit(*row) for row in rows]

    def read_descriptions(self):
        """[(format, Bytes behind size and format)]"""
        body, found, at = self.stbl.one("stsd").body, [], 8
        for _ in range(body.u32(4)):
            size = body.u32(at)
            if size < 16 or at + size > len(body):
                raise Broken(f"track {self.id}: a sample description of {size} bytes")
            part = Bytes(body.file, body.start + at + 8, body.start + at + size)
            if part.u16(6) != 1:
                self.say(f"data reference index {part.u16(6)}, 1 expected")
            found.append((body.text(at + 4, 4), part))
            at += size
        if at != len(body):
            self.say(f"{len(body) - at} bytes are left over in stsd")
        return found

    def rows(self, kind, form, needed=True):
        box = self.stbl.one(kind, needed)
        if not box:
            return None
        rows = box.body.table(form, 8, box.body.u32(4))
        if 8 + struct.calcsize(">" + form) * len(rows) != len(box.body):
            self.say(f"{kind} is larger than its {len(rows)} rows")
        return rows

    def read_table(self):
        durations = [d for count, d in self.rows("stts", "II") for _ in range(count)]
        sizes = self.read_sizes()
        shifts = self.read_shifts(len(durations))
        sync = self.rows("stss", "I", needed=False)
        self.has_sync_table = sync is not None
        syncs = None if sync is None else set(sync)
        if sync is not None and (sorted(syncs) != sync or (sync and not 1 <= sync[0] <= sync[-1] <= len(sizes))):
            self.say("stss is not in order or names a sample that is not there")
        wide = self.stbl.one("co64", needed=False)
        self.wide_offsets = wide is not None
        offsets = self.rows("co64", "Q") if wide else self.rows("stco", "I")
        if len(sizes) != len(durations):
            raise Broken(f"track {self.id}: {len(sizes)} sizes, {len(durations)} durations")
        samples, chunks, dts = [], [], 0
        for number, (offset, (count, description)) in enumerate(zip(offsets, self.read_chunk_sizes(len(offsets)))):
            at = offset
            for _ in range(count):
                index = len(samples)
                if index >= len(sizes):
                    raise Broken(f"track {self.id}: chunk {number + 1} holds a sample that stsz does not have")
                samples.append(Sample(at, sizes[index], dts, shifts[index], durations[index], description,
                                      syncs is None or index + 1 in syncs))
                at += sizes[index]
                dts += durations[index]
            chunks.append((offset, at))
        if len(samples) != len(sizes):
            self.say(f"the chunks hold {len(samples)} samples, stsz has {len(sizes)}")
        return samples, chunks

    def read_sizes(self):
        body = self.stbl.one("stsz").body
        constant, count = body.u32(4), body.u32(8)
        if constant:
            return [constant] * count
        if 12 + 4 * count != len(body):
            self.say(f"stsz is larger than its {count} rows")
        return body.table("I", 12, count)

    def read_shifts(self, count):
        box = self.stbl.one("ctts", needed=False)
        if not box:
            return [0] * count
        # Version 0 is unsigned in ISO; QuickTime's is signed in both. Values of 2^31 and more are no sane times.
        rows = box.body.table("Ii", 8, box.body.u32(4))
        shifts = [shift for n, shift in rows for _ in range(n)]
        if len(shifts) != count:
            raise Broken(f"track {self.id}: ctts has {len(shifts)} samples of {count}")
        return shifts

    def read_chunk_sizes(self, chunks):
        """[(samples, description index from 1)] for each chunk"""
        rows = self.rows("stsc", "III")
        if chunks and (not rows or rows[0][0] != 1):
            raise Broken(f"track {self.id}: stsc does not begin with chunk 1")
        out = []
        for (first, samples, description), after in zip(rows, [r[0] for r in rows[1:]] + [chunks + 1]):
            if after <= first:
                raise Broken(f"track {self.id}: stsc is not in order")
            if not 1 <= description <= len(self.descriptions):
                raise Broken(f"track {self.id}: stsc names sample description {description}")
            out += [(samples, description)] * (after - first)
        return out[:chunks]

    def timecode_description(self, index=1):
        kind, body = self.descriptions[index - 1]
        if kind != "tmcd":
            raise Broken(f"track {self.id}: sample description {kind!r} in a timecode track")
        return TimecodeDescription(body)

    def payload(self, sample):
        self.movie.file.seek(sample.offset)
        return self.movie.file.read(sample.size)

    def media_end(self):
        return max((s.dts + s.duration for s in self.samples), default=0)

    def presented(self):
        """[(start, end, sample)] in the movie's time, seconds as Fraction, through the edit list, by start."""
        scale, out, at = self.timescale, [], Fraction(0)
        end = max((s.pts + s.duration for s in self.samples), default=0)
        edits = self.edits or [Edit(0, 0, 0x10000)]
        for edit in edits:
            length = Fraction(edit.duration, self.movie.timescale)
            if edit.media_time < 0:
                at += length
                continue
            first = Fraction(edit.media_time, scale)
            if edit.duration == 0:  # ISO: to the end of the media, for fragments that are yet to come
                length = Fraction(end, scale) - first
            for sample in self.samples:
                start, stop = Fraction(sample.pts, scale), Fraction(sample.pts + sample.duration, scale)
                start, stop = max(start, first), min(stop, first + length)
                if start < stop:
                    out.append((at + start - first, at + stop - first, sample))
            at += length
        return sorted(out, key=lambda row: row[0])


class Movie:
    def __init__(self, path):
        self.path = path
        self.problems = []
        self.file = open(path, "rb")  # boxes read their contents when they are asked
        self.file.seek(0, 2)
        self.size = self.file.tell()
        self.boxes = read_boxes(self.file, 0, self.size)
        self.read()

    def top(self, kind):
        return [box for box in self.boxes if box.kind == kind]

    def read(self):
        ftyp = self.top("ftyp")
        self.brand = ftyp[0].body.text(0, 4) if ftyp else ""
        moov = self.top("moov")
        if len(moov) != 1:
            raise Broken(f"{len(moov)} boxes moov")
        self.moov = moov[0]
        mvhd = self.moov.one("mvhd").body
        wide = mvhd.u8(0) == 1
        self.timescale, self.duration = (mvhd.u32(20), mvhd.u64(24)) if wide else (mvhd.u32(12), mvhd.u32(16))
        self.next_track = mvhd.u32(len(mvhd) - 4)
        if self.timescale == 0:
            raise Broken("mvhd has a time scale of 0")
        self.tracks = [Track(self, box) for box in self.moov.all("trak")]
        self.fragmented = self.moov.one("mvex", needed=False) is not None
        self.fragments = []
        if self.fragmented:
            self.read_fragments()
        elif self.top("moof"):
            self.problems.append("there are moof boxes, but moov has no mvex")

    def track(self, number):
        found = [t for t in self.tracks if t.id == number]
        return found[0] if found else None

    def by_handler(self, handler):
        return [t for t in self.tracks if t.handler == handler]

    def read_fragments(self):
        defaults = {row.body.u32(4): row.body.table("IIII", 8, 1)[0] for row in self.moov.one("mvex").all("trex")}
        for track in self.tracks:
            if track.id not in defaults:
                self.problems.append(f"track {track.id} has no trex")
        sequence = 0
        for box in self.top("moof"):
            number = box.one("mfhd").body.u32(4)
            if number <= sequence:
                self.problems.append(f"moof {number} follows {sequence}")
            sequence = number
            self.fragments.append(box)
            base = None
            for traf in box.all("traf"):
                base = self.read_track_fragment(box, traf, defaults, base, len(self.fragments))

    def read_track_fragment(self, moof, traf, defaults, previous_end, fragment):
        head = traf.one("tfhd").body
        flags, track = head.u32(0) & 0xFFFFFF, self.track(head.u32(4))
        if track is None or track.id not in defaults:
            raise Broken(f"a fragment of track {head.u32(4)}, which is not in moov")
        at = 8
        optional = {}
        for bit, form in ((1, "Q"), (2, "I"), (8, "I"), (0x10, "I"), (0x20, "I")):
            if flags & bit:
                optional[bit] = head.number(form, at)
                at += struct.calcsize(">" + form)
        fallback = dict(zip((2, 8, 0x10, 0x20), defaults[track.id]))
        setting = {bit: optional.get(bit, fallback[bit]) for bit in fallback}
        # Without an explicit offset: the moof (default-base-is-moof, or the first track), else where the track before ended
        base = optional.get(1, moof.start if flags & 0x20000 or previous_end is None else previous_end)
        timing = traf.one("tfdt", needed=False)
        dts = track.media_end()
        if timing:
            start = timing.body.u64(4) if timing.body.u8(0) == 1 else timing.body.u32(4)
            if start < dts:
                track.say(f"fragment {fragment} begins at {start}, the one before ended at {dts}")
            elif start > dts:
                track.say(f"a hole of {start - dts} ticks before fragment {fragment}")
            dts = start
        end = base
        for run in traf.all("trun"):
            dts, end = self.read_run(track, run.body, setting, base, end, dts, fragment)
        return end

    def read_run(self, track, body, setting, base, at, dts, fragment):
        flags, count = body.u32(0) & 0xFFFFFF, body.u32(4)
        place = 8
        if flags & 1:
            at = base + body.i32(place)
            place += 4
        first_flags = None
        if flags & 4:
            first_flags = body.u32(place)
            place += 4
        fields = [(0x100, "I"), (0x200, "I"), (0x400, "I"), (0x800, "i")]
        form = "".join(f for bit, f in fields if flags & bit)
        rows = [()] * count
        if form:
            rows = body.table(form, place, count)
            rows = [(r,) for r in rows] if len(form) == 1 else rows
        if place + struct.calcsize(">" + form) * count != len(body):
            track.say(f"trun of fragment {fragment} has bytes left over")
        start = at
        for index, row in enumerate(rows):
            row = list(row)
            duration = row.pop(0) if flags & 0x100 else setting[8]
            size = row.pop(0) if flags & 0x200 else setting[0x10]
            mark = row.pop(0) if flags & 0x400 else setting[0x20]
            if index == 0 and first_flags is not None:
                mark = first_flags
            shift = row.pop(0) if flags & 0x800 else 0
            track.samples.append(Sample(at, size, dts, shift, duration, setting[2], not mark & 0x10000, fragment))
            at += size
            dts += duration
        track.chunks.append((start, at))
        return dts, at
