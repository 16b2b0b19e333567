#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""tctool recover on movies in fragments of tcmovmux, qtmux and FFmpeg that end anywhere: what ffprobe reads of the
recovered movie is the beginning of what was recorded, no less than it reads of the file that was cut off, and the
timecode ends with the pictures. In place also when recover itself is killed at each of its writes.

    tctool_recover_test.py [N]     each file cut at N random places besides, and recover killed at each of its writes; without
                                   N a few of all"""
import hashlib, json, os, random, shutil, subprocess, sys, tempfile
from fractions import Fraction

sys.path.insert(0, os.path.join(os.environ["ONAIR_SOURCE_DIR"], "tests", "support"))
import mov_check
from cut_replay import read_log
from demo_run import Checks, skip
from mov_boxes import Movie

BUILD = os.environ["ONAIR_BUILD_DIR"]
TOOL = os.path.join(BUILD, "tools", "tctool", "tctool")
SHIM = os.path.join(BUILD, "tests", "libwrite-log.so")
for needed in (TOOL, SHIM):
    if not os.path.exists(needed):
        skip(os.path.basename(needed) + " was not built")
for program in ("ffmpeg", "ffprobe", "gst-launch-1.0", "gst-inspect-1.0"):
    if not shutil.which(program):
        skip("needs " + program)
if subprocess.run(["gst-inspect-1.0", "x264enc"], capture_output=True).returncode:
    skip("needs x264enc")
checks = Checks()
ALL = len(sys.argv) > 1
CUTS = int(sys.argv[1]) if ALL else 0
FRAME = 6  # bytes of sound
KILLED = -9


def tool(*words, status=0, env=None):
    run = subprocess.run([TOOL, *words], capture_output=True, text=True, env={**os.environ, **(env or {})})
    if run.returncode != status:
        checks.equal("tctool " + " ".join(words), run.returncode, status)
        print(run.stdout, run.stderr)
    return run.stdout if status == 0 else run.stderr


def record(path, muxer):
    line = ("videotestsrc pattern=ball num-buffers=100 ! video/x-raw,width=64,height=48,framerate=25/1 ! "
            "x264enc speed-preset=ultrafast bframes=2 b-adapt=false key-int-max=12 ! video/x-h264,stream-format=avc,alignment=au ! queue ! m.video_0 "
            "audiotestsrc num-buffers=170 samplesperbuffer=1113 ! audio/x-raw,format=S24LE,rate=48000,channels=2 ! queue ! "
            f"m.audio_0 {muxer} name=m ! filesink location={path}")
    subprocess.run(["gst-launch-1.0", "-q", *line.split()], check=True)


def packets(path):
    """{stream: [hash of each packet]}; sound as one hash of its samples, because packets are cut as a reader likes."""
    ran = subprocess.run(["ffprobe", "-v", "quiet", "-show_data_hash", "MD5", "-select_streams", "v", "-show_entries",
                          "packet=data_hash", "-of", "json", path], capture_output=True, text=True)
    video = [p.get("data_hash") for p in json.loads(ran.stdout or "{}").get("packets", [])]
    sound = subprocess.run(["ffmpeg", "-v", "quiet", "-i", path, "-map", "0:a", "-f", "s24le", "-"], capture_output=True)
    return video, sound.stdout


def beginning(name, what, part, whole):
    if part != whole[:len(part)]:
        checks.equal(f"{name}: {what} is the beginning of what was recorded", False, True)


def look_at(name, cut, made, whole):
    video, sound = packets(made)
    beginning(name, "video", video, whole[0])
    beginning(name, "sound", sound, whole[1])
    before = packets(cut)  # the last picture, or frame of sound, may be a part of one there
    if len(video) < len(before[0]) - 1 or len(sound) < len(before[1]) - FRAME:
        checks.equal(f"{name}: no less than ffprobe reads of the cut file", (len(video), len(sound)),
                     (len(before[0]), len(before[1])))
    movie = Movie(made)
    # qtmux and FFmpeg write no edit list in fragments: then the pictures begin when theirs do. The flag is FFmpeg's.
    wrong = [p for p in mov_check.check_structure(movie, payload=False) if "no edit list" not in p and "24-hour" not in p]
    checks.equal(f"{name}: structure", wrong, [])
    checks.equal(f"{name}: fragments", movie.fragmented, False)
    for track in movie.by_handler("tmcd"):
        runs = mov_check.timecode_runs(track)
        shown = max(end for t in movie.by_handler("vide") for _, end, _ in t.presented())
        if runs and abs(runs[-1].end - shown) > Fraction(1, 1000):
            checks.equal(f"{name}: the timecode ends with the pictures", float(runs[-1].end), float(shown))
    return video, sound


def first_whole(data):
    """Where the movie box ends: nothing can be made of less."""
    return data.index(b"moov") - 4 + int.from_bytes(data[data.index(b"moov") - 4:data.index(b"moov")], "big")


def as_recording(data):
    """A movie of mode=hybrid as it is before its end: its reserve is a free box (docs/specs/movie.md)."""
    tail = int.from_bytes(data[28:36], "big") + 20
    return data[:20] + b"\0\0\0\x10free" + bytes(8) + data[36:tail]


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


with tempfile.TemporaryDirectory() as directory:
    def at(name):
        return os.path.join(directory, name)

    def save(name, data):
        with open(at(name), "wb") as file:
            file.write(data)
        return at(name)

    def load(name):
        with open(at(name), "rb") as file:
            return file.read()

    rng = random.Random(5)
    record(at("plain.mov"), "tcmovmux mode=plain timecode=10:00:00:00")
    record(at("hybrid.mov"), "tcmovmux mode=hybrid fragment-duration=500 timecode=10:00:00:00")
    record(at("fragmented.mov"), "tcmovmux mode=fragmented fragment-duration=500")
    record(at("qtmux.mov"), "qtmux fragment-duration=500")
    flags = {"ffmpeg": "+frag_keyframe+empty_moov+default_base_moof", "ffmpeg-first": "+frag_keyframe"}
    for name, how in flags.items():
        subprocess.run(["ffmpeg", "-v", "error", "-i", at("plain.mov"), "-map", "0:v", "-map", "0:a", "-c", "copy",
                        "-movflags", how, at(name + ".mov")], check=True)

    recording = as_recording(load("hybrid.mov"))
    for name in ("hybrid", "fragmented", "qtmux", *flags):
        data = recording if name == "hybrid" else load(name + ".mov")
        whole = packets(at(name + ".mov"))
        checks.equal(f"{name}: pictures recorded", len(whole[0]), 100)
        front = first_whole(data)
        moofs = [i - 4 for i in range(len(data)) if data.startswith(b"moof", i)]
        places = [moofs[3] - 1, len(data), moofs[-1], moofs[-1] + 5, moofs[2] + 60]
        places = places if ALL or name == "hybrid" else places[:1]
        places += [rng.randrange(moofs[0] + 2000, len(data)) for _ in range(CUTS)]
        for place in places:
            cut, made = save("cut.mov", data[:place]), at("cut-recovered.mov")
            before = digest(cut)
            tool("recover", cut)
            checks.equal(f"{name} cut at {place}: the original stays", digest(cut) == before, True)
            look_at(f"{name} cut at {place}", cut, made, whole)
            os.remove(made)
        save("cut.mov", data[:front - 1])
        checks.equal(f"{name}: without a movie box", "moov" in tool("recover", at("cut.mov"), status=1), True)

    # In place, and killed before each write and in its middle; then once more.
    whole = packets(at("hybrid.mov"))
    half = recording[:len(recording) * 2 // 3]
    os.mkdir(at("d"))
    shim = {"LD_PRELOAD": SHIM, "ONAIR_WRITE_DIR": at("d"), "ONAIR_WRITE_LOG": at("log")}
    save("d/cut.mov", half)
    tool("recover", at("d/cut.mov"), "-o", at("want.mov"))
    want = look_at("a copy", at("d/cut.mov"), at("want.mov"), whole)
    tool("recover", "--in-place", at("d/cut.mov"), env=shim)
    checks.equal("in place: as the copy", packets(at("d/cut.mov")) == want, True)
    ops = read_log(at("log"))
    ends = [str(n) for n in range(len(ops))]
    ends += [f"{n}:{len(op.data) // 2}" for n, op in enumerate(ops) if op.kind == "W" and len(op.data) > 1]
    checks.equal("in place: writes, a new size, and each of them synced", [op.kind for op in ops][-2:], ["W", "S"])
    read_before = len(packets(save("half.mov", half))[0]) - 1  # the last one is not whole
    for end in ends if ALL else sorted(rng.sample(ends, 5)):
        save("d/cut.mov", half)
        run = subprocess.run([TOOL, "recover", "--in-place", at("d/cut.mov")], capture_output=True,
                             env={**os.environ, **shim, "ONAIR_WRITE_KILL": end})
        checks.equal(f"killed at {end}", run.returncode, KILLED)
        between = packets(at("d/cut.mov"))
        beginning(f"killed at {end}", "video between", between[0][:read_before], whole[0])
        if not read_before <= len(between[0]) <= read_before + 1:
            checks.equal(f"killed at {end}: pictures that can be read", len(between[0]), read_before)
        tool("recover", "--in-place", at("d/cut.mov"))
        checks.equal(f"in place, killed at {end}: as the copy", packets(at("d/cut.mov")) == want, True)
    checks.equal("a movie that is whole", "nothing: the movie is whole" in tool("recover", at("d/cut.mov")), True)

    # A finished movie whose copy is not whole.
    save("cut.mov", load("hybrid.mov")[:len(half)])
    tool("recover", at("cut.mov"), "-o", at("late.mov"))
    checks.equal("a finished movie that was cut off", packets(at("late.mov")) == want, True)

    checks.equal("no reserve", "-o COPY" in tool("recover", "--in-place", at("fragmented.mov"), status=1), True)
    checks.equal("a file is there", "overwrites no file" in tool("recover", at("fragmented.mov"), "-o", at("want.mov"),
                                                                   status=1), True)
    save("cut.mov", load("plain.mov")[:-300])
    checks.equal("plain, cut off", "mdat" in tool("recover", at("cut.mov"), status=1), True)
checks.finish()
