"""The part `churn`: the daemon's memory while twelve loops start and end pods that live for a moment."""

import statistics
import subprocess
import time

from node import QUIET, SOCKET, Daemon, Node, prepare
from tools import metric, note

LOOPS = 12
# Seconds after which the daemon has to have what it needs, and as long as its memory is then compared with that at the end.
SETTLING = 60
# Seconds between two looks at the memory, which goes up and down with each scan.
STEP = 2
# Pods of each loop whose logs are still there: the kubelet removes those of pods that are gone each minute
# (ContainerGCPeriod, pkg/kubelet/kubelet.go).
LOGS = 10
# Each loop has a name of its own, and ends when its file is gone.
LOOP = f"""
    number=0
    while [ -e /run/churn ]; do
        number=$((number + 1))
        line=$(pod -s {SOCKET} run churn-$0-$number {' '.join(QUIET)} -- true) || continue
        name=${{line#*\\"pod\\": \\"}}
        pod -s {SOCKET} remove "${{name%%\\"*}}" >/dev/null || true
        rm -rf /var/log/pods/*_churn-$0-$((number - {LOGS}))_*
    done
    echo $number"""


def measure(options):
    prepare()
    seconds = options.churn_minutes * 60
    with Node(options.binary) as node, Daemon(node) as daemon:
        node.run("touch", "/run/churn")
        note(f"{LOOPS} loops for {seconds:.0f} s")
        loops = [subprocess.Popen(node.command("sh", "-c", LOOP, str(number)), stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL) for number in range(LOOPS)]
        began, cpu = time.monotonic(), daemon.cpu_seconds()
        sizes = []
        while time.monotonic() < began + seconds:
            time.sleep(STEP)
            sizes.append(daemon.mebibytes())
        share = (daemon.cpu_seconds() - cpu) / (time.monotonic() - began)
        settled = sizes[int(min(SETTLING, seconds / 3) / STEP):]
        length = max(1, min(SETTLING // STEP, len(settled) // 2))
        peak = daemon.mebibytes("VmHWM")
        node.run("rm", "/run/churn")
        pods = sum(int(loop.communicate()[0] or 0) for loop in loops)
        counts = daemon.status()["counts"]
        raised = [entry for entry in node.journal() if entry.get("BREAKOUTD_EVENT") == "raised"]
    for entry in raised[:5]:
        note(f"not expected: {entry.get('MESSAGE')}")
    note(f"the daemon's counts: {counts}")
    return [
        metric("churn-pods", pods, "pods"),
        metric("churn-cpu", share * 100, "% of a core"),
        metric("churn-peak-memory", peak, "MiB", 30),
        metric("churn-memory", statistics.median(settled), "MiB"),
        metric("churn-growth", statistics.median(settled[-length:]) - statistics.median(settled[:length]), "MiB", 1),
        metric("churn-findings", len(raised), "findings", 0),
        metric("churn-events", counts["events"], "events"),
        metric("churn-lost", counts["lostRecords"], "records"),
        metric("churn-unattributed", counts["unattributedChanges"], "acts", 0),
    ]
