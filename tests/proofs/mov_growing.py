#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A recording that others open while it grows: by libavformat (ffprobe) and by qtdemux, at any moment.

    mov_growing.py [N] [--recorder PROGRAM] [--seed N]      N openings, half of a recording of H.264 with B-frames, half of
                                                            ProRes, both with 8 sound tracks and a timecode that jumps (50)

Each opening must give, without an error: every picture of the fragments that were whole when it was opened, each with the
time and the bytes that it has in the finished movie, and no other; and the first timecode. Bytes of a picture that is being
written while the reader is at it are not asked."""
import argparse, json, os, random, shutil, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from mov_boxes import Broken, Movie
from mov_killed import OURS, Recording, line, run, whole_boxes

SPEED = {"h264": 6, "prores": 1}
TIMECODE = "01:00:00:00"
ALL_OF_IT = 100000  # frames; the recorder is told to end before


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(77)


def pictures(path):
    """[(time, position, size, hash)] of the video, the timecode, and what ffprobe complains about."""
    ran = run(["ffprobe", "-v", "error", "-show_data_hash", "MD5", "-select_streams", "v", "-show_entries",
               "packet=pts_time,pos,size,data_hash:stream_tags=timecode", "-of", "json", path])
    said = json.loads(ran.stdout or "{}")
    codes = [s.get("tags", {}).get("timecode") for s in said.get("streams", [])]
    found = [(p["pts_time"], int(p["pos"]), int(p["size"]), p["data_hash"]) for p in said.get("packets", [])]
    return found, codes, ran.stderr.strip().splitlines()


def whole_pictures(path):
    """How many pictures lie in whole fragments, by our own reader, and up to which byte it looked."""
    end, kinds = whole_boxes(path)
    if b"moof" not in kinds:  # plain by now: its index has each frame of sound, too many to be read here
        return 0, end
    part = path + ".whole"
    with open(path, "rb") as source, open(part, "wb") as target:
        target.write(source.read(end))
    try:
        return len(Movie(part).by_handler("vide")[0].samples), end
    except (Broken, IndexError):
        return 0, end
    finally:
        os.unlink(part)


class Growing:
    def __init__(self, args, directory, coding):
        self.args, self.coding, self.problems, self.opened = args, coding, [], []
        self.file = os.path.join(directory, coding + ".mov")
        self.template = os.path.join(directory, coding + ".template")
        self.kept = 0  # pictures in whole fragments when it was looked at last

    def record(self, openings):
        made = run([self.args.recorder, "make", self.coding, self.template], 300)
        if made.returncode:
            skip(f"{self.coding} cannot be encoded here: {made.stderr.strip()}")
        counts = self.file + ".counts"
        with subprocess.Popen([self.args.recorder, "run", self.template, counts, str(SPEED[self.coding]), str(ALL_OF_IT),
                               line(OURS, self.file)], stdout=subprocess.PIPE, text=True) as process:
            Recording.wait_for_frames(counts, process)
            for _ in range(openings):
                time.sleep(random.uniform(0, 0.4))
                self.open()
            process.terminate()  # ends the stream
            while process.poll() is None:  # also while it becomes a plain movie
                self.open()
            said = process.stdout.read()
        if said or process.returncode:
            self.problems.append(f"the recorder ended with {process.returncode}: {said.strip()}")

    def open(self):
        """One opening by each reader; ffprobe's is judged when the movie is finished."""
        if not os.path.exists(self.file) or os.path.getsize(self.file) < 40:
            return
        kept, end = whole_pictures(self.file)
        kept = kept or self.kept
        if not kept:  # the movie box comes with the first fragment
            return
        self.kept = kept
        self.opened.append((kept, end, *pictures(self.file)))
        kept = whole_pictures(self.file)[0] or kept  # at the end the last frames come
        told = run([self.args.recorder, "count", self.file]).stdout.split(None, 1)
        frames, words = int(told[0]) if told else 0, told[1].strip() if len(told) > 1 else ""
        if frames < kept or words:
            self.problems.append(f"qtdemux: {frames} pictures where {kept} were whole; {words}")

    def judge(self):
        final, codes, words = pictures(self.file)
        if codes != [TIMECODE] or words or b"moof" in whole_boxes(self.file)[1]:
            self.problems.append(f"the finished movie: {codes}, {words}")
        for number, (kept, end, found, codes, words) in enumerate(self.opened):
            name = f"opening {number}, {kept} pictures in {end} bytes"
            whole = [row for row in found[:-1]] if len(found) > kept else found
            if len(found) < kept:
                self.problems.append(f"{name}: ffprobe reads {len(found)}")
            if whole != final[:len(whole)]:
                wrong = next(i for i, row in enumerate(whole) if final[i:i + 1] != [row])
                self.problems.append(f"{name}: picture {wrong} is {whole[wrong]}, and {final[wrong:wrong + 1]} in the end")
            if codes != [TIMECODE]:
                self.problems.append(f"{name}: timecode {codes}")
            if words:
                self.problems.append(f"{name}: ffprobe says {words[0]}")
        sizes = [len(found) for _, _, found, _, _ in self.opened]
        print(f"{self.coding}: {len(self.opened)} openings by each reader, at {min(sizes, default=0)} to "
              f"{max(sizes, default=0)} of {len(final)} pictures; {len(self.problems)} wrong")
        for problem in self.problems[:10]:
            print(f"FAIL {self.coding}: {problem}")
        return not self.problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("openings", type=int, nargs="?", default=int(os.environ.get("ONAIR_ROUNDS", "50")))
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--recorder", default=os.environ.get("ONAIR_MOV_RECORDER", "build/tests/interop/mov-recorder"))
    args = parser.parse_args()
    if not shutil.which("ffprobe"):
        skip("needs ffprobe")
    random.seed(args.seed)
    print(f"seed {args.seed}")
    good = True
    with tempfile.TemporaryDirectory(prefix="onair-growing-") as directory:
        for coding, openings in (("h264", (args.openings + 1) // 2), ("prores", args.openings // 2)):
            growing = Growing(args, directory, coding)
            growing.record(openings)
            good &= growing.judge()
    return not good


if __name__ == "__main__":
    sys.exit(main())
