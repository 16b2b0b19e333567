#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""kill -9 of the demo in the middle: every event that it had told as accepted is in the database, which opens clean."""
import os, random, re, signal, sys, tempfile, time

sys.path.insert(0, os.path.join(os.environ["ONAIR_SOURCE_DIR"], "tests", "support"))
import demo_run

ROUNDS = int(os.environ.get("ONAIR_KILL_ROUNDS", "5"))
demo_run.need_everything()
checks = demo_run.Checks()
seed = random.SystemRandom().randrange(1 << 30)
print(f"seed {seed}")
chance = random.Random(seed)
with tempfile.TemporaryDirectory() as directory:
    before = 0
    for number in range(ROUNDS):
        process = demo_run.start(directory, "--seconds", "10")
        told, stop_at = 0, chance.randrange(2, 6)
        for line in process.stdout:
            match = re.search(r"(\d+) events$", line.rstrip())
            told = int(match[1]) if match else told
            if match and (stop_at := stop_at - 1) == 0:
                break
        time.sleep(chance.random())
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        checks.equal(f"round {number}: integrity", demo_run.query(directory, "PRAGMA integrity_check"), [("ok",)])
        total = demo_run.query(directory, "SELECT count(*) FROM events")[0][0]
        checks.true(f"round {number}: {told} were told as accepted", total - before >= told, f"{total - before} there")
        before = total
    status, output = demo_run.run(directory, "--seconds", "1")
    checks.equal("the next run works", status, 0)
checks.finish()
