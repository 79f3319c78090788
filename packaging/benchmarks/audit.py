"""The part `audit`: judging manifests, beside parsing them alone with Python's yaml.CSafeLoader."""

import subprocess
import tempfile
from pathlib import Path

from tools import CACHE, REPOSITORY, Command, median_ratio, metric, run_in_turn

MANIFESTS = 10000
# Few, since it is not the reading of a command line that is measured.
MANIFEST_FILES = 100
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{number}
  namespace: team-{team}
  labels: {{app: web-{number}, tier: front}}
spec:
  replicas: 3
  selector:
    matchLabels: {{app: web-{number}}}
  template:
    metadata:
      labels: {{app: web-{number}, tier: front}}
    spec:
      serviceAccountName: web
      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        seccompProfile: {{type: RuntimeDefault}}
      containers:
      - name: web
        image: registry.example/web:{number}
        command: ["/bin/web", "--port", "8080"]
        ports:
        - containerPort: 8080
          protocol: TCP
        resources:
          requests: {{cpu: 100m, memory: 128Mi}}
          limits: {{cpu: 500m, memory: 256Mi}}
        securityContext:
          allowPrivilegeEscalation: false
          capabilities: {{drop: [ALL]}}
        volumeMounts:
        - name: data
          mountPath: /data
        - name: config
          mountPath: /etc/web
          readOnly: true
      volumes:
      - name: data
        emptyDir: {{}}
      - name: config
        configMap: {{name: web-{number}}}
"""
YAML_PROGRAM = """
import os, sys, yaml
paths = sys.argv[1:]
if os.path.isdir(paths[0]):
    paths = [entry.path for entry in os.scandir(paths[0])]
for path in paths:
    with open(path, "rb") as file:
        for _ in yaml.load_all(file, yaml.CSafeLoader):
            pass
"""


def python_with_yaml():
    """The bench's Python, which has PyYAML in a known version."""
    subprocess.run([REPOSITORY / "packaging/bench/setup"], check=True, stdout=subprocess.DEVNULL)
    return str(CACHE / "venv/bin/python")


def write_manifests(folder, documents_per_file):
    """Fills a folder with files of manifests, and returns their paths."""
    paths = []
    for first in range(0, MANIFESTS, documents_per_file):
        path = Path(folder, f"{first}.yaml")
        documents = (MANIFEST.format(number=number, team=number % 50)
                     for number in range(first, first + documents_per_file))
        path.write_text("---\n".join(documents), encoding="ascii")
        paths.append(str(path))
    return paths


def measure(options):
    """In some files of many documents, and in a directory of single ones."""
    python = python_with_yaml()
    with (tempfile.TemporaryDirectory(prefix="breakoutd-benchmark.") as folder,
          tempfile.TemporaryDirectory(prefix="breakoutd-benchmark.") as directory):
        paths = write_manifests(folder, MANIFESTS // MANIFEST_FILES)
        write_manifests(directory, 1)
        commands = {
            "yaml": Command("yaml", [python, "-c", YAML_PROGRAM, *paths]),
            "audit": Command("audit", [options.binary, "audit", *paths], is_product=True),
            "yaml-directory": Command("yaml-directory", [python, "-c", YAML_PROGRAM, directory]),
            "audit-directory": Command("audit-directory", [options.binary, "audit", directory], is_product=True),
        }
        run_in_turn(commands, options.rounds)
    return metrics_of(commands)


def metrics_of(commands):
    yaml, audit = commands["yaml"], commands["audit"]
    times = [metric(f"{name}-time", command.median, "ms")
             for name, command in commands.items()]
    directory = median_ratio(commands["audit-directory"], commands["yaml-directory"])
    return [metric("audit-to-yaml", median_ratio(audit, yaml), "ratio", 1),
            metric("audit-directory-to-yaml", directory, "ratio", 1), *times,
            metric("audit-peak-memory", audit.megabytes, "MB")]
