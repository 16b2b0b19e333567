#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program that tried to make `ffmpeg -timecode` with libavformat, and whose timecode track vanished: the same as
pipelines, done right and with each of its mistakes. A right file or a clear error, never a missing track."""
import os, re, signal, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.join(os.environ["ONAIR_SOURCE_DIR"], "tests", "support"))
import mov_check, mov_jobs
from fractions import Fraction

PICTURE = "video/x-raw,format=I422_10LE,width=1920,height=1080,framerate=30/1"
PRORES = "video/x-prores,variant=hq,width=1920,height=1080"
ENCODER = "avenc_prores_ks profile=hq bitrate=2000000"
SOURCE = f"videotestsrc num-buffers=%d ! {PICTURE} ! {ENCODER}"
CODE = "timecode=00:00:30:00"
problems = []


def launch(line):
    ran = subprocess.run(["gst-launch-1.0", *line.split()], text=True, capture_output=True, timeout=120)
    return ran.returncode, ran.stdout + ran.stderr


def expectation(count, first="00:00:30:00"):
    frames = mov_jobs.timeline([first] + [None] * (count - 1), Fraction(30))
    return {"rate": [30, 1], "frames": frames}


def right(name, line, count):
    """The line ends well and the movie holds `count` frames from 00:00:30:00 on, as others read it too."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "out.mov")
        status, said = launch(line.replace("OUT", path))
        found = [f"exit status {status}: {said[-300:]}"] if status else check(path, count)
        report(name, found)


def check(path, count):
    expect = expectation(count)
    movie, found = mov_check.check_file(path, expect)
    return found + (mov_jobs.check_ffprobe(path, movie, expect) if movie else [])


def refused(name, line, *words):
    """The line fails, says each of `words`, and says it once."""
    with tempfile.TemporaryDirectory() as directory:
        status, said = launch(line.replace("OUT", os.path.join(directory, "out.mov")))
        found = [] if status else ["the pipeline ended well"]
        found += [f"{word!r} is not in: {said[:400]}" for word in words if not re.search(word, said)]
        errors = [text for text in said.splitlines() if text.startswith("ERROR") and "TcMovMux" in text]
        found += [f"{len(errors)} errors: {errors}"] if len(errors) > 1 else []
        report(name, found)


def warned(name, line, *words):
    """Nothing came: the line ends, since splitmuxsink must go on, and a warning says that there is no movie."""
    with tempfile.TemporaryDirectory() as directory:
        status, said = launch(line.replace("OUT", os.path.join(directory, "out.mov")))
        found = [f"exit status {status}: {said[:300]}"] if status else []
        found += [f"{word!r} is not in: {said[:400]}" for word in ("WARNING", *words) if not re.search(word, said)]
        report(name, found)


def report(name, found):
    print(f"{'FAIL' if found else 'ok'}: {name}" + "".join(f"\n    {text}" for text in found))
    problems.extend(found)


def killed(name):
    """The encoder is never flushed: the process dies. A fragmented movie keeps what was written, with its timecode."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "out.mov")
        line = (f"videotestsrc is-live=true ! video/x-raw,format=I422_10LE,width=320,height=240,framerate=30/1 ! {ENCODER} "
                f"! tcmovmux {CODE} mode=fragmented fragment-duration=200 ! filesink buffer-mode=unbuffered location={path}")
        process = subprocess.Popen(["gst-launch-1.0", "-q", *line.split()], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        while process.poll() is None and (not os.path.exists(path) or os.path.getsize(path) < 200_000):
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        report(name, check_cut(path) if os.path.exists(path) else ["no file"])


def check_cut(path):
    """A file that ends anywhere: what lies behind the last whole fragment is cut off, as readers do."""
    with open(path, "rb") as file:
        data = file.read()
    at = end = 0
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        if size < 8 or at + size > len(data):
            break
        at += size
        end = at if kind in (b"mdat", b"moov") else end
    with open(path, "wb") as file:
        file.write(data[:end])
    movie, _ = mov_check.check_file(path)
    shown = len(movie.by_handler("vide")[0].samples) if movie else 0
    if shown < 6:
        return [f"{shown} frames can be read of {len(data)} bytes"]
    return [text for text in check(path, shown) if "mfra" not in text]


def main():
    for element in ("avenc_prores_ks", "x264enc"):
        if subprocess.run(["gst-inspect-1.0", "--exists", "--atleast-version=0.0", element]).returncode:
            print(f"SKIPPED: {element} is not installed")
            sys.exit(77)
    mux, sink = f"tcmovmux name=m {CODE}", "! filesink location=OUT"
    bare = "fakesrc num-buffers=3 format=time sizetype=fixed sizemax="
    right("the program, done right", f"{SOURCE % 4} ! {mux} {sink}", 4)
    right("one frame only", f"{SOURCE % 1} ! {mux} {sink}", 1)
    right("sound is the first stream", f"{mux} {sink} audiotestsrc num-buffers=20 ! audio/x-raw,format=S16LE ! m.audio_0 "
          f"{SOURCE % 4} ! m.video_0", 4)
    right("fragmented", f"{SOURCE % 8} ! {mux} mode=fragmented fragment-duration=100 {sink}", 8)
    refused("packet timestamps unset", f"{bare}1000 ! {PRORES},framerate=30/1 ! {mux} {sink}", "no timestamp", "video_0")
    refused("a data stream of its own", f"{mux} {sink} {bare}4 ! meta/x-id3,parsed=true ! m.data_0 {SOURCE % 2} ! m.",
            "data_0|could not link")
    refused("a data stream on a video pad", f"{mux} {sink} {bare}4 ! meta/x-id3,parsed=true ! m.video_1",
            "cannot be written|could not link")
    refused("no frame rate", f"{bare}1000 do-timestamp=true is-live=true ! {PRORES} ! {mux} {sink}", "frame ?rate")
    refused("a variable frame rate", f"{bare}1000 do-timestamp=true is-live=true ! {PRORES},framerate=0/1 ! {mux} {sink}", "frame ?rate")
    refused("planes of half their size", f"{bare}1000 do-timestamp=true is-live=true ! "
            f"video/x-raw,format=v210,width=1920,height=1080,framerate=30/1 ! {mux} {sink}", "1000 bytes", "5529600")
    warned("an empty packet", f"{bare}0 sizetype=empty do-timestamp=true is-live=true ! {PRORES},framerate=30/1 ! {mux} {sink}",
           "ended before any data", "video_0")
    refused("a timecode that is none", f"{SOURCE % 2} ! tcmovmux timecode=00:00:30:30 {sink}", "frames 30", "00:00:30:30")
    refused("drop frame at 30/1", f"{SOURCE % 2} ! tcmovmux timecode=00:00:30;00 {sink}", "drop frame|drop-frame")
    refused("a timecode track without video", f"audiotestsrc num-buffers=3 ! audio/x-raw,format=S16LE ! {mux} {sink}",
            "no video pad")
    refused("timecode from pictures that carry none", f"{SOURCE % 3} ! tcmovmux timecode-source=meta {sink}", "timecode")
    warned("no data at all", f"{SOURCE % 0} ! {mux} {sink}", "ended before any data", "video_0")
    killed("the process is killed")
    sys.exit(1 if problems else 0)


main()
