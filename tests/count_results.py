#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints `N passed, N failed, N skipped` for the last `meson test` whose logs are in the directory given.

Counts cases: a doctest program counts as many as its own summary says, minus those that said why they skip; any other
program counts as one. A failure that tests/known_breaks.txt lists for this Debian suite is reported and counted as
skipped. Exit status 1 when something else failed or nothing ran.
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


def codename():
    try:
        release = pathlib.Path("/etc/os-release").read_text()
    except OSError:
        return ""
    found = re.search(r'^VERSION_CODENAME="?(\w+)', release, re.M)
    return found[1] if found else ""


def known_breaks():
    """{test name: reason} of the suite that this runs on"""
    rows = {}
    for line in (pathlib.Path(__file__).parent / "known_breaks.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            suite, name, reason = line.split(None, 2)
            if suite == codename():
                rows[name] = reason
    return rows


def main():
    logs = glob.glob(os.path.join(sys.argv[1], "testlog*.json"))
    if not logs:
        print("0 passed, 1 failed, 0 skipped")
        return 1
    newest = max(logs, key=os.path.getmtime)
    totals = [0, 0, 0]
    known = known_breaks()
    for line in pathlib.Path(newest).read_text().splitlines():
        test = json.loads(line)
        passed, failed, skipped = count(test)
        name = re.split(r"[:/]| - ", test["name"])[-1].strip()
        if failed and name in known:
            print(f"REPORTED: {name} fails here: {known[name]}")
            failed, skipped = 0, skipped + failed
        for at, n in enumerate((passed, failed, skipped)):
            totals[at] += n
    print("%d passed, %d failed, %d skipped" % tuple(totals))
    return 1 if totals[1] or totals[0] == 0 else 0


sys.exit(main())
