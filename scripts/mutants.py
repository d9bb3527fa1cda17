#!/usr/bin/env python3
"""Asks whether the tests would notice: makes single faults in the sources, builds and tests each with the `core`
preset, and reports the faults that no test saw.

    scripts/mutants.py --seed 1 --count 200                 # all folders; goes on where it was interrupted
    scripts/mutants.py --seed 1 --count 40 --folders decode # one folder
    scripts/mutants.py --seed 1 --count 200 --list          # only shows the faults
    scripts/mutants.py --seed 1 --count 200 --survivors     # after writing tests: the survivors again
    scripts/mutants.py --only src/decode/matching.cpp:42    # every fault of one line

Works on a copy of the tree in build/mutants, which is built once; each fault is then compiled and linked beside it. The
checkout is never touched, and shared check data are not used.
A fault is a function of the seed and of its line's text: the same seed gives the same faults, whatever else changed.
No line gets a second fault before every line had one. Faults that do not compile are replaced by the next ones."""
import argparse
import collections
import concurrent.futures
import dataclasses
import hashlib
import itertools
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "mutants"
TREE, BUILD = WORK / "tree", WORK / "build"
# In the order of data: the tests of a folder never run code of a folder further down. Those of options run all.
FOLDERS = "base image source results weights cards graph detect crop decode suppress output pipeline options".split()
# Slow programs, and the only folders that they are asked about: those whose work they do.
SLOW = {"pose_download_tests": ("base", "options", "cards"), "pose_faults_tests": ("results", "pipeline")}


# --- Where faults can be made -------------------------------------------------------------------------------------

@dataclasses.dataclass(frozen=True)
class Fault:
    file: str
    line: int
    column: int
    rule: str
    before: str  # the whole line
    after: str
    rank: int = 0  # how many faults of the same line come before it
    order: str = ""

    def key(self):
        return f"{self.file}|{self.before.strip()}|{self.column - len(self.before) + len(self.before.lstrip())}|{self.rule}"


def integer_next(match):
    """n + 1, in the base of the literal."""
    digits, suffix = match.group(1), match.group(2)
    return (hex(int(digits, 16) + 1) if digits[:2] in ("0x", "0X") else str(int(digits) + 1)) + suffix


def integer_before(match):
    digits, suffix = match.group(1), match.group(2)
    value = int(digits, 16) if digits[:2] in ("0x", "0X") else int(digits)
    return None if value == 0 else (hex(value - 1) if digits[:2] in ("0x", "0X") else str(value - 1)) + suffix


def real_changed(match):
    value = float(match.group(1))
    return repr(value * 1.1 if value else 0.1) + match.group(2)


INTEGER = r"(?<![\w.'])(0[xX][0-9A-Fa-f]+|\d+)([uUlL]*)(?![\w.'])"
REAL = r"(?<![\w.])(\d*\.\d+(?:[eE][-+]?\d+)?|\d+\.(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)(f?)(?![\w.])"
# name, pattern over the code of a line (comments and texts blanked), replacement of the match
RULES = [
    ("<= for <", r" < ", " <= "), ("< for <=", r" <= ", " < "), (">= for >", r" > ", " >= "), ("> for >=", r" >= ", " > "),
    ("> for <", r" < ", " > "), ("< for >", r" > ", " < "), (">= for <=", r" <= ", " >= "), ("<= for >=", r" >= ", " <= "),
    ("!= for ==", r" == ", " != "), ("== for !=", r" != ", " == "),
    ("|| for &&", r" && ", " || "), ("&& for ||", r" \|\| ", " && "),
    ("- for +", r"(?<!\x01) \+ (?!\x01|std::to_string)", " - "), ("+ for -", r" - ", " + "), ("/ for *", r" \* ", " / "), ("* for /", r" / ", " * "),
    ("-= for +=", r" \+= ", " -= "), ("+= for -=", r" -= ", " += "),
    ("max for min", r"std::min\b", "std::max"), ("min for max", r"std::max\b", "std::min"),
    ("ceil for floor", r"std::floor\b", "std::ceil"), ("floor for ceil", r"std::ceil\b", "std::floor"),
    ("false for true", r"\btrue\b", "false"), ("true for false", r"\bfalse\b", "true"),
    ("dropped !", r"(?<=[\s(])!(?=[\w(*])", ""),
    ("n + 1", INTEGER, integer_next), ("n - 1", INTEGER, integer_before), ("other number", REAL, real_changed),
]
# Lines in which a fault means nothing: directives, declarations of types and names, compile-time checks.
SKIPPED = re.compile(r"\s*(#|using |namespace|template\b|static_assert|class |struct |enum |public:|private:|\[\[noreturn\]\]|friend )")
DECLARATION = r"[\w:]+(<.*>)?[&*]? [&*]?\w+(;| =|[{(,\[])"
STATEMENT = re.compile(r"\s+(?!return\b|const |constexpr |auto |static |using |case |default:|else\b|for |while |" + DECLARATION +
                       r")[\w:*&(+-].*;$")


def code_only(text):
    """The text with comments, characters and strings blanked, all positions kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", "\x01", m.group(0)), text)


def closing(code, start):
    """The position of the parenthesis that closes the one at `start`, or -1."""
    depth = 0
    for i in range(start, len(code)):
        depth += (code[i] == "(") - (code[i] == ")")
        if depth == 0:
            return i
    return -1


def faults_of_line(line, code, previous):
    """(rule, column, after) of every fault of one line. `previous`: the code line before it."""
    for rule, pattern, replacement in RULES:
        for match in re.finditer(pattern, code):
            new = replacement(match) if callable(replacement) else replacement
            if new is not None:
                yield rule, match.start(), line[:match.start()] + new + line[match.end():]
    for match in re.finditer(r"\b(?:if|while) \(", code):
        end = closing(code, match.end() - 1)
        if end > 0 and ";" not in code[match.end():end]:
            yield "negated condition", match.start(), line[:match.end()] + "!(" + line[match.end():end] + ")" + line[end:]
    for match in re.finditer(r"std::clamp(<[\w:]+>)?\(", code):
        end, comma = closing(code, match.end() - 1), code.find(",", match.end())
        if end > 0 and "(" not in code[match.end():comma]:
            yield "dropped clamp", match.start(), line[:match.start()] + line[match.end():comma] + line[end + 1:]
    if STATEMENT.match(code) and code.count("(") == code.count(")") and (previous.rstrip()[-1:] or ";") in ";{}:)":
        yield "dropped statement", len(line) - len(line.lstrip()), line[:len(line) - len(line.lstrip())] + ";"


def faults_of_file(file, seed):
    text = (ROOT / file).read_text()
    seen = collections.Counter()  # equal lines of one file are told apart by their number
    previous = ""
    for number, (line, code) in enumerate(zip(text.split("\n"), code_only(text).split("\n")), 1):
        seen[line] += 1
        if not SKIPPED.match(code):
            made = [Fault(file, number, column, rule, line, after, order=hashlib.sha256(
                        f"{seed}|{file}|{line.strip()}|{seen[line]}|{len(line) - column}|{rule}".encode()).hexdigest())
                    for rule, column, after in faults_of_line(line, code, previous)]
            for rank, fault in enumerate(sorted(made, key=lambda f: f.order)):
                yield dataclasses.replace(fault, rank=rank)
        if code.strip(" \x01"):
            previous = code


def all_faults(folders, seed):
    files = sorted(str(path.relative_to(ROOT)) for folder in folders for end in ("cpp", "h")
                   for path in (ROOT / "src" / folder).glob("*." + end))
    return sorted((fault for file in files for fault in faults_of_file(file, seed)), key=lambda f: (f.rank, f.order))


# --- Building and testing -----------------------------------------------------------------------------------------

def run(command, limit=None, **more):
    """True if it succeeded. Its whole process group ends with it."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, **more)
    try:
        return process.wait(limit) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        for end in (signal.SIGTERM, signal.SIGKILL):  # asked first: ninja's compilers are in groups of their own
            try:
                os.killpg(process.pid, end)
                process.wait(5)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass


def write_if_other(path, content):
    if not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def refresh_tree():
    """Makes TREE the same as the checkout. Returns a hash of all that is built."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True).stdout.decode().split("\0")
    names = sorted(name for name in set(listed) if name and (ROOT / name).is_file())
    whole = hashlib.sha256()
    for name in names:
        content = (ROOT / name).read_bytes()
        write_if_other(TREE / name, content)
        os.chmod(TREE / name, (ROOT / name).stat().st_mode)
        if name.startswith(("src/", "tests/", "include/", "CMake")):
            whole.update(name.encode() + b"\0" + content)
    for path in list(TREE.rglob("*")):
        if path.is_file() and str(path.relative_to(TREE)) not in set(names):
            path.unlink()
    return whole.hexdigest()


def build_sound_tree():
    """Hardly any optimisation and no debug information, and the system's headers compiled once: most of a fault's time is the
    compiler's. Programs are not linked again when only the library changed. True if all of it builds."""
    files = [path for folder in ("src", "include", "tests") for path in (TREE / folder).rglob("*") if path.suffix in (".h", ".cpp")
             and not {"cli", "engine", "estimator", "bench"} & set(path.parts)]
    headers = sorted({line for path in files for line in path.read_text().split("\n") if line.startswith("#include <")})
    everything = WORK / "everything.h"
    write_if_other(everything, "\n".join(headers).encode())
    flags = "-O0 -fPIC -std=c++17 -Wpedantic -isystem /usr/include/opencv4"
    for name, more in (("library", []), ("tests", ["-DGTEST_HAS_PTHREAD=1"])):  # the compiler takes the one that fits
        precompiled = WORK / "everything.h.gch" / name
        precompiled.parent.mkdir(exist_ok=True)
        if not precompiled.exists() or precompiled.stat().st_mtime < everything.stat().st_mtime:
            if not run(["c++", *flags.split(), *more, "-x", "c++-header", str(everything), "-o", str(precompiled)]):
                sys.exit("the headers do not compile")
    # The precompiled headers fit code for libraries only: programs are compiled in the same way.
    # What all tests share makes whole pictures of numbers: without optimisation it would take most of their time.
    write_if_other(WORK / "project.cmake", b"set(CMAKE_CXX_COMPILE_OPTIONS_PIE -fPIC)\n"
                   b"cmake_language(DEFER CALL target_compile_options pose_test_support PRIVATE -O2 -Wno-invalid-pch)\n")
    with open(WORK / "build.log", "w") as out:
        return run(["cmake", "--preset", "core", "-B", str(BUILD), "-DPOSE_WERROR=OFF", "-DCMAKE_LINK_DEPENDS_NO_SHARED=ON",
                    "-DCMAKE_CXX_COMPILER_LAUNCHER=env", f"-DCMAKE_PROJECT_INCLUDE={WORK / 'project.cmake'}",
                    f"-DCMAKE_CXX_FLAGS_RELWITHDEBINFO={flags} -include {everything}", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"],
                   cwd=TREE, stdout=out, stderr=out) and run(["cmake", "--build", str(BUILD), "--target", "tests/all"], stdout=out, stderr=out)


def test_programs(tree):
    """(seconds on the sound tree, folder, command) of every test program, the quickest first. What passed once for this
    tree is not run again."""
    shown = json.loads(subprocess.run(["ctest", "--test-dir", str(BUILD), "--show-only=json-v1"], check=True,
                                      capture_output=True).stdout)
    path = WORK / "passed.json"
    passed = json.loads(path.read_text()) if path.is_file() else {}
    if passed.get("tree") != tree:
        passed = {"tree": tree, "seconds": {}}
    programs = []
    for test in shown["tests"]:
        command = test.get("command", [""])
        if not (command[0].startswith(str(BUILD)) and command[0].endswith("_tests")):
            continue
        if command[0] not in passed["seconds"]:
            began = time.monotonic()
            if not run_test(command, 600):
                sys.exit(f"{command[0]} fails on the sound tree")
            passed["seconds"][command[0]] = time.monotonic() - began
            path.write_text(json.dumps(passed))
        programs.append((passed["seconds"][command[0]], pathlib.Path(command[0]).parent.name, command))
    return sorted(programs)


def run_test(command, limit, **more):
    return run(command + ["--gtest_fail_fast"], limit, cwd=BUILD, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)


def ninja(tool, *more):
    return subprocess.run(["ninja", "-C", str(BUILD), "-t", tool, *more], check=True, capture_output=True, text=True).stdout


class Laboratory:
    """Builds one fault at a time into a folder of its own, beside the sound build: only the objects that see the fault,
    and what is linked from them."""

    def __init__(self, tree):
        self.programs = test_programs(tree)
        commands = [one["command"] for one in json.loads((BUILD / "compile_commands.json").read_text())]
        self.compile = {re.search(r" -o (\S+)", command).group(1): command for command in commands}
        self.library = (BUILD / "lib" / "libpose.so").resolve()
        self.links = {}  # of the library and the test programs: the linker's command
        for target in [self.library] + [pathlib.Path(command[0]) for _, _, command in self.programs]:
            name = str(target.relative_to(BUILD))
            self.links[name] = ninja("commands", name).strip().split("\n")[-1]
        self.readers = collections.defaultdict(list)  # objects that a source file goes into
        for line in ninja("deps").split("\n"):
            if line.startswith("    "):
                self.readers[line.strip()].append(target)
            elif line:
                target = line.split(":")[0]

    def build(self, fault, folder):
        """True if the fault compiles."""
        mutant = folder / fault.file
        mutant.parent.mkdir(parents=True)
        lines = (TREE / fault.file).read_text().split("\n")
        assert lines[fault.line - 1] == fault.before
        lines[fault.line - 1] = fault.after
        mutant.write_text("\n".join(lines))
        sound, moved = str(TREE / fault.file), {}
        for target in self.readers[sound]:
            if target not in self.compile:
                continue
            moved[target] = str(folder / target.replace("/", "_"))
            command = self.compile[target].replace(sound, str(mutant)).replace(target, moved[target])
            if not self.shell(command.replace(" -I", f" -I{folder}/src -I", 1), folder):
                return False
        for target, command in self.links.items():
            if not any(f" {one} " in command for one in moved):
                continue
            for one, private in moved.items():
                command = command.replace(f" {one} ", f" {private} ")
            output = folder / pathlib.Path(target).name
            if not self.shell(command.replace(f"-o {target} ", f"-o {output} "), folder):
                return False
        (folder / "libpose.so.0").symlink_to(self.library.name)
        return True

    def shell(self, command, folder):
        with open(folder / "build.log", "a") as out:
            return run(["sh", "-c", command], 600, cwd=BUILD, stdout=out, stderr=out)

    def verdict(self, fault):
        """"caught by PROGRAM", "survived" or "does not compile"."""
        own = fault.file.split("/")[1]
        with tempfile.TemporaryDirectory(dir=WORK) as name:
            folder = pathlib.Path(name)
            if not self.build(fault, folder):
                return "does not compile"
            for seconds, room, command in sorted(self.programs, key=lambda program: program[1] != own):
                private = folder / pathlib.Path(command[0]).name
                if room in FOLDERS and FOLDERS.index(room) < FOLDERS.index(own) or own not in SLOW.get(private.name, FOLDERS):
                    continue
                program = [str(private) if private.is_file() else command[0]] + command[1:]
                if not run_test(program, 30 + 20 * seconds, env={**os.environ, "LD_LIBRARY_PATH": str(folder)}):
                    return "caught by " + private.name
        return "survived"


def shown(one):
    return f"{one['file']}:{one['line']} [{one['rule']}]\n  - {one['before'].strip()}\n  + {one['after'].strip()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200, help="faults that compile (200)")
    parser.add_argument("--folders", nargs="+", default=FOLDERS, help="of src (all of the core)")
    parser.add_argument("--list", action="store_true", help="only show the faults")
    parser.add_argument("--only", metavar="FILE:LINE", help="every fault of this line")
    parser.add_argument("--survivors", action="store_true",
                        help="keep what an earlier run caught, although tests changed since, and run the others again")
    parser.add_argument("--jobs", type=int, default=2, help="faults at a time (2)")
    parser.add_argument("--report", type=pathlib.Path, help="JSON report (build/mutants/report-SEED.json)")
    options = parser.parse_args()

    faults = all_faults([f for f in options.folders if (ROOT / "src" / f).is_dir()], options.seed)
    if options.only:
        faults = [f for f in faults if f"{f.file}:{f.line}" == options.only]
        options.count = len(faults)
    if options.list:
        print("\n".join(shown(dataclasses.asdict(fault)) for fault in faults[:options.count]))
        return 0

    WORK.mkdir(parents=True, exist_ok=True)
    report_path = options.report or WORK / f"report-{options.seed}.json"
    tree = refresh_tree()
    earlier = json.loads(report_path.read_text()) if report_path.is_file() and not options.only else {}
    known = {one["key"]: one for one in earlier.get("faults", [])
             if (one["verdict"] != "survived" if options.survivors else earlier["tree"] == tree)}
    print("building the sound tree ...", flush=True)
    if not build_sound_tree():
        sys.exit(f"the sound tree does not build: see {WORK}/build.log")
    laboratory = Laboratory(tree)

    def examine(fault):
        if fault.key() in known:
            return {**known[fault.key()], "line": fault.line}
        began = time.monotonic()
        verdict = laboratory.verdict(fault)
        return {"key": fault.key(), "file": fault.file, "line": fault.line, "rule": fault.rule, "before": fault.before.strip(),
                "after": fault.after.strip(), "verdict": verdict, "seconds": round(time.monotonic() - began, 1)}

    report = {"tree": tree, "seed": options.seed, "folders": options.folders, "faults": []}
    counted, running, waiting = [], collections.deque(), iter(faults)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        while len(counted) < options.count:
            for fault in itertools.islice(waiting, options.jobs - len(running)):
                running.append(pool.submit(examine, fault))
            if not running:
                break
            one = running.popleft().result()
            report["faults"].append(one)
            if not options.only:
                write_if_other(report_path, json.dumps(report, indent=1).encode())
            if one["verdict"] != "does not compile":
                counted.append(one)
                print(f"{len(counted)} {one['verdict']} ({one['seconds']} s): {shown(one)}", flush=True)

    print("\nsurvivors:")
    for one in counted:
        if one["verdict"] == "survived":
            print(shown(one))
    by_folder = collections.defaultdict(list)
    for one in counted:
        by_folder[one["file"].split("/")[1]].append(one["verdict"] != "survived")
    for folder, caught in sorted(by_folder.items()) + [("all", [c for all_ in by_folder.values() for c in all_])]:
        print(f"{folder}: {sum(caught)} of {len(caught)} caught" + (f" ({100 * sum(caught) / len(caught):.0f} %)" if caught else ""))
    return 0


if __name__ == "__main__":
    # A stopped run takes its compilers with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    sys.exit(main())
