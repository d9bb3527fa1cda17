"""Counts test cases over all ctest entries: cases of the GoogleTest programs, one for every other entry.

usage: count_tests.py BUILD_FOLDER REPORT_FOLDER CTEST_STATUS"""
import json
import pathlib
import sys

build, reports, status = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
passed = failed = skipped = 0
counted = set()
for report in reports.glob("*.json"):
    counted.add(report.stem)
    for suite in json.loads(report.read_text())["testsuites"]:
        for case in suite["testsuite"]:
            if case.get("failures"):
                failed += 1
            elif case["result"] == "SKIPPED":
                skipped += 1
            else:
                passed += 1
log = build / "Testing/Temporary"
failures = (log / "LastTestsFailed.log").read_text().split() if (log / "LastTestsFailed.log").exists() else []
failed_names = {line.split(":", 1)[1] for line in failures}
for entry in (log / "CTestCostData.txt").read_text().split("---")[0].splitlines():
    name = entry.split(" ")[0] if entry else ""
    if name and name not in counted:
        passed, failed = (passed, failed + 1) if name in failed_names else (passed + 1, failed)
if status != 0 and failed == 0:
    failed = 1  # ctest itself could not run a test
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(1 if failed else 0)
