# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Events of every mapping to Matomo, and what Matomo has to say of each of them afterwards."""
import datetime

DAY = 86400
# Of these a visit may have any number; conversions are not rows of their own kind of log, a ping is none at all.
ROWS = ("event", "valued", "page", "download", "outlink", "search", "content", "interaction", "product", "media",
        "crash")
KINDS = ROWS + ("goal", "order", "cart", "ping")


def utc(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat().replace("+00:00", "Z")


def item(n):
    return {"sku": f"sku{n % 50}", "name": f"item {n % 50}", "category": f"cat{n % 5}", "price": 10 + n % 7,
            "quantity": 1 + n % 3}


def piece_of(n):
    """Few different ones: the reports keep the most frequent 500 of a day and sum up the rest."""
    return f"ad{n % 100 if n >= 0 else n}.png"


def fields(kind, n, run, shown):
    """The event's own fields, and those that the row of Live.getLastVisitsDetails has to have. `shown`: the content that
    an interaction is with; the reports leave out one that was never shown."""
    url = f"http://site1.example/{run}/{kind}/{n}"
    if kind == "event":
        return ({"action": {"category": run, "action": f"a{n % 7}", "name": f"n{n}", "url": url}},
                {"type": "event", "eventCategory": run, "eventAction": f"a{n % 7}", "eventName": f"n{n}", "url": url})
    if kind == "valued":
        return ({"action": {"category": run, "action": "valued", "name": f"Ü {n} \u2603", "value": n % 10 + 0.5}},
                {"type": "event", "eventCategory": run, "eventName": f"Ü {n} \u2603", "eventValue": n % 10 + 0.5})
    if kind == "page":
        return ({"action": {"kind": "page", "url": url, "name": f"Page {n}"}},
                {"type": "action", "url": url, "pageTitle": f"Page {n}"})
    if kind == "download":
        return ({"action": {"kind": "download", "url": url + ".mov"}}, {"type": "download", "url": url + ".mov"})
    if kind == "outlink":
        away = f"http://elsewhere.example/{n}"
        return {"action": {"kind": "outlink", "url": away}}, {"type": "outlink", "url": away}
    if kind == "search":
        return ({"action": {"kind": "search", "name": f"word {n}", "category": f"cat{n % 5}", "value": n % 20}},
                {"type": "search", "siteSearchKeyword": f"word {n}", "siteSearchCategory": f"cat{n % 5}",
                 "siteSearchCount": n % 20})
    if kind == "content":
        return ({"action": {"kind": "content", "name": f"ad {run}", "piece": piece_of(n), "target": url}},
                {"contentName": f"ad {run}", "contentPiece": piece_of(n), "contentTarget": url})
    if kind == "interaction":
        return ({"action": {"kind": "content", "name": f"ad {run}", "piece": piece_of(shown), "target": url,
                            "action": "click"}},
                {"contentPiece": piece_of(shown) if shown >= 0 else None})
    if kind == "product":
        thing = item(n)
        return ({"action": {"kind": "product", "url": url, "name": thing["name"]}, "order": {"items": [thing]}},
                {"type": "action", "url": url, "productViewSku": thing["sku"], "productViewName": thing["name"],
                 "productViewPrice": thing["price"]})
    if kind == "media":
        return ({"action": {"kind": "media", "action": "progress"},
                 "media": {"id": f"m{n % 9}", "title": f"film {n}", "pos": n % 5400 + 0.25, "len": 5400}},
                {"type": "event", "eventCategory": "media", "eventAction": "progress", "eventName": f"film {n}",
                 "eventValue": n % 5400 + 0.25})
    if kind == "crash":
        return ({"action": {"kind": "crash", "action": "SIGSEGV", "name": f"sink {n} died"}},
                {"type": "event", "eventCategory": "crash", "eventAction": "SIGSEGV", "eventName": f"sink {n} died"})
    if kind == "goal":
        return {"action": {"kind": "goal", "goal": 2, "value": n % 30 + 0.5}}, {"goalId": 2, "revenue": n % 30 + 0.5}
    if kind == "order":
        items = [item(n), item(n + 1)]
        total = sum(i["price"] * i["quantity"] for i in items)
        return ({"action": {"kind": "order"},
                 "order": {"id": f"{run}-{n}", "revenue": total + 5, "subtotal": total, "tax": 2, "shipping": 3,
                           "items": items}},
                {"orderId": f"{run}-{n}", "revenue": total + 5, "revenueSubTotal": total, "revenueTax": 2,
                 "revenueShipping": 3, "items": 2})
    if kind == "cart":
        return {"action": {"kind": "cart"}, "order": {"revenue": 7.5, "items": [item(n)]}}, {"revenue": 7.5}
    return {"action": {"kind": "ping"}}, {}


def mixed(count, run, now):
    """`count` events as (event, expectation). An expectation has `kind`, `time` (seconds), `visitor`, `ip` and `row`.

    A visitor has some 50 events in one visit of half an hour; a tenth of the visitors were here up to 300 days ago, a
    fifth are persons with an address. Each kind is a fifteenth of a visitor's events, in the order of KINDS."""
    out = []
    visitors = max(4, count // 50)
    for n in range(count):
        visitor = n % visitors
        kind = KINDS[(n // visitors + visitor) % len(KINDS)]
        past = visitor % 10 == 3
        start = now - 3300 - (2 + visitor % 299) * DAY * past
        own, row = fields(kind, n, run, n - visitors)
        event = {"id": f"{run}-e{n}", "type": "proof.case." + kind, "source": f"gst://proof/{run}/{visitor}",
                 "time": utc(start + (n // visitors) * 30), "dims": {"2": f"ch{n % 3}"}, **own}
        ip = None
        if visitor % 5 == 1:
            event["subject"] = {"user": f"{run}-user{visitor}"}
            event["net"] = {"ip": f"203.0.{visitor % 250}.{n % 250}", "ua": "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0",
                            "lang": "de"}
            event["consent"] = {"analytics": "granted"}
            ip = "203.0.0.0"
        out.append((event, {"id": event["id"], "kind": kind, "time": start + (n // visitors) * 30, "visitor": visitor,
                            "ip": ip, "row": row}))
    return out


def poison(n, run, now):
    """An event that is well until whoever stands on the wire makes of it what Matomo fails on; the action says how."""
    kind = ("blank", "long", "array")[n % 3]
    return {"id": f"{run}-poison{n}", "type": "proof.poison." + kind, "source": f"gst://proof/{run}/{n % 7}",
            "time": utc(now - 1800), "action": {"category": run, "action": "poison-" + kind, "name": f"p{n}"}}


def poisoned(request):
    """What becomes of such a request on the wire."""
    how = request.get("e_a")
    if how == "poison-blank":
        request["e_a"] = ""
    elif how == "poison-long":
        request["e_n"] = "x" * 5000
    elif how == "poison-array":
        request["e_v"] = ["x"]
    return request
