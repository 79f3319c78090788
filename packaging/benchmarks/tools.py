"""What the parts of the benchmark share: messages, set-up, running commands, metrics."""

import dataclasses
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
CACHE = Path(os.environ.get("BREAKOUTD_BENCH") or REPOSITORY / ".bench")


def note(text):
    print(f"benchmark: {text}", file=sys.stderr, flush=True)


def die(text):
    sys.exit(f"benchmark: {text}")


# --- set-up

def install_missing(wanted):
    """Debian packages by the program or file (a pattern that begins with a slash) that is wanted of each."""
    def is_there(what):
        return any(Path("/").glob(what[1:])) if what.startswith("/") else shutil.which(what)

    missing = sorted({package for what, package in wanted.items() if not is_there(what)})
    if not missing:
        return
    if not shutil.which("apt-get"):
        die(f"missing, and this is no Debian to install them on: {' '.join(missing)}")
    note(f"installing {' '.join(missing)}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *missing]):
        subprocess.run(["apt-get", *command], check=True, stdout=sys.stderr, env=environment)


def compiled(name, *options):
    """The program of a C source beside this file, compiled if the source is newer."""
    source, program = HERE / f"{name}.c", CACHE / "benchmarks" / name
    program.parent.mkdir(parents=True, exist_ok=True)
    if not program.exists() or program.stat().st_mtime <= source.stat().st_mtime:
        subprocess.run(["gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Wno-format-truncation", *options,
                        "-o", program, source], check=True, stdout=sys.stderr)
    return str(program)


def find_breakoutd():
    given = os.environ.get("BREAKOUTD_BINARY")
    if given:
        if not shutil.which(given):
            die(f"BREAKOUTD_BINARY: no program at {given}")
        return given
    if not shutil.which("swift"):
        die("no swift on the PATH, and BREAKOUTD_BINARY names no breakoutd")
    note("building breakoutd")
    # As it is installed on nodes, in a folder of its own: a change of flags would rebuild everything.
    build = ["swift", "build", "--package-path", REPOSITORY, "-c", "release", "--static-swift-stdlib",
             "--scratch-path", f"{REPOSITORY}/.build-static"]
    subprocess.run([*build, "--product", "breakoutd"], check=True, stdout=sys.stderr)
    path = subprocess.run([*build, "--show-bin-path"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    return f"{path}/breakoutd"


# --- measuring

@dataclasses.dataclass
class Run:
    milliseconds: float
    cpu: float
    kilobytes: int
    status: int


class Command:
    """A command that is measured, and its runs."""

    # breakoutd's exit codes say whether there are findings or gaps; from 64 on it did not scan (sysexits.h).
    HIGHEST_STATUS = 63

    def __init__(self, name, arguments, is_product=False):
        self.name = name
        self.arguments = arguments
        self.is_product = is_product
        self.runs = []
        self.calls = {}

    def run(self):
        """Runs the command by a program that measures it, and adds what it took to the runs."""
        read, write = os.pipe()
        with open(read, encoding="ascii") as output:
            try:
                with open(os.devnull, "r+b") as null, tempfile.TemporaryFile() as errors:
                    subprocess.run([compiled("measure"), str(write), *self.arguments], check=True, pass_fds=[write],
                                   stdin=null, stdout=null, stderr=errors)
                    errors.seek(0)
                    message = errors.read().decode(errors="replace").strip()
            finally:
                os.close(write)
            run = Run(**json.loads(output.readline()))
        if run.status > (self.HIGHEST_STATUS if self.is_product else 0):
            die(f"{' '.join(self.arguments)}: exit code {run.status}\n{message[-2000:]}")
        self.runs.append(run)

    def count_calls(self):
        """System calls of all threads by name, from a run of its own: strace makes every call slow."""
        with tempfile.NamedTemporaryFile("r") as table:
            with open(os.devnull, "r+b") as null:
                subprocess.run(["strace", "-f", "-c", "-U", "calls,name", "-o", table.name, *self.arguments],
                               check=False, stdin=null, stdout=null, stderr=null)
            rows = re.findall(r"^\s*(\d+)\s+(\w+)$", table.read(), re.MULTILINE)
        self.calls = {name: int(number) for number, name in rows if name != "total"}

    @property
    def milliseconds(self):
        return [run.milliseconds for run in self.runs]

    @property
    def median(self):
        return statistics.median(self.milliseconds)

    @property
    def megabytes(self):
        return max(run.kilobytes for run in self.runs) * 1024 / 1e6


def fill_caches(commands):
    """Runs each command once, so that files and directory entries are in the kernel's caches."""
    for command in commands.values():
        command.run()
        command.runs = []


def run_in_turn(commands, rounds):
    """Runs the commands round by round, each time from another one on."""
    order = list(commands.values())
    for number in range(rounds):
        first = number % len(order)
        for command in order[first:] + order[:first]:
            command.run()


def median_ratio(one, other):
    """The median of the ratios of runs that followed each other."""
    return statistics.median(a / b for a, b in zip(one.milliseconds, other.milliseconds))


def metric(name, value, unit, limit=None):
    """A figure, and the most that it may be; without a limit it is shown only."""
    return {"name": name, "value": round(value, 3), "unit": unit, "limit": limit}
