# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the demo program and looks at what it made, through ffprobe and SQLite."""
import json, os, shutil, sqlite3, subprocess, sys

DEMO = os.path.join(os.environ["ONAIR_BUILD_DIR"], "tools", "demo", "onair-demo")
ELEMENTS = ["swsconvertscale", "tcmovmux", "trackingsink", "avenc_prores_ks", "audiotestsrc", "appsrc"]


def skip(why):
    print("SKIPPED: " + why)
    sys.exit(77)


def need_everything():
    """Skips the whole test where a part of the main job is absent."""
    for program in ("ffprobe", "gst-inspect-1.0"):
        if not shutil.which(program):
            skip("needs " + program)
    if not os.path.exists(DEMO):
        skip("the demo was not built")
    for element in ELEMENTS:
        # not --exists: that of GStreamer 1.22 wants a plugin's version to be GStreamer's
        if subprocess.run(["gst-inspect-1.0", element], capture_output=True).returncode:
            skip("needs the element " + element)


def start(directory, *options):
    return subprocess.Popen([DEMO, "--output", directory, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True)


def run(directory, *options):
    """Exit status and what was printed."""
    process = start(directory, *options)
    output = process.communicate(timeout=240)[0]
    return process.returncode, output


def streams(movie):
    """ffprobe's streams of `movie`, packets counted."""
    shown = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-show_streams", "-of", "json", movie],
                           capture_output=True, text=True, check=True)
    return json.loads(shown.stdout)["streams"]


def query(directory, sql):
    """Rows of the event database, opened as anyone would."""
    connection = sqlite3.connect(os.path.join(directory, "events.db"))
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


class Checks:
    """Prints each check; `finish` exits with 1 when one was wrong."""

    def __init__(self):
        self.failed = 0

    def equal(self, what, is_value, wanted):
        good = is_value == wanted
        self.failed += not good
        print(f"{'ok' if good else 'FAILED'}: {what}: {is_value!r}" + ("" if good else f", wanted {wanted!r}"))

    def true(self, what, good, seen=""):
        self.failed += not good
        print(f"{'ok' if good else 'FAILED'}: {what} {seen}")

    def finish(self):
        sys.exit(1 if self.failed else 0)
