#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints `N passed, N failed, N skipped` for the last `meson test` whose logs are in the directory given.

Counts cases: a doctest program counts as many as its own summary says, minus those that said why they skip; any other
program counts as one. Exit status 1 when something failed or nothing ran.
"""
import glob, json, os, pathlib, re, sys

SUMMARY = re.compile(r"\[doctest\] test cases: *(\d+) *\| *(\d+) passed *\| *(\d+) failed")


def count(test):
    """passed, failed, skipped of one entry of Meson's testlog.json"""
    output = test.get("stdout", "")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", output)
    summary = SUMMARY.search(plain)
    skipped = len(re.findall(r"^SKIPPED: ", plain, re.M))
    result = test["result"]
    if summary:
        passed, failed = int(summary[2]), int(summary[3])
        if result in ("FAIL", "ERROR", "TIMEOUT", "INTERRUPT") and failed == 0:
            failed = 1  # the program itself failed: a crash at its end, a leak
        return max(0, passed - skipped), failed, skipped
    if result == "SKIP":
        return 0, 0, max(1, skipped)
    return (1, 0, skipped) if result in ("OK", "EXPECTEDFAIL") else (0, 1, skipped)


def main():
    logs = glob.glob(os.path.join(sys.argv[1], "testlog*.json"))
    if not logs:
        print("0 passed, 1 failed, 0 skipped")
        return 1
    newest = max(logs, key=os.path.getmtime)
    totals = [0, 0, 0]
    for line in pathlib.Path(newest).read_text().splitlines():
        for at, n in enumerate(count(json.loads(line))):
            totals[at] += n
    print("%d passed, %d failed, %d skipped" % tuple(totals))
    return 1 if totals[1] or totals[0] == 0 else 0


sys.exit(main())
