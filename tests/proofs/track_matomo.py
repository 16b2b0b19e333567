#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Mixed events of every mapping through trackingsink into a real Matomo, and what that has of them afterwards.

    track_matomo.py [--events N] [--poison N] [--verify N] [--samples N] [--seed N] [--keep DIR] [--no-freeze] [--no-chaos]

1. N events, with poison among them that a host on the wire makes of well ones, while Matomo's database is stopped,
   frozen for longer than a request may take (--no-freeze: not), and restarted, and its workers are killed. Then: exactly the poison is
   dead; every other event is there; one that is there more often than once was counted as ambiguous; the sums of the
   Reporting API and the fields of a sample are those of the events.
2. The same without poison and with ambiguous-policy=verify: every event is there exactly once.

The Matomo is that of tests/support/matomo/matomo.sh (root; made in two minutes where it is not yet); exit status 77
where it cannot be made. A run's events carry its own name: a Matomo that was used before is fine."""
import argparse, collections, datetime, json, os, random, re, sqlite3, subprocess, sys, tempfile, threading, time
import urllib.parse, urllib.request

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
import track_events
from wire import Wire

CONTROL = os.path.join(here, "..", "support", "matomo", "matomo.sh")
failures = []


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def check(good, text):
    if not good:
        failures.append(text)
        say("WRONG: " + text)
    return good


class Matomo:
    def __init__(self):
        done = subprocess.run(["bash", CONTROL, "up"], capture_output=True, text=True)
        if done.returncode == 77:
            print("SKIPPED: no Matomo: " + (done.stderr.strip().splitlines() or ["?"])[-1])
            sys.exit(77)
        if done.returncode != 0:
            sys.exit("matomo.sh up failed: " + done.stderr)
        self.env = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
        self.url = self.env["ONAIR_TEST_MATOMO_URL"]
        self.token_file = self.env["ONAIR_TEST_MATOMO_TOKEN_FILE"]
        self.site = self.env["ONAIR_TEST_MATOMO_SITE"]
        self.port = int(self.url.rsplit(":", 1)[1])
        with open(self.token_file, encoding="ascii") as file:
            self.token = file.read().strip()

    def control(self, *words):
        subprocess.run(["bash", CONTROL, *words], check=True, capture_output=True)

    def sql(self, text):
        done = subprocess.run(["bash", CONTROL, "sql"], input=text, capture_output=True, text=True, check=True)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def api(self, **query):
        query = {"module": "API", "format": "JSON", "token_auth": self.token, "idSite": self.site, "filter_limit": -1,
                 **query}
        with urllib.request.urlopen(self.url + "/index.php", urllib.parse.urlencode(query).encode(), 120) as answer:
            return json.load(answer)

    def forget_reports(self, expected):
        """Reports of past days are made anew: a Matomo that was used before may have some."""
        days = sorted({day_of(one["time"]) for one in expected})
        self.api(method="CoreAdminHome.invalidateArchivedReports", idSites=self.site, dates=",".join(days), period="day")


def day_of(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d")


# --- sending ------------------------------------------------------------------------------------------------------

def properties_of_sink():
    out = subprocess.run(["gst-inspect-1.0", "trackingsink"], capture_output=True, text=True).stdout
    return {line.split()[0] for line in out.splitlines() if line.startswith("  ") and ":" in line}


class Delivery:
    """gst-launch with a database; run again, with another event of `late` each time, until nothing is queued. Another
    event is what the last poison of a queue waits for."""

    def __init__(self, directory, events, late, url, matomo, patience_s, more):
        self.db = os.path.join(directory, "e.db")
        self.directory = directory
        self.words = (f"trackingsink location={self.db} matomo-url={url} site-id={matomo.site} "
                      f"token-file={matomo.token_file} drain-timeout={patience_s}000000000 id-dimension=1 {more}").split()
        self.inputs = [events] + [[event] for event in late]
        self.output = ""
        self.runs = 0

    def run(self):
        path = os.path.join(self.directory, "events.ndjson")
        for events in self.inputs:
            with open(path, "w", encoding="utf-8") as file:
                file.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
            try:
                done = subprocess.run(["gst-launch-1.0", "-m", "filesrc", f"location={path}", "!",
                                       "application/x-ndjson", "!"] + self.words, capture_output=True, text=True,
                                      timeout=1800)
            except subprocess.TimeoutExpired:
                self.runs += 1
                return check(False, "gst-launch did not end within half an hour")
            self.output += done.stdout + done.stderr
            self.runs += 1
            if done.returncode != 0:
                return check(False, "gst-launch failed: " + done.stderr[-600:])
            if self.count("queued") == 0:
                return True
        return check(False, f"{self.count('queued')} events are still queued")

    def rows(self, sql):
        db = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True, timeout=30)
        try:
            return db.execute(sql).fetchall()
        except sqlite3.OperationalError:
            return []
        finally:
            db.close()

    def count(self, state):
        return sum(n for (n,) in self.rows(f"SELECT count(*) FROM deliveries WHERE state = '{state}'"))


FREEZE_S = 70  # a request may take 60
LATE = 8


def trouble(matomo, delivery, total, freeze, stop):
    """What befalls Matomo, each at a share of the way. Not waited for longer than the delivery lasts."""
    def reached(share):
        while not stop.is_set():
            if os.path.exists(delivery.db) and delivery.count("delivered") + delivery.count("dead") >= share * total:
                return True
            time.sleep(0.2)
        return False

    def kill_workers():
        matomo.control("workers", "kill")
        time.sleep(2)
        matomo.control("workers", "restart")

    def stop_db():
        matomo.control("db", "stop")
        time.sleep(4)
        matomo.control("db", "start")

    def freeze_db():
        matomo.control("db", "freeze")
        time.sleep(FREEZE_S)
        matomo.control("db", "thaw")

    for share, name, act in ((0.05, "workers killed", kill_workers), (0.2, "database stopped", stop_db),
                             (0.4, f"database frozen for {FREEZE_S} s", freeze_db),
                             (0.7, "workers killed", kill_workers), (0.85, "database stopped", stop_db)):
        if act is freeze_db and not freeze:
            continue
        if not reached(share):
            return
        say(f"  {name} at {share:.0%}")
        try:
            act()
        except subprocess.CalledProcessError as e:
            check(False, f"{name}: {e.stderr.decode(errors='replace')[-300:]}")


# --- reading back -------------------------------------------------------------------------------------------------

def stored(matomo, run):
    """id -> how often it is there, by all that Matomo has of the run: rows by the dimension, orders by their number."""
    copies = collections.Counter()
    for ident, n in matomo.sql(f"SELECT custom_dimension_1, count(*) FROM matomo_log_link_visit_action "
                               f"WHERE custom_dimension_1 LIKE '{run}-%' GROUP BY 1"):
        copies[ident] = int(n)
    for order, n in matomo.sql(f"SELECT idorder, count(*) FROM matomo_log_conversion WHERE idorder LIKE '{run}-%' "
                               "GROUP BY 1"):
        copies[f"{run}-e" + order.rsplit("-", 1)[1]] = int(n)
    return copies


def check_copies(matomo, run, expected, delivery, verify):
    states = {row[0]: row[1:] for row in delivery.rows(
        "SELECT id, state, reason, ambiguous FROM events JOIN deliveries USING (seq)")}
    copies = stored(matomo, run)
    ambiguous = sum(a for _, _, a in states.values())
    lost, extra, unsure = [], [], []
    for one in expected:
        if one["kind"] in ("goal", "cart", "ping"):
            continue
        n = copies.get(one["id"], 0)
        state, _, maybe = states[one["id"]]
        if n == 0:
            lost.append(one["id"])
        elif n > 1 and (verify or n - 1 > maybe):
            extra.append((one["id"], n, maybe))
        elif n > 1:
            unsure.append(one["id"])
        if state not in ("delivered", "unconfirmed"):
            check(False, f"{one['id']} ({one['kind']}) is {state} ({states[one['id']][1]})")
    check(not lost, f"{len(lost)} events are not there: {lost[:5]}")
    check(not extra, f"{len(extra)} events are there more often than is known: {extra[:5]}")
    say(f"  {len(expected)} events, lost {len(lost)}, there twice {len(unsure)} (all counted as ambiguous), "
        f"ambiguous outcomes {ambiguous}, twice and not known {len(extra)}")
    check_conversions(matomo, run, expected, states, verify)
    return copies


def visitor_ids(matomo, run):
    """number of the visitor -> its id in Matomo, by the events that carry one"""
    return {int(ident.rsplit("e", 1)[1]): visitor for ident, visitor in matomo.sql(
        "SELECT custom_dimension_1, hex(idvisitor) FROM matomo_log_link_visit_action "
        f"WHERE custom_dimension_1 LIKE '{run}-e%'")}


def check_conversions(matomo, run, expected, states, verify):
    """Goal 2 may be reached any number of times in a visit; its conversions are rows with the visitor and the time."""
    of_event = visitor_ids(matomo, run)
    visitor_of = {one["visitor"]: of_event[int(one["id"].rsplit("e", 1)[1])] for one in expected
                  if int(one["id"].rsplit("e", 1)[1]) in of_event}
    wanted = collections.Counter()
    maybe = collections.Counter()
    for one in expected:
        if one["kind"] == "goal":
            key = (visitor_of.get(one["visitor"]), one["time"])
            wanted[key] += 1
            maybe[key] += states[one["id"]][2]
    found = collections.Counter()
    ids = ",".join(f"'{v}'" for v in sorted(set(visitor_of.values()))) or "''"
    for visitor, at in matomo.sql("SELECT hex(idvisitor), unix_timestamp(server_time) FROM matomo_log_conversion WHERE "
                                  f"idgoal = 2 AND hex(idvisitor) IN ({ids})"):
        found[(visitor, int(float(at)))] += 1
    check(not wanted - found, f"goals that are not there: {list((wanted - found).items())[:5]}")
    extra = {key: n for key, n in (found - wanted).items() if verify or n > maybe[key]}
    check(not extra, f"goals that nobody sent, or sent twice and not known: {list(extra.items())[:5]}")
    say(f"  goals: {sum(wanted.values())} sent, {sum(found.values())} there")


def check_sums(matomo, run, expected, copies):
    """The Reporting API, of the days of this hour: exact where nothing is there twice."""
    days = sorted({day_of(one["time"]) for one in expected if one["time"] > time.time() - 2 * track_events.DAY})
    def total(kinds):
        return sum(copies[one["id"]] for one in expected if one["kind"] in kinds and day_of(one["time"]) in days)
    events = value = pieces = orders = 0
    for day in days:
        for row in matomo.api(method="Events.getCategory", period="day", date=day, flat=1):
            if row["label"].startswith(run):
                events += int(row["nb_events"])
                value += float(row.get("sum_event_value", 0))
        for row in matomo.api(method="Contents.getContentNames", period="day", date=day):
            if row["label"] == f"ad {run}":
                pieces += int(row["nb_impressions"]) + int(row["nb_interactions"])
    wanted = total(("event", "valued"))
    worth = sum(copies[one["id"]] * one["row"]["eventValue"] for one in expected
                if one["kind"] == "valued" and day_of(one["time"]) in days)
    shown = total(("content", "interaction"))
    check(events == wanted, f"Events.getCategory has {events} events of the run, {wanted} are in the log")
    check(abs(value - worth) < 0.01, f"their values are {value}, not {worth}")
    check(pieces == shown, f"Contents.getContentNames has {pieces}, {shown} are in the log")
    say(f"  Reporting API: {events} events of the run's category with values {value:g}, {pieces} contents")


def same(found, wanted):
    if isinstance(wanted, float) or isinstance(wanted, int):
        try:
            return abs(float(found) - wanted) < 0.01
        except (TypeError, ValueError):
            return False
    return found == wanted


def visits_of(matomo, one):
    """The visits of its day that have it."""
    segment = f"dimension1=={one['id']}"
    return matomo.api(method="Live.getLastVisitsDetails", period="day", date=day_of(one["time"]),
                      segment=segment, filter_limit=5)


def conversion_row(matomo, one, expected):
    """Of the visit in which the same visitor has a row with a dimension."""
    kind = {"goal": "goal", "order": "ecommerceOrder"}[one["kind"]]
    for other in expected:
        if other["visitor"] == one["visitor"] and other["kind"] in track_events.ROWS:
            for visit in visits_of(matomo, other):
                for row in visit["actionDetails"]:
                    if row["type"] == kind and row["timestamp"] == one["time"]:
                        return visit, row
            return None, None
    return None, None


def check_content(matomo, one):
    label = one["row"]["contentPiece"]
    if label is None:
        return True
    rows = [r for r in matomo.api(method="Contents.getContentPieces", period="day", date=day_of(one["time"]),
                                  filter_pattern=label.replace(".", r"\."), filter_column="label")
            if r["label"] == label]
    field = "nb_interactions" if one["kind"] == "interaction" else "nb_impressions"
    return check(bool(rows) and float(rows[0].get(field, 0)) >= 1, f"{one['id']}: Contents.getContentPieces has {rows} of {label}")


def check_sample(matomo, one, expected):
    if one["kind"] in ("content", "interaction") and not check_content(matomo, one):
        return
    if one["kind"] in ("goal", "order"):
        visit, row = conversion_row(matomo, one, expected)
    else:
        visit, row = next(((v, r) for v in visits_of(matomo, one) for r in v["actionDetails"]
                           if r.get("dimension1") == one["id"]), (None, None))
    if not check(row is not None, f"{one['id']} ({one['kind']}) is not in Live.getLastVisitsDetails"):
        return
    wanted = {k: v for k, v in one["row"].items() if not k.startswith("content")}
    wanted["timestamp"] = one["time"]
    if one["ip"]:
        check(visit["visitIp"] == one["ip"], f"{one['id']}: visitIp is {visit['visitIp']}, not {one['ip']}")
        check(visit["browserName"] == "Firefox", f"{one['id']}: browserName is {visit['browserName']}")
        check(visit["userId"].endswith(f"-user{one['visitor']}"), f"{one['id']}: userId is {visit['userId']}")
    if one["kind"] in track_events.ROWS:
        wanted["dimension2"] = f"ch{int(one['id'].rsplit('e', 1)[1]) % 3}"
    if one["kind"] == "order":
        check(len(row.get("itemDetails", [])) == wanted.pop("items"), f"{one['id']}: itemDetails {row.get('itemDetails')}")
    for name, value in wanted.items():
        check(same(row.get(name), value), f"{one['id']} ({one['kind']}): {name} is {row.get(name)!r}, not {value!r}")


def check_samples(matomo, expected, count, rng):
    pool = [one for one in expected if one["kind"] not in ("ping", "cart")]
    by_kind = collections.defaultdict(list)
    for one in rng.sample(pool, len(pool)):
        by_kind[one["kind"]].append(one)
    chosen = []
    while len(chosen) < min(count, len(pool)):
        for ones in by_kind.values():
            if ones:
                chosen.append(ones.pop())
    before = len(failures)
    for one in chosen[:count]:
        check_sample(matomo, one, expected)
    say(f"  fields of {len(chosen[:count])} events of {len(by_kind)} kinds read back, {len(failures) - before} wrong")


# --- the two parts ------------------------------------------------------------------------------------------------

def part(matomo, args, directory, count, poison, verify):
    now = int(time.time())
    run = ("v" if verify else "r") + format(now, "x") + format(random.randrange(4096), "03x")
    pairs = track_events.mixed(count + LATE, run, now)
    rng = random.Random(args.seed)
    events = [event for event, _ in pairs[:count]]
    bad = [track_events.poison(n, run, now) for n in range(poison)]
    for event in bad:
        events.insert(rng.randrange(len(events) * 9 // 10), event)
    wire = Wire(matomo.port, track_events.poisoned) if poison else None
    os.makedirs(directory, exist_ok=True)
    delivery = Delivery(directory, events, [event for event, _ in pairs[count:]], wire.url if wire else matomo.url,
                        matomo, 90 if args.no_freeze else 200,
                        f"batch-size={min(200, max(10, count // 20))} "
                        + ("ambiguous-policy=verify" if verify else ""))
    stop = threading.Event()
    helper = threading.Thread(target=trouble, args=(matomo, delivery, len(events), not args.no_freeze, stop))
    started = time.time()
    if not args.no_chaos:
        helper.start()
    done = delivery.run()
    stop.set()
    if not args.no_chaos:
        helper.join()
    if wire:
        wire.close()
    took = time.time() - started
    expected = [expectation for _, expectation in pairs[:count + delivery.runs - 1]]
    matomo.forget_reports(expected)
    say(f"  sent in {took:.0f} s ({len(events) / took:.0f} events/s with all trouble), {delivery.runs} run(s); "
        + ", ".join(f"{name} {n}" for name, n in delivery.rows("SELECT state, n FROM onair_counts WHERE n > 0")))
    with open(os.path.join(directory, "launch.log"), "w", encoding="utf-8") as log:
        log.write(delivery.output)
    for state, reason in re.findall(r"trackingsink-destination.*?state=\(string\)([\w-]+), reason=\(string\)(.*?), queued",
                                    delivery.output):
        say(f"  was {state} {reason}")
    for line in sorted(set(re.findall(r"^WARNING: .*", delivery.output, re.M))):
        say("  " + line)
    dead = delivery.rows("SELECT id, reason FROM onair_dead")
    check({ident for ident, _ in dead} == {event["id"] for event in bad},
          f"{len(dead)} events are dead instead of the {len(bad)} that are poison: "
          f"{[d for d in dead if 'poison' not in d[0]][:5]}")
    check({reason for _, reason in dead} <= {"rejected"}, f"dead for {collections.Counter(r for _, r in dead)}")
    check(not any(n for _, n in matomo.sql("SELECT 1, count(*) FROM matomo_log_link_visit_action WHERE "
                                           f"custom_dimension_1 LIKE '{run}-poison%'") if n != "0"),
          "poison was stored")
    say(f"  dead: {len(dead)}, all of them poison")
    copies = check_copies(matomo, run, expected, delivery, verify)
    check_sums(matomo, run, expected, copies)
    check_samples(matomo, expected, args.samples, rng)
    balance = delivery.rows("SELECT name, n FROM onair_books WHERE destination != ''")
    books = dict(balance)
    check(books.get("routed") == sum(books.get(n, 0) for n in ("delivered", "unconfirmed", "dead", "expired", "purged",
                                                               "held", "queued")), f"books: {books}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=20000)
    parser.add_argument("--poison", type=int, default=50)
    parser.add_argument("--verify", type=int, default=5000)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep")
    parser.add_argument("--no-freeze", action="store_true")
    parser.add_argument("--no-chaos", action="store_true")
    args = parser.parse_args()
    matomo = Matomo()
    known = properties_of_sink()
    with tempfile.TemporaryDirectory(prefix="onair-matomo-") as temporary:
        directory = args.keep or temporary
        if args.events:
            say(f"{args.events} events, {args.poison} of poison, policy retry")
            part(matomo, args, os.path.join(directory, "retry"), args.events, args.poison, False)
        if args.verify and "ambiguous-policy" in known:
            say(f"{args.verify} events, policy verify")
            part(matomo, args, os.path.join(directory, "verify"), args.verify, 0, True)
    print(f"{len(failures)} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
