"""A node of the bench (packaging/bench/systemd-node) with the daemon as the service that a package installs."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import REPOSITORY, die, note

BENCH = REPOSITORY / "packaging/bench"
SOCKET = "/run/containerd/containerd.sock"
# A pod of which nothing is to be said.
QUIET = ["--seccomp", "default", "--no-new-privileges"]
# Every finding is told, so that each can be counted; by default a burst of one kind is summed up.
CONFIGURATION = "{api: {enabled: false}, rateLimit: {findings: 100000, period: 1m}}"
INSTALL = f"""
    cd /usr/lib/systemd/system
    tar --no-same-owner -xf -
    rm breakoutd.service.d/10-systemd-219.conf
    mkdir -p /etc/breakoutd
    echo '{CONFIGURATION}' >/etc/breakoutd/config.yaml
    systemctl daemon-reload
"""


def prepare():
    """Makes the node's disk unless it is there; the bench's own script installs what that takes."""
    subprocess.run([BENCH / "setup", "l1s"], check=True, stdout=subprocess.DEVNULL)


class Node:
    """A node that is up; `with` ends and removes it."""

    def __init__(self, binary):
        self.directory = tempfile.mkdtemp(prefix="breakoutd-benchmark-node.")
        self.binary = binary

    def __enter__(self):
        try:
            subprocess.run([BENCH / "systemd-node", "up", self.directory, "v2"], check=True, stdout=subprocess.DEVNULL)
            self.copy(self.binary, "/usr/sbin/breakoutd")
            units = subprocess.run(["tar", "-C", REPOSITORY / "systemd", "-cf", "-", "."], check=True,
                                   stdout=subprocess.PIPE).stdout
            self.run("sh", "-ec", INSTALL, data=units)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        subprocess.run([BENCH / "systemd-node", "down", self.directory], check=False)
        shutil.rmtree(self.directory, ignore_errors=True)

    def command(self, *words):
        return [str(BENCH / "systemd-node"), "in", self.directory, *words]

    def run(self, *words, data=None):
        """Runs a program on the node that has to succeed, and returns what it wrote."""
        result = self.attempt(*words, data=data)
        if result.returncode != 0:
            die(f"on the node: {' '.join(words)[:200]}: exit code {result.returncode}")
        return result.stdout.decode(errors="replace")

    def attempt(self, *words, data=None):
        return subprocess.run(self.command(*words), check=False, input=data, stdout=subprocess.PIPE)

    def copy(self, path, target):
        """Copies a program that needs no libraries of its own to the node."""
        self.run("sh", "-ec", 'cat >"$0"; chmod 755 "$0"', target, data=Path(path).read_bytes())

    def copy_with_libraries(self, *programs):
        """Copies programs of this machine and what they are linked with to the same places on the node."""
        paths = [shutil.which(program) for program in programs]
        linked = subprocess.run(["ldd", *paths], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
        # The node's own are of the same Debian.
        missing = [path for path in {*linked, *paths} if path.startswith("/") and not path.endswith(":")
                   and not Path(f"{self.root}{path}").exists()]
        self.run("tar", "-xPf", "-", data=subprocess.run(["tar", "-chPf", "-", *missing], check=True,
                                                        stdout=subprocess.PIPE).stdout)

    def pod(self, *words):
        """Calls packaging/bench/pod on the node; what `run` says of a pod as a dictionary."""
        text = self.run("pod", "-s", SOCKET, *words)
        return json.loads(text) if words[0] == "run" else text

    def pods(self, count, *words):
        """Runs pods that are the same but for their names, some at a time."""
        def run(number):
            # The runtime of a machine that is busy with something else may not answer in time.
            first = self.attempt("pod", "-s", SOCKET, "run", f"quiet-{number}", *words)
            if first.returncode != 0:
                self.pod("run", f"quiet-{number}-again", *words)

        with ThreadPoolExecutor(max_workers=2 * (os.cpu_count() or 1)) as pool:
            list(pool.map(run, range(count)))

    def processes(self):
        """How many processes the node has, kernel threads left out."""
        return len([name for name in os.listdir(self.proc) if name.isdigit()])

    @property
    def root(self):
        """The node's root directory, from outside."""
        return f"/proc/{Path(self.directory, 'pid').read_text().strip()}/root"

    @property
    def proc(self):
        return f"{self.root}/proc"

    def journal(self):
        """The entries of the daemon's own, once journald has taken all that was sent."""
        self.run("journalctl", "--sync")
        return [json.loads(line) for line in self.run("journalctl", "-t", "breakoutd", "-o", "json").splitlines()]


class Daemon:
    """The daemon on a node while it runs."""

    TICKS = os.sysconf("SC_CLK_TCK")

    def __init__(self, node):
        self.node = node

    def __enter__(self):
        # Returns when the daemon has said that it watches.
        self.node.run("systemctl", "start", "breakoutd")
        self.pid = self.node.run("systemctl", "show", "-P", "MainPID", "breakoutd").strip()
        return self

    def __exit__(self, kind, *_):
        restarts = self.node.attempt("systemctl", "show", "-P", "NRestarts", "breakoutd").stdout.strip()
        self.node.attempt("systemctl", "stop", "breakoutd")
        if kind is None and restarts != b"0":
            die("the daemon died while it was measured")

    def cpu_seconds(self):
        """Time on a CPU of all its threads, those that have ended included."""
        fields = Path(f"{self.node.proc}/{self.pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / self.TICKS

    def mebibytes(self, what="VmRSS"):
        """Resident memory now, or the most so far (`VmHWM`)."""
        for line in Path(f"{self.node.proc}/{self.pid}/status").read_text(errors="replace").splitlines():
            if line.startswith(f"{what}:"):
                return int(line.split()[1]) / 1024
        return die(f"{what}: not in /proc/{self.pid}/status")

    def status(self):
        """What `breakoutd status` says."""
        return json.loads(self.node.attempt("breakoutd", "status", "--format", "json").stdout)

    def wait_for(self, what, is_reached, seconds=30):
        """Waits until the status is as it should be."""
        end = time.monotonic() + seconds
        while not is_reached(self.status()):
            if time.monotonic() > end:
                note(f"still waiting after {seconds} s: {what}")
                return False
            time.sleep(0.2)
        return True
