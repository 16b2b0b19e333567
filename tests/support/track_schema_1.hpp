// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Schema version 1 as it was shipped: databases of it are out there.
namespace onair::test {

inline constexpr char schema_1[] = R"sql(
CREATE TABLE events(
  seq         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  type        TEXT NOT NULL,
  time_us     INTEGER NOT NULL,
  time_source TEXT NOT NULL,
  recv_us     INTEGER NOT NULL,
  pts         INTEGER,
  timecode    TEXT,
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
  excerpt TEXT
) STRICT;
CREATE TABLE destinations(
  destination INTEGER PRIMARY KEY,
  kind        TEXT NOT NULL,
  url         TEXT NOT NULL,
  site        TEXT NOT NULL,
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
CREATE VIEW onair_counts(state, n) AS
  SELECT 'received', (SELECT count(*) FROM events) + (SELECT count(*) FROM refused)
  UNION ALL SELECT 'accepted', (SELECT count(*) FROM events)
  UNION ALL SELECT 'refused', (SELECT count(*) FROM refused WHERE reason <> 'duplicate')
  UNION ALL SELECT 'duplicate', (SELECT count(*) FROM refused WHERE reason = 'duplicate')
  UNION ALL SELECT 'stored', (SELECT count(*) FROM events WHERE seq NOT IN (SELECT seq FROM deliveries))
  UNION ALL SELECT 'queued', (SELECT count(*) FROM deliveries WHERE state = 'queued')
  UNION ALL SELECT 'delivered', (SELECT count(*) FROM deliveries WHERE state = 'delivered')
  UNION ALL SELECT 'unconfirmed', (SELECT count(*) FROM deliveries WHERE state = 'unconfirmed')
  UNION ALL SELECT 'dead', (SELECT count(*) FROM deliveries WHERE state = 'dead');
CREATE VIEW onair_events AS
  SELECT e.seq, e.id, e.type,
         strftime('%Y-%m-%dT%H:%M:%S', e.time_us / 1000000, 'unixepoch')
           || printf('.%06dZ', e.time_us % 1000000) AS time,
         e.time_source, e.pts / 1e9 AS pts_s, e.timecode, coalesce(d.state, 'stored') AS state, d.reason, e.body
  FROM events e LEFT JOIN deliveries d USING (seq);
)sql";

} // namespace onair::test
