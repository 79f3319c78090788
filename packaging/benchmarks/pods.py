"""The part `pods`: listing pods over the network, beside `kubectl`."""

import contextlib
import json
import socket
import statistics
import subprocess
import tempfile

from tools import REPOSITORY, Command, die, median_ratio, metric, run_in_turn

PROGRAMS = {"kubectl": "kubernetes-client", "openssl": "openssl"}
API_PODS = 10000
API_POD_BYTES = 12000
API_NODE = "node-1"
# A list takes half a minute, most of it the server's.
API_ROUNDS = 3


@contextlib.contextmanager
def api_server():
    """Runs an API server that has the pods of one node, and gives the kubeconfig of that node."""
    with tempfile.TemporaryDirectory(prefix="breakoutd-benchmark.") as folder:
        # It ends with its standard input, so also when this program is killed.
        command = [REPOSITORY / "packaging/bench/api-server", "--state-dir", folder, "--node-name", API_NODE, "--until-stdin-closes"]
        with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              start_new_session=True) as server:
            try:
                if not server.stdout.readline().startswith("ready"):
                    die("the API server did not start")
                generate = {"op": "generate", "pods": API_PODS, "bytes": API_POD_BYTES, "node": API_NODE}
                with socket.socket(socket.AF_UNIX) as control:
                    control.connect(f"{folder}/control.sock")
                    control.sendall(json.dumps(generate).encode() + b"\n")
                    answer = json.loads(control.makefile().readline())
                if not answer.get("ok"):
                    die(f"the API server made no pods: {answer}")
                yield f"{folder}/kubeconfig-certificate"
            finally:
                server.terminate()


def measure(options):
    with api_server() as kubeconfig, tempfile.TemporaryDirectory(prefix="breakoutd-benchmark.") as root:
        access = ["--kubeconfig", kubeconfig]
        commands = {
            "kubectl": Command("kubectl", ["kubectl", *access, "get", "pods", "--all-namespaces", "--chunk-size=500",
                                           f"--field-selector=spec.nodeName={API_NODE}", "-o", "name"]),
            # With an hour, since a server on a busy machine is slow, and half a list would be a fast one.
            "pods": Command("pods", [options.binary, "pods", *access, "--node-name", API_NODE, "--root", root,
                                     "--timeout", "3600", "--format", "json"], is_product=True),
        }
        require_pods(commands["pods"].arguments)
        run_in_turn(commands, min(options.rounds, API_ROUNDS))
    return metrics_of(commands)


def require_pods(arguments):
    """Ends if breakoutd does not get every pod: none of them runs here, so its exit code is that of gaps anyway."""
    output = subprocess.run(arguments, check=False, stdout=subprocess.PIPE).stdout
    api = json.loads(output or "{}").get("api") or {}
    if api.get("pods") != API_PODS or api.get("failure"):
        die(f"breakoutd pods did not get {API_PODS} pods: {api}")


def metrics_of(commands):
    kubectl, pods = commands["kubectl"], commands["pods"]
    times = [metric(f"{name}-time", command.median, "ms")
             for name, command in commands.items()]
    cpu = statistics.median(one.cpu / other.cpu for one, other in zip(pods.runs, kubectl.runs))
    return [metric("pods-to-kubectl", median_ratio(pods, kubectl), "ratio", 1),
            # The server's own time is in both, but not in this.
            metric("pods-to-kubectl-cpu", cpu, "ratio", 0.4),
            metric("pods-peak-memory", pods.megabytes, "MB", 120),
            metric("kubectl-peak-memory", kubectl.megabytes, "MB"), *times]
