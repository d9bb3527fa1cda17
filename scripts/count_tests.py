"""Counts test cases over all ctest entries: the cases of the GoogleTest programs, one for every other entry.

usage: count_tests.py CTEST_JUNIT_FILE REPORT_FOLDER"""
import collections
import json
import pathlib
import sys
import xml.etree.ElementTree

counts = collections.Counter()
for entry in xml.etree.ElementTree.parse(sys.argv[1]).getroot().iter("testcase"):
    report = pathlib.Path(sys.argv[2]) / (entry.get("name") + ".json")
    failed = entry.find("failure") is not None or entry.get("status") == "fail"
    cases = collections.Counter()
    if report.exists():  # a program that crashed leaves none
        for suite in json.loads(report.read_text())["testsuites"]:
            for case in suite["testsuite"]:
                cases["failed" if case.get("failures") else "skipped" if case["result"] == "SKIPPED" else "passed"] += 1
    if failed and not cases["failed"]:
        cases["failed"] += 1
    if not cases:
        cases["skipped" if entry.find("skipped") is not None else "passed"] += 1
    counts += cases
if counts["skipped"]:
    print(f"{counts['skipped']} skipped: they need shared check data or programs that are not here")
print(f"{counts['passed']} passed, {counts['failed']} failed")
sys.exit(1 if counts["failed"] or not counts["passed"] else 0)
