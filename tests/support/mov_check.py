#!/usr/bin/env python3
# SPDX-FileCopyrightText: gst-plugins-onair contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks a movie by reading its boxes; shares no code with the muxer.

    mov_check.py FILE…                   tracks, timecode samples, and what is wrong; exit status 1 if anything is
    mov_check.py --expect WANT.json FILE also whether the timecode is the one that went in

WANT.json: {"rate": [30000, 1001], "drop": true, "frames": [[PTS, DURATION, "10:00:59;20" or null], …],
"first": "extrapolate"}; times in ns from the movie's beginning, frames in the order of presentation."""
import argparse, json, os, sys
from fractions import Fraction

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import smpte
from mov_boxes import Broken, Movie, read_boxes

NS = 1_000_000_000


class Run:
    """A timecode sample on the movie's time line."""

    def __init__(self, start, end, value, description, fragment):
        self.start, self.end, self.value, self.description, self.fragment = start, end, value, description, fragment

    @property
    def rate(self):
        return Fraction(self.description.timescale, self.description.frame_duration)

    def text(self):
        sign = "-" if self.description.negative and self.value < 0 else ""
        return sign + smpte.text(abs(self.value), self.rate, self.description.drop)


def timecode_runs(track):
    """The samples of a timecode track as runs, in order of time."""
    runs = []
    for start, end, sample in track.presented():
        raw = track.payload(sample)
        if len(raw) != 4:
            raise Broken(f"track {track.id}: a timecode sample of {len(raw)} bytes")
        description = track.timecode_description(sample.description)
        runs.append(Run(start, end, int.from_bytes(raw, "big", signed=True), description, sample.fragment))
    return runs


def joined(runs, tick=Fraction(0)):
    """Runs, those put together that count on: what a reader that knows continuation sees."""
    out = []
    for run in runs:
        last = out[-1] if out else None
        if last and last.description.__dict__ == run.description.__dict__ and abs(last.end - run.start) <= tick:
            if last.value + round((last.end - last.start) * last.rate) == run.value:
                last.end = run.end
                continue
        out.append(Run(run.start, run.end, run.value, run.description, run.fragment))
    return out


# --- structure ----------------------------------------------------------------------------------------------------

def check_structure(movie, payload=True):
    """Everything a movie must fulfil whatever its content. payload=False: its media data may have holes and ends that
    belong to no sample, as those of a recording that was cut off."""
    problems = list(movie.problems)
    check_top(movie, problems)
    if payload:
        check_payload(movie, problems)
    for track in movie.tracks:
        say = lambda text, track=track: problems.append(f"track {track.id} ({track.handler}): {text}")
        check_media(movie, track, say)
        check_edits(movie, track, say)
    check_numbers(movie, problems)
    check_references(movie, problems)
    return problems


def check_top(movie, problems):
    kinds = [box.kind for box in movie.boxes]
    if kinds[:1] != ["ftyp"]:
        problems.append(f"the file begins with {kinds[:1]}, not with ftyp")
    longest = max((track.duration for track in movie.tracks), default=0)
    if movie.duration != longest:
        problems.append(f"mvhd lasts {movie.duration}, the longest track {longest}")
    if movie.fragmented:
        extends = movie.moov.one("mvex").one("mehd", needed=False)
        if extends:
            told = extends.body.u64(4) if extends.body.u8(0) == 1 else extends.body.u32(4)
            real = max((row[1] for t in movie.tracks for row in t.presented()[-1:]), default=Fraction(0))
            if abs(Fraction(told, movie.timescale) - real) > Fraction(2, movie.timescale):
                problems.append(f"mehd says {told}, the media last {float(real * movie.timescale):.1f}")
        check_random_access(movie, problems)


def check_random_access(movie, problems):
    """mfra/tfra: every entry names a moof; mfro holds the size of mfra."""
    starts = {box.start for box in movie.fragments}
    for mfra in movie.top("mfra"):
        for tfra in mfra.all("tfra"):
            body = tfra.body
            wide, lengths = body.u8(0) == 1, body.u32(8)
            extra = sum((lengths >> shift & 3) + 1 for shift in (4, 2, 0))
            at = 16
            for _ in range(body.u32(12)):
                offset = body.u64(at + 8) if wide else body.u32(at + 4)
                if offset not in starts:
                    problems.append(f"mfra names a moof at {offset}; there is none")
                at += (16 if wide else 8) + extra
        mfro = mfra.one("mfro", needed=False)
        if not mfro or mfro.body.u32(4) != mfra.end - mfra.start:
            problems.append("mfro does not hold the size of mfra")


def recorded_boxes(movie, problems):
    """What mode=hybrid leaves: ftyp, mdat (64 bits), moov; the mdat holds a movie of fragments, and ends with the header
    of the free box that the moov lies in. Its boxes; none in other movies."""
    if [box.kind for box in movie.boxes[:3]] != ["ftyp", "mdat", "moov"]:
        return []
    mdat, moov = movie.boxes[1], movie.boxes[2]
    if mdat.body.start - mdat.start != 16 or mdat.body.raw(4, 4) != b"moov":
        return []
    header = mdat.body.raw(len(mdat.body) - 8, 8)
    if header != (8 + moov.end - moov.start).to_bytes(4, "big") + b"free":
        problems.append(f"{header!r} before the moov is not the header of a free box that holds it")
    return read_boxes(mdat.body.file, mdat.body.start, mdat.end - 8)


def recorded_timecodes(boxes):
    """How many timecode samples the fragments and the movie box in front of them have."""
    count, tracks = 0, set()
    for moov in [box for box in boxes if box.kind == "moov"]:
        for trak in moov.all("trak"):
            if trak.one("mdia/hdlr").body.raw(8, 4) == b"tmcd":
                tracks.add(trak.one("tkhd").body.u32(12))
                count += trak.one("mdia/minf/stbl/stsz").body.u32(8)
    for moof in [box for box in boxes if box.kind == "moof"]:
        count += sum(traf.one("trun").body.u32(4) for traf in moof.all("traf") if traf.one("tfhd").body.u32(4) in tracks)
    return count


def check_payload(movie, problems):
    """Samples lie in mdat boxes, none overlaps another, and no byte of a mdat is without a sample. In a movie that was
    recorded in fragments the mdat boxes in the one mdat count, and the fragments' own timecodes have no sample."""
    recorded = recorded_boxes(movie, problems)
    holds = [(box.body.start, box.end) for box in recorded or movie.boxes if box.kind == "mdat"]
    places = sorted((s.offset, s.offset + s.size, t.id) for t in movie.tracks for s in t.samples if s.size)
    overlaps = [(a, b) for a, b in zip(places, places[1:]) if b[0] < a[1]]
    for (start, end, track), (second, _, other) in overlaps[:3]:
        problems.append(f"the sample of track {other} at {second} overlaps that of track {track} at {start}…{end}")
    at = 0
    for start, end, track in places:
        while at < len(holds) and holds[at][1] <= start:
            at += 1
        if at == len(holds) or start < holds[at][0] or end > holds[at][1]:
            problems.append(f"a sample of track {track} at {start}…{end} does not lie in a mdat")
            break
    unused = sum(end - start for start, end in holds) - sum(end - start for start, end, _ in places)
    unused -= 4 * recorded_timecodes(recorded)
    if unused and not overlaps:
        problems.append(f"{unused} bytes of mdat belong to no sample")


def check_media(movie, track, say):
    table = track.samples[:track.table_samples]
    lasts = sum(s.duration for s in table)
    if track.media_duration != (lasts if not movie.fragmented or table else track.media_duration):
        say(f"mdhd lasts {track.media_duration}, its samples {lasts}")
    if track.header_version == 1 and track.duration < 1 << 31 or track.media_version == 1 and \
            track.media_duration < 1 << 31:
        say("64-bit times (version 1) where 32 bits do: QuickTime readers refuse them")
    if not track.samples:
        say("has no samples")
    for before, after in zip(track.samples, track.samples[1:]):
        if before.duration <= 0 and track.handler != "soun":
            say(f"the sample at {before.dts} has the duration {before.duration}")
            break
        if track.handler == "tmcd" and after.dts != before.dts + before.duration:
            say(f"a hole between the timecode samples at {before.dts} and {after.dts}")
            break
    if track.samples and track.handler == "tmcd" and track.samples[-1].duration <= 0:
        say("the last timecode sample has no duration")
    pts = sorted(s.pts for s in track.samples)
    if any(a == b for a, b in zip(pts, pts[1:])):
        say("two samples are shown at the same time")
    if track.has_sync_table and all(s.sync for s in track.samples) and track.samples and not movie.fragmented:
        say("stss lists every sample")
    if track.samples and not track.samples[0].sync:
        say("the first sample is no sync sample")


def check_edits(movie, track, say):
    """The edit list shows the whole media, once, and lasts as long as tkhd says."""
    if not track.edits:
        if track.samples and min(s.pts for s in track.samples) != 0:
            say(f"no edit list, though the media begin at {min(s.pts for s in track.samples)}")
        return
    tick = Fraction(1, movie.timescale) + Fraction(1, track.timescale)
    total = sum(edit.duration for edit in track.edits)
    if track.duration != total and not (movie.fragmented and track.duration == 0):  # 0: not known yet
        say(f"tkhd lasts {track.duration}, its edits {total}")
    first = min((s.pts for s in track.samples), default=0)
    end = max((s.pts + s.duration for s in track.samples), default=0)
    shown = [edit for edit in track.edits if edit.media_time >= 0]
    for edit in track.edits:
        if edit.rate != 0x10000 and edit.media_time >= 0:
            say(f"an edit with the rate {edit.rate:#x}")
    if not shown:
        return say("the edit list shows nothing")
    if abs(shown[0].media_time - first) > (0 if track.handler == "vide" else 1) and track.handler != "soun":
        say(f"the first edit begins at {shown[0].media_time}, the media at {first}")
    if movie.fragmented and shown[-1].duration == 0:
        return
    stop = Fraction(shown[-1].media_time, track.timescale) + Fraction(shown[-1].duration, movie.timescale)
    if abs(stop - Fraction(end, track.timescale)) > tick:
        say(f"the edits end at {float(stop):.6f} s of the media, the media at {end / track.timescale:.6f} s")


def check_numbers(movie, problems):
    numbers = [track.id for track in movie.tracks]
    if len(set(numbers)) != len(numbers) or 0 in numbers:
        problems.append(f"track numbers {numbers}")
    if numbers and movie.next_track <= max(numbers):
        problems.append(f"next_track_ID {movie.next_track}, though track {max(numbers)} exists")


def check_references(movie, problems):
    """Each timecode track is referred to by a video track; references name timecode tracks."""
    used = set()
    for track in movie.tracks:
        for number in track.references.get("tmcd", []):
            target = movie.track(number)
            if target is None or target.handler != "tmcd":
                problems.append(f"track {track.id} refers to track {number} as its timecode; it is none")
            elif track.handler == "vide":
                used.add(number)
    for track in movie.by_handler("tmcd"):
        say = lambda text, track=track: problems.append(f"track {track.id} (tmcd): {text}")
        if track.id not in used:
            say("no video track refers to it")
        check_timecode_track(movie, track, say)


def check_timecode_track(movie, track, say):
    minf = track.box.one("mdia/minf")
    header = minf.one("gmhd/tmcd/tcmi", needed=False) if minf.all("gmhd") else minf.one("nmhd", needed=False)
    wanted = "gmhd with tmcd and tcmi" if movie.brand == "qt  " else "nmhd"
    if header is None or (movie.brand == "qt  ") != bool(minf.all("gmhd")):
        say(f"its media header should be {wanted}: {[box.kind for box in minf.children]}")
    for index in range(1, len(track.descriptions) + 1):
        text = track.timecode_description(index)
        if text.flags & ~0xF:
            say(f"unknown flags {text.flags:#x}")
        if not text.wraps:
            say("the 24-hour flag is not set")
        if not text.timescale or not text.frame_duration:
            say(f"{text.frame_duration}/{text.timescale} s a frame")
        elif text.frames not in (smpte.nominal(Fraction(text.timescale, text.frame_duration)), 30):
            say(f"counts {text.frames} frames a second at {text.timescale}/{text.frame_duration}")
        if text.timescale != track.timescale:
            say(f"the description's time scale {text.timescale} is not the track's {track.timescale}")
    for sample in track.samples:
        if sample.size != 4:
            say(f"a sample of {sample.size} bytes")


# --- what went in -------------------------------------------------------------------------------------------------

def expected_numbers(expect):
    """[(start, end, frame number, drop)] in seconds for each frame: a code of its own, else the count goes on by the
    time that passed; before the first code, back from it ("extrapolate") or None ("gap")."""
    rate = Fraction(*expect["rate"])
    frames, codes = expect["frames"], [row[2] for row in expect["frames"]]
    known = next((index for index, code in enumerate(codes) if code), None)
    out, last = [], None
    for index, (pts, duration, code) in enumerate(frames):
        start, end = Fraction(pts, NS), Fraction(pts + duration, NS)
        if code:
            drop = ";" in code
            value = smpte.number(code, rate)
            last = (start, value, drop)
        elif last:
            drop = last[2]
            value = (last[1] + round((start - last[0]) * rate)) % smpte.day(rate, drop)
        elif known is not None and expect.get("first", "extrapolate") == "extrapolate":
            drop = ";" in codes[known]
            away = round((Fraction(frames[known][0], NS) - start) * rate)
            value = (smpte.number(codes[known], rate) - away) % smpte.day(rate, drop)
        else:
            value, drop = None, False
        out.append((start, end, value, drop))
    return out


def expected_runs(expect):
    """The fewest timecode samples that say it: [(start, frame number, drop)]."""
    rate, runs, last = Fraction(*expect["rate"]), [], None
    for start, end, value, drop in expected_numbers(expect):
        if value is None:
            continue
        if not last or drop != last[2] or value != last[1] + round((start - last[0]) * rate):
            runs.append((start, value, drop))
        last = (start, value, drop)
    return runs


def check_expected(movie, expect, video=None):
    problems = []
    video = video or movie.by_handler("vide")[0]
    wanted = expected_numbers(expect)
    shown = video.presented()
    tick = Fraction(2, video.timescale) + Fraction(1, movie.timescale)
    if len(shown) != len(wanted):
        problems.append(f"{len(shown)} frames are shown, {len(wanted)} went in")
    for index, ((start, end, _), want) in enumerate(zip(shown, wanted)):
        if abs(start - want[0]) > tick or (index + 1 < len(wanted) and abs(end - want[1]) > 2 * tick):
            problems.append(f"frame {index} is shown {float(start):.6f}…{float(end):.6f}, expected "
                            f"{float(want[0]):.6f}…{float(want[1]):.6f}")
            break
    codes = [movie.track(number) for number in video.references.get("tmcd", [])]
    if all(want[2] is None for want in wanted):
        return problems + (["there is a timecode track, none was expected"] if codes else [])
    if len(codes) != 1 or codes[0] is None:
        return problems + [f"track {video.id} (vide) refers to {len(codes)} timecode tracks"]
    runs = timecode_runs(codes[0])
    if not runs:
        return problems + ["the timecode track shows nothing"]
    check_cover(runs, shown, wanted, video, movie, problems)
    check_values(runs, shown, wanted, expect, tick, problems)
    check_count(movie, runs, expect, tick, problems)
    return problems


def check_cover(runs, shown, wanted, video, movie, problems):
    """The timecode begins with the first frame that has one and ends with the video, without holes."""
    tick = Fraction(1, video.timescale) + Fraction(1, movie.timescale)
    first = next(index for index, want in enumerate(wanted) if want[2] is not None)
    if shown and first < len(shown) and abs(runs[0].start - shown[first][0]) > tick:
        problems.append(f"the timecode begins at {float(runs[0].start):.6f}, its first frame at {float(shown[first][0]):.6f}")
    if shown and abs(runs[-1].end - shown[-1][1]) > tick:
        problems.append(f"the timecode ends at {float(runs[-1].end):.6f}, the video at {float(shown[-1][1]):.6f}")
    for before, after in zip(runs, runs[1:]):
        if before.end != after.start:
            problems.append(f"a hole in the timecode, {float(before.end):.6f}…{float(after.start):.6f}")
            break


def check_values(runs, shown, wanted, expect, tick, problems):
    rate, wrong = Fraction(*expect["rate"]), 0
    at = 0
    for index, ((start, end, _), want) in enumerate(zip(shown, wanted)):
        if want[2] is None:
            continue
        middle = (start + end) / 2
        while at + 1 < len(runs) and runs[at].end <= middle:
            at += 1
        run = runs[at]
        text = run.description
        scale = Fraction(text.frames, smpte.nominal(rate)) if text.frames else 1
        value = run.value + int((middle - run.start) * rate * scale)
        stays = value % smpte.day(rate * scale, text.drop)
        if not run.start <= middle < run.end or stays != want[2] * scale or text.drop != want[3]:
            wrong += 1
            if not run.start <= middle < run.end:
                problems.append(f"frame {index} at {float(start):.6f} s has no timecode")
                return
            if wrong == 1:
                found = smpte.text(value, rate * scale, text.drop)
                problems.append(f"frame {index} at {float(start):.6f} s reads {found}, expected "
                                f"{smpte.text(want[2], rate, want[3])}")
        if value != stays and wrong == 0:
            problems.append(f"frame {index}: the count {value} runs on over midnight")
            wrong = 1
    if wrong > 1:
        problems.append(f"{wrong} frames read wrong")


def check_count(movie, runs, expect, tick, problems):
    """As many samples as there are runs; in fragments a run may be told again, and counts once."""
    wanted = expected_runs(expect)
    found = joined(runs, tick) if movie.fragmented else runs
    if len(found) != len(wanted):
        problems.append(f"{len(found)} runs of timecode, expected {len(wanted)}: " +
                        ", ".join(f"{run.text()} at {float(run.start):.4f}" for run in found[:5]))


# --- command ------------------------------------------------------------------------------------------------------

def check_file(path, expect=None):
    """(movie or None, problems)"""
    try:
        movie = Movie(path)
        problems = check_structure(movie)
        if expect:
            problems += check_expected(movie, expect)
        return movie, problems
    except (Broken, IndexError, OSError) as broken:
        return None, [f"unreadable: {broken}"]


def show(movie):
    print(f"brand {movie.brand!r}, {'fragmented, ' if movie.fragmented else ''}"
          f"{' '.join(box.kind for box in movie.boxes[:12])}, {movie.duration}/{movie.timescale} s")
    for track in movie.tracks:
        kinds = ",".join(kind for kind, _ in track.descriptions)
        print(f"track {track.id} {track.handler} {kinds} flags {track.flags:#x}: {len(track.samples)} samples, "
              f"{track.media_duration}/{track.timescale} s, edits {track.edits}, refers to {track.references}")
        if track.handler == "tmcd":
            for run in timecode_runs(track):
                text = run.description
                print(f"  {float(run.start):.6f}…{float(run.end):.6f} {run.value} {run.text()} flags {text.flags:#x} "
                      f"{text.timescale}/{text.frame_duration} {text.frames} reel {text.reel!r}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--expect", help="JSON: what went in")
    options = parser.parse_args()
    expect = json.load(open(options.expect)) if options.expect else None
    failed = False
    for path in options.files:
        movie, problems = check_file(path, expect)
        print(path)
        if movie:
            show(movie)
        for problem in problems:
            print(f"  WRONG: {problem}")
        failed |= bool(problems)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
