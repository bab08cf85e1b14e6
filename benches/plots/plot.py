#!/usr/bin/env python3
"""Draws what the benchmarks measured: `benches/plots/plot.py`, after the benchmarks. Needs Python only.

Reads `target/bench/*.jsonl` and `target/criterion/**/estimates.json`, writes `docs/plots/*.svg`. Of a measurement that
was made several times the last one counts. Charts for which nothing was measured are left as they are, with a word.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import svg  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PLOTS = ROOT / "docs/plots"


def lines(name):
    """The objects of `target/bench/{name}.jsonl`, or nothing."""
    path = TARGET / "bench" / f"{name}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def last(objects, *keys):
    """The last object for each combination of these members, in the order in which they first came."""
    found = {}
    for entry in objects:
        found[tuple(entry.get(key) for key in keys)] = entry
    return list(found.values())


def criterion():
    """Medians in nanoseconds, by the names of the benchmarks."""
    medians = {}
    for path in sorted(TARGET.glob("criterion/**/new/estimates.json")):
        name = json.loads((path.parent / "benchmark.json").read_text())["full_id"]
        medians[name] = json.loads(path.read_text())["median"]["point_estimate"]
    return medians


def growth():
    entries = last(lines("growth"), "dimension", "size")
    charts = {}
    for entry in entries:
        charts.setdefault(entry["dimension"], []).append((entry["size"], entry["ns"]))
    if charts:
        svg.panels(
            "How the cost of a decision grows",
            "Time for one decision, by how many there are of what stands above each curve. Both axes are logarithmic.",
            [(name, {"": sorted(points)}) for name, points in charts.items()],
            PLOTS / "growth.svg",
        )
    return bool(charts)


def decision():
    """The sets `classic` and `multitenant` in three sizes."""
    charts = {}
    for name, ns in criterion().items():
        parts = name.split("/")
        if len(parts) == 3 and parts[1].isdigit() and parts[2] in ("one", "request"):
            label = {"one": "one action", "request": "whole request"}[parts[2]]
            charts.setdefault(parts[0], {}).setdefault(label, []).append((int(parts[1]), ns))
    if charts:
        svg.panels(
            "Decisions on sets of policies in the shape of Cerbos' load tests",
            "By the size N of the set: 9 policies each for classic, 8 for multitenant. Both axes are logarithmic.",
            [(name, {label: sorted(p) for label, p in series.items()}) for name, series in sorted(charts.items())],
            PLOTS / "decision.svg",
            columns=2,
            size=(400, 270),
        )
    return bool(charts)


def engines():
    entries = [e for e in lines("engines") if e.get("form") == "prepared" and e.get("questions") == "mix"]
    rows = [(e["engine"], e["ns"], e["engine"].startswith("authz")) for e in last(entries, "engine")]
    if rows:
        svg.bars(
            "The same rules in several engines",
            "100 kinds of resources with roles, owners and two comparisons of attributes; requests prepared beforehand.",
            sorted(rows, key=lambda row: row[1]),
            "time for one decision, logarithmic",
            PLOTS / "engines.svg",
        )
    return bool(rows)


def against_cerbos(what, factor, title, subtitle, axis, path):
    """Ours and the real Cerbos, for each size of the set `classic`."""
    entries = [e for e in lines("cerbos") if e.get("set") == "classic" and e.get("what") == what]
    rows = {}
    for e in last(entries, "units", "way"):
        policies = f"{e['policies']:,} policies"
        rows[f"authz-engine, {policies}"] = (e["ours"] * factor, True)
        way = f" {e['way']}" if e["way"] else ""
        rows[f"Cerbos{way}, {policies}"] = (e["theirs"] * factor, False)
    if rows:
        rows = [(name, value, ours) for name, (value, ours) in rows.items()]
        svg.bars(title, subtitle, sorted(rows, key=lambda row: (not row[2], row[1])), axis, path)
    return bool(rows)


def cerbos():
    one = against_cerbos(
        "one resource, one action, p50 of calls",
        1e3,
        "One decision, here and in Cerbos",
        "One resource and one action; one client that waits for each answer; sets in the shape of the load test classic.",
        "median time for one decision, logarithmic",
        PLOTS / "cerbos.svg",
    )
    start = against_cerbos(
        "start to ready",
        1e6,
        "From start to ready, here and in Cerbos",
        "Until the first question can be asked; sets in the shape of the load test classic.",
        "time, logarithmic",
        PLOTS / "cerbos-start.svg",
    )
    return one or start


def middleware():
    entries = lines("middleware")
    calls = [e for e in last(entries, "mode", "side") if e["mode"] == "in process"]
    loads = [e for e in last(entries, "mode", "side") if e["mode"] == "http"]
    is_ours = lambda name: name.startswith("axum-authz")
    if calls:
        svg.bars(
            "Layers that verify tokens: one call in process",
            "The same handler, the same RS256 token; from a request with its headers to a response.",
            sorted(((e["side"], e["ns"], is_ours(e["side"])) for e in calls), key=lambda row: row[1]),
            "median time for one call, logarithmic",
            PLOTS / "middleware-calls.svg",
        )
    if loads:
        rows = [(e["side"], e["requests_per_second"], is_ours(e["side"])) for e in loads]
        svg.bars(
            "Layers that verify tokens: throughput over HTTP",
            "The same handler, the same RS256 token; one core for the service, another for wrk.",
            sorted(rows, key=lambda row: -row[1]),
            "requests per second",
            PLOTS / "middleware-throughput.svg",
            log=False,
            label=svg.count,
        )
    return bool(calls or loads)


def main():
    for draw in (cerbos, engines, middleware, decision, growth):
        print(f"{draw.__name__}: {'drawn' if draw() else 'nothing was measured'}")


if __name__ == "__main__":
    main()
