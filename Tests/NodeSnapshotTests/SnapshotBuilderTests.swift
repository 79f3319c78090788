import Foundation
import Glibc
import LinuxSystem
import NodeModel
import Synchronization
import TestSupport
import Testing

@testable import NodeSnapshot

@Suite struct SnapshotBuilderTests {
    static let kinds = ["mnt", "pid", "pid_for_children", "net", "ipc", "uts", "user", "cgroup", "time"]

    /// One process of a made-up `/proc` in the reader's cgroup namespace; the other kinds count from `namespaces` on.
    private func process(
        _ pid: Int, parent: Int = 1, flags: UInt32 = 0, namespaces: UInt32? = 100, cgroup: String = "0::/\n",
        in directory: TemporaryDirectory
    ) throws {
        let name = pid == 1 ? "systemd" : "p\(pid)"
        try directory.file(
            "\(pid)/stat", "\(pid) (\(name)) S \(parent) 0 0 0 -1 \(flags) 0 0 0 0 0 0 0 0 20 0 1 0 \(pid) 0 0\n")
        try directory.file(
            "\(pid)/status", "Uid:\t0\t0\t0\t0\nCapInh:\t0\nCapPrm:\t3\nCapEff:\t1\nCapBnd:\t3\n")
        try directory.file("\(pid)/cgroup", cgroup)
        try directory.file("\(pid)/uid_map", "0 0 4294967295\n")
        try directory.file("\(pid)/mountinfo", "1 1 0:1 / / rw - tmpfs tmpfs rw\n")
        guard let namespaces else { return }
        for (number, kind) in Self.kinds.enumerated() {
            let own =
                kind == "cgroup"
                ? try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/cgroup") : nil
            try directory.link("\(pid)/ns/\(kind)", to: own ?? "x:[\(namespaces + UInt32(number))]")
        }
    }

    private func build(_ directory: TemporaryDirectory, pid: Int32 = 1) -> Node {
        SnapshotBuilder(
            SnapshotOptions(proc: directory.path, root: directory.path, referencePID: pid, timeLimit: 60)
        ).build()
    }

    @Test func emptyProc() throws {
        try TemporaryDirectory.with { directory in
            let node = build(directory)
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

    @Test func negativeReference() throws {
        try TemporaryDirectory.with { directory in
            #expect(build(directory, pid: -3).gaps.map(\.kind) == [.reference])
        }
    }

    @Test func wholeProc() throws {
        try TemporaryDirectory.with { directory in
            let id = String(repeating: "a1", count: 32)
            try process(1, parent: 0, in: directory)
            try process(40, in: directory)
            try process(41, namespaces: 200, cgroup: "0::/docker/\(id)\n", in: directory)
            let node = build(directory)
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

    /// Every task and every table of mounts is a step of its own: here each ends a slice.
    @Test func partedWork() throws {
        try TemporaryDirectory.with { directory in
            for pid in [1, 40, 41, 42] { try process(pid, parent: pid == 1 ? 0 : 1, in: directory) }
            try process(43, namespaces: 200, in: directory)
            let whole = build(directory)
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
            try process(1, parent: 0, in: directory)
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
            try process(1, parent: 0, in: directory)
            try process(40, namespaces: 200, in: directory)
            try directory.file("40/mountinfo", "x\n")
            try directory.file("40/uid_map", "x\n")
            try directory.file("41/stat", "x")
            let node = build(directory)
            #expect(node.tasks.map(\.pid) == [1, 40])
            #expect(node.userNamespaces.map(\.uidMap) == [[IDMapping(inside: 0, outside: 0, count: .max)], nil])
            #expect(
                Set(node.gaps.map(\.reason)) == [
                    "mountinfo: mountinfo line 1 is malformed", "stat: stat line 1 is malformed",
                ])
        }
    }

    private static let kernelThread: UInt32 = 0x0020_0000

    /// kthreadd stands in where PID 1 may not be read, and only when it is what it seems.
    @Test func kernelThreadAsReference() throws {
        try TemporaryDirectory.with { directory in
            try process(1, parent: 0, namespaces: nil, in: directory)
            try process(2, parent: 0, flags: Self.kernelThread, in: directory)
            #expect(build(directory).host.reference?.pid == 2)
            #expect(build(directory, pid: 40).host.reference == nil)
        }
        for (parent, flags) in [(0, 0), (1, Self.kernelThread)] {
            try TemporaryDirectory.with { directory in
                try process(1, parent: 0, namespaces: nil, in: directory)
                try process(2, parent: parent, flags: flags, in: directory)
                let node = build(directory)
                #expect(node.host.reference == nil)
                #expect(node.gaps.contains { $0.kind == .reference })
            }
        }
    }

    @Test func firstProcessOfAnotherNamespace() throws {
        try TemporaryDirectory.with { directory in
            try process(1, parent: 0, namespaces: 200, in: directory)
            try process(2, parent: 0, flags: Self.kernelThread, in: directory)
            let node = build(directory)
            #expect(node.host.reference?.pid == 1)
            let gap = try #require(node.gaps.first { $0.kind == .referenceDisagreement })
            #expect(gap.count == 7)
            #expect(gap.examples.first == "mnt 200, 100")
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

    @Test func referenceThroughTheReader() throws {
        let options = SnapshotOptions()
        let reading = HostReference.read(try TaskReading.makeReader(options), pid: getpid())
        #expect(reading.reference?.pid == getpid() && reading.gaps == [])
        let absent = HostReference.read(try TaskReading.makeReader(options), pid: .max)
        #expect(absent.reference == nil)
        #expect(absent.gaps.map(\.reason) == ["pid 2147483647: No such file or directory"])
    }

    /// The record names the process whose view of the mounts is the container's.
    @Test func mountTableOfARecordsFirstProcess() throws {
        try TemporaryDirectory.with { directory in
            let id = String(repeating: "a1", count: 32)
            try process(1, parent: 0, in: directory)
            for pid in 40...42 { try process(pid, namespaces: 200, cgroup: "0::/docker/\(id)\n", in: directory) }
            let bundle = "run/containerd/io.containerd.runtime.v2.task/k8s.io/\(id)"
            try directory.file("\(bundle)/config.json", "{}")
            try directory.file("\(bundle)/init.pid", "41")
            let node = build(directory)
            #expect(node.mountTables.map(\.pid) == [41])
            #expect(builder(directory).refresh(node, processes: [40, 41, 42]).mountTables.map(\.pid) == [41])
        }
    }

    /// A device's number may be another's by the second look: what is there in both is compared with the others' mounts.
    @Test func hostMountsOfBothLooks() throws {
        func line(_ id: Int, _ device: String, _ point: String) -> String {
            "\(id) 1 \(device) / \(point) rw - tmpfs tmpfs rw\n"
        }
        try TemporaryDirectory.with { directory in
            try process(1, parent: 0, in: directory)
            try directory.file("1/mountinfo", line(1, "0:1", "/") + line(2, "0:2", "/a") + line(3, "0:3", "/b"))
            let node = build(directory)
            #expect(node.host.mounts.map(\.id) == [1, 2, 3])
            try directory.file("1/mountinfo", line(1, "0:1", "/") + line(2, "0:7", "/a") + line(4, "0:3", "/b"))
            #expect(builder(directory).refresh(node, processes: []).host.mounts.map(\.id) == [1])
        }
    }

    /// A process in the namespace of a container whose first process has ended meanwhile, and its number with it.
    @Test func ownersAreLookedAtAgain() throws {
        try TemporaryDirectory.with { directory in
            let ids = ["a1", "b2"].map { String(repeating: $0, count: 32) }
            try process(1, parent: 0, in: directory)
            for (id, pid) in zip(ids, [41, 42]) {
                try process(pid, namespaces: 200, cgroup: "0::/docker/\(id)\n", in: directory)
            }
            let bundle = "run/containerd/io.containerd.runtime.v2.task/k8s.io/\(ids[0])"
            try directory.file("\(bundle)/config.json", "{}")
            try directory.file("\(bundle)/init.pid", "41")
            var looks: [[Int32]] = []
            _ = builder(directory).buildConfirmed { node in
                looks.append(node.tasks.map(\.pid))
                try? FileManager.default.removeItem(atPath: "\(directory.path)/41")
                let suspect = node.tasks.filter { $0.pid == 42 && looks.count == 1 }
                return ((), Suspects(tasks: Dictionary(uniqueKeysWithValues: suspect.map { ($0.key, ["a"]) })))
            }
            #expect(looks == [[1, 41, 42], [1, 42]])
        }
    }

    /// More records that cannot be read than a gap has examples: none of them counts as missing.
    @Test func manyUnreadableRecords() throws {
        try TemporaryDirectory.with { directory in
            try process(1, parent: 0, in: directory)
            for number in 0..<14 {
                let id = String(repeating: "a\(String(number, radix: 16))", count: 32)
                try process(40 + number, namespaces: 200, cgroup: "0::/docker/\(id)\n", in: directory)
                let record =
                    number < 7
                    ? "run/containerd/io.containerd.runtime.v2.task/k8s.io/\(id)/config.json"
                    : "var/lib/docker/containers/\(id)/config.v2.json"
                try directory.file(record, "x")
            }
            let node = build(directory)
            #expect(node.containers.count == 14)
            #expect(node.gaps.map(\.kind) == [.bundle, .bundle] && node.gaps.map(\.count) == [7, 7])
            let again = builder(directory).refresh(node, processes: [41])
            #expect(again.gaps.map(\.kind) == [.bundle, .bundle] && again.gaps.map(\.count) == [7, 7])
        }
    }

    /// docker's own containerd has the specification, docker the labels.
    @Test func recordsOfOneContainerInTwoPlaces() throws {
        let id = String(repeating: "a1", count: 32)
        try TemporaryDirectory.with { directory in
            try directory.file(
                "run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/\(id)/config.json",
                #"{"linux": {"cgroupsPath": "from-the-bundle"}}"#)
            try directory.file(
                "var/lib/docker/containers/\(id)/config.v2.json",
                #"{"ID": "\#(id)", "State": {"Running": true, "Pid": 42}, "Config": {"Labels": {"#
                    + #""io.kubernetes.docker.type": "container", "io.kubernetes.pod.uid": "u"}}}"#)
            try directory.file("var/lib/docker/containers/\(id)/hostconfig.json", "{}")
            let containers = build(directory).containers
            #expect(containers.map(\.id) == [id])
            #expect(containers.map(\.runtime) == [.docker] && containers.map(\.kind) == [.container])
            #expect(containers.map(\.pod) == [PodIdentity(uid: "u")] && containers.map(\.initPID) == [42])
            #expect(containers.map(\.bundle?.cgroupsPath) == ["from-the-bundle"])
        }
    }

    private func suspects(_ node: Node, pid: Int32) -> Suspects {
        Suspects(tasks: Dictionary(uniqueKeysWithValues: node.tasks.filter { $0.pid == pid }.map { ($0.key, ["x"]) }))
    }

    private func builder(_ directory: TemporaryDirectory) -> SnapshotBuilder {
        SnapshotBuilder(SnapshotOptions(proc: directory.path, root: directory.path, timeLimit: 60))
    }

    @Test func suspectThatStays() throws {
        try TemporaryDirectory.with { directory in
            try process(1, parent: 0, in: directory)
            try process(40, in: directory)
            var looks = 0
            let (node, _) = builder(directory).buildConfirmed { node in
                looks += 1
                return ((), suspects(node, pid: 40))
            }
            #expect(looks == 2)
            #expect(node.tasks.map(\.pid) == [1, 40] && node.tasks.map(\.isStarting) == [false, false])
            #expect(node.gaps == [])
        }
    }

    /// Where a judgement alone takes longer than a start may, as on an emulated node.
    @Test func suspectOfASlowScan() throws {
        try TemporaryDirectory.with { directory in
            try process(1, parent: 0, in: directory)
            try process(40, in: directory)
            let (node, _) = builder(directory).buildConfirmed(patience: 0) { ((), suspects($0, pid: 40)) }
            #expect(node.tasks.last?.pid == 40 && node.tasks.last?.isStarting == false)
            #expect(!node.gaps.contains { $0.kind == .starting })
        }
    }

    @Test func suspectThatEnds() throws {
        try TemporaryDirectory.with { directory in
            try process(1, parent: 0, in: directory)
            try process(40, in: directory)
            var looks = 0
            let (node, _) = builder(directory).buildConfirmed { node in
                looks += 1
                if looks == 1 { try? FileManager.default.removeItem(atPath: "\(directory.path)/40") }
                return ((), suspects(node, pid: 40))
            }
            #expect(node.tasks.map(\.pid) == [1])
            #expect(node.endedWhileRead == 1 && node.gaps == [])
        }
    }

    /// Process 40 ends and 41 goes on in its place, as one does that forks at each look; the same in another container, which
    /// is another finding, has to be seen once more.
    @Test(arguments: [("x", 2), ("y", 3)])
    func suspectThatRenewsItself(finding: String, expected: Int) throws {
        try TemporaryDirectory.with { directory in
            try process(1, parent: 0, in: directory)
            try process(30, in: directory)
            try process(40, parent: 30, in: directory)
            var looks = 0
            let (node, _) = builder(directory).buildConfirmed { node in
                looks += 1
                if looks == 1 {
                    try? FileManager.default.removeItem(atPath: "\(directory.path)/40")
                    try? process(41, parent: 30, in: directory)
                    try? process(42, in: directory)
                }
                let later = node.tasks.filter { $0.pid == 41 }.map { ($0.key, [finding] as Set) }
                return ((), Suspects(tasks: suspects(node, pid: 40).tasks.merging(later) { $1 }))
            }
            #expect(looks == expected)
            // Who has nothing to do with it is for the next scan.
            #expect(node.tasks.map(\.pid) == [1, 30, 41] && node.tasks.allSatisfy { !$0.isStarting })
            #expect(node.gaps == [] && node.endedWhileRead == 1)
        }
    }

    /// One that is another at each look, and of which no parent is seen, is a gap in the end.
    @Test func suspectThatIsNeverSeenTwice() throws {
        try TemporaryDirectory.with { directory in
            try process(1, parent: 0, in: directory)
            try process(40, parent: 39, in: directory)
            var pid = 40
            let (node, _) = builder(directory).buildConfirmed(patience: 0.2) { node in
                let found = suspects(node, pid: Int32(pid))
                try? FileManager.default.removeItem(atPath: "\(directory.path)/\(pid)")
                pid += 1
                try? process(pid, parent: 39, in: directory)
                return ((), found)
            }
            #expect(node.tasks.last?.isStarting == true)
            #expect(
                node.gaps.filter { $0.kind == .process }.map(\.reason)
                    == ["it was not there yet when its container was looked at before"])
        }
    }

    /// A task below a runtime below a shim is looked at until patience ends, then it is marked and a gap.
    @Test(arguments: [("/usr/bin/containerd-shim-runc-v2", true), ("/usr/bin/sh", false)])
    func suspectThatIsBeingStarted(shim: String, isStarting: Bool) throws {
        try TemporaryDirectory.with { directory in
            try process(1, parent: 0, in: directory)
            try process(40, in: directory)
            try directory.link("40/exe", to: shim)
            try process(41, parent: 40, in: directory)
            try process(42, parent: 41, in: directory)
            let (node, _) = builder(directory).buildConfirmed(patience: 0.2) { ((), suspects($0, pid: 42)) }
            #expect(node.tasks.last?.pid == 42)
            #expect(node.tasks.map(\.isStarting) == [false, false, false, isStarting])
            #expect(node.gaps.map(\.kind) == (isStarting ? [.starting] : []))
        }
    }

    @Test func timeIsUp() throws {
        try TemporaryDirectory.with { directory in
            try process(1, parent: 0, in: directory)
            let node = SnapshotBuilder(
                SnapshotOptions(proc: directory.path, root: directory.path, timeLimit: 0)
            ).build()
            #expect(node.gaps.allSatisfy { $0.kind == .timeLimit })
            #expect(!node.gaps.isEmpty)
        }
    }
}
