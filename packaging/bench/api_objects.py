"""The objects of the stand-in API server: its kinds, its store with a history, selectors and tables.

The store keeps each object as encoded JSON and parses it only where it has to, so that a list of many megabytes costs
little more than its bytes. Resource versions are consecutive numbers over all kinds, as etcd's revisions are.
"""

import asyncio
import base64
import collections
import dataclasses
import datetime
import itertools
import json
import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

Object = dict[str, Any]
Key = tuple[str, str]

# How many changes can be watched from or undone for a page, and how many may wait for a slow watch.
EVENTS_KEPT = 16_384
UID_SPACE = uuid.UUID("5b1f8a3e-8f0c-4f6e-9b57-2d2f3f0f7a10")


class ApiError(Exception):
    """What the server answers with a Status object."""

    def __init__(self, code: int, reason: str, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after: int | None = extra.pop("retryAfter", None)
        self.status: Object = {"kind": "Status", "apiVersion": "v1", "metadata": extra.pop("metadata", {})}
        self.status |= {"status": "Failure", "message": message, "reason": reason, **extra, "code": code}


def encode(value: Any) -> bytes:
    """Compact JSON, as the real server writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def now() -> str:
    """The time as Kubernetes writes it, in whole seconds."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- kinds -----------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Resource:
    """A kind and the path that serves it."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    short: str = ""

    @property
    def api_version(self) -> str:
        """GROUP/VERSION, or the version alone for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def opening(self, kind_suffix: str = "") -> bytes:
        """The beginning of an object's JSON, up to where its other members follow."""
        return encode({"kind": self.kind + kind_suffix, "apiVersion": self.api_version})[:-1] + b","

    def whole(self, stored: "Stored") -> bytes:
        """The JSON of an object that stands alone; an item of a list says neither kind nor apiVersion."""
        return self.opening() + stored.json[1:]


RBAC = "rbac.authorization.k8s.io"
PODS = Resource("", "v1", "pods", "Pod", True, "po")
NODES = Resource("", "v1", "nodes", "Node", False, "no")
NAMESPACES = Resource("", "v1", "namespaces", "Namespace", False, "ns")
RESOURCES = (
    PODS,
    NODES,
    NAMESPACES,
    Resource("", "v1", "serviceaccounts", "ServiceAccount", True, "sa"),
    Resource("", "v1", "configmaps", "ConfigMap", True, "cm"),
    Resource("apps", "v1", "daemonsets", "DaemonSet", True, "ds"),
    Resource("policy", "v1beta1", "podsecuritypolicies", "PodSecurityPolicy", False, "psp"),
    Resource(RBAC, "v1", "clusterroles", "ClusterRole", False),
    Resource(RBAC, "v1", "clusterrolebindings", "ClusterRoleBinding", False),
    Resource(RBAC, "v1", "roles", "Role", True),
    Resource(RBAC, "v1", "rolebindings", "RoleBinding", True),
)


# --- selectors -------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Requirement:
    """KEY=VALUE or KEY!=VALUE."""

    key: str
    value: str
    equal: bool

    def holds(self, values: dict[str, str]) -> bool:
        """A missing value is no match for `=`, and one for `!=`; a field that is not set is empty, not missing."""
        return (values.get(self.key) == self.value) == self.equal


def parse_selector(text: str) -> tuple[Requirement, ...]:
    """Reads an equality selector; ApiError 400 for any other form."""
    requirements = []
    for part in filter(None, text.split(",")):
        match = re.fullmatch(r"\s*([^\s=!()]+)\s*(==|=|!=)\s*([^\s=!()]*)\s*", part)
        if not match:
            raise ApiError(400, "BadRequest", f"unable to parse requirement: {part}")
        requirements.append(Requirement(match[1], match[3], match[2] != "!="))
    return tuple(requirements)


@dataclasses.dataclass(frozen=True)
class Selection:
    """Which objects a request is about."""

    resource: Resource
    namespace: str = ""
    fields: tuple[Requirement, ...] = ()
    labels: tuple[Requirement, ...] = ()

    def __post_init__(self) -> None:
        known = {"metadata.name", "metadata.namespace"}
        if self.resource is PODS:
            known |= {"spec.nodeName", "status.phase"}
        for requirement in self.fields:
            if requirement.key not in known:
                raise ApiError(400, "BadRequest", f"field label not supported: {requirement.key}")

    def matches(self, stored: "Stored") -> bool:
        """Whether an object is in the selection."""
        return (
            (not self.namespace or stored.namespace == self.namespace)
            and all(requirement.holds(stored.fields) for requirement in self.fields)
            and all(requirement.holds(stored.labels) for requirement in self.labels)
        )

    def required(self, field: str) -> str:
        """The value that a field must be equal to, or nothing."""
        return next((each.value for each in self.fields if each.key == field and each.equal), "")


# --- the store -------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True)
class Stored:
    """One version of one object: what selectors look at, and its JSON without kind and apiVersion."""

    namespace: str
    name: str
    fields: dict[str, str]
    labels: dict[str, str]
    json: bytes

    @staticmethod
    def of(item: Object, version: int) -> "Stored":
        """Encodes an object with this resource version."""
        metadata = item["metadata"]
        metadata["resourceVersion"] = str(version)
        namespace, name = metadata.get("namespace", ""), metadata["name"]
        fields = {"metadata.namespace": namespace, "metadata.name": name}
        fields["spec.nodeName"] = item.get("spec", {}).get("nodeName", "")
        fields["status.phase"] = item.get("status", {}).get("phase", "")
        members = {key: value for key, value in item.items() if key not in ("kind", "apiVersion")}
        return Stored(namespace, name, fields, metadata.get("labels", {}), encode(members))

    def parsed(self) -> Object:
        """A copy of the object that the caller may change."""
        return json.loads(self.json)


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """One entry of the history: `before` is missing for what was made, `after` for what was deleted."""

    version: int
    resource: Resource
    key: Key
    before: Stored | None
    after: Stored | None


@dataclasses.dataclass(frozen=True, slots=True)
class Notice:
    """What a watch has to do next: send an object or a bookmark, fail in the way of `fault`, or end (CLOSE)."""

    type: str
    stored: Stored | None = None
    version: int = 0
    fault: Any = None


class Watcher:
    """A running watch: the notices that wait to be sent. One that falls too far behind is closed."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.pending: collections.deque[Notice] = collections.deque()
        self.ready = asyncio.Event()

    def push(self, notice: Notice) -> None:
        """Adds a notice."""
        if len(self.pending) >= EVENTS_KEPT:
            self.pending.clear()
            notice = Notice("CLOSE")
        self.pending.append(notice)
        self.ready.set()

    def see(self, change: Change) -> None:
        """Adds what a change is to this watch: an object that leaves its selection is deleted to it."""
        if change.resource is not self.selection.resource:
            return
        was = change.before is not None and self.selection.matches(change.before)
        if change.after is not None and self.selection.matches(change.after):
            self.push(Notice("MODIFIED" if was else "ADDED", change.after))
        elif was and change.before is not None:
            self.push(Notice("DELETED", Stored.of(change.before.parsed(), change.version)))


@dataclasses.dataclass(frozen=True)
class Page:
    """A part of a list, or all of it. `remaining` is None where the real server does not tell it."""

    items: list[Stored]
    version: int
    next: str = ""
    remaining: int | None = None

    def metadata(self) -> Object:
        """The ListMeta of the answer."""
        metadata: Object = {"resourceVersion": str(self.version)}
        if self.next:
            metadata["continue"] = self.next
        if self.remaining is not None:
            metadata["remainingItemCount"] = self.remaining
        return metadata


class Store:
    """All objects, their history, and the watches on them."""

    def __init__(self) -> None:
        self.version = 1000
        self.compacted = self.version
        self.objects: dict[Resource, dict[Key, Stored]] = {resource: {} for resource in RESOURCES}
        self.history: collections.deque[Change] = collections.deque()
        self.watchers: set[Watcher] = set()

    # Changes

    def put(self, resource: Resource, item: Object) -> Stored:
        """Makes or replaces an object. A replaced one keeps its uid; with another uid it is another object."""
        metadata = item["metadata"]
        key = (metadata.get("namespace", ""), metadata["name"])
        before = self.objects[resource].get(key)
        if before:
            old = before.parsed()["metadata"]
            if metadata.setdefault("uid", old["uid"]) == old["uid"]:
                metadata.setdefault("creationTimestamp", old["creationTimestamp"])
            else:
                self.remove(resource, key)
                before = None
        version = self.version + 1
        metadata.setdefault("uid", str(uuid.uuid5(UID_SPACE, f"{resource.plural}/{'/'.join(key)}/{version}")))
        metadata.setdefault("creationTimestamp", now())
        after = Stored.of(item, version)
        self._record(Change(version, resource, key, before, after))
        return after

    def remove(self, resource: Resource, key: Key) -> None:
        """Deletes an object; KeyError when there is none."""
        before = self.objects[resource][key]
        self._record(Change(self.version + 1, resource, key, before, None))

    def compact(self) -> None:
        """Makes every resource version handed out so far too old. Running watches go on."""
        self.version += 1
        self.compacted = self.version
        self.history.clear()

    def _record(self, change: Change) -> None:
        _set(self.objects[change.resource], change.key, change.after)
        self.version = change.version
        self.history.append(change)
        if len(self.history) > EVENTS_KEPT:
            self.compacted = self.history.popleft().version
        for watcher in self.watchers:
            watcher.see(change)

    # Reading

    def at(self, resource: Resource, version: int) -> dict[Key, Stored]:
        """The objects as they were at a resource version: today's, with the newer changes undone."""
        objects = dict(self.objects[resource])
        for change in itertools.takewhile(lambda each: each.version > version, reversed(self.history)):
            if change.resource is resource:
                _set(objects, change.key, change.before)
        return objects

    def page(self, selection: Selection, limit: int, token: str, version: int | None) -> Page:
        """A page of at most `limit` objects (0: all), after a continue token, at an exact version (None: now)."""
        after: Key | None = None
        if token:
            version, after = decode_token(token)
        if version is None:
            version = self.version
        if version < self.compacted:
            raise _expired(after)
        objects = sorted(self.at(selection.resource, version).items())
        items = [each for key, each in objects if (after is None or key > after) and selection.matches(each)]
        if not limit or len(items) <= limit:
            return Page(items, version)
        selects = selection.fields or selection.labels
        last = (items[limit - 1].namespace, items[limit - 1].name)
        return Page(items[:limit], version, encode_token(version, last), None if selects else len(items) - limit)

    def watch(self, selection: Selection, version: int) -> Watcher:
        """A watch that begins after a version; 0 begins with all objects as ADDED. ApiError 410 if that is too old."""
        if 0 < version < self.compacted:
            raise ApiError(410, "Expired", f"too old resource version: {version} ({self.compacted})")
        watcher = Watcher(selection)
        if version:
            for change in self.history:
                if change.version > version:
                    watcher.see(change)
        else:
            watcher.pending.extend(Notice("ADDED", each) for each in self.page(selection, 0, "", None).items)
            watcher.ready.set()
        self.watchers.add(watcher)
        return watcher


def _set(objects: dict[Key, Stored], key: Key, value: Stored | None) -> None:
    if value is None:
        objects.pop(key, None)
    else:
        objects[key] = value


def encode_token(version: int, last: Key) -> str:
    """A continue token: goes on after object `last` at a version; -1 is whatever the version is then."""
    value = {"v": "meta.k8s.io/v1", "rv": version, "start": "/".join(last)}
    return base64.urlsafe_b64encode(encode(value)).decode().rstrip("=")


def decode_token(token: str) -> tuple[int | None, Key]:
    """Reads a continue token; ApiError 400 for anything else."""
    try:
        value = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        namespace, name = value["start"].split("/")
        version = int(value["rv"])
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ApiError(400, "BadRequest", f"continue key is not valid: {problem}") from problem
    return (version if version >= 0 else None), (namespace, name)


def _expired(after: Key | None) -> ApiError:
    """410 for a version, or for a continue token: then with one that goes on with the objects of today."""
    if after is None:
        return ApiError(410, "Expired", "The resourceVersion for the provided list is too old.")
    message = (
        "The provided continue parameter is too old to display a consistent list result. You can start a new list "
        "without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
        "results. Continuing with the provided token results in an inconsistent list - objects that were created, "
        "modified, or deleted between the time the first chunk was returned and now may show up in the list."
    )
    return ApiError(410, "Expired", message, metadata={"continue": encode_token(-1, after)})


# --- tables ----------------------------------------------------------------------------------------------------


def table(resource: Resource, items: Iterable[Stored], metadata: Object, include: str, headed: bool = True) -> bytes:
    """The Table that kubectl prints. `include`: whether rows carry the object's Metadata, the Object, or None."""
    columns = [
        {"name": name, "type": "string", "format": "name" * (name == "Name"), "description": "", "priority": priority}
        for name, priority in _columns(resource)
    ]
    value: Object = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
    value |= {"columnDefinitions": columns if headed else None}
    value["rows"] = [_row(resource, item, include) for item in items]
    return encode(value) + b"\n"


def _columns(resource: Resource) -> list[tuple[str, int]]:
    """Names and priorities; priority 1 shows with `-o wide` only."""
    plain = {PODS: ["Ready", "Status", "Restarts"], NODES: ["Status", "Roles"], NAMESPACES: ["Status"]}
    wide = {PODS: ["IP", "Node", "Nominated Node", "Readiness Gates"]}
    names = ["Name", *plain.get(resource, []), "Age"] + ["Version"] * (resource is NODES)
    return [(name, 0) for name in names] + [(name, 1) for name in wide.get(resource, [])]


def _row(resource: Resource, stored: Stored, include: str) -> Object:
    item = stored.parsed()
    age = _since(item["metadata"]["creationTimestamp"])
    status = item.get("status", {})
    cells: list[Any] = [stored.name]
    if resource is PODS:
        cells += [*_pod_cells(item), age, *_pod_wide_cells(item)]
    elif resource is NODES:
        ready = _condition(status, "Ready")
        cells += ["Ready" if ready else "NotReady", "<none>", age, status.get("nodeInfo", {}).get("kubeletVersion", "")]
    elif resource is NAMESPACES:
        cells += [status.get("phase", ""), age]
    else:
        cells.append(age)
    row: Object = {"cells": cells}
    if include == "Object":
        row["object"] = {"kind": resource.kind, "apiVersion": resource.api_version, **item}
    elif include != "None":
        row["object"] = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": item["metadata"]}
    return row


def _condition(status: Object, kind: str) -> bool:
    return any(each["type"] == kind and each["status"] == "True" for each in status.get("conditions", []))


def _pod_cells(pod: Object) -> list[str]:
    """Ready, Status, Restarts."""
    spec, status = pod.get("spec", {}), pod.get("status", {})
    containers = status.get("containerStatuses", [])
    sidecars = [each["name"] for each in spec.get("initContainers", []) if each.get("restartPolicy") == "Always"]
    initial = status.get("initContainerStatuses", [])
    reason = status.get("reason") or status.get("phase", "")
    initializing = _initializing(initial, sidecars)
    if initializing:
        reason = f"Init:{initializing}"
    else:
        reason = _containers_reason(containers, reason, _condition(status, "Ready"))
    if "deletionTimestamp" in pod["metadata"]:
        reason = "Unknown" if status.get("reason") == "NodeLost" else "Terminating"
    ready = sum(bool(each.get("ready")) for each in containers)
    ready += sum(bool(each.get("ready")) for each in initial if each["name"] in sidecars)
    counted = initial if initializing else containers + [each for each in initial if each["name"] in sidecars]
    total = len(spec.get("containers", [])) + len(sidecars)
    return [f"{ready}/{total}", reason, _restarts(counted)]


def _initializing(statuses: list[Object], sidecars: list[str]) -> str:
    """Why the pod's initialisation is not over, or nothing."""
    for index, status in enumerate(statuses):
        state = status.get("state", {})
        ended, waiting = state.get("terminated"), state.get("waiting", {}).get("reason")
        if (ended and not ended["exitCode"]) or (status["name"] in sidecars and status.get("started")):
            continue
        if ended:
            return _end_reason(ended)
        return waiting if waiting and waiting != "PodInitializing" else f"{index}/{len(statuses)}"
    return ""


def _containers_reason(statuses: list[Object], reason: str, ready: bool) -> str:
    """The first container's trouble, else the pod's own reason."""
    running = False
    for status in reversed(statuses):
        state = status.get("state", {})
        if state.get("waiting", {}).get("reason"):
            reason = state["waiting"]["reason"]
        elif "terminated" in state:
            reason = _end_reason(state["terminated"])
        running = running or bool(status.get("ready") and "running" in state)
    if reason == "Completed" and running:
        return "Running" if ready else "NotReady"
    return reason


def _end_reason(ended: Object) -> str:
    if ended.get("reason"):
        return ended["reason"]
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended['exitCode']}"


def _restarts(statuses: list[Object]) -> str:
    count = sum(each.get("restartCount", 0) for each in statuses)
    ends = [each.get("lastState", {}).get("terminated", {}).get("finishedAt") for each in statuses]
    last = max(filter(None, ends), default=None)
    return f"{count} ({_since(last)} ago)" if count and last else str(count)


def _pod_wide_cells(pod: Object) -> list[str]:
    spec, status = pod.get("spec", {}), pod.get("status", {})
    gates = spec.get("readinessGates", [])
    met = sum(_condition(status, gate["conditionType"]) for gate in gates)
    addresses = [status.get("podIP"), spec.get("nodeName"), status.get("nominatedNodeName")]
    return [*(each or "<none>" for each in addresses), f"{met}/{len(gates)}" if gates else "<none>"]


def _since(time: str) -> str:
    """The age of a time as kubectl writes it, such as 5m10s."""
    then = datetime.datetime.fromisoformat(time)
    seconds = max(0, int((datetime.datetime.now(datetime.UTC) - then).total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    forms = [
        (120, f"{seconds}s"),
        (600, f"{minutes}m{seconds % 60}s" if seconds % 60 else f"{minutes}m"),
        (3 * 3600, f"{minutes}m"),
        (8 * 3600, f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"),
        (48 * 3600, f"{hours}h"),
        (8 * 86400, f"{days}d{hours % 24}h" if hours % 24 else f"{days}d"),
        (2 * 365 * 86400, f"{days}d"),
    ]
    return next((text for limit, text in forms if seconds < limit), f"{days // 365}y")


# --- generated pods --------------------------------------------------------------------------------------------


def generated_pods(count: int, size: int, node: str) -> Iterator[Object]:
    """Pods as a Deployment makes them, about `size` bytes of JSON each (no less than they need by themselves)."""
    for index in range(count):
        pod = _generated_pod(index, node)
        pod["metadata"]["uid"] = str(uuid.uuid5(UID_SPACE, f"generated/{index}"))
        text = "".join(f'{{"name":"SETTING_{i}","value":"{i:032x}"}},' for i in range(size // 50 + 1))
        missing = size - len(encode(pod)) - len('"example.com/settings":"",')
        if missing > 0:
            # Each quotation mark is escaped, so the text is longer where it is encoded: 8 more in 62 characters.
            pod["metadata"]["annotations"]["example.com/settings"] = text[: missing * 62 // 70]
        yield pod


def _generated_pod(index: int, node: str) -> Object:
    name, application = f"load-{index:05}", f"load-{index // 10:04}"
    container = f"{uuid.uuid5(UID_SPACE, name).hex}{uuid.uuid5(UID_SPACE, node).hex}"
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": application, "controller": True}
    owner |= {"uid": str(uuid.uuid5(UID_SPACE, application)), "blockOwnerDeletion": True}
    token = "kube-api-access-4x7bq"
    mount: Object = {"name": token, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": True}
    sources: list[Object] = [{"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}]
    sources.append({"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}})
    labels = {"app": application, "pod-template-hash": "6d4cf56db6"}
    metadata: Object = {"name": name, "namespace": "load", "labels": labels}
    metadata |= {"annotations": {"prometheus.io/scrape": "true"}, "ownerReferences": [owner]}
    spec = {
        "volumes": [{"name": token, "projected": {"sources": sources, "defaultMode": 420}}],
        "containers": [
            {
                "name": "main",
                "image": "bench.test/busybox:1",
                "command": ["/bin/sleep", "1d"],
                "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
                "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}},
                "volumeMounts": [mount],
                "imagePullPolicy": "IfNotPresent",
                "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
            }
        ],
        "restartPolicy": "Always",
        "serviceAccountName": "default",
        "nodeName": node,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
    }
    state = {"name": "main", "ready": True, "started": True, "restartCount": 0, "image": "bench.test/busybox:1"}
    state |= {"state": {"running": {"startedAt": now()}}, "lastState": {}, "containerID": f"containerd://{container}"}
    address = f"10.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}"
    conditions = [{"type": kind, "status": "True"} for kind in ("Initialized", "Ready", "PodScheduled")]
    status = {"phase": "Running", "conditions": conditions, "hostIP": "192.0.2.10", "podIP": address}
    status |= {"startTime": now(), "containerStatuses": [state], "qosClass": "Burstable"}
    return {"metadata": metadata, "spec": spec, "status": status}
