// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Schema version 2; docs/specs/event-store.md explains every column. Version 1 is brought to it by `from_1`: columns,
/// then `tables` and `views`, all in one transaction.
namespace onair::track::schema {

inline constexpr int version = 2;
inline constexpr int application_id = 0x4f416972; ///< "OAir"

/// What version 1 had too, as a new file gets it.
inline constexpr char base[] = R"sql(
CREATE TABLE events(
  seq         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  type        TEXT NOT NULL,
  time_us     INTEGER NOT NULL,
  time_source TEXT NOT NULL,
  recv_us     INTEGER NOT NULL,
  pts         INTEGER,
  timecode    TEXT,
  user        TEXT,
  device      TEXT,
  session     TEXT,
  visitor     TEXT,
  consent     TEXT NOT NULL DEFAULT 'not_needed',
  held        INTEGER NOT NULL DEFAULT 0,
  campaign    TEXT,
  body        TEXT NOT NULL
) STRICT;
CREATE TABLE refused(
  seq     INTEGER PRIMARY KEY,
  recv_us INTEGER NOT NULL,
  reason  TEXT NOT NULL,
  detail  TEXT NOT NULL,
  id      TEXT,
  type    TEXT,
  time_us INTEGER,
  excerpt TEXT,
  whole   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE destinations(
  destination INTEGER PRIMARY KEY,
  kind        TEXT NOT NULL,
  url         TEXT NOT NULL,
  site        TEXT NOT NULL,
  name        TEXT NOT NULL DEFAULT '',
  UNIQUE(kind, url, site)
) STRICT;
CREATE TABLE deliveries(
  seq         INTEGER NOT NULL REFERENCES events(seq),
  destination INTEGER NOT NULL REFERENCES destinations(destination),
  state       TEXT NOT NULL DEFAULT 'queued',
  reason      TEXT,
  attempts    INTEGER NOT NULL DEFAULT 0,
  ambiguous   INTEGER NOT NULL DEFAULT 0,
  sending     INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(seq, destination)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_queued ON deliveries(destination, seq) WHERE state = 'queued';
)sql";

/// `events` and the others of version 1 get what they lack.
inline constexpr char from_1[] = R"sql(
DROP VIEW onair_counts;
DROP VIEW onair_events;
ALTER TABLE events ADD COLUMN user TEXT;
ALTER TABLE events ADD COLUMN device TEXT;
ALTER TABLE events ADD COLUMN session TEXT;
ALTER TABLE events ADD COLUMN visitor TEXT;
ALTER TABLE events ADD COLUMN consent TEXT NOT NULL DEFAULT 'not_needed';
ALTER TABLE events ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN campaign TEXT;
ALTER TABLE refused ADD COLUMN whole INTEGER NOT NULL DEFAULT 0;
ALTER TABLE destinations ADD COLUMN name TEXT NOT NULL DEFAULT '';
UPDATE destinations SET name = kind;
UPDATE events SET user = body ->> '$.subject.user', device = body ->> '$.subject.device',
                  session = body ->> '$.subject.session', consent = 'granted'
  WHERE body -> '$.subject' IS NOT NULL OR body -> '$.net' IS NOT NULL;
)sql";

/// What version 2 brought.
inline constexpr char tables[] = R"sql(
CREATE INDEX events_user ON events(user) WHERE user IS NOT NULL;
CREATE INDEX events_device ON events(device) WHERE device IS NOT NULL;
CREATE INDEX events_held ON events(seq) WHERE held = 1;
CREATE INDEX deliveries_held ON deliveries(destination, seq) WHERE state = 'held';
CREATE TABLE totals(
  destination INTEGER NOT NULL,
  name        TEXT NOT NULL,
  reason      TEXT NOT NULL,
  n           INTEGER NOT NULL,
  PRIMARY KEY(destination, name, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE visitors(
  key      TEXT PRIMARY KEY,
  visitor  TEXT NOT NULL,
  first_us INTEGER NOT NULL,
  seen_us  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX visitors_visitor ON visitors(visitor);
CREATE TABLE campaign(
  visitor TEXT NOT NULL,
  name    TEXT NOT NULL,
  value   TEXT NOT NULL,
  time_us INTEGER NOT NULL,
  PRIMARY KEY(visitor, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE opt_out(
  key   TEXT PRIMARY KEY,
  at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE audit(
  seq    INTEGER PRIMARY KEY,
  at_us  INTEGER NOT NULL,
  action TEXT NOT NULL,
  reason TEXT NOT NULL,
  counts TEXT NOT NULL
) STRICT;
)sql";

/// The books of a file of version 1 begin with what is in it.
inline constexpr char totals_from_1[] = R"sql(
INSERT INTO totals SELECT 0, 'stored', '', count(*) FROM events HAVING count(*) > 0;
INSERT INTO totals SELECT 0, CASE reason WHEN 'duplicate' THEN 'duplicate' WHEN 'consent' THEN 'consent' ELSE 'refused' END,
                          CASE reason WHEN 'duplicate' THEN '' ELSE reason END, count(*) FROM refused GROUP BY 2, 3;
INSERT INTO totals SELECT destination, 'routed', '', count(*) FROM deliveries GROUP BY destination;
INSERT INTO totals SELECT destination, state, coalesce(reason, ''), count(*) FROM deliveries WHERE state <> 'queued'
  GROUP BY destination, state, reason;
)sql";

inline constexpr char views[] = R"sql(
CREATE VIEW onair_books(destination, name, n) AS
  SELECT '', 'received', coalesce(sum(n), 0) FROM totals WHERE destination = 0 AND
    name IN ('stored', 'refused', 'filtered', 'consent', 'duplicate', 'dropped')
  UNION ALL SELECT '', name, sum(n) FROM totals WHERE destination = 0 GROUP BY name
  UNION ALL SELECT d.name, t.name, sum(t.n) FROM totals t JOIN destinations d USING (destination)
    GROUP BY t.destination, t.name
  UNION ALL SELECT d.name, 'held',
    (SELECT count(*) FROM deliveries q WHERE q.destination = d.destination AND q.state = 'held') FROM destinations d
  UNION ALL SELECT d.name, 'queued',
    (SELECT count(*) FROM deliveries q WHERE q.destination = d.destination AND q.state = 'queued') FROM destinations d;
CREATE VIEW onair_counts(state, n) AS
  WITH t AS (SELECT destination, name, sum(n) AS n FROM totals GROUP BY destination > 0, name)
  SELECT 'received', coalesce((SELECT sum(n) FROM t WHERE destination = 0 AND
    name IN ('stored', 'refused', 'filtered', 'consent', 'duplicate', 'dropped')), 0)
  UNION ALL SELECT 'accepted', coalesce((SELECT n FROM t WHERE destination = 0 AND name = 'stored'), 0)
  UNION ALL SELECT s.column1, coalesce((SELECT n FROM t WHERE destination = 0 AND name = s.column1), 0)
    FROM (VALUES ('stored'), ('refused'), ('filtered'), ('consent'), ('duplicate'), ('dropped'), ('removed')) s
  UNION ALL SELECT s.column1, coalesce((SELECT n FROM t WHERE destination > 0 AND name = s.column1), 0)
    FROM (VALUES ('routed'), ('delivered'), ('unconfirmed'), ('dead'), ('expired'), ('purged')) s
  UNION ALL SELECT 'held', (SELECT count(*) FROM deliveries WHERE state = 'held')
  UNION ALL SELECT 'queued', (SELECT count(*) FROM deliveries WHERE state = 'queued');
CREATE VIEW onair_events AS
  SELECT e.seq, e.id, e.type,
         strftime('%Y-%m-%dT%H:%M:%S', e.time_us / 1000000, 'unixepoch')
           || printf('.%06dZ', e.time_us % 1000000) AS time,
         e.time_source, e.pts / 1e9 AS pts_s, e.timecode, e.user, e.device, e.session,
         coalesce((SELECT visitor FROM visitors WHERE key = 'u:' || e.user),
                  (SELECT visitor FROM visitors WHERE key = 'd:' || e.device), e.visitor) AS visitor,
         e.consent, e.campaign, n.name AS destination, coalesce(d.state, 'stored') AS state, d.reason, e.body
  FROM events e LEFT JOIN deliveries d USING (seq) LEFT JOIN destinations n USING (destination) WHERE e.held = 0;
CREATE VIEW onair_journeys AS
  SELECT visitor, time, type, user, device, session, campaign,
         body ->> '$.action.name' AS action_name, body ->> '$.action.url' AS url, body ->> '$.order.id' AS order_id,
         body ->> '$.order.revenue' AS revenue, body ->> '$.order.currency' AS currency, id
  FROM (SELECT DISTINCT seq, id, type, time, user, device, session, visitor, campaign, body FROM onair_events)
  WHERE visitor IS NOT NULL ORDER BY visitor, time, seq;
CREATE VIEW onair_visitors AS
  SELECT v.visitor, count(*) FILTER (WHERE key GLOB 'u:*') AS users, count(*) FILTER (WHERE key GLOB 'd:*') AS devices,
         min(first_us) AS first_us, max(seen_us) AS seen_us,
         (SELECT json_group_object(c.name, c.value) FROM campaign c WHERE c.visitor = v.visitor) AS campaign
  FROM visitors v GROUP BY v.visitor;
CREATE VIEW onair_dead AS
  SELECT e.seq, e.id, e.type, e.time_us, n.name AS destination, d.reason, d.attempts, e.body
  FROM deliveries d JOIN events e USING (seq) JOIN destinations n USING (destination) WHERE d.state = 'dead';
)sql";

} // namespace onair::track::schema
