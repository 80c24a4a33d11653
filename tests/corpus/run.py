#!/usr/bin/env python3
"""run.py ASSAY CORPUS [NAME...]: verifies every seeded product and its twin.

CORPUS is what make.py made. A seeded product is flagged when a finding is above
low, and found when one of these is of its family; a clean twin is quiet when no
finding is above low. Each report is checked again with `assay recheck`. Prints a
line per family and what went wrong; exit status 1 when less than 97 % are found,
a twin is not quiet or a report does not recheck.
"""

import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ABOVE_LOW = ("medium", "high", "critical")
GOAL = 0.97


def families_of(seed):
    """hf05 -> HF-05; replays of cases name theirs in `expect`."""
    expect = seed / "beside" / "expect"
    if expect.exists():
        return set(expect.read_text().split())
    family = seed.parent.name.upper().replace("HF", "HF-")
    # The rules about SBOMs are those about content that nothing explains.
    return {family, "SBOM"} if family == "HF-16" else {family}


def verify(assay, seed, variant):
    """(findings above low, whether all of them recheck)"""
    report = seed / f"{variant}.json"
    product = str(next((seed / variant).iterdir()).relative_to(seed))
    options = (seed / "options").read_text().splitlines()
    result = subprocess.run(
        [assay, "verify", product, "--at", "2026-11-30", *options, "-o",
         f"json={report.name}"], cwd=seed, capture_output=True)
    if not report.exists():
        raise RuntimeError(result.stderr.decode())
    again = subprocess.run([assay, "recheck", report.name, product], cwd=seed,
                           capture_output=True)
    findings = [f for f in json.loads(report.read_text())["findings"]
                if f["severity"] in ABOVE_LOW]
    return findings, again.returncode == 0


def told(finding):
    return f"{finding['severity']} {finding['rule']} {finding['title']}"


def judge(assay, seed):
    """([flagged, found, quiet, rechecked], lines about what went wrong)"""
    wrong = []
    seeded, holds = verify(assay, seed, "seeded")
    expected = families_of(seed)
    found = any(f["family"] in expected for f in seeded)
    if not found:
        wrong.append("not found; instead: " +
                     ("; ".join(map(told, seeded)) or "nothing"))
    clean, clean_holds = verify(assay, seed, "clean")
    wrong += [f"twin: {told(finding)}" for finding in clean]
    if not holds or not clean_holds:
        wrong.append("does not recheck")
    return [bool(seeded), found, not clean, holds and clean_holds], wrong


def main():
    assay, corpus = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    names = sys.argv[3:]
    seeds = [s for s in sorted(corpus.resolve().glob("*/*")) if s.is_dir() and
             (not names or s.name in names or s.parent.name in names)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda seed: judge(assay, seed), seeds))
    counts = collections.defaultdict(lambda: [0] * 5)
    for seed, (facts, wrong) in zip(seeds, results):
        for row in (counts[seed.parent.name], counts["all"]):
            for i, fact in enumerate([True, *facts]):
                row[i] += fact
        for line in wrong:
            print(f"{seed.parent.name} {seed.name}: {line}")
    columns = ("seeds", "flagged", "found", "quiet", "recheck")
    print(" " * 8, *(f"{column:>8}" for column in columns))
    for name, row in sorted(counts.items(), key=lambda c: (c[0] == "all", c)):
        print(f"{name:8}", *(f"{count:8}" for count in row))
    total, _, found, quiet, holds = counts["all"]
    return int(found < GOAL * total or quiet < total or holds < total)


if __name__ == "__main__":
    sys.exit(main())
