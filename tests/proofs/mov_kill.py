#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recordings that are killed, and what is left of them.

    mov_kill.py [--rounds N] [--end N] [--signals N] [--peers N] [--peers-named REGEX] [--jobs N] [--seed N]
                [--markdown FILE] [--keep DIR] [--recorder PROGRAM]

--rounds: random moments for each bit rate (h264: 320x240 with B-frames; prores: 1920x1080), both with 8 sound tracks and
a timecode that jumps ($ONAIR_ROUNDS, else 200). --end: kills at each step of the end, N times for each bit rate.
--signals: gst-launch-1.0 without -e, ended by SIGINT and by SIGTERM, N times each. --peers: random moments for qtmux and
ffmpeg (mov_peers.py). Each file is read by mov_check.py (own reader), ffprobe, mediainfo and qtdemux. Exit status 1 when
one of ours fails."""
import argparse, concurrent.futures, os, random, re, shutil, signal, sys, tempfile, time
from collections import defaultdict

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from mov_killed import FRAGMENT_FRAMES, OURS, LaunchRecording, Recording, judge, line, most_lost, read, run
from mov_peers import QTMUX, FfmpegRecording, ffmpeg_recordings, peer_row

END_STEPS = 6  # before the last fragment, before each of the four writes of the end (reserve.hpp), and behind them
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def do(rec, args, judge_it):
    try:
        rec.record()
        read(rec, args)
        if judge_it:
            judge(rec)
        elif rec.entered <= most_lost(rec.coding) and not (rec.readers and rec.readers["ffprobe"]["frames"]):
            rec.facts["early"] = True  # killed before the first fragment: nothing is promised
    except Exception as problem:  # a reader that hangs is a failure of this round, not of the proof
        rec.problems.append(f"{type(problem).__name__}: {problem}")
        rec.readers = getattr(rec, "readers", None)
    if not rec.problems and os.path.exists(rec.file):
        os.unlink(rec.file)
    return rec


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(77)


def prepare(args, codings):
    args.template, args.source = {}, {}
    for coding in codings:
        path = os.path.join(args.keep, coding + ".template")
        made = run([args.recorder, "make", coding, path], 300)
        if made.returncode:
            skip(f"{coding} cannot be encoded here: {made.stderr.strip()}")
        args.template[coding] = path
        if args.peers:
            source = os.path.join(args.keep, coding + "-source.mov")
            run([args.recorder, "run", path, source + ".counts", "1000", "600",
                 line("tcmovmux mode=plain", source)], 300)
            args.source[coding] = source


def plan_peers(args, codings):
    """(name in the table, recording)"""
    peers, by_ffmpeg = [], ffmpeg_recordings() if args.peers else {}
    for coding in codings:
        for n in range(args.peers):
            moment = random.uniform(0.4, 1.6)
            for kind, muxers in ((Recording, QTMUX), (FfmpegRecording, by_ffmpeg)):
                for name, muxer in muxers.items():
                    if not re.search(args.peers_named, name):
                        continue
                    peers.append((name, kind(args, coding, f"{name} {coding} {n}", muxer, moment)))
    return peers


def plan(args, codings):
    """(name in the table, recording)"""
    ours = []
    for coding in codings:
        for n in range(args.rounds):
            ours.append(("tcmovmux", Recording(args, coding, f"ours {coding} {n}", OURS, random.uniform(0.05, 1.6))))
        for n in range(args.end):
            for step in range(END_STEPS):
                rec = Recording(args, coding, f"ours {coding} end{step} {n}", OURS, at_end=step)
                ours.append(("tcmovmux at each write of the end", rec))
    for n in range(args.signals):
        for which in SIGNALS:
            rec = LaunchRecording(args, f"ours {which.name} {n}", which, random.uniform(0.6, 2.2))
            ours.append((f"tcmovmux in gst-launch-1.0, {which.name}", rec))
    return ours


def plan_controls(args, codings):
    """Recordings that must be found wrong: no fragments, fragments that are too long, another timecode than told."""
    if "h264" not in codings:
        return []
    late = 1.5
    controls = [Recording(args, "h264", f"control {n}", muxer, late)
                for n, muxer in enumerate(("tcmovmux mode=plain", "tcmovmux mode=hybrid fragment-duration=60000", OURS))]
    controls[2].jumps = False
    return controls


def report(args, recordings):
    lines = ["| muxer | readable by ffprobe | by qtdemux | ffprobe's timecode | mediainfo's timecode | frames lost, median | most |",
             "|---|---|---|---|---|---|---|"]
    groups = defaultdict(list)
    for name, rec in recordings:
        if not rec.facts.get("early"):
            groups[name, rec.coding].append(rec)
    lines += [f"| {name}, {coding} | {peer_row(recs)} |" for (name, coding), recs in groups.items()]
    print("\n".join(lines))
    if args.markdown:
        with open(args.markdown, "w") as file:
            file.write("\n".join(lines) + "\n")


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ONAIR_ROUNDS", "200")))
    parser.add_argument("--end", type=int, default=4)
    parser.add_argument("--signals", type=int, default=10)
    parser.add_argument("--peers", type=int, default=0)
    parser.add_argument("--peers-named", default="")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--codings", default="h264,prores")
    parser.add_argument("--markdown")
    parser.add_argument("--keep")
    parser.add_argument("--recorder", default=os.environ.get("ONAIR_MOV_RECORDER", "build/tests/interop/mov-recorder"))
    return parser.parse_args()


def main():
    args = read_arguments()
    for program in ("ffprobe", "mediainfo", "gst-launch-1.0"):
        if not shutil.which(program):
            skip(f"needs {program}")
    random.seed(args.seed)
    own_directory = None if args.keep else tempfile.TemporaryDirectory(prefix="onair-kill-")
    args.keep = args.keep or own_directory.name
    os.makedirs(args.keep, exist_ok=True)
    codings = args.codings.split(",")
    prepare(args, codings)
    ours, peers, controls = plan(args, codings), plan_peers(args, codings), plan_controls(args, codings)
    print(f"seed {args.seed}, {len(ours)} recordings of ours, {len(peers)} of others", flush=True)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(lambda named: do(named[1], args, True), ours))
        list(pool.map(lambda named: do(named[1], args, False), peers))
        list(pool.map(lambda rec: do(rec, args, True), controls))
    report(args, ours + peers)
    bad = [rec for _, rec in ours if rec.problems]
    for rec in bad[:20]:
        print(f"FAIL {rec.name} (entered {getattr(rec, 'entered', '?')}, kept {getattr(rec, 'kept', '?')}): " +
              "; ".join(rec.problems))
    early = sum(bool(rec.facts.get("early")) for _, rec in ours)
    lost = [rec.facts["lost"] for _, rec in ours if "lost" in rec.facts and not rec.facts.get("early")]
    print(f"{len(ours) - len(bad)} of {len(ours)} right ({early} killed before the first fragment was whole), "
          f"at most {max(lost, default=0)} frames lost, a fragment has {FRAGMENT_FRAMES}")
    unseen = [rec.name for rec in controls if not rec.problems]
    print(f"{len(controls) - len(unseen)} of {len(controls)} controls found wrong" + "".join(f"; not {name}" for name in unseen))
    return 1 if bad or unseen else 0


if __name__ == "__main__":
    sys.exit(main())
