import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import ContainerRuntime

@Suite struct DockerLabelsTests {
    static let sandbox = String(repeating: "b2", count: 32)
    static let container = String(repeating: "a1", count: 32)

    /// What is told of a container of docker's that containerd knows by its record alone.
    private static func task(_ id: String, namespace: String? = "moby") -> Container {
        Container(id: id, runtime: .containerd, runtimeNamespace: namespace, kind: .plain, bundle: Bundle())
    }

    private func filled(
        _ directory: TemporaryDirectory, _ containers: [Container] = [task(container)], seconds: Double = 60
    ) -> RuntimeReading {
        var reading = RuntimeReading()
        reading.containers = containers
        DockerLabels(root: directory.path).fill(&reading, until: Deadline(secondsFromNow: seconds))
        return reading
    }

    private func write(_ id: String, _ config: String, in directory: TemporaryDirectory) throws {
        try directory.file("\(DockerLabels.directory)/\(id)/config.v2.json", #"{"ID": "\#(id)", \#(config)}"#)
    }

    private static func labels(_ type: String, _ more: String = "") -> String {
        #""Config": {"Image": "i", "Labels": {"io.kubernetes.docker.type": "\#(type)", "#
            + #""io.kubernetes.pod.namespace": "shop", "io.kubernetes.pod.name": "web-0", "#
            + #""io.kubernetes.pod.uid": "u"\#(more)}}"#
    }

    @Test func containersOfAPod() throws {
        try TemporaryDirectory.with { directory in
            let more = #", "io.kubernetes.container.name": "web", "io.kubernetes.sandbox.id": "\#(Self.sandbox)""#
            try write(Self.container, Self.labels("container", more), in: directory)
            try write(Self.sandbox, Self.labels("podsandbox"), in: directory)
            try write("by-hand", #""Config": {"Labels": {"io.kubernetes.pod.uid": "u"}}"#, in: directory)
            let ids = [Self.container, Self.sandbox, "by-hand", "without-record"]
            let reading = filled(directory, ids.map { Self.task($0) })
            let containers = reading.containers
            let pod = PodIdentity(namespace: "shop", name: "web-0", uid: "u")
            #expect(containers.map(\.id) == ids)
            #expect(containers.map(\.runtime) == [.docker, .docker, .docker, .containerd])
            #expect(containers.map(\.kind) == [.container, .sandbox, .plain, .plain])
            #expect(containers.map(\.name) == ["web", nil, nil, nil])
            #expect(containers.map(\.image) == ["i", "i", nil, nil])
            #expect(containers.map(\.sandboxID) == [Self.sandbox, Self.sandbox, nil, nil])
            #expect(containers.map(\.pod) == [pod, pod, nil, nil])
            #expect(containers.allSatisfy { $0.runtimeNamespace == "moby" && $0.bundle == Bundle() })
            #expect(reading.gaps == [])
        }
    }

    /// Who can write to docker's directory tells nothing of the containers of another runtime, and adds none.
    @Test(arguments: ["k8s.io", "plugins.moby", nil]) func forgedLabels(namespace: String?) throws {
        try TemporaryDirectory.with { directory in
            for id in [Self.container, Self.sandbox] {
                try write(id, Self.labels("podsandbox"), in: directory)
            }
            try directory.file("\(DockerLabels.directory)/bad/config.v2.json")
            let task = Self.task(Self.container, namespace: namespace)
            var reading = RuntimeReading()
            reading.containers = [task]
            #expect(filled(directory, [task]) == reading)
        }
    }

    static let badRecords:
        [(name: String, make: @Sendable (TemporaryDirectory, String) throws -> Void, reason: String)] = [
            ("FIFO", { try $0.fifo("\($1)/config.v2.json") }, "not a regular file but fifo"),
            ("link", { try $0.link("\($1)/config.v2.json", to: "/etc/passwd") }, "not a regular file but link"),
            ("100 MB", { try $0.sparseFile("\($1)/config.v2.json", size: 100 << 20) }, "longer than the limit"),
            ("empty", { try $0.file("\($1)/config.v2.json") }, "config.v2.json: not JSON"),
            ("no id", { try $0.file("\($1)/config.v2.json", "{}") }, "config.v2.json: ID is missing"),
            (
                "another's", { try $0.file("\($1)/config.v2.json", #"{"ID": "x"}"#) },
                "config.v2.json: ID is another's"
            ),
            (
                "wrong type", { try $0.file("\($1)/config.v2.json", #"{"ID": "x", "Config": {"Labels": []}}"#) },
                "config.v2.json: wrong type at Config.Labels"
            ),
            ("no directory", { try $0.file($1) }, "Not a directory"),
            ("a link to one", { try $0.link($1, to: "/etc") }, "Not a directory"),
        ]

    /// What cannot be read is a gap: whether a kubelet made the container is not known then.
    @Test(arguments: badRecords)
    func badRecord(
        name: String, make: @Sendable (TemporaryDirectory, String) throws -> Void, reason: String
    ) throws {
        try TemporaryDirectory.with { directory in
            try make(directory, "\(DockerLabels.directory)/bad")
            try write(Self.sandbox, Self.labels("podsandbox"), in: directory)
            let reading = filled(directory, [Self.task("bad"), Self.task(Self.sandbox)])
            #expect(reading.containers.map(\.kind) == [.unknown, .sandbox])
            #expect(reading.gaps == [Gap(kind: .bundle, reason: "docker record: \(reason)", examples: ["bad"])])
            #expect(reading.unreadable == ["bad"])
        }
    }

    @Test func nothingThere() throws {
        try TemporaryDirectory.with { #expect(filled($0).containers == [Self.task(Self.container)]) }
        try TemporaryDirectory.with { directory in
            try directory.link("var/lib/docker", to: "/etc")
            let reading = filled(directory)
            #expect(reading.containers.map(\.kind) == [.unknown])
            #expect(reading.gaps.map(\.reason) == ["docker record: Not a directory"])
        }
    }

    /// What containerd tells of the container is there all the same.
    @Test func timeIsUp() throws {
        try TemporaryDirectory.with { directory in
            try write(Self.container, Self.labels("container"), in: directory)
            let reading = filled(directory, seconds: 0)
            #expect(reading.containers.map(\.kind) == [.unknown] && reading.containers[0].bundle == Bundle())
            #expect(
                reading.gaps == [
                    Gap(kind: .bundle, reason: "docker record: not reached in time", examples: [Self.container])
                ])
        }
    }
}
