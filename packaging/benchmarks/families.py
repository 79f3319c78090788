"""The part `families`: what each family of checks costs by itself, beside the scan with all of them.

The families share what they read, such as the list of processes, so that they cost more one by one than together.
"""

import statistics

from scan import PROCESSES_PER_POD, load
from tools import Command, compiled, fill_caches, median_ratio, metric, note, run_in_turn

FAMILIES = {
    "namespaces": ["host-*-namespace", "entered-*", "first-process-in-host-namespace", "shared-process-namespace"],
    "cgroups": ["left-pod-cgroup"],
    "rights": ["privileged", "added-capability", "capabilities-beyond-bundle", "seccomp-unconfined",
               "confinement-not-in-force"],
    "mounts": ["host-path-*", "host-device", "unmasked-proc"],
    "held": ["holds-*", "*-in-host-tree", "runs-host-program", "leaked-working-directory",
             "node-disk-mounted"],
    "processes": ["foreign-process-traced", "shared-memory-reached"],
    "runtime": ["orphan-container", "runtime-hook", "abstract-shim-socket", "node-debug-pod"],
    "settings": ["kernel-helper-*"],
    "node-files": ["node-file-changed-*"],
    "logs": ["log-*", "container-without-log"],
    # Which the scan of the benchmark does not ask.
    "api": ["*-unknown-to-api", "undeclared-setting"],
    # Told by events alone.
    "events": ["bpf-program-loaded", "events-silenced", "file-handle-opened", "foreign-memory-written",
               "kernel-module-loaded", "kernel-setting-written", "node-file-written-*", "node-files-covered",
               "node-process-signalled", "root-moved-to-host"],
}


def measure(options):
    with load(compiled("load", "-static", "-pthread"), options.processes) as root:
        scan = [options.binary, "scan", "--root", root, *options.scan_option]
        whole = Command("scan", [*scan, "--format", "json"], is_product=True)
        families = {name: Command(name, [*scan, "--checks", ",".join(ids)], is_product=True)
                    for name, ids in FAMILIES.items()}
        commands = {"scan": whole, **families}
        fill_caches(commands)
        run_in_turn(commands, options.rounds)
    note(f"{options.processes} processes in {options.processes // PROCESSES_PER_POD} pods; all checks take "
         f"{whole.median:.0f} ms and {statistics.median(run.cpu for run in whole.runs):.0f} ms of CPU")
    return [metric(f"family-{command.name}", median_ratio(command, whole), "of the scan") for command in families.values()]
