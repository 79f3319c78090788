import Foundation
import Glibc
import LinuxSystem
import NodeFiles
import NodeModel
import Synchronization
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite struct SnapshotBuilderTests {
    @Test func emptyProc() throws {
        try TemporaryDirectory.with { directory in
            let node = directory.snapshot()
            #expect(node.tasks == [] && node.containers == [] && node.host.reference == nil)
            #expect(
                node.gaps == [Gap(kind: .reference, reason: "pid 1: No such file or directory", examples: ["pid 1"])])
        }
    }

    @Test func absentProc() {
        let node = SnapshotBuilder(SnapshotOptions(proc: "/absent", root: "/absent", timeLimit: 60)).build()
        #expect(
            node.gaps.first
                == Gap(kind: .reference, reason: "/absent: No such file or directory", examples: ["/absent"]))
        #expect(node.tasks == [] && node.host.reference == nil)
    }

    @Test func wholeProc() throws {
        try TemporaryDirectory.with { directory in
            let id = String(repeating: "a1", count: 32)
            try directory.process(1, parent: 0)
            try directory.process(40)
            try directory.process(41, namespaces: 200, cgroup: "0::/docker/\(id)\n")
            let node = directory.snapshot()
            #expect(node.tasks.map(\.pid) == [1, 40, 41])
            #expect(node.host.reference?.pid == 1)
            #expect(node.containers.map(\.id) == [id])
            #expect(node.tasks.map(\.container) == [nil, nil, 0])
            #expect(node.mountTables.map(\.namespace.rawValue) == [200])
            #expect(node.userNamespaces.map(\.id.rawValue) == [106, 206])
            #expect(node.host.mounts.count == 1)
            #expect(node.gaps.map(\.kind) == [.container])
        }
    }

    /// What was heard of a file counts as long as nothing was done to it since.
    @Test func filesThatTheNodeChanged() throws {
        try TemporaryDirectory.with { directory in
            let paths = ["x", "y", "z"].map { "/etc/cron.d/\($0)" }
            try directory.process(1, parent: 0)
            for path in paths { try directory.file(String(path.dropFirst()), "abc") }
            let root = try Descriptor.open(directory.path, LinuxFlags.path)
            var options = SnapshotOptions(
                proc: directory.path, root: directory.path, watchedPaths: [WatchedPath("/etc/cron.d")], timeLimit: 60)
            options.toldFiles = Set(paths)
            for path in paths.dropFirst() {
                let file = FoundFile(at: path, below: root)
                #expect(options.heardWrites.note(.movedHere, of: path, at: 1, left: file, by: 1, isOfNode: true))
            }
            try directory.file("etc/cron.d/z", "abcd")
            let files = SnapshotBuilder(options).build().changedFiles ?? []
            #expect(files.map(\.path) == paths && files.map(\.isOfNode) == [nil, true, nil])
        }
    }

    /// Every task and every table of mounts is a step of its own: here each ends a slice.
    @Test func partedWork() throws {
        try TemporaryDirectory.with { directory in
            for pid in [1, 40, 41, 42] { try directory.process(pid, parent: pid == 1 ? 0 : 1) }
            try directory.process(43, namespaces: 200)
            let whole = directory.snapshot()
            let time = Mutex<Int64>(0)
            let slices = Mutex<[Int64]>([])
            var options = SnapshotOptions(proc: directory.path, root: directory.path, timeLimit: 60)
            let clock = { @Sendable in
                time.withLock { time in
                    time += Slices.length
                    return time
                }
            }
            options.slices = Slices(
                clock: clock, wallClock: clock,
                rest: { held in slices.withLock { $0.append(held) } })
            var parted = SnapshotBuilder(options).build()
            // Five tasks and two tables, each from its own beginning on, but for the first step of a thread.
            #expect(slices.withLock { $0 }.count >= 6)
            (parted.takenAt, parted.duration) = (whole.takenAt, whole.duration)
            #expect(parted == whole)
        }
    }

    /// What pods of the API ask for is followed below the node's root, but not into what may hang.
    @Test func pathTargets() throws {
        try TemporaryDirectory.with { directory in
            try directory.process(1, parent: 0)
            try directory.file(
                "1/mountinfo", "1 1 0:1 / / rw - tmpfs tmpfs rw\n2 1 0:2 / /share rw - nfs4 server:/ rw\n")
            try directory.directory("disk/data")
            try directory.directory("share")
            try directory.link("data", to: "/disk/./data")
            try directory.link("far", to: "share")
            let volumes = ["/data", "/disk", "/far", "/absent"].enumerated().map { number, path in
                #"{"name": "v\#(number)", "hostPath": {"path": "\#(path)"}}"#
            }
            let mounts =
                (0..<4).map { #"{"name": "v\#($0)", "mountPath": "/m\#($0)"}"# }
                + [#"{"name": "v1", "mountPath": "/part", "subPath": "data"}"#]
            let json = """
                {"metadata": {"name": "web"}, "spec": {"volumes": [\(volumes.joined(separator: ", "))],
                 "containers": [{"name": "web", "volumeMounts": [\(mounts.joined(separator: ", "))]}]}}
                """
            let pod = try JSONDecoder().decode(Pod.self, from: Data(json.utf8))
            let options = SnapshotOptions(proc: directory.path, root: directory.path, timeLimit: 60)
            let node = SnapshotBuilder(options) { APIPods(pods: [pod]) }.build()
            #expect(
                node.host.pathTargets == [
                    "/data": "/disk/data", "/disk": "/disk", "/disk/data": "/disk/data",
                ])
            #expect(SnapshotBuilder(options).build().host.pathTargets == nil)
        }
    }

    @Test func malformedPieces() throws {
        try TemporaryDirectory.with { directory in
            try directory.process(1, parent: 0)
            try directory.process(40, namespaces: 200)
            try directory.file("40/mountinfo", "x\n")
            try directory.file("40/uid_map", "x\n")
            try directory.file("41/stat", "x")
            let node = directory.snapshot()
            #expect(node.tasks.map(\.pid) == [1, 40])
            #expect(node.userNamespaces.map(\.uidMap) == [[IDMapping(inside: 0, outside: 0, count: .max)], nil])
            #expect(
                Set(node.gaps.map(\.reason)) == [
                    "mountinfo: mountinfo line 1 is malformed", "stat: stat line 1 is malformed",
                ])
        }
    }

    /// More records that cannot be read than a gap has examples: none of them counts as missing.
    @Test func manyUnreadableRecords() throws {
        try TemporaryDirectory.with { directory in
            try directory.process(1, parent: 0)
            for number in 0..<14 {
                let id = String(repeating: "a\(String(number, radix: 16))", count: 32)
                try directory.process(40 + number, namespaces: 200, cgroup: "0::/docker/\(id)\n")
                let namespace = number < 7 ? "k8s.io" : "moby"
                let record = "run/containerd/io.containerd.runtime.v2.task/\(namespace)/\(id)/config.json"
                try directory.file(record, number < 7 ? "x" : "{}")
                if number >= 7 { try directory.file("var/lib/docker/containers/\(id)/config.v2.json", "x") }
            }
            let node = directory.snapshot()
            #expect(node.containers.count == 14)
            #expect(node.gaps.map(\.kind) == [.bundle, .bundle] && node.gaps.map(\.count) == [7, 7])
            let again = directory.snapshotBuilder.refresh(node, processes: [41])
            #expect(again.gaps.map(\.kind) == [.bundle, .bundle] && again.gaps.map(\.count) == [7, 7])
        }
    }

    /// docker's own containerd has the specification, docker the labels.
    @Test func recordsOfOneContainerInTwoPlaces() throws {
        let id = String(repeating: "a1", count: 32)
        try TemporaryDirectory.with { directory in
            let bundle = "run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/\(id)"
            try directory.file("\(bundle)/config.json", #"{"linux": {"cgroupsPath": "from-the-bundle"}}"#)
            try directory.file("\(bundle)/init.pid", "42")
            try directory.file(
                "var/lib/docker/containers/\(id)/config.v2.json",
                #"{"ID": "\#(id)", "Config": {"Labels": {"io.kubernetes.docker.type": "container", "#
                    + #""io.kubernetes.pod.uid": "u"}}}"#)
            let containers = directory.snapshot().containers
            #expect(containers.map(\.id) == [id])
            #expect(containers.map(\.runtime) == [.docker] && containers.map(\.kind) == [.container])
            #expect(containers.map(\.pod) == [PodIdentity(uid: "u")] && containers.map(\.initPID) == [42])
            #expect(containers.map(\.bundle?.cgroupsPath) == ["from-the-bundle"])
        }
    }

    /// The record names the process whose view of the mounts is the container's.
    @Test func mountTableOfARecordsFirstProcess() throws {
        try TemporaryDirectory.with { directory in
            let id = String(repeating: "a1", count: 32)
            try directory.process(1, parent: 0)
            for pid in 40...42 { try directory.process(pid, namespaces: 200, cgroup: "0::/docker/\(id)\n") }
            let bundle = "run/containerd/io.containerd.runtime.v2.task/k8s.io/\(id)"
            try directory.file("\(bundle)/config.json", "{}")
            try directory.file("\(bundle)/init.pid", "41")
            let node = directory.snapshot()
            #expect(node.mountTables.map(\.pid) == [41])
            #expect(directory.snapshotBuilder.refresh(node, processes: [40, 41, 42]).mountTables.map(\.pid) == [41])
        }
    }

    /// Whatever container or host the tests run in: its own `/proc` can be read and joined.
    @Test func thisMachine() throws {
        let node = SnapshotBuilder(SnapshotOptions(root: "/absent", referencePID: getpid(), timeLimit: 60)).build()
        #expect(node.host.reference?.pid == getpid())
        let own = try #require(node.tasks.first { $0.pid == getpid() && $0.isMainThread })
        #expect(own.namespaces == node.host.reference?.namespaces)
        #expect(!node.gaps.contains { $0.kind == .reference || $0.kind == .referenceDisagreement })
        #expect(try NodeFile.decode(NodeFile.encode(node), path: "x") == node)
    }

    @Test func timeIsUp() throws {
        try TemporaryDirectory.with { directory in
            try directory.process(1, parent: 0)
            let node = SnapshotBuilder(
                SnapshotOptions(proc: directory.path, root: directory.path, timeLimit: 0)
            ).build()
            #expect(node.gaps.allSatisfy { $0.kind == .timeLimit })
            #expect(!node.gaps.isEmpty)
        }
    }
}
