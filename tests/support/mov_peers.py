# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The other muxers of the kill proof, and the table of all."""
import os, signal, subprocess, time

from mov_killed import FRAGMENT_FRAMES, SPEED, Recording, run

QTMUX = {
    "qtmux": "qtmux",
    "qtmux robust": "qtmux reserved-max-duration=60000000000 reserved-moov-update-period=400000000 "
                    "reserved-bytes-per-sec=4000",
    "qtmux fragmented": f"qtmux fragment-duration={FRAGMENT_FRAMES * 40}",
    "qtmux first-moov-then-finalise": f"qtmux fragment-mode=first-moov-then-finalise fragment-duration={FRAGMENT_FRAMES * 40}",
}
FRAGMENTS = f"-frag_duration {FRAGMENT_FRAMES * 40000}"
FFMPEG = {"ffmpeg fragmented": f"-movflags +frag_keyframe+empty_moov {FRAGMENTS}",
          "ffmpeg fragmented, flushed": f"-movflags +frag_keyframe+empty_moov {FRAGMENTS} -flush_packets 1",
          "ffmpeg hybrid": "-movflags +hybrid_fragmented",
          "ffmpeg hybrid, fragments flushed": f"-movflags +hybrid_fragmented {FRAGMENTS} -flush_packets 1"}


def ffmpeg_recordings():
    """Those that the ffmpeg here can make: hybrid came with 7.1."""
    told = run(["ffmpeg", "-hide_banner", "-h", "muxer=mov"]).stdout
    return {name: options for name, options in FFMPEG.items() if "hybrid" not in name or "hybrid_fragmented" in told}


class FfmpegRecording(Recording):
    """ffmpeg -c copy of a finished movie at the pace of the recorder. `entered`: the frames that it says it has written."""

    def record(self):
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-progress", "pipe:1", "-stats_period", "0.05", "-readrate",
                   str(SPEED[self.coding]), "-i", self.args.source[self.coding], "-map", "0:v", "-map", "0:a", "-c", "copy",
                   *self.muxer.split(), self.file]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            time.sleep(0.3 + self.moment)
            process.kill()
            told, said = process.communicate()
        if process.returncode != -signal.SIGKILL:
            self.problems.append(f"ffmpeg ended by itself: {said.strip()}")
        frames = [text[6:] for text in told.splitlines() if text.startswith("frame=") and text[6:].strip().isdigit()]
        self.entered = int(frames[-1]) if frames else 0
        self.size = os.path.getsize(self.file) if os.path.exists(self.file) else 0


def peer_row(recs):
    frames = [r.readers["ffprobe"]["frames"] if r.readers else 0 for r in recs]
    readable = sum(n > 0 for n in frames)
    demux = sum(bool(r.readers) and r.readers["qtdemux"]["frames"] > 0 for r in recs)
    codes = sum(bool(r.readers) and r.readers["ffprobe"]["timecode"] == "01:00:00:00" for r in recs)
    info = sum(bool(r.readers) and r.readers["mediainfo"]["timecode"] == "01:00:00:00" for r in recs)
    lost = sorted(max(0, r.entered - n) for r, n in zip(recs, frames))
    n = len(recs)
    return f"{readable}/{n} | {demux}/{n} | {codes}/{n} | {info}/{n} | {lost[n // 2]} | {lost[-1]}"
