#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same work for tcmovmux and its peers, side by side; what is not installed is marked.

    mov_compare.py [--markdown FILE] [--keep DIR] [--only REGEX]

Each file is read by mov_check.py (the timecode of every frame, samples that overlap) and by ffprobe (frames). ffmpeg gets
what its user can say: the first timecode as -timecode, or a file of ours with three runs to copy."""
import argparse, os, re, shutil, subprocess, sys, tempfile
from fractions import Fraction

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import mov_check, mov_jobs, smpte

FRAMES = 48
DF = Fraction(30000, 1001)
PEERS = ["tcmovmux", "qtmux", "mp4mux", "isomp4mux", "avmux_mov", "ffmpeg"]
TELLS = {"tcmovmux": "tcmovmux", "qtmux": "qtmux", "mp4mux": "mp4mux force-create-timecode-trak=true",
         "isomp4mux": "isomp4mux", "avmux_mov": "avmux_mov"}


def run(start, count, rate, drop=False):
    return [smpte.text(smpte.number(start, rate) + n, rate, drop) for n in range(count)]


class Task:
    """`mode`: plain, faststart, fragmented, pipe. `unlike`: options of a peer beyond its mode."""

    def __init__(self, title, codes, rate=Fraction(25), coding="intra", mode="plain", sound=None, options=""):
        self.title, self.codes, self.rate, self.coding, self.mode = title, codes, rate, coding, mode
        self.sound, self.options = sound, options


TASKS = [
    Task("timecode from the pictures", run("10:00:59:14", FRAMES, Fraction(25))),
    Task("the same, ProRes", run("10:00:59:14", FRAMES, Fraction(25)), coding="prores"),
    Task("drop frame, 29.97", run("10:00:59;20", FRAMES, DF, True), DF),
    Task("drop frame, 59.94", run("10:00:59;40", FRAMES, 2 * DF, True), 2 * DF),
    Task("B-frames", run("01:00:00:00", FRAMES, Fraction(25)), coding="b"),
    Task("sound is the first stream", run("01:00:00:00", FRAMES, Fraction(25)), sound=True),
    Task("two jumps", run("01:00:00:00", 17, Fraction(25)) + run("05:00:00:00", 14, Fraction(25)) +
         run("03:00:00:00", 17, Fraction(25))),
    Task("over midnight", run("23:59:59:06", FRAMES, Fraction(25))),
    Task("first timecode on the eighth picture", [None] * 7 + run("01:00:00:00", FRAMES - 7, Fraction(25))),
    Task("faststart", run("01:00:00:00", FRAMES, Fraction(25)), mode="faststart"),
    Task("fragmented", run("01:00:00:00", FRAMES, Fraction(25)), mode="fragmented"),
    Task("fragmented, two jumps", run("01:00:00:00", 17, Fraction(25)) + run("05:00:00:00", 31, Fraction(25)),
         mode="fragmented"),
    Task("into a pipe", run("01:00:00:00", FRAMES, Fraction(25)), mode="pipe"),
    Task("MP4, H.264", run("01:00:00:00", FRAMES, Fraction(25)), mode="mp4"),
    Task("240 a second", run("01:00:00:00", FRAMES, Fraction(240)), Fraction(240)),
]
MODES = {
    "tcmovmux": {"plain": "mode=plain", "faststart": "mode=faststart", "mp4": "brand=mp4", "pipe": "fragment-duration=500",
                 "fragmented": "mode=fragmented fragment-duration=500"},
    "qtmux": {"faststart": "faststart=true", "fragmented": "fragment-duration=500", "pipe": "fragment-duration=500"},
    "mp4mux": {"faststart": "faststart=true", "fragmented": "fragment-duration=500", "pipe": "fragment-duration=500"},
}


def installed(name):
    if name == "ffmpeg":
        return shutil.which("ffmpeg") is not None
    return subprocess.run(["gst-inspect-1.0", "--exists", "--atleast-version=0.0", name]).returncode == 0


def job_of(peer, number, task, directory):
    path = os.path.join(directory, f"{peer}-{number}.mov")
    sink = "fdsink name=out" if task.mode == "pipe" else f"filesink location={path}"
    line = f"{TELLS[peer]} name=m {MODES.get(peer, {}).get(task.mode, '')} {task.options} ! {sink} "
    if task.sound:
        line += "appsrc name=a ! queue ! m.audio_0 "
    line += "appsrc name=v ! queue ! m.video_0"
    if peer == "isomp4mux":
        line = line.replace("m.audio_0", "m.sink_0").replace("m.video_0", "m.sink_1")
    frames = mov_jobs.timeline(task.codes, task.rate)
    sound = ("pcm", 0, frames[-1][0]) if task.sound else None
    return path, mov_jobs.Job(f"{peer}-{number}", line, task.coding, task.rate, frames, sound,
                              path if task.mode == "pipe" else None)


def judge(path, task):
    """"right", or what is wrong first: frames that cannot be read, then the timecode."""
    expect = {"rate": [task.rate.numerator, task.rate.denominator], "frames": mov_jobs.timeline(task.codes, task.rate)}
    packets = [s for s in mov_jobs.ffprobe(path).get("packets", [])]
    video = next((s["index"] for s in mov_jobs.ffprobe(path).get("streams", []) if s["codec_type"] == "video"), None)
    shown = sum(packet["stream_index"] == video for packet in packets)
    if shown != FRAMES:
        return f"{shown} of {FRAMES} frames can be read"
    try:
        movie = mov_check.Movie(path)
        found = []
        mov_check.check_payload(movie, found)
        found = [text for text in found if "overlap" in text or "not lie" in text]
        found = found[:1] + mov_check.check_expected(movie, expect)
    except (mov_check.Broken, IndexError) as broken:
        return f"unreadable: {broken}"
    if not found:
        return "right"
    if any("refers to 0 timecode" in text for text in found):
        return "no timecode on the video" if movie.by_handler("tmcd") else "no timecode"
    return min(found, key=lambda text: not text.startswith("frame ")).split(" (")[0]


def one_timecode(task):
    """The first frame's timecode says it all."""
    expect = {"rate": [task.rate.numerator, task.rate.denominator], "frames": mov_jobs.timeline(task.codes, task.rate)}
    return task.codes[0] is not None and len(mov_check.expected_runs(expect)) == 1


def ffmpeg_task(number, task, directory, ours):
    """From our file: -timecode where one timecode says it all, else a copy of all streams."""
    path = os.path.join(directory, f"ffmpeg-{number}.{'mp4' if task.mode == 'mp4' else 'mov'}")
    if not os.path.exists(ours):
        return path, "not run"
    single = one_timecode(task)
    first = ["-map", "0:v", "-map", "0:a?", "-timecode", task.codes[0]] if single else ["-map", "0"]
    if task.sound and single:
        first = ["-map", "0:a", "-map", "0:v", "-timecode", task.codes[0]]
    flags = {"faststart": ["-movflags", "+faststart"], "fragmented": ["-movflags", "+frag_keyframe+empty_moov", "-frag_duration", "500000"],
             "pipe": ["-movflags", "+frag_keyframe+empty_moov", "-frag_duration", "500000"]}.get(task.mode, [])
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", ours, *first, "-c", "copy", *flags]
    if task.mode == "pipe":
        with open(path, "wb") as out:
            ran = subprocess.run([*command, "-f", "mov", "-"], stdout=out, stderr=subprocess.PIPE)
    else:
        ran = subprocess.run([*command, path], capture_output=True)
    return path, "" if ran.returncode == 0 else "error: " + ran.stderr.decode().strip().splitlines()[-1]


def compare(tasks, directory, maker):
    """{title: {peer: word}}"""
    there = {peer: installed(peer) for peer in PEERS}
    jobs = {(peer, n): job_of(peer, n, task, directory) for n, task in enumerate(tasks)
            for peer in PEERS if peer != "ffmpeg" and there[peer]}
    for peer in PEERS:  # a process for each: one that hangs or dies is its own
        mov_jobs.make(maker, [job for (p, _), (_, job) in jobs.items() if p == peer])
    results = {}
    for n, task in enumerate(tasks):
        row = results[task.title] = {}
        for peer in PEERS:
            if not there[peer]:
                row[peer] = "absent"
            elif peer == "ffmpeg":
                path, problem = ffmpeg_task(n, task, directory, jobs["tcmovmux", n][0]) if there["tcmovmux"] else ("", "not run")
                row[peer] = problem or judge(path, task) + ("" if one_timecode(task) else ", copied from ours")
            else:
                path, job = jobs[peer, n]
                row[peer] = judge(path, task) if job.status == "ok" else said(job)
    return results


def said(job):
    text = job.error.split(" | ")[0]
    if "could not link" in text or "streaming stopped" in job.error or "not-negotiated" in job.error:
        text = "does not take these caps"
    return f"{job.status}: {text}"[:120]


def table(results):
    lines = ["| what is asked | " + " | ".join(PEERS) + " |", "|---|" + "---|" * len(PEERS)]
    for title, row in results.items():
        lines.append(f"| {title} | " + " | ".join(row[peer].replace("|", "/") for peer in PEERS) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--markdown")
    parser.add_argument("--keep")
    parser.add_argument("--only")
    parser.add_argument("--maker", default=os.path.join(os.environ.get("ONAIR_BUILD_DIR", "build"), "tests/interop/mov-maker"))
    options = parser.parse_args()
    tasks = [task for task in TASKS if not options.only or re.search(options.only, task.title)]
    with tempfile.TemporaryDirectory() as temporary:
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
        results = compare(tasks, options.keep or temporary, options.maker)
    print(table(results))
    wrong = [title for title, row in results.items() if row["tcmovmux"] not in ("right", "absent")]
    if options.markdown:
        with open(options.markdown) as file:
            text = file.read()
        begin, end = "<!-- table -->\n", "<!-- end of table -->"
        head, rest = text.split(begin)
        with open(options.markdown, "w") as file:
            file.write(head + begin + f"\n{mov_jobs.versions()}\n\n" + table(results) + "\n\n" + end + rest.split(end)[1])
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
