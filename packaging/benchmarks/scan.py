"""The part `scan`: a scan of pods of sleeping processes, beside `lsns` and a C program that makes its system calls."""

import contextlib
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from node_root import BUNDLES, Pod, seccomp_profile
from tools import Command, compiled, die, fill_caches, median_ratio, metric, note, run_in_turn

PROGRAMS = {"lsns": "util-linux", "strace": "strace"}
# Checks that look at namespaces alone.
NAMESPACE_CHECKS = ["host-pid-namespace", "host-network-namespace", "host-ipc-namespace", "host-uts-namespace"]
PROCESSES_PER_POD = 10
THREADS = 4


@contextlib.contextmanager
def load(program, processes, sockets=0):
    """Runs the load and gives its node root directory; at the end no process, cgroup or file of it is left."""
    root = tempfile.mkdtemp(prefix="breakoutd-benchmark.")
    pods = [Pod(number) for number in range(processes // PROCESSES_PER_POD)]
    runner = None
    try:
        for pod in pods:
            pod.make_bundles(root)
        with subprocess.Popen([program, root, str(PROCESSES_PER_POD), str(THREADS), str(sockets)],
                              text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as runner:
            try:
                runner.stdin.write("".join(f"{pod.plan}\n" for pod in pods))
                runner.stdin.close()
                answer = (runner.stdout.readline() or "nothing").split()
                if answer[0] != "ready":
                    die("the load did not start")
                if answer[1] == "0":
                    die("no cgroup hierarchy takes new groups here, so no process would be a container's")
                seccomp = seccomp_profile()
                for pod in pods:
                    pod.write(root, seccomp)
                size = Path(f"{root}/{BUNDLES}/{pods[0].container}/config.json").stat().st_size
                note(f"{processes} processes, {processes * THREADS} threads, {2 * len(pods)} containers in "
                     f"{len(pods)} pods, {answer[1]} cgroup hierarchies; started in {answer[2]} ms; "
                     f"a config.json has {size} bytes")
                yield root
            finally:
                runner.terminate()
    finally:
        shutil.rmtree(root, ignore_errors=True)
    if runner.returncode != 0:
        die(f"the load ended with {runner.returncode}")


def commands_for(root, options):
    scan = [options.binary, "scan", "--root", root, *options.scan_option]
    return {
        "lsns": Command("lsns", ["lsns"]),
        "peer": Command("peer", [compiled("peer"), root]),
        "scan": Command("scan", [*scan, "--format", "json"], is_product=True),
        "checks": Command("scan --checks", [*scan, "--checks", ",".join(NAMESPACE_CHECKS)], is_product=True),
    }


def measure_at(processes, options, count_calls):
    with load(compiled("load", "-static", "-pthread"), processes) as root:
        commands = commands_for(root, options)
        fill_caches(commands)
        time.sleep(1)
        run_in_turn(commands, options.rounds)
        if count_calls:
            note("counting system calls")
            for command in commands.values():
                command.count_calls()
    return commands


def measure(options):
    small = measure_at(options.processes // 4, options, count_calls=False)
    large = measure_at(options.processes, options, count_calls=True)
    print_commands(small, options.processes // 4)
    print_commands(large, options.processes)
    print_calls(large, options.processes)
    return metrics_of(small, large, options.processes)


def metrics_of(small, large, processes):
    lsns, peer, scan, checks = (large[name] for name in ("lsns", "peer", "scan", "checks"))

    def growth(name):
        # 1 is linear: the larger load is four times the smaller one.
        times = (load[name].median for load in (large, small))
        return next(times) / next(times) / 4

    metrics = [
        metric("checks-to-lsns", median_ratio(checks, lsns), "ratio", 0.3),
        metric("scan-to-peer", median_ratio(scan, peer), "ratio", 1.3),
        metric("scan-to-lsns", median_ratio(scan, lsns), "ratio", 2),
        metric("scan-growth", growth("scan"), "ratio", 1.2),
        metric("peer-growth", growth("peer"), "ratio"),
        metric("lsns-growth", growth("lsns"), "ratio"),
        metric("scan-peak-memory", scan.megabytes, "MB", 40),
        metric("checks-peak-memory", checks.megabytes, "MB"),
    ]
    for name, command in large.items():
        metrics.append(metric(f"{name}-time", command.median, "ms"))
    for name, command in large.items():
        metrics.append(metric(f"{name}-system-calls", sum(command.calls.values()) / processes, "per process"))
    return metrics


def print_commands(commands, processes):
    print(f"\n{processes} processes, {processes * THREADS} threads   "
          "(ms: least, median, most; CPU ms; peak MB; system calls per process)")
    for command in commands.values():
        times = command.milliseconds
        calls = f"{sum(command.calls.values()) / processes:8.1f}" if command.calls else " " * 8
        print(f"  {command.name:14} {min(times):8.1f} {statistics.median(times):8.1f} {max(times):8.1f} "
              f"{statistics.median(run.cpu for run in command.runs):8.1f} {command.megabytes:7.1f} {calls}")


def print_calls(commands, processes):
    """The calls by name that make up most of each command."""
    names = {name for command in commands.values() for name, number in command.calls.items()
             if number >= processes * 0.05}
    print(f"\n{'system calls per process':26}" + "".join(f"{command.name:>15}" for command in commands.values()))
    for name in sorted(names, key=lambda name: -commands["scan"].calls.get(name, 0)):
        print(f"  {name:24}" + "".join(f"{command.calls.get(name, 0) / processes:15.2f}"
                                       for command in commands.values()))
