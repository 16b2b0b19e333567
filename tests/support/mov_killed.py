# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recordings that are killed, and what readers find of them; for mov_kill.py and mov_growing.py."""
import json, os, random, re, shutil, signal, struct, subprocess, threading, time
from collections import Counter
from fractions import Fraction

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
# mode=auto with a fragment-duration would be fragmented, as with qtmux.
OURS = f"tcmovmux mode=hybrid fragment-duration={FRAGMENT_FRAMES * 40}"


def line(muxer, out):
    """qtmux takes a stretch of one track at a time, and waits for ever without queues: one thread feeds all."""
    queue = "! queue " if muxer.startswith("qtmux") else ""
    return (f"{muxer} name=m ! filesink location={out} appsrc name=v {queue}! m.video_0 " +
            " ".join(f"appsrc name=a{i} {queue}! m.audio_{i}" for i in range(SOUNDS)))


def most_lost(coding):
    """Frames: a fragment and what is on its way to it."""
    return FRAGMENT_FRAMES + GROUP[coding] + IN_FLIGHT


def timecode(frame, jumps=True):
    return smpte.text((90000 + frame + 90000 * (frame // 37 if jumps else 0)) % (24 * 90000), Fraction(25), False)


# --- killing ---------------------------------------------------------------------------------------------

class Recording:
    """One recorder that is killed; `entered`: frames of video that the muxer had got."""
    sounds, jumps, live = SOUNDS, True, False

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
        if said or not self.by_kill:
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


class LaunchRecording(Recording):
    """gst-launch-1.0 without -e, ended by a signal. The source is live."""
    sounds, jumps, live = 1, False, True

    def __init__(self, args, name, number, moment):
        super().__init__(args, "h264", name, OURS, moment)
        self.signal = number

    def record(self):
        command = ("gst-launch-1.0 -v videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=25/1 ! "
                   "x264enc speed-preset=ultrafast b-adapt=false bframes=2 key-int-max=12 threads=1 ! video/x-h264,stream-format=avc,alignment=au ! "
                   "queue ! identity name=entered silent=false ! m.video_0 audiotestsrc is-live=true ! "
                   "audio/x-raw,format=S16LE,rate=48000,channels=2 ! queue ! m.audio_0 "
                   f"{OURS} timecode=01:00:00:00 name=m ! filesink location={self.file}").split()
        self.entered = 0
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            begun = threading.Event()

            def count():
                for text in process.stdout:
                    if "chain " in text and "entered" in text:
                        self.entered += 1
                        begun.set()
                    elif text.startswith("ERROR"):
                        self.problems.append(text.strip())

            counter = threading.Thread(target=count)
            counter.start()
            begun.wait(30)
            time.sleep(self.moment)
            process.send_signal(self.signal)
            process.wait(30)
            counter.join(30)
        self.size = os.path.getsize(self.file) if os.path.exists(self.file) else 0
        if not self.entered:
            self.problems.append("gst-launch-1.0 recorded nothing")


# --- reading ---------------------------------------------------------------------------------------------

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
            if kind == b"mdat" and b"moof" in kinds and kinds[-2] != b"moof":
                break  # the end was begun: timecodes of the plain movie
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
        # With B-frames the fragment's end may leave out a frame that is shown before the last ones.
        want = {"rate": [25, 1], "drop": False, "first": "extrapolate"}
        first = shown[0][0] if rec.live else 0  # sound may begin earlier, and the movie with it
        numbers = [round((start - first) * 25) for start, _, _ in shown]
        want["frames"] = [[n * FRAME + int(first * mov_check.NS), FRAME, timecode(n, rec.jumps)] for n in numbers]
        problems = mov_check.check_structure(movie)
        gaps = numbers != list(range(rec.kept))
        rec.facts["holes"] = gaps
        problems += mov_check.check_expected(movie, want)
        rec.problems += [f"own reader: {text}" for text in problems]
        sounds = [len(track.samples) for track in movie.by_handler("soun")]
        if len(sounds) != rec.sounds:
            rec.problems.append(f"own reader: {len(sounds)} sound tracks")
    except (Broken, IndexError, KeyError) as broken:
        rec.kept = 0
        rec.problems.append(f"own reader: {broken}")
    finally:
        if path != rec.file:
            os.unlink(path)


def by_ffprobe(rec):
    """Packets of video alone: in some muxers' files each frame of sound is one."""
    def ask(*words):
        out = run(["ffprobe", "-v", "error", *words, "-of", "json", rec.file])
        try:
            return json.loads(out.stdout), out.stderr.strip().splitlines()[:1]
        except ValueError:
            return {}, out.stderr.strip().splitlines()[:1]

    streams = ask("-show_entries", "stream=index,codec_type,codec_tag_string:stream_tags=timecode")[0].get("streams", [])
    told, words = ask("-select_streams", "v:0", "-show_entries", "packet=pos,size")
    packets = [p for p in told.get("packets", []) if int(p["pos"]) + int(p["size"]) <= rec.size]
    codes = [s["tags"]["timecode"] for s in streams if s.get("tags", {}).get("timecode")]
    return {"frames": len(packets), "sounds": sum(s.get("codec_type") == "audio" for s in streams),
            "timecode": codes[0] if codes else "", "words": words}


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
    most = most_lost(rec.coding)
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
                              ("ffprobe sounds", probe["sounds"] == rec.sounds, rec.sounds),
                              ("ffprobe timecode", probe["timecode"] == "01:00:00:00", "01:00:00:00"),
                              ("mediainfo video", info["video"] == 1, 1), ("mediainfo sounds", info["sounds"] == rec.sounds, rec.sounds),
                              ("mediainfo timecode", info["timecode"] == "01:00:00:00", "01:00:00:00"),
                              ("qtdemux frames", demux["frames"] >= rec.kept, rec.kept)):
        if not found:
            rec.problems.append(f"{name}: expected {want}, {probe} {info} {demux}")
