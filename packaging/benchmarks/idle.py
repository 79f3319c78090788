"""The part `idle`: the daemon on a node with 110 pods, a usual limit, and 1,500 processes, where nothing happens."""

import time

from node import QUIET, Daemon, Node, prepare
from tools import metric, note

PODS = 110
# With a shim and a sandbox's process each pod has 14, and the node some 20 of its own.
PROCESSES = 12
PROGRAM = " ".join(["sleep 1d &"] * (PROCESSES - 1)) + " exec sleep 1d"
# The daemon's first look at the node is no part of it.
SETTLING = 5
# One period of the daemon's full scan, and so one scan.
SECONDS = 60


def measure(options):
    prepare()
    pods = 20 if options.quick else PODS
    with Node(options.binary) as node:
        note(f"starting {pods} pods")
        node.pods(pods, *QUIET, "--", "sh", "-c", PROGRAM)
        with Daemon(node) as daemon:
            time.sleep(SETTLING)
            note(f"{node.processes()} processes; nothing happens for {SECONDS} s")
            before, scans, began = daemon.cpu_seconds(), daemon.status()["counts"]["scans"], time.monotonic()
            time.sleep(SECONDS)
            share = (daemon.cpu_seconds() - before) / (time.monotonic() - began)
            counts = daemon.status()["counts"]
            memory, peak = daemon.mebibytes(), daemon.mebibytes("VmHWM")
    return [
        metric("idle-cpu", share * 100, "% of a core", 0.5),
        metric("idle-memory", memory, "MiB", 30),
        metric("idle-peak-memory", peak, "MiB", 30),
        metric("idle-scans", counts["scans"] - scans, "scans"),
        metric("idle-scan-time", counts["scanDuration"] / 1000, "ms"),
        # The longest time that a scan had a core without a rest.
        metric("idle-longest-slice", counts.get("longestSlice", 0) / 1000, "ms", 20),
        metric("idle-tasks", counts["tasks"], "tasks"),
        metric("idle-findings", counts["findingsRaised"], "findings", 0),
    ]
