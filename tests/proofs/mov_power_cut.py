#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Power cuts of a recording by tcmovmux mode=hybrid and filesink: writes and syncs are logged (support/write_log.c), and
the file is made again as a cut leaves it: everything synced, and a random part of the rest (support/cut_replay.py).

    mov_power_cut.py [N] [SEED]     N cuts, half of a recording of H.264 with B-frames, half of ProRes (500)

Each file must give libavformat, without repair, every picture whose bytes were synced, and the timecode; and
`tctool recover` must make a movie with these pictures, as they were recorded."""
import collections, json, os, random, shutil, subprocess, sys, tempfile

sys.path.insert(0, os.path.join(os.environ["ONAIR_SOURCE_DIR"], "tests", "support"))
from cut_replay import STYLES, Replay, read_log
from demo_run import skip
from mov_jobs import in_parallel

BUILD = os.environ["ONAIR_BUILD_DIR"]
TOOL = os.path.join(BUILD, "tools", "tctool", "tctool")
SHIM = os.path.join(BUILD, "tests", "libwrite-log.so")
TIMECODE = "10:00:00:00"
VIDEO = {
    "H.264": "x264enc speed-preset=ultrafast bframes=2 b-adapt=false key-int-max=12 ! video/x-h264,stream-format=avc,alignment=au",
    "ProRes": "avenc_prores_ks",
}
BATCH = 25


def record(directory, kind):
    """The path of the log, and [(end of its bytes, hash)] of each picture, in the order of the file."""
    folder, log = os.path.join(directory, kind, "d"), os.path.join(directory, kind, "log")
    os.makedirs(folder)
    size = "width=320,height=240" if kind == "H.264" else "width=640,height=360"
    line = (f"videotestsrc pattern=ball num-buffers=300 ! video/x-raw,{size},framerate=50/1 ! {VIDEO[kind]} ! queue ! "
            "m.video_0 audiotestsrc num-buffers=290 ! audio/x-raw,format=S24LE,rate=48000,channels=2 ! queue ! m.audio_0 "
            f"tcmovmux mode=hybrid fragment-duration=200 timecode={TIMECODE} name=m ! filesink location={folder}/r.mov")
    env = {**os.environ, "LD_PRELOAD": SHIM, "ONAIR_WRITE_DIR": folder, "ONAIR_WRITE_LOG": log,
           "ONAIR_WRITE_NOSYNC": "1"}
    subprocess.run(["gst-launch-1.0", "-q", *line.split()], env=env, check=True)
    return log, [(int(p["pos"]) + int(p["size"]), p["data_hash"]) for p in packets(f"{folder}/r.mov")[0]]


def packets(path):
    ran = subprocess.run(["ffprobe", "-v", "quiet", "-show_data_hash", "MD5", "-select_streams", "v", "-show_entries",
                          "packet=data_hash,pos,size:stream_tags=timecode", "-of", "json", path], capture_output=True, text=True)
    said = json.loads(ran.stdout or "{}")
    codes = [s.get("tags", {}).get("timecode") for s in said.get("streams", [])]
    return said.get("packets", []), codes


def judge(path, synced, whole):
    """What is wrong with a file of which `synced` bytes are as they were written."""
    sure = [digest for end, digest in whole if end <= synced]
    if not sure:
        return []
    problems = []
    found, codes = packets(path)
    if [p.get("data_hash") for p in found[:len(sure)]] != sure:
        problems.append(f"libavformat reads {len(found)} pictures, {len(sure)} were synced")
    if codes != [TIMECODE]:
        problems.append(f"libavformat reads the timecode {codes}")
    made = path + "-recovered.mov"
    ran = subprocess.run([TOOL, "recover", path, "-o", made], capture_output=True, text=True)
    if ran.returncode:
        return problems + [f"tctool recover: {ran.stderr.strip()}"]
    if "the movie is whole" in ran.stdout:
        made = path
    if [p.get("data_hash") for p in packets(made)[0][:len(sure)]] != sure:
        problems.append("tctool recover lost synced pictures")
    return problems


def cut_up(directory, kind, count, rng):
    log, whole = record(directory, kind)
    ops = read_log(log)
    syncs = sum(op.kind == "S" for op in ops)
    print(f"{kind}: {len(whole)} pictures, {len(ops)} operations, {syncs} of them syncs")
    positions = sorted(rng.randint(1, len(ops)) if i % 2 else len(ops) - i // 2 % 10 for i in range(count))
    styles, wrong, todo = collections.Counter(), 0, []

    def run():
        nonlocal wrong
        for (name, cut), problems in zip(todo, in_parallel(lambda t: judge(t[0], t[1][2], whole), todo)):
            for problem in problems:
                wrong += 1
                print(f"WRONG: {kind}, cut at {cut[0]} of {len(ops)} ({cut[1]}), {cut[2]} bytes synced: {problem}")
        todo.clear()
        shutil.rmtree(os.path.join(directory, "cuts"), ignore_errors=True)

    for number, cut in enumerate(Replay(ops).cuts(positions, rng, rng.choice((512, 4096)))):
        styles[cut.style] += 1
        if "r.mov" not in cut.files:
            continue
        folder = os.path.join(directory, "cuts", str(number))
        cut.write(folder)
        todo.append((os.path.join(folder, "r.mov"), (cut.position, cut.style, cut.synced["r.mov"])))
        if len(todo) == BATCH:
            run()
    run()
    print(f"{kind}: {count} cuts (" + ", ".join(f"{styles[s]} {s}" for s in STYLES) + f"), {wrong} wrong")
    return wrong


def main():
    for needed in (TOOL, SHIM):
        if not os.path.exists(needed):
            skip(os.path.basename(needed) + " was not built")
    for element in ("x264enc", "avenc_prores_ks"):
        if subprocess.run(["gst-inspect-1.0", element], capture_output=True).returncode:
            skip("needs " + element)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 5)
    with tempfile.TemporaryDirectory() as directory:
        wrong = sum(cut_up(directory, kind, count // 2, rng) for kind in VIDEO)
    print(f"{count} power cuts, {wrong} wrong")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
