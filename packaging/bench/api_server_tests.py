"""Tests of the stand-in API server. Run by `test-api-server`, which sees to kubectl and openssl."""

import base64
import datetime
import gzip
import hashlib
import hmac
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
NODE = "ip-192-0-2-10.ec2.internal"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
PATIENCE = 20
PODS = "/api/v1/pods"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


def pod(name: str, node: str = NODE, namespace: str = "shop", **labels: str) -> dict[str, Any]:
    """A running pod."""
    spec = {"nodeName": node, "containers": [{"name": "main", "image": "bench.test/busybox:1"}]}
    state = {"name": "main", "ready": True, "restartCount": 0, "state": {"running": {}}}
    status = {"phase": "Running", "podIP": "10.0.0.7", "containerStatuses": [state]}
    return {"metadata": {"name": name, "namespace": namespace, "labels": labels}, "spec": spec, "status": status}


class Case(unittest.TestCase):
    """A server of its own for each test."""

    options = ("--secret-access-key", SECRET)

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="api-server-")
        self.addCleanup(folder.cleanup)
        self.state = Path(folder.name)
        command: list[Any] = [HERE / "api-server", "--state-dir", self.state, "--until-stdin-closes"]
        command += self.options
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end_server)
        ready = self.server.stdout.readline()
        self.assertRegex(ready, r"^ready https://127\.0\.0\.1:[0-9]+\n$")
        self.port = int(ready.rsplit(":", 1)[1])

    def end_server(self) -> None:
        """Closes its standard input, which has to end it."""
        self.server.stdin.close()
        try:
            self.assertEqual(self.server.wait(PATIENCE), 0)
        finally:
            self.server.kill()
            self.server.stdout.close()

    def control(self, **command: Any) -> dict[str, Any]:
        """Gives a command that has to succeed."""
        answer = self.control_answer(command)
        self.assertTrue(answer.get("ok"), answer)
        return answer

    def control_answer(self, command: Any) -> dict[str, Any]:
        """Gives a command."""
        with socket.socket(socket.AF_UNIX) as connection, connection.makefile("rwb") as file:
            connection.settimeout(PATIENCE)
            connection.connect(str(self.state / "control.sock"))
            file.write(json.dumps(command).encode() + b"\n")
            file.flush()
            return json.loads(file.readline())

    def apply(self, *pods: dict[str, Any]) -> str:
        """Makes pods; returns the resource version."""
        return self.control(op="apply", pods=list(pods))["resourceVersion"]

    def connect(self, certificate: bool = False) -> http.client.HTTPSConnection:
        """A new connection, verified against the CA."""
        context = ssl.create_default_context(cafile=self.state / "ca.crt")
        if certificate:
            context.load_cert_chain(self.state / "client.crt", self.state / "client.key")
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=PATIENCE)
        self.addCleanup(connection.close)
        return connection

    def open(
        self, path: str, *, token: str | None = None, accept: str = "application/json",
        connection: http.client.HTTPSConnection | None = None, **query: Any,
    ) -> http.client.HTTPResponse:  # fmt: skip
        """Sends a GET and returns the answer with its body unread. The default token is the file's."""
        headers = {"Accept": accept}
        if token is None:
            token = (self.state / "token").read_text()
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = connection or self.connect()
        connection.request("GET", path + "?" * bool(query) + urllib.parse.urlencode(query), headers=headers)
        return connection.getresponse()

    def get(self, path: str, **options: Any) -> tuple[int, dict[str, Any]]:
        """The status and the JSON of a GET."""
        response = self.open(path, **options)
        return response.status, json.load(response)

    def watch(self, **query: Any) -> http.client.HTTPResponse:
        """A watch on pods that the server has begun."""
        response = self.open(PODS, watch=1, **query)
        self.assertEqual(response.status, 200)
        return response

    def kubectl(self, *words: str, kubeconfig: str = "token", code: int = 0, **environment: str) -> str:
        """The output of kubectl, both kinds."""
        result = subprocess.run(
            self.kubectl_command(*words, kubeconfig=kubeconfig), env=self.environment(**environment), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, check=False,
        )  # fmt: skip
        self.assertEqual(result.returncode, code, result.stdout)
        return result.stdout

    def kubectl_command(self, *words: str, kubeconfig: str = "token") -> list[str]:
        """The command line of kubectl."""
        return ["kubectl", "--kubeconfig", str(self.state / f"kubeconfig-{kubeconfig}"), *words]

    def environment(self, **more: str) -> dict[str, str]:
        """kubectl keeps its caches with the server."""
        return {**os.environ, "HOME": str(self.state), "NO_PROXY": "127.0.0.1", **more}


def event(response: http.client.HTTPResponse) -> tuple[str, str]:
    """Type and name (for a bookmark: version) of the next event of a watch; the type is empty at its end."""
    line = response.readline()
    if not line:
        return "", ""
    value = json.loads(line)
    metadata = value["object"]["metadata"]
    return value["type"], metadata.get("name") or metadata["resourceVersion"]


def names(value: dict[str, Any]) -> list[str]:
    """The names in a list."""
    return [item["metadata"]["name"] for item in value["items"]]


class Kubectl(Case):
    """What real kubectl makes of it."""

    def test_wide_table(self) -> None:
        self.apply(pod("cart"), pod("waits", node="", namespace="other") | {"status": {}})
        lines = self.kubectl("get", "pods", "-A", "-o", "wide").splitlines()
        columns = "NAMESPACE NAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES"
        self.assertEqual(lines[0].split(), columns.split())
        self.assertEqual(lines[1].split()[:5], ["other", "waits", "0/1", "Pending", "0"])
        self.assertEqual(lines[2].split()[:5], ["shop", "cart", "1/1", "Running", "0"])
        self.assertEqual(lines[2].split()[6:], ["10.0.0.7", NODE, "<none>", "<none>"])

    def test_watch(self) -> None:
        self.apply(pod("first"))
        command = self.kubectl_command("get", "pods", "-A", "-w", "--no-headers")
        with subprocess.Popen(command, env=self.environment(), stdout=subprocess.PIPE, text=True) as process:
            try:
                self.assertEqual(process.stdout.readline().split()[:4], ["shop", "first", "1/1", "Running"])
                changed = pod("second")
                changed["status"]["containerStatuses"][0] |= {"ready": False, "state": {"waiting": {"reason": "Error"}}}
                self.apply(changed)
                self.assertEqual(process.stdout.readline().split()[:4], ["shop", "second", "0/1", "Error"])
            finally:
                process.kill()

    def test_chunks(self) -> None:
        self.apply(*(pod(f"p{number}") for number in range(5)))
        output = self.kubectl("get", "pods", "-A", "--chunk-size=2", "-o", "name")
        self.assertEqual(output.split(), [f"pod/p{number}" for number in range(5)])
        queries = [each["query"] for each in self.control(op="requests")["requests"] if each["path"] == PODS]
        pages = [("limit=2" in each, "continue=" in each) for each in queries]
        self.assertEqual(pages, [(True, False), (True, True), (True, True)])

    def test_certificate_is_the_node(self) -> None:
        self.apply(pod("own"), pod("foreign", node="another"))
        refusal = self.kubectl("get", "pods", "-A", kubeconfig="certificate", code=1)
        self.assertIn("can only list/watch pods with spec.nodeName field selector", refusal)
        own = ("get", "pods", "-A", "-o", "name", "--field-selector", f"spec.nodeName={NODE}")
        self.assertEqual(self.kubectl(*own, kubeconfig="certificate"), "pod/own\n")
        self.assertIn("Forbidden", self.kubectl("get", "namespaces", kubeconfig="certificate", code=1))
        self.assertEqual(self.kubectl("get", "node", NODE, "-o", "name", kubeconfig="certificate"), f"node/{NODE}\n")

    def test_exec_kubeconfigs(self) -> None:
        self.apply(pod("own"))
        credential = {"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1beta1"}
        credential["status"] = {"token": eks_token()}
        plugin = self.state / "aws"
        plugin.write_text(f"#!/bin/sh\necho \"$@\" >$0.words\ncat <<'E'\n{json.dumps(credential)}\nE\n")
        plugin.chmod(0o755)
        own = ("get", "pods", "-A", "-o", "name", "--field-selector", f"spec.nodeName={NODE}")
        path = f"{self.state}:{os.environ['PATH']}"
        self.assertEqual(self.kubectl(*own, kubeconfig="exec-al2023", PATH=path), "pod/own\n")
        words = (self.state / "aws.words").read_text()
        self.assertEqual(words, "eks get-token --cluster-name bench --region us-east-1\n")

        view = json.loads(self.kubectl("config", "view", "-o", "json", kubeconfig="exec-al2"))
        plugin_of_al2 = view["users"][0]["user"]["exec"]
        self.assertEqual(plugin_of_al2["command"], "/usr/bin/aws-iam-authenticator")
        self.assertEqual(plugin_of_al2["args"], ["token", "-i", "bench", "--region", "us-east-1"])

    def test_create(self) -> None:
        manifests = [
            {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "demo"}},
            {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "made", "namespace": "demo"}, "spec": {}},
            {"kind": "ServiceAccount", "apiVersion": "v1", "metadata": {"name": "made", "namespace": "demo"}},
            {"kind": "PodSecurityPolicy", "apiVersion": "policy/v1beta1", "metadata": {"name": "made"}, "spec": {}},
            {"kind": "ClusterRole", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "psp:made"}},
        ]
        file = self.state / "manifests.json"
        file.write_text("\n".join(map(json.dumps, manifests)))
        output = self.kubectl("create", "--validate=false", "-f", str(file))
        self.assertEqual(output.count(" created\n"), len(manifests), output)
        made = json.loads(self.kubectl("get", "pod", "-n", "demo", "made", "-o", "json"))
        self.assertEqual(made["status"]["phase"], "Pending")
        self.assertTrue(made["metadata"]["uid"] and made["metadata"]["creationTimestamp"])
        self.assertIn("AlreadyExists", self.kubectl("create", "--validate=false", "-f", str(file), code=1))
        file.write_text(json.dumps({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "busybox_privileged"}}))
        refusal = self.kubectl("create", "--validate=false", "-f", str(file), code=1)
        self.assertIn('is invalid: metadata.name: Invalid value: "busybox_privileged"', refusal)


class Lists(Case):
    """Lists, pages, selectors and resource versions."""

    def test_pages_are_consistent(self) -> None:
        version = self.apply(*(pod(f"p{number}") for number in range(5)))
        _, first = self.get(PODS, limit=2)
        self.assertEqual((first["kind"], first["apiVersion"], names(first)), ("PodList", "v1", ["p0", "p1"]))
        self.assertNotIn("kind", first["items"][0])
        self.assertEqual((first["metadata"]["resourceVersion"], first["metadata"]["remainingItemCount"]), (version, 3))
        self.apply(pod("p4", app="changed"), pod("p9"))
        self.control(op="delete", namespace="shop", name="p2")
        _, rest = self.get(PODS, limit=500, **{"continue": first["metadata"]["continue"]})
        self.assertEqual((names(rest), rest["metadata"]), (["p2", "p3", "p4"], {"resourceVersion": version}))
        self.assertEqual(rest["items"][2]["metadata"]["labels"], {})
        self.assertEqual(names(self.get(PODS)[1]), ["p0", "p1", "p3", "p4", "p9"])
        exact = self.get(PODS, resourceVersion=version, resourceVersionMatch="Exact")
        self.assertEqual(names(exact[1]), ["p0", "p1", "p2", "p3", "p4"])

    def test_expired_continue(self) -> None:
        version = self.apply(*(pod(f"p{number}") for number in range(5)))
        _, first = self.get(PODS, limit=2)
        self.control(op="compact")
        code, gone = self.get(PODS, limit=2, **{"continue": first["metadata"]["continue"]})
        self.assertEqual((code, gone["kind"], gone["code"], gone["reason"]), (410, "Status", 410, "Expired"))
        code, rest = self.get(PODS, **{"continue": gone["metadata"]["continue"]})
        self.assertEqual((code, names(rest)), (200, ["p2", "p3", "p4"]))
        self.assertGreater(int(rest["metadata"]["resourceVersion"]), int(version))
        self.assertEqual(self.get(PODS, resourceVersion=version, resourceVersionMatch="Exact")[0], 410)

    def test_selectors(self) -> None:
        self.apply(pod("a", app="x"), pod("b", node="other", app="y"), pod("c", namespace="n", app="x"))
        for query, found in (
            ({"fieldSelector": f"spec.nodeName={NODE}"}, ["c", "a"]),
            ({"fieldSelector": f"spec.nodeName!={NODE}"}, ["b"]),
            ({"fieldSelector": "metadata.name=a,status.phase==Running"}, ["a"]),
            ({"fieldSelector": "metadata.namespace=n"}, ["c"]),
            ({"fieldSelector": "status.phase=Failed"}, []),
            ({"labelSelector": "app=x"}, ["c", "a"]),
            ({"labelSelector": "app!=x"}, ["b"]),
        ):
            with self.subTest(query):
                self.assertEqual(names(self.get(PODS, **query)[1]), found)
        self.assertEqual(names(self.get("/api/v1/namespaces/shop/pods")[1]), ["a", "b"])
        self.assertNotIn("remainingItemCount", self.get(PODS, limit=1, labelSelector="app=x")[1]["metadata"])

    def test_refusals(self) -> None:
        for path, query, code, reason in (
            (PODS, {"fieldSelector": "spec.host=a"}, 400, "BadRequest"),
            (PODS, {"labelSelector": "app in (a)"}, 400, "BadRequest"),
            (PODS, {"limit": "-1"}, 400, "BadRequest"),
            (PODS, {"continue": "?"}, 400, "BadRequest"),
            (PODS, {"resourceVersion": 10**9}, 504, "Timeout"),
            (PODS, {"accept": "application/vnd.kubernetes.protobuf"}, 406, "NotAcceptable"),
            ("/api/v1/namespaces/shop/pods/none", {}, 404, "NotFound"),
            ("/api/v1/secrets", {}, 404, "NotFound"),
        ):
            with self.subTest(path=path, query=query):
                status, body = self.get(path, **query)
                self.assertEqual((status, body["code"], body["reason"]), (code, code, reason))

    def test_big_list_is_compressed_if_wanted(self) -> None:
        self.control(op="generate", pods=200, bytes=4000, node=NODE)
        connection = self.connect()
        plain = self.open(PODS, connection=connection).read()
        self.assertAlmostEqual(len(plain) / 200, 4000, delta=150)
        headers = {"Accept-Encoding": "gzip", "Authorization": f"Bearer {(self.state / 'token').read_text()}"}
        connection.request("GET", PODS, headers=headers)
        response = connection.getresponse()
        self.assertEqual(response.headers["Content-Encoding"], "gzip")
        self.assertEqual(gzip.decompress(response.read()), plain)


class Watches(Case):
    """Events, versions and the end of watches."""

    def test_events(self) -> None:
        version = self.apply(pod("old", app="x"))
        watch = self.watch(resourceVersion=version, labelSelector="app=x", allowWatchBookmarks="true")
        self.apply(pod("new", app="x"), pod("unseen", app="y"))
        self.apply(pod("old", app="x"))
        last = self.apply(pod("new", app="y"))
        self.control(op="bookmark")
        deleted = self.control(op="delete", namespace="shop", name="old")["resourceVersion"]
        expected = [("ADDED", "new"), ("MODIFIED", "old"), ("DELETED", "new"), ("BOOKMARK", last)]
        self.assertEqual([event(watch) for _ in expected], expected)
        value = json.loads(watch.readline())
        self.assertEqual((value["type"], value["object"]["kind"]), ("DELETED", "Pod"))
        self.assertEqual(value["object"]["metadata"]["resourceVersion"], deleted)
        self.control(op="close-watches")
        self.assertEqual(event(watch), ("", ""))

    def test_where_it_begins(self) -> None:
        version = self.apply(pod("a"), pod("b"))
        self.apply(pod("a", app="x"))
        self.assertEqual(event(self.watch(resourceVersion=version)), ("MODIFIED", "a"))
        everything = self.watch(resourceVersion=0)
        self.assertEqual([event(everything) for _ in "ab"], [("ADDED", "a"), ("ADDED", "b")])

    def test_new_uid_is_a_new_pod(self) -> None:
        version = self.apply(pod("a"))
        replaced = pod("a")
        replaced["metadata"]["uid"] = "00000000-0000-4000-8000-000000000000"
        self.apply(replaced)
        watch = self.watch(resourceVersion=version)
        self.assertEqual([event(watch), event(watch)], [("DELETED", "a"), ("ADDED", "a")])

    def test_compaction(self) -> None:
        version = self.apply(pod("a"))
        running = self.watch(resourceVersion=version)
        newest = self.control(op="compact")["resourceVersion"]
        watch = self.watch(resourceVersion=version)
        value = json.loads(watch.readline())
        self.assertEqual((value["type"], value["object"]["code"]), ("ERROR", 410))
        self.assertEqual(value["object"]["reason"], "Expired")
        self.assertEqual(watch.readline(), b"")
        self.apply(pod("b"))
        self.assertEqual(event(running), ("ADDED", "b"))
        self.assertEqual(event(self.watch(resourceVersion=newest)), ("ADDED", "b"))

    def test_time_limit(self) -> None:
        connection = self.connect()
        watch = self.open(PODS, connection=connection, watch=1, timeoutSeconds=1)
        self.assertEqual(watch.read(), b"")
        self.assertEqual(self.open(PODS, connection=connection).status, 200)

    def test_churn(self) -> None:
        version = self.control(op="generate", pods=10, bytes=12_000, node=NODE)["resourceVersion"]
        watch = self.watch(resourceVersion=version)
        done = self.control(op="churn", perSecond=1000, count=1000)
        self.assertTrue(0.99 <= done["seconds"] < 3, done)
        self.assertEqual({event(watch)[0] for _ in range(1000)}, {"MODIFIED"})

    def test_table_events(self) -> None:
        watch = self.open(PODS, accept=TABLE, watch=1)
        self.apply(pod("a"), pod("b"))
        values = [json.loads(watch.readline())["object"] for _ in "ab"]
        self.assertEqual([each["kind"] for each in values], ["Table", "Table"])
        self.assertEqual([bool(each["columnDefinitions"]) for each in values], [True, False])


class Faults(Case):
    """Every fault that can be asked for."""

    def test_status(self) -> None:
        reasons = {401: "Unauthorized", 403: "Forbidden", 429: "TooManyRequests"}
        reasons |= {500: "InternalError", 503: "ServiceUnavailable"}
        for code, reason in reasons.items():
            with self.subTest(code):
                self.control(op="fault", match={"verb": "list", "count": 2}, status=code, retryAfter=7)
                for _ in "12":
                    response = self.open(PODS)
                    body = json.load(response)
                    self.assertEqual((response.status, body["code"], body["reason"]), (code, code, reason))
                    self.assertEqual(response.headers["Retry-After"], "7")
                self.assertEqual(self.get(PODS)[0], 200)

    def test_only_its_verb(self) -> None:
        self.control(op="fault", match={"verb": "watch"}, status=500)
        self.assertEqual(self.get(PODS)[0], 200)
        self.assertEqual(self.open(PODS, watch=1).status, 500)
        self.assertEqual(self.open(PODS, watch=1).status, 200)

    def test_cleared(self) -> None:
        self.control(op="fault", match={"count": 1000}, status=503)
        self.assertEqual(self.open(PODS).status, 503)
        self.control(op="clear-faults")
        self.assertEqual(self.get(PODS)[0], 200)

    def test_half_open(self) -> None:
        self.control(op="fault", match={"verb": "list"}, kind="half-open")
        connection = self.connect()
        connection.timeout = 0.3
        with self.assertRaises(TimeoutError):
            self.open(PODS, connection=connection)
        self.assertEqual(self.get(PODS)[0], 200)

        connection = self.connect()
        watch = self.open(PODS, connection=connection, watch=1)
        self.apply(pod("a"))
        self.assertEqual(event(watch), ("ADDED", "a"))
        running = {"verb": "watch", "running": True}
        self.assertEqual(self.control(op="fault", match=running, kind="half-open")["watches"], 1)
        self.apply(pod("b"))
        connection.sock.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            watch.readline()

    def test_reset(self) -> None:
        headers = {"Authorization": f"Bearer {(self.state / 'token').read_text()}"}
        for verb, path in (("get", f"/api/v1/nodes/{NODE}"), ("list", PODS), ("watch", f"{PODS}?watch=1")):
            with self.subTest(verb):
                self.control(op="fault", match={"verb": verb}, kind="reset")
                connection = self.connect()
                connection.request("GET", path, headers=headers)
                # Below TLS, whose layer may show a reset as an end.
                with socket.socket(fileno=os.dup(connection.sock.fileno())) as plain:
                    plain.settimeout(PATIENCE)
                    with self.assertRaises(ConnectionResetError):
                        while plain.recv(4096):
                            pass

    def test_truncate(self) -> None:
        self.control(op="generate", pods=100, bytes=2000, node=NODE)
        for path, verb in ((PODS, "list"), (f"/api/v1/nodes/{NODE}", "get")):
            self.control(op="fault", match={"verb": verb}, kind="truncate")
            with self.assertRaises(http.client.IncompleteRead) as caught:
                self.open(path).read()
            self.assertRaises(ValueError, json.loads, caught.exception.partial)
            self.assertEqual(caught.exception.partial[:1], b"{")
        self.control(op="fault", match={"verb": "watch"}, kind="truncate")
        with self.assertRaises(http.client.IncompleteRead) as caught:
            self.watch(resourceVersion=0).read()
        self.assertRegex(caught.exception.partial, rb'^\{"type":.*[^\n}]$')

    def test_error_event(self) -> None:
        self.control(op="fault", match={"verb": "watch"}, kind="error-event", code=410)
        watch = self.watch()
        value = json.loads(watch.readline())
        self.assertEqual((value["type"], value["object"]["code"]), ("ERROR", 410))
        self.assertEqual(watch.readline(), b"")

    def test_wrong_commands(self) -> None:
        for command in (
            {"op": "none"},
            {},
            [],
            {"op": "apply"},
            {"op": "delete", "namespace": "a", "name": "b"},
            {"op": "fault", "kind": "other"},
            {"op": "fault", "status": 200},
            {"op": "fault", "match": {"verb": "list"}, "kind": "error-event"},
            {"op": "churn", "perSecond": 0, "count": 1},
        ):
            with self.subTest(command):
                self.assertIn("error", self.control_answer(command))


class Users(Case):
    """Who may do what."""

    def test_tokens(self) -> None:
        for token in ("", "wrong", "k8s-aws-v1.", "k8s-aws-v1.ä"):
            code, body = self.get(PODS, token=token.encode().decode("latin-1"))
            self.assertEqual((code, body["reason"], body["message"]), (401, "Unauthorized", "Unauthorized"))
        old = (self.state / "token").read_text()
        self.control(op="rotate-token")
        self.assertEqual(self.get(PODS, token=old)[0], 401)
        self.assertEqual(self.get(PODS)[0], 200)
        self.assertEqual(self.kubectl("get", "pods", "-A", "-o", "name"), "")
        log = [each for each in self.control(op="requests")["requests"] if each["path"] == PODS]
        self.assertEqual([each["status"] for each in log], [401, 401, 401, 401, 401, 200, 200])
        self.assertEqual((log[0]["authentication"], log[-1]["authentication"]), ("none", "token"))

    def test_eks_token(self) -> None:
        own = {"fieldSelector": f"spec.nodeName={NODE}"}
        self.assertEqual(self.get(PODS, token=eks_token(), **own)[0], 200)
        code, body = self.get(PODS, token=eks_token())
        self.assertEqual((code, body["details"]), (403, {"kind": "pods"}))
        self.assertEqual(
            body["message"],
            f'pods is forbidden: User "system:node:{NODE}" cannot list resource "pods" in API group "" at the cluster '
            "scope: can only list/watch pods with spec.nodeName field selector",
        )
        for wrong in ({"cluster": "another"}, {"secret": "another"}, {"method": "POST"}):
            with self.subTest(wrong):
                self.assertEqual(self.get(PODS, token=eks_token(**wrong), **own)[0], 401)

    def test_node_reads_its_own_only(self) -> None:
        self.apply(pod("own"), pod("foreign", node="another"))
        for path, query, code in (
            (PODS, {"fieldSelector": f"spec.nodeName={NODE}"}, 200),
            (PODS, {"fieldSelector": "spec.nodeName=another"}, 403),
            (PODS, {"fieldSelector": f"spec.nodeName!={NODE}"}, 403),
            ("/api/v1/namespaces/shop/pods/own", {}, 200),
            ("/api/v1/namespaces/shop/pods/foreign", {}, 403),
            ("/api/v1/namespaces/shop/pods/none", {}, 403),
            (f"/api/v1/nodes/{NODE}", {}, 200),
            ("/api/v1/nodes", {}, 403),
            ("/api/v1/namespaces", {}, 403),
            ("/api/v1/namespaces/shop", {}, 403),
        ):
            with self.subTest(path=path, query=query):
                self.assertEqual(self.get(path, token="", connection=self.connect(certificate=True), **query)[0], code)

    def test_tls(self) -> None:
        context = ssl.create_default_context(cafile=self.state / "ca.crt")
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        for name in ("localhost", "127.0.0.1", "kubernetes"):
            plain = socket.create_connection(("127.0.0.1", self.port))
            with context.wrap_socket(plain, server_hostname=name) as connection:
                self.assertEqual(connection.version(), "TLSv1.2")
        stranger = socket.create_connection(("127.0.0.1", self.port))
        with stranger, self.assertRaises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(stranger, server_hostname="localhost")


def eks_token(
    *, cluster: str = "bench", secret: str = SECRET, method: str = "GET", minutes: int = 0, path: str = "/",
    host: str = "sts.us-east-1.amazonaws.com", more: str = "", signed: tuple[str, ...] = ("host", "x-k8s-aws-id"),
) -> str:  # fmt: skip
    """A token as `aws eks get-token` makes it, or one that is wrong in one way."""
    date = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=minutes)
    stamp, scope = date.strftime("%Y%m%dT%H%M%SZ"), f"{date:%Y%m%d}/us-east-1/sts/aws4_request"
    query = {"Action": "GetCallerIdentity", "Version": "2011-06-15", "X-Amz-Algorithm": "AWS4-HMAC-SHA256"}
    query |= {"X-Amz-Credential": f"AKIDEXAMPLE/{scope}", "X-Amz-Date": stamp, "X-Amz-Expires": "60"}
    query["X-Amz-SignedHeaders"] = ";".join(signed)
    text = urllib.parse.urlencode(query, quote_via=urllib.parse.quote, safe="-_.~") + more
    values = {"host": host, "x-k8s-aws-id": cluster}
    headers = "".join(f"{name}:{values[name]}\n" for name in signed)
    request = f"{method}\n{path}\n{text}\n{headers}\n{';'.join(signed)}\n{hashlib.sha256().hexdigest()}"
    lines = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for part in [*scope.split("/"), lines]:
        key = hmac.digest(key, part.encode(), "sha256")
    url = f"https://{host}{path}?{text}&X-Amz-Signature={key.hex()}"
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


class TokenForm(Case):
    """EKS tokens where the secret key is not known."""

    options = ()

    def test_form(self) -> None:
        for change, code in (
            ({}, 200),
            ({"secret": "another"}, 200),
            ({"minutes": 14}, 200),
            ({"minutes": 16}, 401),
            ({"host": "sts.us-east-1.example.com"}, 401),
            ({"host": "sts.amazonaws.com.example.com"}, 401),
            ({"path": "/x"}, 401),
            ({"more": "&Expires=1"}, 401),
            ({"more": "&Version=2011-06-15"}, 401),
            ({"signed": ("host",)}, 401),
        ):
            with self.subTest(change):
                query = {"fieldSelector": f"spec.nodeName={NODE}"}
                self.assertEqual(self.get(PODS, token=eks_token(**change), **query)[0], code)


class Ending(Case):
    """How it ends."""

    def test_sigterm(self) -> None:
        watch = self.watch()
        started = time.monotonic()
        self.server.terminate()
        self.assertEqual(self.server.wait(PATIENCE), 0)
        self.assertLess(time.monotonic() - started, 5)
        watch.close()
        self.assertFalse((self.state / "control.sock").exists())


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main(verbosity=1)
