"""The part `slowdown`: system calls, redis-benchmark and a fork-heavy build on a node, with and without the daemon, in turn."""

import contextlib
import shutil
import statistics
import time

from node import Daemon, Node, prepare
from tools import compiled, metric, note

# A round takes some twenty seconds.
ROUNDS = 7
PROGRAMS = {"redis-benchmark": "redis-tools"}
# Each takes some seconds, and prints what it took itself in microseconds.
TIMED = "began=$EPOCHREALTIME; {}; ended=$EPOCHREALTIME; echo $((${{ended/./}} - ${{began/./}}))"
REDIS = TIMED.format("redis-benchmark -q -s /run/redis.sock -n 150000 -t set,get >/dev/null")
# What a configure script does, in two processes as by make -j2: some small programs for each question.
BUILD = TIMED.format("""
    check() {
        mkdir -p /tmp/build-$1; cd /tmp/build-$1
        for number in {1..250}; do
            echo "int main(void) { return $number; }" >conftest.c
            sed s/return/exit/ conftest.c | grep -c exit >conftest.out
            value=$(expr $number + 1)
            [ "$(cat conftest.out)" = 1 ] && mv conftest.c conftest.$value && rm -f conftest.$value
        done
    }
    check 1 & check 2 & wait""")


def measure(options):
    prepare()
    works = {"syscalls": "/run/syscalls", "redis": REDIS, "build": BUILD}
    rounds = min(options.rounds, ROUNDS)
    with Node(options.binary) as node:
        # The server by another name, which is a package of its own with a service that starts when it is installed.
        node.copy_with_libraries("redis-check-rdb", "redis-benchmark")
        node.run("ln", "-s", shutil.which("redis-check-rdb"), "/run/redis-server")
        node.run("systemd-run", "-q", "--unit=redis", "/run/redis-server", "--port", "0", "--unixsocket", "/run/redis.sock",
                 "--save", "")
        node.copy(compiled("syscalls", "-static"), "/run/syscalls")
        node.run("sh", "-c", "until [ -S /run/redis.sock ]; do sleep 0.1; done")
        for work in works.values():
            node.run("bash", "-c", work)  # files into the caches
        times = {(name, is_watched): [] for name in works for is_watched in (False, True)}
        for number in range(rounds):
            note(f"round {number + 1} of {rounds}")
            for is_watched in (False, True) if number % 2 else (True, False):
                run_all(node, works, is_watched, times)
    metrics = []
    for name, limit in (("syscalls", 1.01), ("redis", 1.01), ("build", 1.03)):
        without, watched = times[name, False], times[name, True]
        metrics += [metric(f"slowdown-{name}", statistics.median(a / b for a, b in zip(watched, without)), "ratio", limit),
                    metric(f"slowdown-{name}-time", statistics.median(without) / 1000, "ms")]
    return metrics


def run_all(node, works, is_watched, times):
    with Daemon(node) if is_watched else contextlib.nullcontext():
        # Its first look at the node, and what its start and end cost others, are no part of it.
        time.sleep(2)
        for name, work in works.items():
            times[name, is_watched].append(int(node.run("bash", "-c", work)))
