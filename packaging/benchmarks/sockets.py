"""The part `sockets`: a scan while processes of the node and of a pod hold 100,000 sockets each, beside one without.

Once the pod is an ordinary one, of whose processes only the first is asked what it holds and none about its sockets; once
it has something of the node mounted, so that each socket is looked at. Ten processes share them, as a process may hold
20,000 on most machines.
"""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

from node_root import BUNDLES
from scan import load
from tools import Command, compiled, die, fill_caches, metric, note, run_in_turn

SOCKETS = 100_000
HOLDER = f"""
import os, resource, socket, sys
for _ in range(9):
    if os.fork() == 0:
        break
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
held = [socket.socketpair() for _ in range({SOCKETS // 20})]
os.write(1, b"+")
sys.stdin.read()
"""
MOUNT = {"destination": "/srv", "type": "bind", "source": "/srv", "options": ["rbind", "ro"]}


@contextlib.contextmanager
def holder():
    """Processes of the node, as long as they are wanted."""
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if process.stdout.read(10) != b"+" * 10:
            die("the processes cannot hold that many sockets")
        yield


def scan(options, sockets, has_mount):
    processes = options.processes // 4
    with load(compiled("load", "-static", "-pthread"), processes, sockets) as root:
        for path in Path(f"{root}/{BUNDLES}").glob("*/config.json") if has_mount else []:
            record = json.loads(path.read_text(encoding="ascii"))
            record["mounts"].append(MOUNT)
            path.write_text(json.dumps(record), encoding="ascii")
        with holder() if sockets else contextlib.nullcontext():
            command = Command("scan", [options.binary, "scan", "--root", root, *options.scan_option], is_product=True)
            fill_caches({"scan": command})
            run_in_turn({"scan": command}, options.rounds)
    note(f"{processes} processes, {sockets} sockets{', of a pod with a mount' if has_mount else ''}: "
         f"{command.median:.0f} ms, {command.megabytes:.0f} MB")
    return command.median


def measure(options):
    ratios = {name: scan(options, SOCKETS, has_mount) / scan(options, 0, has_mount)
              for name, has_mount in (("sockets-ordinary-pod", False), ("sockets-pod-with-mount", True))}
    return [metric(name, ratio, "of the scan without") for name, ratio in ratios.items()]
