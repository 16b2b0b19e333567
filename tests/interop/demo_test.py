#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The main job end to end, short: two runs into one directory, then a failing one, looked at with ffprobe and SQLite."""
import os, sys, tempfile

sys.path.insert(0, os.path.join(os.environ["ONAIR_SOURCE_DIR"], "tests", "support"))
import demo_run

demo_run.need_everything()
checks = demo_run.Checks()
with tempfile.TemporaryDirectory() as directory:
    movie = os.path.join(directory, "out.mov")
    status, output = demo_run.run(directory, "--seconds", "1", "--size", "640x360")
    checks.equal("exit status", status, 0)
    if status:
        print(output)
        checks.finish()
    video, audio, data = demo_run.streams(movie)
    checks.equal("video", (video["codec_name"], video["width"], video["height"], video["pix_fmt"]),
                 ("prores", 640, 360, "yuv422p10le"))
    checks.equal("frames", video["nb_read_packets"], "25")
    checks.equal("audio", (audio["codec_name"], audio["sample_rate"], audio["channels"]), ("pcm_s24le", "48000", 2))
    checks.equal("timecode track", (data["codec_tag_string"], data["tags"]["timecode"]), ("tmcd", "01:00:00:00"))

    # A drop-frame run: replaces the movie, adds to the database.
    status, output = demo_run.run(directory, "--seconds", "1", "--size", "640x360", "--timecode", "10:00:00;00")
    checks.equal("second exit status", status, 0)
    video, audio, data = demo_run.streams(movie)
    checks.equal("second movie", (video["nb_read_packets"], video["r_frame_rate"], data["tags"]["timecode"]),
                 ("30", "30000/1001", "10:00:00;00"))

    # A run that fails says why, once, and leaves the last movie.
    status, output = demo_run.run(directory, "--timecode", "25:00:00:00")
    checks.equal("third exit status", status, 1)
    checks.true("the error names the field", "hours 25" in output, output)
    checks.equal("the movie stays", demo_run.streams(movie)[2]["tags"]["timecode"], "10:00:00;00")

    rows = dict(demo_run.query(directory, "SELECT type, count(*) FROM events GROUP BY type"))
    checks.equal("events of three runs", {t: rows.get("onair.run." + t) for t in
                 ("started", "progress", "finished", "failed")}, {"started": 3, "progress": 2, "finished": 2, "failed": 1})
    checks.true("caps events", rows.get("onair.run.caps", 0) >= 2)
    timecodes = [r[0] for r in demo_run.query(directory, "SELECT timecode FROM events WHERE type = 'onair.run.progress'")]
    checks.equal("timecodes of progress", [t.split("@")[0] for t in timecodes], ["01:00:00:00", "10:00:00;00"])
checks.finish()
