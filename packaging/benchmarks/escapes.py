"""The part `escapes`: a thousand escapes of a millisecond among the starts of 200 containers."""

import subprocess
import threading
import time

from node import QUIET, SOCKET, Daemon, Node, prepare
from tools import compiled, die, metric, note

ESCAPES, STARTS = 1000, 200
# Microseconds between two escapes, so that they take about as long as the starts.
BETWEEN = 40_000
TECHNIQUE = "entered-host-mount-namespace"
# What is to be said of the pod that escapes, before it does.
EXPOSURES = {"host-pid-namespace", "privileged", "host-path-other"}


def start_containers(node, count):
    """Starts containers that end at once, in a pod that stays, two at a time."""
    pod = node.pod("run", "quiet", *QUIET)["pod"]
    # A second time, as the runtime of a machine that is busy with something else may not answer in time.
    loop = f"""
        start() {{ pod -s {SOCKET} run - --sandbox {pod} --container $1 {' '.join(QUIET)} -- true >/dev/null; }}
        for number in $(seq {count // 2}); do
            start loop-$0-$number || start loop-$0-$number-again
        done"""
    loops = [subprocess.Popen(node.command("sh", "-ec", loop, str(number))) for number in range(2)]
    if any([loop.wait() for loop in loops]):
        die("not every container could be started")


def escape(node, container, count):
    """Escapes, and returns for each its process id, when it was, and how long its process lived, in microseconds."""
    text = node.run("pod", "-s", SOCKET, "exec", container, "--timeout", "600", "--", "/escape", str(count), str(BETWEEN))
    return {pid: (int(entered), int(life)) for pid, entered, life in (line.split() for line in text.splitlines())}


def wait_for_entries(node, count, seconds=30):
    """The findings that were raised, once so many escapes are among them or the time is up."""
    end = time.monotonic() + seconds
    while True:
        raised = [entry for entry in node.journal() if entry.get("BREAKOUTD_EVENT") == "raised"]
        if sum(entry["BREAKOUTD_TECHNIQUE"] == TECHNIQUE for entry in raised) >= count or time.monotonic() > end:
            return raised


def measure(options):
    prepare()
    escapes, starts = (100, 20) if options.quick else (ESCAPES, STARTS)
    with Node(options.binary) as node, Daemon(node) as daemon:
        node.copy(compiled("escape", "-static"), "/run/escape")
        pod = node.pod("run", "evil", "--privileged", "--host-pid", "--mount", "/run/escape:/escape:ro")
        daemon.wait_for("the findings of the pod", lambda status: status["counts"]["findingsOpen"] >= len(EXPOSURES))
        note(f"{escapes} escapes among {starts} starts")
        others = threading.Thread(target=start_containers, args=(node, starts))
        others.start()
        acts = escape(node, pod["container"], escapes)
        others.join()
        raised = wait_for_entries(node, escapes)
        counts = daemon.status()["counts"]
    return metrics_of(pod, acts, raised, counts, escapes)


def is_told(entry, pod):
    """With everything that says whose it was."""
    return (entry["BREAKOUTD_TECHNIQUE"] == TECHNIQUE and entry.get("BREAKOUTD_POD") == "evil"
            and entry.get("BREAKOUTD_NAMESPACE") == "default" and entry.get("BREAKOUTD_POD_UID") == pod["uid"]
            and entry.get("BREAKOUTD_CONTAINER_ID") == pod["container"])


def metrics_of(pod, acts, raised, counts, escapes):
    told = {entry["BREAKOUTD_PID"]: entry for entry in raised if is_told(entry, pod)}
    others = [entry for entry in raised if not (is_told(entry, pod) and entry["BREAKOUTD_PID"] in acts)
              and not (entry.get("BREAKOUTD_POD") == "evil" and entry["BREAKOUTD_TECHNIQUE"] in EXPOSURES)]
    for entry in others[:5]:
        note(f"not expected: {entry.get('MESSAGE')}")
    missed = [pid for pid in acts if pid not in told]
    if missed:
        note(f"not told: {' '.join(missed[:20])}; the daemon's counts: {counts}")
    delays = sorted(int(entry["__REALTIME_TIMESTAMP"]) - acts[pid][0] for pid, entry in told.items() if pid in acts)
    lives = sorted(life for _, life in acts.values())
    if not delays:
        die("no escape was told")
    return [
        metric("escapes-made", len(acts), f"of {escapes}"),
        metric("escapes-missed", len(missed) + escapes - len(acts), "escapes", 0),
        metric("escapes-others-told", len(others), "findings", 0),
        metric("escapes-life-median", lives[len(lives) // 2] / 1000, "ms"),
        metric("escapes-life-p99", lives[len(lives) * 99 // 100] / 1000, "ms"),
        metric("escapes-delay-median", delays[len(delays) // 2] / 1000, "ms", 20),
        metric("escapes-delay-p99", delays[len(delays) * 99 // 100] / 1000, "ms", 200),
        metric("escapes-lost", counts["lostRecords"] + counts["unattributedChanges"], "records"),
    ]
