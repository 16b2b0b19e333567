#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Timecode in every way of writing: rates x drop frame x modes x coding x what the timecode does. Each movie is read by
mov_check.py, by libavformat (ffprobe) and by mediainfo.

    mov_matrix.py [--fast] [--markdown FILE] [--only REGEX] [--keep DIR] [--maker PROGRAM] [--show]

--fast: 60 cells, chosen so that as many pairs of values as possible occur. --only: cells whose name matches. --show: the
pipeline of each cell that failed. Exit status 1 when a cell failed."""
import argparse, itertools, os, re, shutil, sys, tempfile
from collections import Counter
from fractions import Fraction

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import mov_check, mov_jobs, smpte

FRAMES = 48
K = Fraction(1000, 1001)
RATES = [(24 * K, False), (Fraction(24), False), (Fraction(25), False), (30 * K, False), (30 * K, True),
         (Fraction(30), False), (48 * K, False), (Fraction(48), False), (Fraction(50), False), (60 * K, False),
         (60 * K, True), (Fraction(60), False), (Fraction(100), False), (120 * K, False), (120 * K, True),
         (Fraction(120), False), (Fraction(240), False)]
MODES = ["plain", "hybrid", "faststart", "fragmented", "pipe", "splitmux", "mp4"]
CODINGS = ["intra", "b"]
SHAPES = ["continuous", "jump", "midnight", "late"]


def rate_name(rate, drop):
    number = f"{float(rate):.3f}".rstrip("0").rstrip(".")
    return number + (" DF" if drop else " NDF" if rate.denominator == 1001 and smpte.nominal(rate) % 30 == 0 else "")


class Cell:
    def __init__(self, rate, drop, mode, coding, shape):
        self.rate, self.drop, self.mode, self.coding, self.shape = rate, drop, mode, coding, shape
        self.values = (rate_name(rate, drop), mode, coding, shape)
        self.name = "-".join(self.values).replace(" ", "")
        self.problems, self.by_property, self.left_out = [], False, ""

    def codes(self):
        """The timecode of each frame; None: the frame carries none."""
        add = lambda start, count: [smpte.text(start + n, self.rate, self.drop) for n in range(count)]
        hour = lambda n: smpte.number("%02d:00:00%s00" % (n, ";" if self.drop else ":"), self.rate)
        minute = smpte.minutes_table(self.rate, self.drop)[0][601]  # 10:01, where drop frame skips
        if self.shape == "jump":  # neither at a key frame nor between groups of B-frames
            return add(hour(1), 17) + add(hour(5), 14) + add(hour(3), FRAMES - 31)
        if self.shape == "midnight":
            return add(smpte.day(self.rate, self.drop) - 19, FRAMES)
        if self.shape == "late":
            return [None] * 7 + add(minute - 3, FRAMES - 7)
        return add(minute - 10, FRAMES)

    def job(self, directory):
        self.file = os.path.join(directory, self.name + (".mp4" if self.mode == "mp4" else ".mov"))
        codes = self.codes()
        offset = 11 if self.shape == "late" and self.mode != "splitmux" else 0  # the video begins after the sound
        self.frames = mov_jobs.timeline(codes, self.rate, offset)
        # The muxer waits one fragment for the first timecode; the late one comes with the 18th frame's time.
        fragment = max(1, mov_jobs.frame_time(20 if self.shape == "late" else 13, self.rate) // 1_000_000)
        options = {"plain": "mode=plain", "hybrid": f"mode=hybrid fragment-duration={fragment}", "faststart": "mode=faststart", "splitmux": "",
                   "fragmented": f"mode=fragmented fragment-duration={fragment}", "pipe": f"fragment-duration={fragment}",
                   "mp4": "brand=mp4" if self.coding == "b" else ""}[self.mode]
        if self.by_property:
            options += " timecode=" + codes[0]
            self.job_frames = [row[:2] + [None] for row in self.frames]
        else:
            self.job_frames = self.frames
        coding = "b" if self.coding == "b" else "intra" if self.mode == "mp4" else "prores"
        sound = None
        if offset:
            sound = ("aac" if self.mode == "mp4" else "pcm", 0, mov_jobs.frame_time(FRAMES + offset, self.rate))
        line = f"tcmovmux name=m {options} "
        if self.mode == "mp4" and self.coding != "b":
            line += "! video/quicktime,variant=(string)iso "
        line += "! fdsink name=out " if self.mode == "pipe" else f"! filesink location={self.file} "
        line += "appsrc name=v ! m.video_0 " + ("appsrc name=a ! m.audio_0" if sound else "")
        if self.mode == "splitmux":
            properties = f'async-finalize=true muxer-properties="properties,timecode=(string)\\"{codes[0]}\\"" ' if self.by_property else ""
            self.file = self.file.replace(".mov", "-%02d.mov")
            line = (f"splitmuxsink name=s muxer-factory=tcmovmux {properties}location={self.file} "
                    f"max-size-time={mov_jobs.frame_time(24, self.rate) + 1000} appsrc name=v ! queue ! s.video")
        self.line = line
        return mov_jobs.Job(self.name, line, coding, self.rate, self.job_frames, sound,
                            self.file if self.mode == "pipe" else None)

    def expectation(self, frames):
        return {"rate": [self.rate.numerator, self.rate.denominator], "drop": self.drop, "frames": frames,
                "fragmented": self.mode in ("fragmented", "pipe")}

    def check(self, job):
        """[(file, movie, expectation)] of what can be read; problems are kept in the cell."""
        if job.status != "ok":
            self.problems.append(f"{job.status}: {job.error}")
            return []
        if self.mode != "splitmux":
            return self.check_file(self.file, self.expectation(self.frames), job)
        files = sorted(os.path.join(os.path.dirname(self.file), f) for f in os.listdir(os.path.dirname(self.file))
                       if f.startswith(self.name + "-") and re.search(r"-\d\d\.mov$", f))
        if len(files) < 2:
            self.problems.append(f"{len(files)} files, at least 2 expected")
        found, at = [], 0
        for path in files:
            movie, _ = mov_check.check_file(path)
            count = len(movie.by_handler("vide")[0].samples) if movie and movie.by_handler("vide") else 0
            part = self.frames[at:at + count]
            if not any(row[2] for row in part) and self.shape == "late":
                self.problems.append(f"{path}: no frame of it has a timecode")
            begin = part[0][0] if part else 0
            if self.by_property and at:  # each file starts anew with the property
                part = [[row[0], row[1], code] for row, code in zip(part, [r[2] for r in self.frames])]
            found += self.check_file(path, self.expectation([[p - begin, d, c] for p, d, c in part]), job)
            at += count
        if at != len(self.frames):
            self.problems.append(f"{at} frames in all files, {len(self.frames)} went in")
        return found

    def check_file(self, path, expect, job):
        movie, problems = mov_check.check_file(path, expect)
        if movie and (self.mode in ("fragmented", "pipe")) != movie.fragmented:
            problems.append(f"fragmented: {movie.fragmented}")
        if movie and self.mode in ("fragmented", "pipe") and len(movie.fragments) < 3:
            problems.append(f"{len(movie.fragments)} fragments")
        if movie and self.mode == "faststart" and [b.kind for b in movie.boxes if b.kind in ("moov", "mdat")][0] != "moov":
            problems.append("moov does not come first")
        if movie and self.mode == "mp4" and movie.brand == "qt  ":
            problems.append("the brand is that of QuickTime")
        if self.shape == "jump" and self.mode != "splitmux":
            told = sum(m.startswith("timecode-discontinuity") for m in job.messages)
            if told != 2:
                problems.append(f"{told} messages timecode-discontinuity, 2 expected")
        self.problems += problems
        return [(path, movie, expect)] if movie else []


def all_cells():
    return [Cell(rate, drop, mode, coding, shape)
            for (rate, drop), mode, coding, shape in itertools.product(RATES, MODES, CODINGS, SHAPES)]


def choose(cells, count):
    """`count` cells by greedy choice of the one with the most pairs of values not seen yet."""
    seen, left, chosen = Counter(), list(cells), []
    pairs = lambda cell: [(i, j, cell.values[i], cell.values[j]) for i in range(4) for j in range(i)]
    while left and len(chosen) < count:
        best = max(left, key=lambda cell: (sum(1.0 / (1 + 9 * seen[p]) for p in pairs(cell)), cell.name))
        left.remove(best)
        chosen.append(best)
        seen.update(pairs(best))
    return chosen


def run(cells, maker, directory):
    jobs = [cell.job(directory) for cell in cells]
    mov_jobs.make(maker, jobs)
    again = []
    for cell, job in zip(cells, jobs):
        if job.status == "refused":  # this GStreamer has no timecode at that rate: by property, which only counts on
            cell.by_property = cell.shape == "continuous"
            cell.left_out = "" if cell.by_property else "no GstVideoTimeCode"
            again += [cell] if cell.by_property else []
    replaced = {cell.name: cell.job(directory) for cell in again}
    mov_jobs.make(maker, replaced.values())
    readable = []
    for cell, job in zip(cells, jobs):
        if not cell.left_out:
            readable += [(cell, *found) for found in cell.check(replaced.get(cell.name, job))]
    read_by_others(readable)


def read_by_others(readable):
    if shutil.which("ffprobe"):
        for (cell, path, *_), problems in zip(readable, mov_jobs.in_parallel(
                lambda row: mov_jobs.check_ffprobe(*row[1:]), readable)):
            cell.problems += problems
    version = mov_jobs.mediainfo_version()
    if version > (0,):
        told = mov_jobs.mediainfo([path for _, path, _, _ in readable])
        for cell, path, _, expect in readable:
            cell.problems += mov_jobs.check_mediainfo(told.get(path, []), expect, version)


def table(cells):
    """Rows are rates, columns modes; each entry the cells that are right of those that ran."""
    lines = ["| rate | " + " | ".join(MODES) + " |", "|---|" + "---|" * len(MODES)]
    for rate, drop in RATES:
        row = [rate_name(rate, drop)]
        for mode in MODES:
            mine = [c for c in cells if (c.rate, c.drop, c.mode) == (rate, drop, mode)]
            done = [c for c in mine if not c.left_out]
            right = sum(not c.problems for c in done)
            note = " (property)" if any(c.by_property for c in done) else ""
            row.append(f"{right} of {len(done)}{note}" if mine else "")
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)


def markdown(cells):
    done = [c for c in cells if not c.left_out]
    return f"""<!-- SPDX-FileCopyrightText: gst-plugins-onair contributors -->
<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->
# Timecode matrix

Made by `meson devenv -C build -w . python3 tests/proofs/mov_matrix.py --markdown docs/timecode-matrix.md`; {mov_jobs.versions()}.

Each entry counts movies that are right of those that were written: two codings (intra and H.264 with B-frames) times four
shapes of {FRAMES} frames: continuous over a minute, two jumps, over midnight, a first timecode on the eighth frame with the video
beginning after the sound. Right means: every frame's timecode read through the edit lists is the one that went in, with
the fewest timecode samples that say so, the first at the first frame, the last ending with the video; the boxes fit each
other; libavformat and mediainfo read the same. (property): the running GStreamer has no timecode at that rate; the
property gives it, continuous only.

{table(cells)}

{sum(not c.problems for c in done)} of {len(done)} movies are right; {len(cells) - len(done)} have no timecode in the running GStreamer.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--markdown")
    parser.add_argument("--only")
    parser.add_argument("--keep")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--maker", default=os.path.join(os.environ.get("ONAIR_BUILD_DIR", "build"), "tests/interop/mov-maker"))
    options = parser.parse_args()
    cells = all_cells()
    if options.fast:
        cells = choose(cells, 60)
    if options.only:
        cells = [cell for cell in cells if re.search(options.only, cell.name)]
    with tempfile.TemporaryDirectory() as temporary:
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
        run(cells, options.maker, options.keep or temporary)
    print(table(cells))
    kinds = Counter()
    for cell in cells:
        for problem in cell.problems[:4]:
            print(f"WRONG {cell.name}: {problem}")
        kinds.update({re.sub(r"[\d.:;…]+", "#", p)[:110] for p in cell.problems})
        if cell.problems and options.show:
            print("   " + cell.line)
    for kind, count in kinds.most_common(25):
        print(f"{count:5} x {kind}")
    failed = sum(bool(cell.problems) for cell in cells)
    left = sum(bool(cell.left_out) for cell in cells)
    print(f"{len(cells)} cells: {len(cells) - failed - left} right, {failed} wrong, {left} without GstVideoTimeCode; {mov_jobs.versions()}")
    if options.markdown:
        with open(options.markdown, "w") as out:
            out.write(markdown(cells))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
