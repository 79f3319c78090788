"""The HTTP side of the stand-in API server: HTTP/1.1 over TLS, discovery, lists, watches, creation, and faults.

`Api` is what all connections share. Messages and Status bodies are in the real server's words.
"""

import asyncio
import collections
import contextlib
import dataclasses
import email.utils
import json
import re
import socket
import struct
import urllib.parse
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import api_objects
from api_objects import NAMESPACES, NODES, PODS, RBAC, RESOURCES, ApiError, Notice, Object, Resource, Selection, encode

PIECE = 64 * 1024
GZIP_FROM = 128 * 1024
BODY_LIMIT = 3 * 1024 * 1024
REQUESTS_KEPT = 10_000
WATCH_SECONDS = 1800
TABLE, PLAIN = "Table", "plain"
NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
PHRASES = {200: "OK", 201: "Created", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
PHRASES |= {429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable", 410: "Gone"}
REASONS = {400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 410: "Expired"}
REASONS |= {429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout"}


@dataclasses.dataclass(frozen=True)
class Identity:
    """Who sends a request, and by which kind of proof: token, certificate or eks-token."""

    user: str
    proof: str

    @property
    def node(self) -> str:
        """The node's name when this is a kubelet's identity."""
        return self.user.removeprefix("system:node:") if self.user.startswith("system:node:") else ""


@dataclasses.dataclass
class Fault:
    """How the next `count` requests of a verb fail. Without a kind, with the HTTP status."""

    verb: str
    count: int
    kind: str
    status: int
    retry_after: int | None

    def error(self) -> ApiError:
        """The Status that the fault answers with."""
        reason, text = REASONS.get(self.status, "Unknown"), PHRASES.get(self.status, "failure")
        details = {"details": {"retryAfterSeconds": self.retry_after}} if self.retry_after else {}
        return ApiError(self.status, reason, f"{text} (injected)", retryAfter=self.retry_after, **details)


@dataclasses.dataclass(frozen=True)
class Request:
    """One HTTP request. Header names are in lower case."""

    method: str
    path: str
    query: dict[str, str]
    raw_query: str
    headers: dict[str, str]
    body: bytes
    certificate_user: str

    def flag(self, name: str) -> bool:
        """A boolean of the query; there but empty is true, as the real server has it."""
        return self.query.get(name, "false").lower() not in ("false", "0")

    def number(self, name: str) -> int:
        """A number of the query, 0 when missing; ApiError 400 for anything but decimal digits."""
        text = self.query.get(name) or "0"
        if not text.isascii() or not text.isdigit():
            raise ApiError(400, "BadRequest", f"invalid value for {name}: {text}")
        return int(text)


@dataclasses.dataclass(frozen=True)
class Route:
    """What a request is about: a verb on a resource, one object of it if `name` is given."""

    verb: str
    resource: Resource
    namespace: str
    name: str


@dataclasses.dataclass
class Api:
    """What all connections share."""

    store: api_objects.Store
    identify: Callable[[Request], Identity]
    requests: collections.deque[Object] = dataclasses.field(
        default_factory=lambda: collections.deque(maxlen=REQUESTS_KEPT)
    )
    faults: list[Fault] = dataclasses.field(default_factory=list)

    def take_fault(self, verb: str) -> Fault | None:
        """The fault for a request of this verb; used up after its count."""
        fault = next((each for each in self.faults if each.verb in ("", verb)), None)
        if fault:
            fault.count -= 1
            if fault.count <= 0:
                self.faults.remove(fault)
        return fault

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection until either side closes it."""
        connection = Connection(self, reader, writer)
        try:
            # Cancelled when the server ends; a cancelled task would make the streams of Python 3.11 complain.
            with contextlib.suppress(ConnectionError, EOFError, asyncio.CancelledError):
                await connection.serve()
        finally:
            if connection.broken:
                writer.transport.abort()
            else:
                writer.close()


# --- what a request means --------------------------------------------------------------------------------------


def find_route(request: Request) -> Route:
    """The resource that a path names; ApiError 404 for no such path."""
    core = r"/api/(?P<core>v1)"
    named = r"/apis/(?P<group>[^/]+)/(?P<version>[^/]+)"
    match = re.fullmatch(
        rf"(?:{core}|{named})(?:/namespaces/(?P<namespace>[^/]+)(?=/[^/]))?/(?P<plural>[^/]+)(?:/(?P<name>[^/]+))?",
        request.path,
    )
    group, version = (match["group"] or "", match["core"] or match["version"]) if match else ("", "")
    for resource in RESOURCES:
        if match and (resource.group, resource.version, resource.plural) == (group, version, match["plural"]):
            if match["namespace"] and not resource.namespaced:
                break
            return Route(_verb(request, match["name"]), resource, match["namespace"] or "", match["name"] or "")
    raise ApiError(404, "NotFound", "the server could not find the requested resource", details={})


def _verb(request: Request, name: str | None) -> str:
    if request.method != "GET":
        return {"POST": "create"}.get(request.method, request.method.lower())
    if name:
        return "get"
    return "watch" if request.flag("watch") else "list"


def representation(request: Request) -> tuple[str, str]:
    """TABLE or PLAIN, and the content type; ApiError 406 when the client takes neither (protobuf, say)."""
    for entry in request.headers.get("accept", "").split(",") or [""]:
        media, *parameters = (part.strip() for part in entry.split(";"))
        if media not in ("", "*/*", "application/*", "application/json"):
            continue
        options = dict(part.split("=", 1) for part in parameters if "=" in part)
        if "as" not in options:
            return PLAIN, "application/json"
        if options["as"] == "Table" and options.get("g") == "meta.k8s.io" and options.get("v") in ("v1", "v1beta1"):
            return TABLE, f"application/json;as=Table;g=meta.k8s.io;v={options['v']}"
    raise ApiError(406, "NotAcceptable", "only the following media types are accepted: application/json")


def authorize(identity: Identity, route: Route, selection: Selection | None, api: Api) -> None:
    """Any user may do anything but a node, which is held to the node authorizer's rules; ApiError 403."""
    if not identity.node:
        return
    name = route.name or (selection.required("metadata.name") if selection else "")
    resource, own, reason = route.resource, identity.node, ""
    allowed = False
    if resource is PODS and route.verb in ("list", "watch") and selection:
        allowed = selection.required("spec.nodeName") == own
        reason = "can only list/watch pods with spec.nodeName field selector"
    elif resource is PODS and route.verb == "get":
        pod = api.store.objects[PODS].get((route.namespace, name))
        allowed = pod is not None and pod.fields["spec.nodeName"] == own
        reason = f"no relationship found between node '{own}' and this object"
    elif resource is NODES and route.verb in ("get", "list", "watch"):
        allowed = name == own
        reason = f"node '{own}' cannot read {repr(name) if name else 'all nodes'}, only its own Node object"
    if allowed:
        return
    what = f'{resource.plural} "{name}"' if name else resource.plural
    place = f'in the namespace "{route.namespace}"' if route.namespace else "at the cluster scope"
    message = f'{what} is forbidden: User "{identity.user}" cannot {route.verb} resource "{resource.plural}" in API '
    message += f'group "{resource.group}" {place}' + f": {reason}" * bool(reason)
    raise ApiError(403, "Forbidden", message, details=_details(resource, name))


def _details(resource: Resource, name: str) -> Object:
    details = {"name": name} if name else {}
    if resource.group:
        details["group"] = resource.group
    return {**details, "kind": resource.plural}


def selection_of(request: Request, route: Route) -> Selection:
    """The selection of a list or a watch."""
    fields = api_objects.parse_selector(request.query.get("fieldSelector", ""))
    labels = api_objects.parse_selector(request.query.get("labelSelector", ""))
    return Selection(route.resource, route.namespace, fields, labels)


def list_page(api: Api, request: Request, selection: Selection) -> api_objects.Page:
    """The page that a list asks for, with the resource versions and continue tokens of the real server."""
    limit, token = request.number("limit"), request.query.get("continue", "")
    version, match = request.number("resourceVersion"), request.query.get("resourceVersionMatch")
    current = api.store.version
    if token and version:
        raise ApiError(400, "BadRequest", "specifying resource version is not allowed when using continue")
    if version > current:
        message = f"Too large resource version: {version}, current: {current}"
        causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
        raise ApiError(504, "Timeout", message, retryAfter=1, details={"causes": causes, "retryAfterSeconds": 1})
    if request.query.get("resourceVersion") == "0" and not token:
        limit = 0  # answered from the watch cache, which knows no pages
    exact = version and (match == "Exact" or (limit and not match))
    return api.store.page(selection, limit, token, version if exact else None)


# --- discovery -------------------------------------------------------------------------------------------------


def discovery(path: str) -> Object | None:
    """The documents from which a client learns what there is, or None for another path."""
    groups = {resource.group: resource.version for resource in RESOURCES if resource.group}
    documents: dict[str, Object] = {
        "/version": {"major": "1", "minor": "24", "gitVersion": "v1.24.17-eks-bench", "platform": "linux/amd64"},
        "/api": {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []},
        "/api/v1": _resource_list("", "v1"),
        "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(*each) for each in groups.items()]},
    }
    for group, version in groups.items():
        documents[f"/apis/{group}"] = {"kind": "APIGroup", "apiVersion": "v1", **_group(group, version)}
        documents[f"/apis/{group}/{version}"] = _resource_list(group, version)
    return documents.get(path)


def _group(group: str, version: str) -> Object:
    named = {"groupVersion": f"{group}/{version}", "version": version}
    return {"name": group, "versions": [named], "preferredVersion": named}


def _resource_list(group: str, version: str) -> Object:
    resources = []
    for resource in RESOURCES:
        if (resource.group, resource.version) == (group, version):
            entry = {"name": resource.plural, "singularName": resource.kind.lower(), "namespaced": resource.namespaced}
            entry |= {"kind": resource.kind, "verbs": ["create", "get", "list", "watch"]}
            resources.append(entry | ({"shortNames": [resource.short]} if resource.short else {}))
    named = f"{group}/{version}" if group else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": named, "resources": resources}


# --- creation --------------------------------------------------------------------------------------------------


def create(api: Api, request: Request, route: Route) -> bytes:
    """Stores the object of a POST and returns its JSON; ApiError 400, 404, 409, 415 or 422 if it is not right."""
    if request.headers.get("content-type", "application/json").split(";")[0].strip() != "application/json":
        message = "the body of the request was in an unknown format - accepted media types include: application/json"
        raise ApiError(415, "UnsupportedMediaType", message)
    try:
        item = json.loads(request.body)
        if (item["kind"], item["apiVersion"]) != (route.resource.kind, route.resource.api_version):
            raise ValueError(f"{item['kind']} in {item['apiVersion']} does not belong to {request.path}")
        name = str(item["metadata"].get("name", ""))
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ApiError(400, "BadRequest", f"the object provided is unrecognized: {problem!r}") from problem
    check_name(route.resource, name)
    if route.resource.namespaced:
        item["metadata"]["namespace"] = route.namespace
        if ("", route.namespace) not in api.store.objects[NAMESPACES]:
            message = f'namespaces "{route.namespace}" not found'
            raise ApiError(404, "NotFound", message, details=_details(NAMESPACES, route.namespace))
    if (route.namespace, name) in api.store.objects[route.resource]:
        message = f'{route.resource.plural} "{name}" already exists'
        raise ApiError(409, "AlreadyExists", message, details=_details(route.resource, name))
    fill_status(route.resource, item)
    return route.resource.whole(api.store.put(route.resource, item)) + b"\n"


def check_name(resource: Resource, name: str) -> None:
    """ApiError 422 for a name that the real server does not take. Names of RBAC objects are almost free."""
    if NAME.fullmatch(name) and len(name) < 254 or (resource.group == RBAC and name and "/" not in name):
        return
    problem = f'Invalid value: "{name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric '
    problem += "characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', "
    problem += f"regex used for validation is '{NAME.pattern}')"
    cause = {"reason": "FieldValueInvalid", "message": problem, "field": "metadata.name"}
    if not name:
        problem = "Required value: name or generateName is required"
        cause |= {"reason": "FieldValueRequired", "message": problem}
    message = f'{resource.kind} "{name}" is invalid: metadata.name: {problem}'
    raise ApiError(422, "Invalid", message, details={"name": name, "kind": resource.kind, "causes": [cause]})


def fill_status(resource: Resource, item: Object) -> None:
    """Gives a new object the status it begins with."""
    if resource is PODS:
        item.setdefault("status", {}).setdefault("phase", "Pending")
    elif resource is NAMESPACES:
        item.setdefault("status", {}).setdefault("phase", "Active")


# --- connections -----------------------------------------------------------------------------------------------


class Connection:
    """One client's connection: requests one after another, until it is closed or a fault breaks it."""

    def __init__(self, api: Api, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.api = api
        self.reader = reader
        self.writer = writer
        self.broken = False
        self.certificate_user = _common_name(writer.get_extra_info("peercert"))

    async def serve(self) -> None:
        """Answers requests until the connection ends."""
        while request := await self.read_request():
            if not await self.answer(request) or request.headers.get("connection", "").lower() == "close":
                return

    async def read_request(self) -> Request | None:
        """The next request; None at the end, or for what is no HTTP/1.1."""
        try:
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.rstrip("\r\n").split("\r\n")
            method, target, protocol = first.split(" ")
            headers = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
            length = int(headers.get("content-length", "0"))
        except (ValueError, asyncio.LimitOverrunError):
            return None
        if protocol != "HTTP/1.1" or length > BODY_LIMIT or "transfer-encoding" in headers:
            return None
        body = await self.reader.readexactly(length)
        path, _, raw = target.partition("?")
        values = urllib.parse.parse_qs(raw, keep_blank_values=True)
        query = {name: value[0] for name, value in values.items()}
        return Request(method, urllib.parse.unquote(path), query, raw, headers, body, self.certificate_user)

    async def answer(self, request: Request) -> bool:
        """Answers one request; whether the connection can take another one."""
        entry: Object = {"verb": request.method.lower(), "path": request.path, "query": request.raw_query}
        entry |= {"authentication": "none", "user": "", "userAgent": request.headers.get("user-agent", "")}
        self.api.requests.append(entry)
        try:
            return await self.dispatch(request, entry)
        except ApiError as error:
            entry["status"] = error.code
            await self.send(request, error.code, [encode(error.status) + b"\n"], retry_after=error.retry_after)
            return True

    async def dispatch(self, request: Request, entry: Object) -> bool:
        """Answers a request, noting in its log entry what it was. ApiError for what is refused."""
        entry["status"] = 200
        if "authorization" in request.headers or self.certificate_user:
            entry["authentication"] = "invalid"
        identity = self.api.identify(request)
        entry |= {"authentication": identity.proof, "user": identity.user}
        document = discovery(request.path) if request.method == "GET" else None
        if document is not None:
            await self.send(request, 200, [encode(document) + b"\n"])
            return True
        route = find_route(request)
        entry["verb"] = route.verb
        fault = self.api.take_fault(route.verb)
        if fault and not fault.kind:
            raise fault.error()
        selection = selection_of(request, route) if route.verb in ("list", "watch") else None
        authorize(identity, route, selection, self.api)
        if route.verb == "watch" and selection:
            return await self.watch(request, selection, fault)
        if fault and not await self.breaks(fault):
            return False
        return await self.respond(request, route, selection, entry, truncated=fault is not None)

    async def respond(
        self, request: Request, route: Route, selection: Selection | None, entry: Object, truncated: bool
    ) -> bool:
        """Answers what is no watch."""
        if route.verb == "create":
            entry["status"] = 201
            return await self.send(request, 201, [create(self.api, request, route)])
        if route.verb not in ("get", "list"):
            raise ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
        form, content_type = representation(request)
        include = request.query.get("includeObject", "Metadata")
        if selection:
            page = list_page(self.api, request, selection)
            items, metadata = page.items, page.metadata()
        else:
            items, metadata = [self.find(route)], {}
        if form == TABLE:
            pieces = [api_objects.table(route.resource, items, metadata, include)]
        elif selection:
            pieces = _list_pieces(route.resource, items, metadata)
        else:
            pieces = [route.resource.whole(items[0]), b"\n"]
        return await self.send(request, 200, pieces, content_type=content_type, truncated=truncated)

    def find(self, route: Route) -> api_objects.Stored:
        """The one object of a get; ApiError 404."""
        found = self.api.store.objects[route.resource].get((route.namespace, route.name))
        if found is None:
            message = f'{route.resource.plural} "{route.name}" not found'
            raise ApiError(404, "NotFound", message, details=_details(route.resource, route.name))
        return found

    # Sending

    async def send(
        self,
        request: Request,
        status: int,
        pieces: list[bytes],
        *,
        content_type: str = "application/json",
        retry_after: int | None = None,
        truncated: bool = False,
    ) -> bool:
        """Sends an answer, compressed if it is big and the client takes that; truncated: half of it, then no more."""
        size = sum(map(len, pieces))
        headers = {"Content-Type": content_type}
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        body: Iterable[bytes] = _joined(pieces)
        if truncated:
            body = _first_half(pieces, size)
        if size >= GZIP_FROM and "gzip" in request.headers.get("accept-encoding", ""):
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            body = _compressed(body, ended=not truncated)
        chunked = size > PIECE
        headers |= {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(size)}
        self.start(status, headers)
        for piece in body:
            self.writer.write(_chunk(piece) if chunked else piece)
            await self.writer.drain()
        if chunked and not truncated:
            self.writer.write(_chunk(b""))
        await self.writer.drain()
        return not truncated

    def start(self, status: int, headers: dict[str, str]) -> None:
        """Writes the head of an answer."""
        headers = {"Cache-Control": "no-cache, private", **headers, "Date": email.utils.formatdate(usegmt=True)}
        lines = [f"HTTP/1.1 {status} {PHRASES.get(status, 'Unknown')}", *(f"{k}: {v}" for k, v in headers.items())]
        self.writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    # Faults

    async def breaks(self, fault: Fault) -> bool:
        """Lets the connection fail before anything is sent; whether an answer is still to be sent (and cut)."""
        if fault.kind == "half-open":
            await self.wait_for_client()
        elif fault.kind == "reset":
            self.reset()
        return fault.kind == "truncate"

    async def wait_for_client(self) -> None:
        """Sends nothing and waits until the client closes the connection."""
        while await self.reader.read(PIECE):
            pass

    def reset(self) -> None:
        """Marks the connection to be ended with a TCP reset."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.broken = True

    # Watching

    async def watch(self, request: Request, selection: Selection, fault: Fault | None) -> bool:
        """Sends changes until the time is over, the client is gone, or something else ends the watch."""
        form, content_type = representation(request)
        if request.query.get("sendInitialEvents"):
            message = "ListOptions.meta.k8s.io is invalid: sendInitialEvents: Forbidden: sendInitialEvents is "
            message += "forbidden for watch unless the WatchList feature gate is enabled"
            raise ApiError(422, "Invalid", message)
        version = request.number("resourceVersion")
        seconds = request.number("timeoutSeconds") or WATCH_SECONDS
        events = Events(selection.resource, form, request.query.get("includeObject", "Metadata"))
        self.start(200, {"Content-Type": content_type, "Transfer-Encoding": "chunked"})
        try:
            watcher = self.api.store.watch(selection, version)
        except ApiError as error:
            return await self.end_watch(events.error(error))
        if fault:
            watcher.pending.clear()
            watcher.push(Notice("FAULT", fault=fault))
        client: asyncio.Future[bytes] = asyncio.ensure_future(self.reader.read(1))
        try:
            async with asyncio.timeout(seconds):
                return await self.send_events(watcher, events, client, request.flag("allowWatchBookmarks"))
        except TimeoutError:
            return await self.end_watch(b"") and not client.done()
        finally:
            self.api.store.watchers.discard(watcher)
            client.cancel()
            await asyncio.wait({client})

    async def send_events(
        self, watcher: api_objects.Watcher, events: "Events", client: asyncio.Future[bytes], bookmarks: bool
    ) -> bool:
        """Sends what the watch sees; returns when it is ended by anything but time."""
        await self.writer.drain()
        while True:
            ready: asyncio.Future[Any] = asyncio.ensure_future(watcher.ready.wait())
            try:
                await asyncio.wait([ready, client], return_when=asyncio.FIRST_COMPLETED)
            finally:
                ready.cancel()
            if client.done():
                return False
            watcher.ready.clear()
            while watcher.pending:
                notice = watcher.pending.popleft()
                if notice.type == "CLOSE":
                    return await self.end_watch(b"") and not client.done()
                if notice.type == "FAULT":
                    return await self.fail_watch(notice.fault, events, client)
                if notice.type != "BOOKMARK" or bookmarks:
                    self.writer.write(_chunk(events.line(notice)))
                    await self.writer.drain()

    async def end_watch(self, line: bytes) -> bool:
        """Ends the answer in order, after one more line if there is one."""
        self.writer.write((_chunk(line) if line else b"") + _chunk(b""))
        await self.writer.drain()
        return True

    async def fail_watch(self, fault: Fault, events: "Events", client: asyncio.Future[bytes]) -> bool:
        """Ends a watch as a fault says, after what was sent so far."""
        await self.writer.drain()
        if fault.kind == "error-event":
            return await self.end_watch(events.error(fault.error())) and not client.done()
        if fault.kind == "half-open":
            await client
        elif fault.kind == "reset":
            self.reset()
        else:
            whole = events.line(Notice("BOOKMARK", version=self.api.store.version))
            self.writer.write(_chunk(whole[: len(whole) // 2]))
            await self.writer.drain()
        return False


class Events:
    """Encodes the events of one watch."""

    def __init__(self, resource: Resource, form: str, include: str) -> None:
        self.resource = resource
        self.form = form
        self.include = include
        self.headed = False

    def line(self, notice: Notice) -> bytes:
        """An object's event or a bookmark. The first Table of a watch has the columns, the others have none."""
        if self.form == PLAIN:
            return self._line(notice.type, self._object(notice))
        items = [notice.stored] if notice.stored else []
        metadata: Object = {} if items else {"resourceVersion": str(notice.version)}
        value = api_objects.table(self.resource, items, metadata, self.include, headed=not self.headed)
        self.headed = True
        return self._line(notice.type, value.rstrip())

    def error(self, error: ApiError) -> bytes:
        """An ERROR event; it ends a watch."""
        return self._line("ERROR", encode(error.status))

    def _object(self, notice: Notice) -> bytes:
        if notice.stored:
            return self.resource.whole(notice.stored)
        members: Object = {"metadata": {"resourceVersion": str(notice.version), "creationTimestamp": None}}
        if self.resource is PODS:
            members |= {"spec": {"containers": None}, "status": {}}
        return self.resource.opening() + encode(members)[1:]

    @staticmethod
    def _line(kind: str, value: bytes) -> bytes:
        return b'{"type":"%s","object":%s}\n' % (kind.encode(), value)


def _list_pieces(resource: Resource, items: list[api_objects.Stored], metadata: Object) -> list[bytes]:
    pieces = [resource.opening("List") + encode({"metadata": metadata})[1:-1] + b',"items":[']
    for item in items:
        pieces += [item.json, b","]
    if items:
        pieces.pop()
    return [*pieces, b"]}\n"]


def _joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of a good size for writing."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= PIECE:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _first_half(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    left = size // 2
    for piece in _joined(pieces):
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return


def _compressed(pieces: Iterable[bytes], ended: bool) -> Iterator[bytes]:
    compressor = zlib.compressobj(level=1, wbits=31)
    for piece in pieces:
        if compressed := compressor.compress(piece):
            yield compressed
    yield compressor.flush(zlib.Z_FINISH if ended else zlib.Z_SYNC_FLUSH)


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece)


def _common_name(certificate: Any) -> str:
    """The CN of a client certificate as the ssl module gives it; empty when there is none."""
    pairs = [pair for group in (certificate or {}).get("subject", ()) for pair in group]
    return next((value for name, value in pairs if name == "commonName"), "")
