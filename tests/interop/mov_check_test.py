#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Does the reader of the proofs see what is wrong? A right movie is damaged in one field at a time. Then what others say
of three runs of timecode: ffmpeg -map 0 -c copy keeps them, mediainfo lists the two discontinuities."""
import os, struct, subprocess, sys, tempfile
from fractions import Fraction

sys.path.insert(0, os.path.join(os.environ["ONAIR_SOURCE_DIR"], "tests", "support"))
import mov_check, mov_jobs, smpte

MAKER = os.path.join(os.environ["ONAIR_BUILD_DIR"], "tests/interop/mov-maker")
RATE = Fraction(25)
CODES = [smpte.text(smpte.number(start, RATE) + n, RATE, False)
         for start in ("01:00:00:00", "05:00:00:00", "10:00:00:00") for n in range(16)]
failures = 0


def verdict(name, good, detail=""):
    global failures
    failures += not good
    print(f"{'ok' if good else 'FAIL'}: {name}" + ("" if good else f"\n    {detail}"))


def place(data, kind, skip=0):
    """Where the contents of the `skip`th box of this kind begin."""
    at = -1
    for _ in range(skip + 1):
        at = data.index(kind, at + 1)
    return at + 4


def add(data, at, amount):
    struct.pack_into(">I", data, at, (struct.unpack_from(">I", data, at)[0] + amount) & 0xFFFFFFFF)



def damages(movie):
    codes = movie.by_handler("tmcd")[0]
    start = codes.box.start
    inside = lambda kind: lambda data: data.index(kind, start) + 4
    return {
        "a frame number is one too many": lambda d: add(d, codes.samples[1].offset, 1),
        "the first frame number is one too few": lambda d: add(d, codes.samples[0].offset, -1),
        "the drop-frame flag is set": lambda d: add(d, d.index(b"tmcd", inside(b"stsd")(d)) + 4 + 12, 1),
        "the 24-hour flag is not set": lambda d: add(d, d.index(b"tmcd", inside(b"stsd")(d)) + 4 + 12, -2),
        "the first run is a frame longer": lambda d: add(d, inside(b"stts")(d) + 12, codes.samples[0].duration // 16),
        "the timecode's edit is shorter": lambda d: add(d, inside(b"elst")(d) + 8, -5000),
        "a chunk lies elsewhere": lambda d: add(d, inside(b"stco")(d) + 8, 4),
        "a reference goes to the wrong track": lambda d: add(d, place(d, b"tref") + 8, 7),
        "the video's track header is shorter": lambda d: add(d, place(d, b"tkhd") + 20, -700),
        "the movie's header is shorter": lambda d: add(d, place(d, b"mvhd") + 16, -700),
        "a video frame lasts longer": lambda d: add(d, place(d, b"stts") + 12, 99),
        "a sample is larger": lambda d: add(d, place(d, b"stsz") + 20, 1),
        "a box is longer than its parent": lambda d: add(d, place(d, b"mdia") - 8, 4000),
    }


def one_movie(directory, name, options):
    path = os.path.join(directory, name + ".mov")
    job = mov_jobs.Job(name, f"tcmovmux name=m {options} ! filesink location={path} appsrc name=v ! m.video_0", "prores",
                       RATE, mov_jobs.timeline(CODES, RATE))
    mov_jobs.make(MAKER, [job])
    verdict(f"{name} is written", job.status == "ok", job.error)
    return path


def check_others(directory, path, expect):
    copy = os.path.join(directory, "copy-of-" + os.path.basename(path))
    ran = subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", path, "-map", "0", "-c", "copy", copy], text=True,
                         capture_output=True)
    movie = mov_check.Movie(copy) if ran.returncode == 0 else None
    found = mov_check.check_expected(movie, expect) if movie else [ran.stderr]
    found = [text for text in found if "24-hour" not in text]
    verdict(f"ffmpeg -map 0 -c copy of {os.path.basename(path)} keeps three runs", not found, found)


def check_mediainfo(path):
    version = mov_jobs.mediainfo_version()
    if version < (26,):
        return print(f"SKIPPED: mediainfo {version} does not list discontinuities")
    said = subprocess.run(["mediainfo", "--Full", path], text=True, capture_output=True).stdout
    for gap in ("01:00:00:15-05:00:00:00", "05:00:00:15-10:00:00:00"):
        verdict(f"mediainfo lists {gap}", gap in said, [l for l in said.splitlines() if "ime code" in l or "iscont" in l])


def main():
    with tempfile.TemporaryDirectory() as directory:
        expect = {"rate": [25, 1], "frames": mov_jobs.timeline(CODES, RATE)}
        path = one_movie(directory, "plain", "mode=plain")
        movie, found = mov_check.check_file(path, expect)
        verdict("a right movie is right", not found, found)
        if not movie:
            sys.exit(1)
        with open(path, "rb") as file:
            whole = file.read()
        damaged = os.path.join(directory, "damaged.mov")
        for name, change in damages(movie).items():
            data = bytearray(whole)
            change(data)
            with open(damaged, "wb") as file:
                file.write(data)
            verdict(name, bool(mov_check.check_file(damaged, expect)[1]), "not seen")
        wrong = {"rate": [25, 1], "frames": [row[:2] + [code] for row, code in zip(expect["frames"], CODES[1:] + CODES[:1])]}
        verdict("another expectation is seen", bool(mov_check.check_file(path, wrong)[1]))
        check_others(directory, path, expect)
        check_mediainfo(path)
        fragmented = one_movie(directory, "fragmented", "mode=fragmented fragment-duration=300")
        found = mov_check.check_file(fragmented, expect)[1]
        verdict("the fragmented one is right", not found, found)
        # libavformat gives each continuation as a packet, so the copy has more samples, which count on
        check_fragmented_copy(directory, fragmented, expect)
        check_mediainfo_first(fragmented)
    sys.exit(1 if failures else 0)


def check_fragmented_copy(directory, path, expect):
    copy = os.path.join(directory, "copy-of-fragments.mov")
    ran = subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", path, "-map", "0", "-c", "copy", copy], text=True,
                         capture_output=True)
    movie = mov_check.Movie(copy) if ran.returncode == 0 else None
    runs = mov_check.joined(mov_check.timecode_runs(movie.by_handler("tmcd")[0]), Fraction(1, 1000)) if movie else []
    verdict("ffmpeg -map 0 -c copy of the fragmented one keeps three runs",
            [run.text() for run in runs] == [CODES[0], CODES[16], CODES[32]], [run.text() for run in runs])


def check_mediainfo_first(path):
    if mov_jobs.mediainfo_version() >= (24,):
        found = mov_jobs.check_mediainfo(mov_jobs.mediainfo([path])[path],
                                         {"rate": [25, 1], "frames": mov_jobs.timeline(CODES, RATE), "fragmented": True},
                                         mov_jobs.mediainfo_version())
        verdict("mediainfo reads the fragmented one", not found, found)


main()
