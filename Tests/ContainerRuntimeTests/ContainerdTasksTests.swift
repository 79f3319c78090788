import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import ContainerRuntime

@Suite struct ContainerdTasksTests {
    static let tasks = "run/containerd/io.containerd.runtime.v2.task/k8s.io"
    static let sandbox = String(repeating: "b2", count: 32)
    static let container = String(repeating: "a1", count: 32)
    static let uid = "0d15f723-5663-47c5-acb1-bf3fc445e613"
    static let pod = PodIdentity(namespace: "shop", name: "web-0", uid: uid)

    private func read(_ directory: TemporaryDirectory) -> RuntimeReading {
        ContainerdTasks(root: directory.path).read(until: Deadline(secondsFromNow: 60))
    }

    /// A config.json with nothing but annotations, names without their prefix.
    static func annotations(_ annotations: [(String, String)]) -> String {
        let pairs = annotations.map { "\"io.kubernetes.cri.\($0.0)\": \"\($0.1)\"" }
        return "{\"annotations\": {\(pairs.joined(separator: ", "))}}"
    }

    static let versions:
        [(version: String, sandbox: String?, container: String, sandboxPod: PodIdentity?, pod: PodIdentity?)] =
            [
                (
                    "1.4",
                    annotations([
                        ("container-type", "sandbox"), ("sandbox-id", sandbox),
                        ("sandbox-log-directory", "/var/log/pods/shop_web-0_\(uid)"),
                    ]),
                    annotations([("container-type", "container"), ("sandbox-id", sandbox)]), pod, nil
                ),
                (
                    "1.5",
                    annotations([
                        ("container-type", "sandbox"), ("sandbox-id", sandbox), ("sandbox-namespace", "shop"),
                        ("sandbox-name", "web-0"), ("sandbox-log-directory", "/var/log/pods/shop_web-0_\(uid)"),
                    ]),
                    annotations([
                        ("container-type", "container"), ("sandbox-id", sandbox), ("sandbox-namespace", "shop"),
                        ("sandbox-name", "web-0"),
                    ]), pod, PodIdentity(namespace: "shop", name: "web-0")
                ),
                (
                    "1.6.12",
                    annotations([
                        ("container-type", "sandbox"), ("sandbox-id", sandbox), ("sandbox-namespace", "shop"),
                        ("sandbox-name", "web-0"), ("sandbox-uid", uid),
                    ]),
                    annotations([
                        ("container-type", "container"), ("sandbox-id", sandbox), ("sandbox-namespace", "shop"),
                        ("sandbox-name", "web-0"), ("sandbox-uid", uid),
                    ]), pod, pod
                ),
                (
                    "2.x without a sandbox's record", nil,
                    annotations([
                        ("container-type", "container"), ("sandbox-id", sandbox), ("sandbox-namespace", "shop"),
                        ("sandbox-name", "web-0"), ("sandbox-uid", uid),
                    ]), nil, pod
                ),
            ]

    @Test(arguments: versions)
    func podAnnotations(
        version: String, sandbox: String?, container: String, sandboxPod: PodIdentity?, pod: PodIdentity?
    ) throws {
        try TemporaryDirectory.with { directory in
            if let sandbox { try directory.file("\(Self.tasks)/\(Self.sandbox)/config.json", sandbox) }
            try directory.file("\(Self.tasks)/\(Self.sandbox)/init.pid", "4000")
            try directory.file("\(Self.tasks)/\(Self.container)/config.json", container)
            try directory.file("\(Self.tasks)/\(Self.container)/init.pid", "4100\n")
            var reading = read(directory)
            #expect(reading.gaps == [])
            let written = [Self.container, Self.sandbox].map {
                try? FileStatus(following: "\(directory.path)/\(Self.tasks)/\($0)/config.json").changedAt
            }
            #expect(reading.containers.map(\.recordedAt) == written && written[0] != nil)
            for index in reading.containers.indices { reading.containers[index].recordedAt = nil }
            let hasLog = sandbox?.contains("log-directory") == true
            let logs = hasLog ? "/var/log/pods/shop_web-0_\(Self.uid)" : nil
            #expect(reading.containers.map(\.logDirectory) == [nil, logs])
            reading.containers[1].logDirectory = nil
            #expect(
                reading.containers == [
                    Container(
                        id: Self.container, runtime: .containerd, runtimeNamespace: "k8s.io", kind: .container,
                        sandboxID: Self.sandbox, pod: pod, bundle: Bundle(), initPID: 4100),
                    Container(
                        id: Self.sandbox, runtime: .containerd, runtimeNamespace: "k8s.io",
                        kind: sandbox == nil ? .unknown : .sandbox, sandboxID: sandbox.map { _ in Self.sandbox },
                        pod: sandboxPod, bundle: sandbox.map { _ in Bundle() }, initPID: 4000),
                ])
        }
    }

    @Test func namesAndImages() throws {
        try TemporaryDirectory.with { directory in
            try directory.file(
                "\(Self.tasks)/\(Self.container)/config.json",
                Self.annotations([
                    ("container-type", "container"), ("container-name", "web"), ("image-name", "registry/web:1"),
                ]))
            try directory.file(
                "\(Self.tasks)/\(Self.sandbox)/config.json",
                Self.annotations([("container-type", "sandbox"), ("podsandbox.image-name", "registry/pause:3.9")]))
            try directory.file("run/containerd/io.containerd.runtime.v2.task/default/by-hand/config.json", "{}")
            let containers = read(directory).containers
            #expect(containers.map(\.id) == [Self.container, Self.sandbox, "by-hand"])
            #expect(containers.map(\.name) == ["web", nil, nil])
            #expect(containers.map(\.image) == ["registry/web:1", "registry/pause:3.9", nil])
            #expect(containers.map(\.kind) == [.container, .sandbox, .plain])
            #expect(containers.map(\.runtimeNamespace) == ["k8s.io", "k8s.io", "default"])
        }
    }

    /// What containerd has renamed to remove it is no container, and its process id may be another's by now.
    @Test func beingRemoved() throws {
        try TemporaryDirectory.with { directory in
            for id in ["x", ".y"] {
                try directory.file("\(Self.tasks)/\(id)/config.json", "{}")
                try directory.file("\(Self.tasks)/\(id)/init.pid", "4100")
            }
            let reading = read(directory)
            #expect(reading.containers.map(\.id) == ["x"] && reading.gaps == [])
        }
    }

    /// An author's variables may be long, and each byte of them six in the record (Go's encoding/json).
    @Test func longRecord() throws {
        try TemporaryDirectory.with { directory in
            let value = String(repeating: "\\u003c", count: 90_000)
            let variables = (0..<50).map { "\"V\($0)=\(value)\"" }.joined(separator: ",")
            let record = "{\"process\": {\"env\": [\(variables)], \"user\": {\"uid\": 7}}}"
            try directory.file("\(Self.tasks)/\(Self.container)/config.json", record)
            let reading = read(directory)
            #expect(reading.gaps == [] && reading.containers.map(\.bundle?.uid) == [7])
        }
    }

    static let badRecords:
        [(name: String, make: @Sendable (TemporaryDirectory, String) throws -> Void, reason: String)] = [
            ("FIFO", { try $0.fifo($1) }, "config.json: not a regular file but fifo"),
            ("link", { try $0.link($1, to: "/etc/passwd") }, "config.json: not a regular file but link"),
            ("directory", { try $0.directory($1) }, "config.json: not a regular file but directory"),
            ("socket", { try $0.socket($1) }, "config.json: not a regular file but socket"),
            ("100 MB", { try $0.sparseFile($1, size: 100 << 20) }, "config.json: longer than the limit"),
            ("invalid UTF-8", { try $0.file($1, [0x7B, 0x22, 0xFF]) }, "config.json: not JSON"),
            ("cut off", { try $0.file($1, #"{"linux": {"namespaces""#) }, "config.json: not JSON"),
            ("empty", { try $0.file($1, "") }, "config.json: not JSON"),
            (
                "wrong type", { try $0.file($1, #"{"linux": {"namespaces": 1}}"#) },
                "config.json: wrong type at linux.namespaces"
            ),
        ]

    @Test(arguments: badRecords)
    func badRecord(
        name: String, make: @Sendable (TemporaryDirectory, String) throws -> Void, reason: String
    ) throws {
        try TemporaryDirectory.with { directory in
            try make(directory, "\(Self.tasks)/\(Self.container)/config.json")
            try directory.file("\(Self.tasks)/\(Self.container)/init.pid", "4100")
            try directory.file("\(Self.tasks)/\(Self.sandbox)/config.json", "{}")
            let reading = read(directory)
            #expect(reading.gaps == [Gap(kind: .bundle, reason: reason, examples: [Self.container])])
            #expect(reading.unreadable == [Self.container])
            #expect(reading.containers.map(\.id) == [Self.container, Self.sandbox])
            #expect(reading.containers.map { $0.bundle != nil } == [false, true])
            #expect(reading.containers.map(\.initPID) == [4100, nil])
        }
    }

    static let pidFiles: [(text: String, pid: Int32?)] = [
        ("1", 1), (" 42 \n", 42), ("", nil), ("x", nil), ("4100 x", nil), ("4294967296", nil),
        ("2147483647", .max), (String(repeating: "1", count: 100), nil), ("-1", nil), ("0", nil),
    ]

    @Test(arguments: pidFiles)
    func initPID(text: String, pid: Int32?) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("\(Self.tasks)/x/init.pid", text)
            let reading = read(directory)
            #expect(reading.containers.map(\.initPID) == [pid])
            #expect(reading.gaps.map(\.kind) == (pid == nil ? [.bundle] : []))
        }
    }

    static let badPIDFiles: [(make: @Sendable (TemporaryDirectory, String) throws -> Void, reason: String?)] = [
        ({ try $0.file($1, "x") }, "init.pid: no process id"),
        ({ try $0.file($1, String(repeating: "1", count: 100)) }, "init.pid: longer than the limit"),
        ({ try $0.fifo($1) }, "init.pid: not a regular file but fifo"),
        ({ try $0.link($1, to: "/proc/1/stat") }, "init.pid: not a regular file but link"),
        ({ try $0.directory($1 + ".not") }, nil),
    ]

    @Test(arguments: badPIDFiles.indices)
    func badPIDFile(row: Int) throws {
        let (make, reason) = Self.badPIDFiles[row]
        try TemporaryDirectory.with { directory in
            try directory.file("\(Self.tasks)/x/config.json", "{}")
            try make(directory, "\(Self.tasks)/x/init.pid")
            let reading = read(directory)
            #expect(reading.gaps == reason.map { [Gap(kind: .bundle, reason: $0, examples: ["x"])] } ?? [])
            #expect(reading.containers.map(\.initPID) == [nil] && reading.unreadable == [])
        }
    }

    /// Whether the container's own code runs yet is not known.
    @Test func stateThatCannotBeRead() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("\(Self.tasks)/x/config.json", "{}")
            try directory.link("run/containerd/runc", to: "/tmp")
            let reading = read(directory)
            let reason = "runc's state: Not a directory"
            #expect(reading.gaps == [Gap(kind: .bundle, reason: reason, examples: ["/run/containerd/runc/k8s.io"])])
            #expect(reading.containers.map(\.isCreated) == [false])
        }
    }

    @Test func createdAndNotStarted() throws {
        try TemporaryDirectory.with { directory in
            for id in ["created", "started", "odd"] { try directory.file("\(Self.tasks)/\(id)/config.json", "{}") }
            try directory.fifo("run/containerd/runc/k8s.io/created/exec.fifo")
            try directory.file("run/containerd/runc/k8s.io/started/state.json")
            try directory.file("run/containerd/runc/k8s.io/odd/exec.fifo")
            let containers = read(directory).containers
            #expect(containers.map(\.id) == ["created", "odd", "started"])
            #expect(containers.map(\.isCreated) == [true, false, false])
        }
    }

    @Test func docker18AndNewer() throws {
        try TemporaryDirectory.with { directory in
            let path = "run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/\(Self.container)"
            try directory.file("\(path)/config.json", #"{"linux": {"cgroupsPath": "x"}}"#)
            try directory.fifo("run/docker/runtime-runc/moby/\(Self.container)/exec.fifo")
            let containers = read(directory).containers
            #expect(containers.map(\.bundle?.cgroupsPath) == ["x"])
            #expect(containers.map(\.runtimeNamespace) == ["moby"])
            #expect(containers.map(\.isCreated) == [true])
        }
    }

    /// Whatever lies in place of a directory is a gap of its own; what stands beside it is read.
    @Test func oddEntriesBesideOthers() throws {
        try TemporaryDirectory.with { directory in
            let top = "run/containerd/io.containerd.runtime.v2.task"
            try directory.file("\(top)/a-file")
            try directory.link("\(top)/b-link", to: "/etc")
            try directory.file("\(Self.tasks)/a-file")
            try directory.link("\(Self.tasks)/b-link", to: "/etc")
            try directory.file("\(Self.tasks)/\(Self.sandbox)/config.json", "{}")
            try directory.file(named: [0xFF], in: Self.tasks)
            let reading = read(directory)
            #expect(reading.containers.map(\.id) == [Self.sandbox])
            #expect(
                reading.gaps == [
                    Gap(
                        kind: .bundle, reason: "Not a directory", count: 4,
                        examples: ["/\(top)/a-file", "/\(top)/b-link", "a-file", "b-link"]),
                    Gap(kind: .bundle, reason: "name is no UTF-8", examples: ["/\(Self.tasks)/\\xff"]),
                ])
        }
    }

    @Test func linkInPlaceOfTheRecords() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("elsewhere/io.containerd.runtime.v2.task/k8s.io/x/config.json", "{}")
            try directory.link("run/containerd", to: "\(directory.path)/elsewhere")
            let reading = read(directory)
            #expect(reading.containers == [])
            #expect(reading.gaps.map(\.reason) == ["Not a directory"])
            #expect(reading.gaps.first?.examples.first == "/run/containerd/io.containerd.runtime.v2.task")
        }
    }

    @Test func nothingThere() throws {
        try TemporaryDirectory.with { #expect(read($0) == RuntimeReading()) }
        let absent = ContainerdTasks(root: "/absent").read(until: Deadline(secondsFromNow: 60))
        #expect(
            absent.gaps == [
                Gap(
                    kind: .bundle, reason: "the node's root cannot be opened: No such file or directory",
                    examples: ["/absent"])
            ])
    }

    @Test func timeIsUp() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("\(Self.tasks)/x/config.json", "{}")
            let reading = ContainerdTasks(root: directory.path).read(until: Deadline(secondsFromNow: 0))
            #expect(reading.containers == [])
            #expect(
                reading.gaps == [
                    Gap(kind: .timeLimit, reason: "container records not reached", examples: ["/\(Self.tasks)"])
                ])
        }
    }
}
