#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""tctool on files of FFmpeg: after each command ffprobe and mediainfo say the new timecode."""
import hashlib, json, os, shutil, subprocess, sys, tempfile

sys.path.insert(0, os.path.join(os.environ["ONAIR_SOURCE_DIR"], "tests", "support"))
from demo_run import Checks, skip

TOOL = os.path.join(os.environ["ONAIR_BUILD_DIR"], "tools", "tctool", "tctool")
if not os.path.exists(TOOL):
    skip("tctool was not built")
for program in ("ffmpeg", "ffprobe"):
    if not shutil.which(program):
        skip("needs " + program)
checks = Checks()


def tool(*words, status=0):
    run = subprocess.run([TOOL, *words], capture_output=True, text=True)
    checks.equal("tctool " + " ".join(os.path.basename(w) for w in words), run.returncode, status)
    if run.returncode != status:
        print(run.stdout, run.stderr)
    return run.stdout if status == 0 else run.stderr


def make(path, timecode, rate, *more):
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc=s=64x48:r={rate}:d=2", "-f", "lavfi",
                    "-i", "sine=d=2", *more, "-c:v", "mpeg4", "-bf", "2", "-c:a", "pcm_s16le", "-timecode", timecode, path],
                   check=True)


def readers_say(path, first):
    """The timecode of the first picture, as others read it."""
    shown = subprocess.run(["ffprobe", "-v", "error", "-show_streams", "-of", "json", path], capture_output=True,
                           text=True, check=True)
    said = {s["codec_type"]: s.get("tags", {}).get("timecode") for s in json.loads(shown.stdout)["streams"]}
    checks.equal(f"ffprobe of {os.path.basename(path)}", said.get("video"), first)
    if shutil.which("mediainfo"):
        said = subprocess.run(["mediainfo", "--Inform=Other;%TimeCode_FirstFrame%\\n", path], capture_output=True,
                              text=True, check=True).stdout.split()
        checks.equal(f"mediainfo of {os.path.basename(path)}", said[:1], [first])


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


with tempfile.TemporaryDirectory() as directory:
    def at(name):
        return os.path.join(directory, name)

    for name, rate, start, moved in (("pal.mov", "25", "01:00:00:00", "00:59:59:00"),
                                     ("ntsc.mov", "30000/1001", "01:00:00;00", "00:59:59;05"),
                                     ("fast.mov", "50", "01:00:00:00", "00:59:59:25")):
        separator = start[8]
        make(at(name), "10:00:00" + separator + "00", rate, "-map", "0:v", "-map", "1:a")
        before = digest(at(name))
        tool("set", at(name), start)
        readers_say(at(name), start)
        tool("shift", at(name), "-25")
        readers_say(at(name), moved)
        told = json.loads(tool("show", at(name), "--json"))
        checks.equal("show's start", told["tracks"][0]["start"], moved)
        tool("set", at(name), "10:00:00" + separator + "00")
        checks.equal("back to the first byte", digest(at(name)), before)
        tool("set", at(name), "02:00:00" + separator + "00", "-o", at("copy-" + name))
        readers_say(at("copy-" + name), "02:00:00" + separator + "00")
        checks.equal("the original stays", digest(at(name)), before)

    # `ffmpeg -c copy -map 0` loses the drop-frame flag.
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", at("ntsc.mov"), "-map", "0", "-c", "copy", at("lost.mov")],
                   check=True)
    tool("repair", at("lost.mov"), "--drop-frame", "on")
    readers_say(at("lost.mov"), "10:00:00;00")

    # The reference on the sound track, as FFmpeg before 9 writes it when the sound is first and nothing says better.
    make(at("sound.mov"), "10:00:00:00", "25", "-map", "1:a", "-map", "0:v")
    tool("repair", at("sound.mov"))
    readers_say(at("sound.mov"), "10:00:00:00")

    # MP4 with the movie box in front: set needs no room.
    make(at("front.mp4"), "10:00:00:00", "25", "-map", "0:v", "-movflags", "+faststart")
    tool("set", at("front.mp4"), "23:59:59:24")
    readers_say(at("front.mp4"), "23:59:59:24")

    # What is no movie, or one without timecode, stays as it is.
    with open(at("text.mov"), "w") as file:
        file.write("this is no movie, whatever its name says\n" * 10)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=s=64x48:d=1", "-c:v", "mpeg4",
                    at("none.mov")], check=True)
    for name, says in (("text.mov", "not a"), ("none.mov", "no timecode track"), ("absent.mov", "cannot be opened")):
        before = digest(at(name)) if name != "absent.mov" else None
        said = tool("set", at(name), "01:00:00:00", status=1)
        checks.true("the error says why", says in said, said)
        if before:
            checks.equal("unchanged", digest(at(name)), before)
    tool("set", at("pal.mov"), status=2)
    checks.equal("nothing is left behind", [n for n in os.listdir(directory) if "undo" in n or "part" in n], [])
checks.finish()
