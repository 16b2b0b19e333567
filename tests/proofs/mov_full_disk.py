#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Outputs that refuse: a full file system (tmpfs), a file size limit, /dev/full, and EIO or ENOSPC after N bytes
(support/write_log.c). Each time: one error on the bus, nothing is written after the refused write, and the file gives
every picture of the fragments that were written, by ffprobe and after tctool recover.

    mov_full_disk.py [N]      N places for each refusal that is made (10)"""
import errno, json, os, random, resource, signal, subprocess, sys, tempfile

sys.path.insert(0, os.path.join(os.environ["ONAIR_SOURCE_DIR"], "tests", "support"))
from cut_replay import read_log
from demo_run import Checks, skip

BUILD = os.environ["ONAIR_BUILD_DIR"]
TOOL = os.path.join(BUILD, "tools", "tctool", "tctool")
SHIM = os.path.join(BUILD, "tests", "libwrite-log.so")
for needed in (TOOL, SHIM):
    if not os.path.exists(needed):
        skip(os.path.basename(needed) + " was not built")
if subprocess.run(["gst-inspect-1.0", "x264enc"], capture_output=True).returncode:
    skip("needs x264enc")
checks = Checks()


def record(path, env=None, limit=None, mode="hybrid"):
    line = ("videotestsrc pattern=ball num-buffers=250 ! video/x-raw,width=160,height=120,framerate=50/1 ! x264enc "
            "speed-preset=ultrafast bframes=2 b-adapt=false key-int-max=12 ! video/x-h264,stream-format=avc,alignment=au ! queue ! m.video_0 "
            "audiotestsrc num-buffers=240 ! audio/x-raw,format=S24LE,rate=48000,channels=2 ! queue ! m.audio_0 tcmovmux "
            f"mode={mode} fragment-duration=200 timecode=10:00:00:00 name=m ! filesink location={path}")

    def prepare():
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(["gst-launch-1.0", "-q", *line.split()], capture_output=True, text=True, preexec_fn=prepare,
                          env={**os.environ, "GST_REGISTRY_UPDATE": "no", **(env or {})}, timeout=120)


def packets(path):
    ran = subprocess.run(["ffprobe", "-v", "quiet", "-show_data_hash", "MD5", "-select_streams", "v", "-show_entries",
                          "packet=data_hash,pos,size", "-of", "json", path], capture_output=True, text=True)
    return json.loads(ran.stdout or "{}").get("packets", [])


def one_error(name, run):
    """One of filesink and none of the muxer. GStreamer's sources and queues add that their stream stopped, when the
    error reaches them before the pipeline is shut down; with any muxer."""
    errors = [line for line in run.stderr.splitlines() if line.startswith("ERROR: from element")]
    ours = [line for line in errors if "TcMovMux" in line or "TcMovmux" in line or "/GstTc" in line]
    checks.equal(f"{name}: errors of filesink", sum("GstFileSink" in line for line in errors), 1)
    checks.equal(f"{name}: errors of the muxer", ours, [])
    checks.equal(f"{name}: no crash", run.returncode, 1)


def readable(name, path, whole, log=None):
    size = os.path.getsize(path)
    sure = [p["data_hash"] for p in whole if int(p["pos"]) + int(p["size"]) <= size]
    if size < 100:
        return
    found = [p["data_hash"] for p in packets(path)]
    checks.equal(f"{name}: {len(sure)} pictures by ffprobe", found[:len(sure)] == sure, True)
    made = path + "-made.mov"
    ran = subprocess.run([TOOL, "recover", path, "-o", made], capture_output=True, text=True)
    if not sure:
        return
    checks.equal(f"{name}: {len(sure)} pictures after recover", [p["data_hash"] for p in packets(made)] == sure, True)
    checks.equal(f"{name}: recover", ran.returncode, 0)
    os.remove(made)


def main():
    places = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    rng = random.Random(5)
    with tempfile.TemporaryDirectory() as directory:
        reference = os.path.join(directory, "reference.mov")
        run = record(reference)
        checks.equal("the reference", run.returncode, 0)
        whole, size = packets(reference), os.path.getsize(reference)
        folder, path = os.path.join(directory, "d"), os.path.join(directory, "d", "r.mov")
        os.mkdir(folder)
        for number in (errno.EIO, errno.ENOSPC):
            for i in range(places):
                log = os.path.join(directory, f"log{number}-{i}")
                stop = size - rng.randint(1, 9000) if i == 0 else rng.randrange(40, size)
                run = record(path, {"LD_PRELOAD": SHIM, "ONAIR_WRITE_DIR": folder, "ONAIR_WRITE_LOG": log,
                                    "ONAIR_WRITE_NOSYNC": "1", "ONAIR_WRITE_FAIL": f"{stop}:{number}"})
                name = f"{errno.errorcode[number]} after {stop} of {size} bytes"
                one_error(name, run)
                kinds = [op.kind for op in read_log(log)]
                checks.equal(f"{name}: after the refused one nothing is tried", kinds[kinds.index("F"):], ["F"])
                readable(name, path, whole)
        for i in range(places):
            limit = rng.randrange(40, size)
            run = record(path, limit=limit)
            one_error(f"a limit of {limit} bytes", run)
            readable(f"a limit of {limit} bytes", path, whole)
        os.remove(path)
        for mode in ("hybrid", "fragmented"):
            one_error(f"/dev/full, {mode}", record("/dev/full", mode=mode))
        full_file_system(folder, whole, size)
    checks.finish()


def full_file_system(folder, whole, size):
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size // 2 // 4096 * 4096}", "tmpfs", folder],
                             capture_output=True).returncode == 0
    if not mounted:
        print("not asked: a full tmpfs (mount needs root)")
        return
    try:
        run = record(os.path.join(folder, "r.mov"))
        one_error("a full tmpfs", run)
        made = os.path.join(folder, "r.mov")
        sure = [p["data_hash"] for p in whole if int(p["pos"]) + int(p["size"]) <= os.path.getsize(made)]
        checks.equal(f"a full tmpfs: {len(sure)} pictures by ffprobe",
                     [p["data_hash"] for p in packets(made)][:len(sure)] == sure, True)
        ran = subprocess.run([TOOL, "recover", "--in-place", made], capture_output=True, text=True)
        # The partial fragment that goes may make the room that the movie box needs.
        checks.equal("a full tmpfs: recover in place is done, or has no room and says so",
                     ran.returncode == 0 or "No space left" in ran.stderr, True)
        checks.equal(f"a full tmpfs: still {len(sure)} pictures",
                     [p["data_hash"] for p in packets(made)][:len(sure)] == sure, True)
    finally:
        subprocess.run(["umount", folder], check=False)


if __name__ == "__main__":
    main()
