#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves the layer rule with the compiler: an engine that includes a GStreamer or GLib header does not compile.

For one source of every layer without GStreamer the real compile command is run three times on a small file: as it is
(must succeed), with <gst/gst.h>, and with <glib.h> (both must fail). A second look greps the includes.
"""
import json, os, pathlib, re, shlex, subprocess, sys, tempfile

build = pathlib.Path(sys.argv[1])
source = pathlib.Path(sys.argv[2])
PURE = ["common/base/", "common/timecode/", "common/av/", "plugins/swscale/engine/", "plugins/movmux/engine/",
        "plugins/tracking/engine/"]

def command_for(directory):
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(os.path.normpath(pathlib.Path(entry["directory"]) / entry["file"]))
        if path.is_relative_to(source / directory):
            args = shlex.split(entry["command"])
            for flag in ("-o", "-MF", "-MQ"):
                if flag in args:
                    at = args.index(flag)
                    del args[at:at + 2]
            args = [a for a in args if a not in ("-c", "-MD")]
            return entry["directory"], args[:-1]
    return None

def compiles(where, args, text):
    with tempfile.TemporaryDirectory() as tmp:
        probe = pathlib.Path(tmp) / "probe.cpp"
        probe.write_text(text)
        run = subprocess.run(args + ["-fsyntax-only", str(probe)], cwd=where, capture_output=True, text=True)
        return run.returncode == 0

failed = 0
for layer in PURE:
    found = command_for(layer)
    if not found:
        print(f"not built here: {layer}")
        continue
    where, args = found
    verdicts = [compiles(where, args, text) for text in
                ("int main() {}\n", "#include <gst/gst.h>\nint main() {}\n", "#include <glib.h>\nint main() {}\n")]
    ok = verdicts == [True, False, False]
    failed += not ok
    print(f"{'ok' if ok else 'FAILED'}: {layer} plain/gst/glib compile = {verdicts}")
    for path in sorted((source / layer).rglob("*.[ch]pp")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.match(r'\s*#\s*include\s*[<"](gst/|glib|gio/|common/gst)', line):
                print(f"FAILED: {path}:{number}: {line.strip()}")
                failed += 1
sys.exit(1 if failed else 0)
