#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Delivery to a real Matomo beside a plain client in Python with the same requests, batches and connections.

    delivery-bench [--events N] [--rounds N] [--batch N[,N…]] [--connections N[,N…]]

The plain client keeps nothing and knows its events before it starts: threads that each post the next batch on a kept
connection. trackingsink takes the same events from its database (they were stored before) and settles them there. Turn
about in one run; a round's ratio is that of its two figures. The time that a pipeline takes to start and to stop without
events is measured and taken off. The Matomo is that of tests/support/matomo/matomo.sh, behind nginx and php-fpm: PHP's
own server now and then answers two requests one after the other, and figures are half of what they were before. Prints a
Markdown table."""
import argparse, http.client, json, os, sqlite3, statistics, subprocess, sys, tempfile, threading, time

SOURCE = os.environ.get("ONAIR_SOURCE_DIR", "@SOURCE@")
CONTROL = os.path.join(SOURCE, "tests", "support", "matomo", "matomo.sh")
VISITORS = 200


def variables(command):
    done = subprocess.run(["bash", CONTROL, command], capture_output=True, text=True)
    if done.returncode != 0:
        print("SKIPPED: no Matomo: " + (done.stderr.strip().splitlines() or ["?"])[-1])
        sys.exit(0)
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def plain(port, token, count, batch, connections):
    """Events a second of `connections` threads, each with visitors of its own: MariaDB 11.8 fails on the whole of one of
    two requests that are about one visitor at a time (error 1020, innodb_snapshot_isolation), and Matomo answers 500."""
    share = count // connections
    tracked = [0] * connections

    def work(which):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        for first in range(0, share, batch):
            requests = [{"idsite": 1, "rec": 1, "apiv": 1, "bots": 1, "ca": 1, "e_c": "bench", "e_a": "qos",
                         "e_n": f"cam{n % 8}", "e_v": n, "url": "http://site1.example/bench",
                         "cid": format(0xb00000 + which * VISITORS + n % (VISITORS // connections), "016x"),
                         "cdt": int(time.time()) - 1} for n in range(first, min(first + batch, share))]
            connection.request("POST", "/matomo.php", json.dumps({"token_auth": token, "requests": requests}),
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            body = answer.read()
            tracked[which] += json.loads(body)["tracked"] if answer.status == 200 else 0
            if answer.will_close:
                connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(connections)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - started
    if sum(tracked) != share * connections:
        sys.exit(f"Matomo took {sum(tracked)} of {share * connections} events")
    return sum(tracked) / took


def launch(source, words):
    started = time.monotonic()
    subprocess.run(["gst-launch-1.0", "-q", "filesrc", f"location={source}", "!", "application/x-ndjson", "!",
                    "trackingsink"] + words, check=True, capture_output=True)
    return time.monotonic() - started


def ours(url, token_file, directory, count, batch, connections):
    """Events a second: stored for an address where nobody is, which then becomes Matomo's."""
    database = os.path.join(directory, "bench.db")
    for suffix in ("", "-wal", "-shm", ".lock", ".key"):
        if os.path.exists(database + suffix):
            os.remove(database + suffix)
    source = os.path.join(directory, "events.ndjson")
    with open(source, "w", encoding="ascii") as file:
        for n in range(count):
            file.write(json.dumps({"type": "bench.qos.seen", "source": f"gst://bench/{n % VISITORS}",
                                   "action": {"category": "bench", "action": "qos", "name": f"cam{n % 8}", "value": n,
                                              "url": "http://site1.example/bench"}}) + "\n")
    common = [f"location={database}", "site-id=1", f"token-file={token_file}",
              f"batch-size={batch}", f"max-connections={connections}"]
    launch(source, common + ["matomo-url=http://127.0.0.1:9", "drain-timeout=1"])
    db = sqlite3.connect(database)
    db.execute("UPDATE destinations SET url = ?", (url + "/matomo.php",))
    db.commit()
    db.close()
    words = common + [f"matomo-url={url}", "drain-timeout=300000000000"]
    took = launch(os.devnull, words)
    nothing = launch(os.devnull, words)
    db = sqlite3.connect(database)
    delivered = db.execute("SELECT count(*) FROM deliveries WHERE state = 'delivered'").fetchone()[0]
    db.close()
    if delivered != count:
        sys.exit(f"{delivered} of {count} events were delivered")
    return count / (took - nothing)


def numbers(text):
    return [int(n) for n in text.split(",")]


def main():
    parser = argparse.ArgumentParser(prog="delivery-bench")
    parser.add_argument("--events", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=numbers, default=[200])
    parser.add_argument("--connections", type=numbers, default=[1, 2, 4])
    args = parser.parse_args()
    token_file = variables("up")["ONAIR_TEST_MATOMO_TOKEN_FILE"]
    url = variables("fpm")["ONAIR_BENCH_MATOMO_URL"]
    port = int(url.rsplit(":", 1)[1])
    with open(token_file, encoding="ascii") as file:
        token = file.read().strip()
    plain(port, token, 400, 200, 1)  # caches are warm; two requests that are first of a day may fail, one does not
    print("| batch | connections | load | trackingsink, events/s | plain client, events/s | ratio, median (all) |\n"
          "|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="onair-bench-") as directory:
        for batch in args.batch:
            for connections in args.connections:
                rows = []
                for n in range(args.rounds):
                    both = {}
                    for which in ("ours", "plain") if n % 2 == 0 else ("plain", "ours"):
                        job = (args.events, batch, connections)
                        both[which] = (ours(url, token_file, directory, *job) if which == "ours" else
                                       plain(port, token, *job))
                    rows.append(both)
                ratios = [row["ours"] / row["plain"] for row in rows]
                print(f"| {batch} | {connections} | {os.getloadavg()[0]:.1f} "
                      f"| {statistics.median(row['ours'] for row in rows):.0f} "
                      f"| {statistics.median(row['plain'] for row in rows):.0f} "
                      f"| {statistics.median(ratios):.2f} ({', '.join(f'{r:.2f}' for r in ratios)}) |", flush=True)


main()
