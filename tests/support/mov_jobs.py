# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the movie proofs share: jobs for mov-maker, and reading files back with programs that are not ours."""
import concurrent.futures, hashlib, json, os, re, shutil, subprocess
from fractions import Fraction

import mov_check, smpte

NS = 1_000_000_000


def frame_time(number, rate):
    return number * NS * rate.denominator // rate.numerator


def timeline(codes, rate, offset=0):
    """[[PTS, duration, code or None]]: frame after frame from `offset` frames on."""
    return [[frame_time(offset + n, rate), frame_time(offset + n + 1, rate) - frame_time(offset + n, rate), code]
            for n, code in enumerate(codes)]


class Job:
    """One movie: a gst-launch line with `appsrc name=v` (and `appsrc name=a`), and what is fed to it."""

    def __init__(self, name, line, coding, rate, frames, sound=None, pipe=None):
        self.name, self.line, self.coding, self.rate, self.frames = name, line, coding, rate, frames
        self.sound, self.pipe = sound, pipe
        self.status, self.error, self.messages, self.warnings = "missing", "", [], []

    def text(self):
        lines = [f"job {self.name}", f"line {self.line}",
                 f"video {self.coding} {self.rate.numerator} {self.rate.denominator}"]
        lines += [f"frame {pts} {duration} {code or '-'}" for pts, duration, code in self.frames]
        if self.sound:
            lines.append("sound %s %d %d" % self.sound)
        if self.pipe:
            lines.append(f"pipe {self.pipe}")
        return "\n".join(lines + ["end", ""])


def make(maker, jobs, timeout=1800):
    """Runs all jobs in one process; a job that kills it is marked, and the others go on in a new one."""
    todo = list(jobs)
    while todo:
        ran = subprocess.run([maker], input="".join(job.text() for job in todo), text=True, capture_output=True,
                             timeout=timeout)
        names = {job.name: job for job in todo}
        for line in ran.stdout.splitlines():
            word, _, rest = line.partition(" ")
            name, _, rest = rest.partition(" ")
            job = names.get(name)
            if not job:
                continue
            if word == "message":
                job.messages.append(rest)
            elif word == "warning":
                job.warnings.append(rest)
            else:
                job.status, job.error = word, rest
        left = [job for job in todo if job.status == "missing"]
        if left:
            left[0].status = "error"
            left[0].error = f"the process ended with {ran.returncode}: {ran.stderr.strip()[-300:]}"
            left = left[1:]
        todo = left


def in_parallel(function, items):
    with concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        return list(pool.map(function, items))


def same_code(a, b):
    """"01:00:00:000" is "01:00:00:00": readers differ in the digits of frames from 100 frames a second on."""
    plain = lambda text: [int(part) for part in re.split("[:;]", text)] + [";" in text]
    return bool(a and b) and re.fullmatch(r"[\d:;]+", a) is not None and plain(a) == plain(b)


# --- libavformat, by ffprobe --------------------------------------------------------------------------------------

def ffprobe(path):
    entries = ("stream=index,codec_type,codec_tag_string,r_frame_rate:stream_tags=timecode:"
               "packet=stream_index,pts_time,duration_time,data_hash")
    ran = subprocess.run(["ffprobe", "-v", "quiet", "-show_data_hash", "MD5", "-show_packets", "-show_streams",
                          "-show_entries", entries, "-of", "json", path], text=True, capture_output=True)
    try:
        return json.loads(ran.stdout)
    except ValueError:
        return {}


def check_ffprobe(path, movie, expect):
    """libavformat shows the timecode of the first frame, all frames, and the same timecode samples as our reader."""
    said, problems = ffprobe(path), []
    streams = said.get("streams", [])
    video = next((s for s in streams if s["codec_type"] == "video"), None)
    data = next((s for s in streams if s.get("codec_tag_string") == "tmcd"), None)
    if not video:
        return ["ffprobe: no video"]
    packets = {}
    for packet in said.get("packets", []):
        packets.setdefault(packet["stream_index"], []).append(packet)
    shown = packets.get(video["index"], [])
    if len(shown) != len(expect["frames"]):
        problems.append(f"ffprobe: {len(shown)} frames, {len(expect['frames'])} went in")
    numbers = mov_check.expected_numbers(expect)
    first = next((n for n in numbers if n[2] is not None), None)
    if first is None:
        return problems
    if not data:
        return problems + ["ffprobe: no timecode stream"]
    want = smpte.text(first[2], Fraction(*expect["rate"]), first[3])
    for stream in (video, data):
        found = stream.get("tags", {}).get("timecode")
        if not same_code(found, want):
            problems.append(f"ffprobe: timecode {found} on the {stream['codec_type']} stream, expected {want}")
    ours = [run for track in movie.by_handler("tmcd") for run in mov_check.timecode_runs(track)]
    theirs = packets.get(data["index"], [])
    if len(ours) != len(theirs):
        return problems + [f"ffprobe: {len(theirs)} timecode packets, the file holds {len(ours)}"]
    for run, packet in zip(ours, theirs):
        digest = hashlib.md5((run.value & 0xFFFFFFFF).to_bytes(4, "big")).hexdigest()
        if packet.get("data_hash", "").split(":")[-1].lower() != digest:
            problems.append(f"ffprobe: the timecode packet at {packet.get('pts_time')} is not {run.value}")
        if abs(Fraction(packet.get("pts_time", "0")) - run.start) > Fraction(2, 1000):
            problems.append(f"ffprobe: a timecode packet at {packet.get('pts_time')}, by the boxes at {float(run.start):.6f}")
    return problems


# --- mediainfo ----------------------------------------------------------------------------------------------------

def mediainfo_version():
    if not shutil.which("mediainfo"):
        return (0,)
    ran = subprocess.run(["mediainfo", "--Version"], text=True, capture_output=True)
    found = re.search(r"v(\d+(?:\.\d+)*)", ran.stdout)
    return tuple(int(part) for part in found[1].split(".")) if found else (0,)


def mediainfo(paths, batch=40):
    """{path: tracks}"""
    out = {}
    for start in range(0, len(paths), batch):
        ran = subprocess.run(["mediainfo", "--Output=JSON", *paths[start:start + batch]], text=True,
                             capture_output=True)
        said = json.loads(ran.stdout or "[]")
        for entry in said if isinstance(said, list) else [said]:
            media = entry.get("media") or {}
            out[media.get("@ref")] = media.get("track", [])
    return out


def check_mediainfo(tracks, expect, version):
    """The first timecode, and from 24 on the last; 23.04 reads none of a fragmented movie. 26.05 counts an empty edit at
    the beginning (a late video) into the last one, also in ffmpeg's files: not asked there."""
    numbers = [n for n in mov_check.expected_numbers(expect) if n[2] is not None]
    if not numbers:
        return []
    codes = [t for t in tracks if t.get("Type") == "Time code" or t.get("@type") == "Other"]
    if not codes:
        return ["mediainfo: no timecode track"]
    rate, problems = Fraction(*expect["rate"]), []
    want = smpte.text(numbers[0][2], rate, numbers[0][3])
    found = codes[0].get("TimeCode_FirstFrame")
    if not same_code(found, want) and (version >= (24,) or not expect.get("fragmented")):
        problems.append(f"mediainfo: first {found}, expected {want}")
    if version >= (24,) and not expect.get("fragmented") and expect["frames"][0][0] == 0:
        want, found = smpte.text(numbers[-1][2], rate, numbers[-1][3]), codes[0].get("TimeCode_LastFrame")
        if not same_code(found, want):
            problems.append(f"mediainfo: last {found}, expected {want}")
    return problems


def versions():
    """What read the files, for the head of a table."""
    first = lambda *command: (subprocess.run(command, text=True, capture_output=True).stdout.splitlines() or ["?"])[0]
    said = [first("gst-launch-1.0", "--version").replace("gst-launch-1.0 version", "GStreamer")]
    if shutil.which("ffprobe"):
        said.append("FFmpeg " + first("ffprobe", "-version").split()[2])
    if shutil.which("mediainfo"):
        said.append("mediainfo " + ".".join(map(str, mediainfo_version())))
    return ", ".join(said)
