#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recordings that are killed, and what is left of them.

    mov_kill.py [--rounds N] [--end N] [--peers N] [--jobs N] [--seed N] [--markdown FILE] [--keep DIR]
                [--recorder PROGRAM]

--rounds: random moments for each bit rate (h264: 320x240 with B-frames; prores: 1920x1080), both with 8 sound tracks and
a timecode that jumps. --end: kills at each step of the end, N times for each bit rate. --peers: random moments for qtmux
(plain, robust, fragmented, first-moov-then-finalise) and ffmpeg (fragmented). Each file is read by mov_check.py (own
reader), ffprobe, mediainfo and qtdemux. Exit status 1 when one of ours fails."""
import argparse, concurrent.futures, json, os, random, re, shutil, signal, struct, subprocess, sys, tempfile, time
from collections import Counter, defaultdict
from fractions import Fraction

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import mov_check, smpte
from mov_boxes import Broken, Movie

FRAME = 40_000_000  # ns
FRAGMENT_FRAMES = 10
SPEED = {"h264": 6.0, "prores": 3.0}
SOUNDS = 8
# In the muxer, not in a fragment yet: a frame that waits for its successor's time, one in the queue of the pad, one that
# has come while the fragment was being written; with B-frames a fragment ends behind a whole group of them.
IN_FLIGHT = 5
GROUP = {"h264": 3, "prores": 0}


def line(muxer, out):
    return (f"{muxer} name=m ! filesink location={out} appsrc name=v ! m.video_0 " +
            " ".join(f"appsrc name=a{i} ! m.audio_{i}" for i in range(SOUNDS)))


OURS = f"tcmovmux fragment-duration={FRAGMENT_FRAMES * 40}"
PEERS = {
    "qtmux": "qtmux",
    "qtmux robust": "qtmux reserved-max-duration=60000000000 reserved-moov-update-period=400000000 "
                    "reserved-bytes-per-sec=4000",
    "qtmux fragmented": f"qtmux fragment-duration={FRAGMENT_FRAMES * 40}",
    "qtmux first-moov-then-finalise": f"qtmux fragment-mode=first-moov-then-finalise fragment-duration={FRAGMENT_FRAMES * 40}",
}


def timecode(frame):
    return smpte.text((90000 + frame + 90000 * (frame // 37)) % (24 * 90000), Fraction(25), False)


def expectation(count):
    return {"rate": [25, 1], "drop": False, "first": "extrapolate",
            "frames": [[n * FRAME, FRAME, timecode(n)] for n in range(count)]}


# --- killing ------------------------------------------------------------------------------------------------------

class Recording:
    """One recorder that is killed; `entered`: frames of video that the muxer had got."""

    def __init__(self, args, coding, name, muxer, moment=None, at_end=None):
        self.args, self.coding, self.name, self.muxer, self.moment, self.at_end = args, coding, name, muxer, moment, at_end
        self.file = os.path.join(args.keep, name.replace(" ", "-") + ".mov")
        self.problems, self.facts = [], {}

    def record(self):
        counts = self.file + ".counts"
        env = dict(os.environ)
        env["GST_DEBUG"] = "0"
        frames = 100000
        if self.at_end is not None:
            env["ONAIR_KILL_AT"], frames = str(self.at_end), random.randint(25, 60)
        command = [self.args.recorder, "run", self.args.template[self.coding], counts, str(SPEED[self.coding]),
                   str(frames), line(self.muxer, self.file)]
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
            if self.at_end is None:
                self.wait_for_frames(counts, process)
                time.sleep(self.moment)
                process.kill()
            said = process.communicate(timeout=120)[0]
        self.entered, self.left, self.ended = struct.unpack("QQQ", open(counts, "rb").read(24))
        os.unlink(counts)
        self.size = os.path.getsize(self.file) if os.path.exists(self.file) else 0
        self.by_kill = process.returncode == -signal.SIGKILL
        if said or (not self.by_kill and self.at_end is None):
            self.problems.append(f"the recorder ended by itself, {process.returncode}: {said.strip()}")

    @staticmethod
    def wait_for_frames(counts, process):
        """The random time counts from the first frame, not from the program's start."""
        for _ in range(2000):
            if process.poll() is not None:
                return
            if os.path.exists(counts) and os.path.getsize(counts) >= 24:
                with open(counts, "rb") as file:
                    if struct.unpack("Q", file.read(8))[0]:
                        return
            time.sleep(0.005)


# --- reading ------------------------------------------------------------------------------------------------------

def run(command, timeout=60):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=timeout)


def whole_boxes(path):
    """Bytes up to the end of the last whole fragment, or of the last whole box where there is none behind it."""
    size, at, whole, kinds = os.path.getsize(path), 0, 0, []
    with open(path, "rb") as file:
        while at + 8 <= size:
            file.seek(at)
            length, kind = struct.unpack(">I4s", file.read(8))
            if length == 1:
                length = struct.unpack(">Q", file.read(8))[0]
            if length < 8 or at + length > size:
                break
            at += length
            kinds.append(kind)
            if kind != b"moof":
                whole = at
    return whole, kinds


def own_reader(rec):
    """Structure, payload and the timecode of every frame, of what is whole."""
    whole, kinds = whole_boxes(rec.file)
    path = rec.file
    if whole < rec.size:
        path = rec.file + ".whole"
        with open(rec.file, "rb") as source, open(path, "wb") as target:
            shutil.copyfileobj(source, target)
            target.truncate(whole)
    try:
        movie = Movie(path)
        video = movie.by_handler("vide")[0]
        rec.kept = len(video.samples)
        shown = sorted(video.presented(), key=lambda row: row[0])
        want = expectation(rec.kept)
        # With B-frames the fragment's end may leave out a frame that is shown before the last ones.
        want["frames"] = [[round(start * 25) * FRAME, FRAME, timecode(round(start * 25))] for start, _, _ in shown]
        problems = mov_check.check_structure(movie)
        gaps = [row[0] // FRAME for row in want["frames"]] != list(range(rec.kept))
        rec.facts["holes"] = gaps
        problems += mov_check.check_expected(movie, want)
        rec.problems += [f"own reader: {text}" for text in problems]
        sounds = [len(track.samples) for track in movie.by_handler("soun")]
        if len(sounds) != SOUNDS:
            rec.problems.append(f"own reader: {len(sounds)} sound tracks")
    except (Broken, IndexError, KeyError) as broken:
        rec.kept = 0
        rec.problems.append(f"own reader: {broken}")
    finally:
        if path != rec.file:
            os.unlink(path)


def by_ffprobe(rec):
    out = run(["ffprobe", "-v", "error", "-show_entries", "packet=stream_index,pos,size", "-show_entries",
               "stream=index,codec_type,codec_tag_string:stream_tags=timecode", "-of", "json", rec.file])
    try:
        told = json.loads(out.stdout)
    except ValueError:
        told = {}
    streams = told.get("streams", [])
    video = [s["index"] for s in streams if s.get("codec_type") == "video"]
    packets = [p for p in told.get("packets", []) if video and p["stream_index"] == video[0]
               and int(p["pos"]) + int(p["size"]) <= rec.size]
    codes = [s["tags"]["timecode"] for s in streams if s.get("tags", {}).get("timecode")]
    return {"frames": len(packets), "sounds": sum(s.get("codec_type") == "audio" for s in streams),
            "timecode": codes[0] if codes else "", "words": out.stderr.strip().splitlines()[:1]}


def by_mediainfo(rec):
    out = run(["mediainfo", "--Output=JSON", rec.file])
    try:
        tracks = json.loads(out.stdout)["media"]["track"]
    except (ValueError, KeyError, TypeError):
        tracks = []
    codes = [t["TimeCode_FirstFrame"] for t in tracks if t.get("TimeCode_FirstFrame")]
    kinds = Counter(t.get("@type") for t in tracks)
    return {"video": kinds["Video"], "sounds": kinds["Audio"], "timecode": codes[0] if codes else ""}


def by_qtdemux(rec, args):
    out = run([args.recorder, "count", rec.file]).stdout.split(None, 1)
    return {"frames": int(out[0]) if out else 0, "words": out[1].strip() if len(out) > 1 else ""}


def read(rec, args):
    """What each reader finds."""
    if not rec.size:
        rec.readers = None
        return
    rec.readers = {"ffprobe": by_ffprobe(rec), "mediainfo": by_mediainfo(rec), "qtdemux": by_qtdemux(rec, args)}


def judge(rec):
    """Ours: everything must be right, and no more than a fragment lost."""
    most = FRAGMENT_FRAMES + GROUP[rec.coding] + IN_FLIGHT
    if not rec.readers:
        if rec.entered <= most:
            rec.facts["early"] = True
        else:
            rec.problems.append("no file")
        return
    own_reader(rec)
    lost = rec.entered - rec.kept
    rec.facts["lost"] = lost
    early = rec.entered <= most and rec.kept == 0
    if early:  # nothing was whole yet: nothing is promised
        rec.problems = [p for p in rec.problems if not p.startswith("own reader")]
        rec.facts["early"] = True
        return
    if lost > most:
        rec.problems.append(f"{lost} frames lost of {rec.entered}")
    probe, info, demux = (rec.readers[n] for n in ("ffprobe", "mediainfo", "qtdemux"))
    for name, found, want in (("ffprobe frames", probe["frames"] >= rec.kept, rec.kept),
                              ("ffprobe sounds", probe["sounds"] == SOUNDS, SOUNDS),
                              ("ffprobe timecode", probe["timecode"] == "01:00:00:00", "01:00:00:00"),
                              ("mediainfo video", info["video"] == 1, 1), ("mediainfo sounds", info["sounds"] == SOUNDS, SOUNDS),
                              ("mediainfo timecode", info["timecode"] == "01:00:00:00", "01:00:00:00"),
                              ("qtdemux frames", demux["frames"] >= rec.kept, rec.kept)):
        if not found:
            rec.problems.append(f"{name}: expected {want}, {probe} {info} {demux}")


# --- the peers ----------------------------------------------------------------------------------------------------

class FfmpegRecording(Recording):
    """ffmpeg -c copy of a finished movie at the pace of the recorder."""

    def record(self):
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-readrate", str(SPEED[self.coding]), "-i",
                   self.args.source[self.coding], "-map", "0:v", "-map", "0:a", "-c", "copy", *self.muxer.split(), self.file]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            time.sleep(0.3 + self.moment)
            process.kill()
            said = process.communicate()[1]
        if process.returncode != -signal.SIGKILL:
            self.problems.append(f"ffmpeg ended by itself: {said.strip()}")
        self.entered = round((0.3 + self.moment) * SPEED[self.coding] * 25)
        self.size = os.path.getsize(self.file) if os.path.exists(self.file) else 0


FFMPEG = {"ffmpeg fragmented": "-movflags +frag_keyframe+empty_moov -frag_duration 400000",
          "ffmpeg fragmented, flushed": "-movflags +frag_keyframe+empty_moov -frag_duration 400000 -flush_packets 1"}


def peer_row(recs):
    frames = [r.readers["ffprobe"]["frames"] if r.readers else 0 for r in recs]
    readable = sum(n > 0 for n in frames)
    demux = sum(bool(r.readers) and r.readers["qtdemux"]["frames"] > 0 for r in recs)
    codes = sum(bool(r.readers) and r.readers["ffprobe"]["timecode"] == "01:00:00:00" for r in recs)
    info = sum(bool(r.readers) and r.readers["mediainfo"]["timecode"] == "01:00:00:00" for r in recs)
    lost = sorted(max(0, r.entered - n) for r, n in zip(recs, frames))
    n = len(recs)
    return f"{readable}/{n} | {demux}/{n} | {codes}/{n} | {info}/{n} | {lost[n // 2]} | {lost[-1]}"


# --- all ----------------------------------------------------------------------------------------------------------

def do(rec, args, judge_it):
    try:
        rec.record()
        read(rec, args)
        if judge_it:
            judge(rec)
    except Exception as problem:  # a reader that hangs is a failure of this round, not of the proof
        rec.problems.append(f"{type(problem).__name__}: {problem}")
        rec.readers = getattr(rec, "readers", None)
    if not rec.problems and os.path.exists(rec.file):
        os.unlink(rec.file)
    return rec


def prepare(args, codings):
    args.template, args.source = {}, {}
    for coding in codings:
        path = os.path.join(args.keep, coding + ".template")
        made = run([args.recorder, "make", coding, path], 300)
        if made.returncode:
            print(f"SKIP: {coding} cannot be encoded here: {made.stderr.strip()}")
            sys.exit(77)
        args.template[coding] = path
        if args.peers:
            source = os.path.join(args.keep, coding + "-source.mov")
            run([args.recorder, "run", path, source + ".counts", "1000", "600",
                 line("tcmovmux mode=plain", source)], 300)
            args.source[coding] = source


def plan(args, codings):
    ours, peers = [], []
    for coding in codings:
        for n in range(args.rounds):
            moment = random.uniform(0.05, 1.6)
            ours.append(Recording(args, coding, f"ours {coding} {n}", OURS, moment))
        for n in range(args.end):
            for step in range(5):
                ours.append(Recording(args, coding, f"ours {coding} end{step} {n}", OURS, at_end=step))
        for n in range(args.peers):
            moment = random.uniform(0.4, 1.6)
            for name, muxer in PEERS.items():
                peers.append(Recording(args, coding, f"{name} {coding} {n}", muxer, moment))
            for name, options in FFMPEG.items():
                peers.append(FfmpegRecording(args, coding, f"{name} {coding} {n}", options, moment))
    return ours, peers


def report(args, ours, peers):
    lines = ["| muxer | readable by ffprobe | by qtdemux | ffprobe's timecode | mediainfo's timecode | frames lost, median | most |",
             "|---|---|---|---|---|---|---|"]
    groups = defaultdict(list)
    for rec in ours:
        if not rec.facts.get("early") and rec.at_end is None:
            groups["tcmovmux", rec.coding].append(rec)
    for rec in peers:
        groups[rec.name.rsplit(f" {rec.coding} ", 1)[0], rec.coding].append(rec)
    for (name, coding), recs in groups.items():
        if recs:
            lines.append(f"| {name}, {coding} | {peer_row(recs)} |")
    print("\n".join(lines))
    if args.markdown:
        with open(args.markdown, "w") as file:
            file.write("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--end", type=int, default=4)
    parser.add_argument("--peers", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--codings", default="h264,prores")
    parser.add_argument("--markdown")
    parser.add_argument("--keep")
    parser.add_argument("--recorder", default=os.environ.get("ONAIR_MOV_RECORDER", "build/tests/interop/mov-recorder"))
    args = parser.parse_args()
    for program in ("ffprobe", "mediainfo"):
        if not shutil.which(program):
            print(f"SKIP: no {program}")
            return 77
    random.seed(args.seed)
    own_directory = None if args.keep else tempfile.TemporaryDirectory(prefix="onair-kill-")
    args.keep = args.keep or own_directory.name
    os.makedirs(args.keep, exist_ok=True)
    codings = args.codings.split(",")
    prepare(args, codings)
    ours, peers = plan(args, codings)
    print(f"seed {args.seed}, {len(ours)} recordings of ours, {len(peers)} of others", flush=True)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(lambda rec: do(rec, args, True), ours))
        list(pool.map(lambda rec: do(rec, args, False), peers))
    report(args, ours, peers)
    bad = [rec for rec in ours if rec.problems]
    for rec in bad[:20]:
        print(f"FAIL {rec.name} (entered {getattr(rec, 'entered', '?')}, kept {getattr(rec, 'kept', '?')}): " +
              "; ".join(rec.problems))
    early = sum(bool(rec.facts.get("early")) for rec in ours)
    lost = [rec.facts["lost"] for rec in ours if "lost" in rec.facts and not rec.facts.get("early")]
    print(f"{len(ours) - len(bad)} of {len(ours)} right ({early} killed before the first fragment was whole), "
          f"at most {max(lost, default=0)} frames lost, a fragment has {FRAGMENT_FRAMES}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
