import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

/// What a judgement suspects is looked at again.
@Suite struct ConfirmedSnapshotTests {
    private func suspects(_ node: Node, pid: Int32) -> Suspects {
        Suspects(tasks: Dictionary(uniqueKeysWithValues: node.tasks.filter { $0.pid == pid }.map { ($0.key, ["x"]) }))
    }

    @Test func suspectThatStays() throws {
        try TemporaryDirectory.with { directory in
            try directory.process(1, parent: 0)
            try directory.process(40)
            var looks = 0
            let (node, _) = directory.snapshotBuilder.buildConfirmed { node in
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
            try directory.process(1, parent: 0)
            try directory.process(40)
            let (node, _) = directory.snapshotBuilder.buildConfirmed(patience: 0) { ((), suspects($0, pid: 40)) }
            #expect(node.tasks.last?.pid == 40 && node.tasks.last?.isStarting == false)
            #expect(!node.gaps.contains { $0.kind == .starting })
        }
    }

    @Test func suspectThatEnds() throws {
        try TemporaryDirectory.with { directory in
            try directory.process(1, parent: 0)
            try directory.process(40)
            var looks = 0
            let (node, _) = directory.snapshotBuilder.buildConfirmed { node in
                looks += 1
                if looks == 1 { try? directory.remove("40") }
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
            try directory.process(1, parent: 0)
            try directory.process(30)
            try directory.process(40, parent: 30)
            var looks = 0
            let (node, _) = directory.snapshotBuilder.buildConfirmed { node in
                looks += 1
                if looks == 1 {
                    try? directory.remove("40")
                    try? directory.process(41, parent: 30)
                    try? directory.process(42)
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
            try directory.process(1, parent: 0)
            try directory.process(40, parent: 39)
            var pid = 40
            let (node, _) = directory.snapshotBuilder.buildConfirmed(patience: 0.2) { node in
                let found = suspects(node, pid: Int32(pid))
                try? directory.remove("\(pid)")
                pid += 1
                try? directory.process(pid, parent: 39)
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
            try directory.process(1, parent: 0)
            try directory.process(40)
            try directory.link("40/exe", to: shim)
            try directory.process(41, parent: 40)
            try directory.process(42, parent: 41)
            let (node, _) = directory.snapshotBuilder.buildConfirmed(patience: 0.2) { ((), suspects($0, pid: 42)) }
            #expect(node.tasks.last?.pid == 42)
            #expect(node.tasks.map(\.isStarting) == [false, false, false, isStarting])
            #expect(node.gaps.map(\.kind) == (isStarting ? [.starting] : []))
        }
    }

    /// A judgement names one task of a container: none that nobody looked at again comes in the place of one that is a gap.
    @Test func suspectsOneAfterAnother() throws {
        try TemporaryDirectory.with { directory in
            try directory.process(1, parent: 0)
            try directory.process(40)
            try directory.link("40/exe", to: "/usr/bin/containerd-shim-runc-v2")
            try directory.process(41, parent: 40)
            let cgroup = "0::/docker/\(String(repeating: "a1", count: 32))\n"
            try directory.process(42, parent: 41, cgroup: cgroup)
            try directory.process(43, parent: 42, cgroup: cgroup)
            try directory.process(44, parent: 42, cgroup: cgroup)
            let (node, _) = directory.snapshotBuilder.buildConfirmed(patience: 0.2) { node in
                let first = node.tasks.first { $0.pid >= 42 && !$0.isStarting }
                return ((), first.map { suspects(node, pid: $0.pid) } ?? Suspects())
            }
            #expect(node.tasks.map(\.pid) == [1, 40, 41, 42, 43, 44])
            #expect(node.tasks.map(\.isStarting) == [false, false, false, true, true, true])
            #expect(node.gaps.map(\.kind).filter { [.starting, .process].contains($0) } == [.starting, .process])
        }
    }

    /// A process in the namespace of a container whose first process has ended meanwhile, and its number with it.
    @Test func ownersAreLookedAtAgain() throws {
        try TemporaryDirectory.with { directory in
            let ids = ["a1", "b2"].map { String(repeating: $0, count: 32) }
            try directory.process(1, parent: 0)
            for (id, pid) in zip(ids, [41, 42]) {
                try directory.process(pid, namespaces: 200, cgroup: "0::/docker/\(id)\n")
            }
            let bundle = "run/containerd/io.containerd.runtime.v2.task/k8s.io/\(ids[0])"
            try directory.file("\(bundle)/config.json", "{}")
            try directory.file("\(bundle)/init.pid", "41")
            var looks: [[Int32]] = []
            _ = directory.snapshotBuilder.buildConfirmed { node in
                looks.append(node.tasks.map(\.pid))
                try? directory.remove("41")
                let suspect = node.tasks.filter { $0.pid == 42 && looks.count == 1 }
                return ((), Suspects(tasks: Dictionary(uniqueKeysWithValues: suspect.map { ($0.key, ["a"]) })))
            }
            #expect(looks == [[1, 41, 42], [1, 42]])
        }
    }

    /// A device's number may be another's by the second look: what is there in both is compared with the others' mounts.
    @Test func hostMountsOfBothLooks() throws {
        func line(_ id: Int, _ device: String, _ point: String) -> String {
            "\(id) 1 \(device) / \(point) rw - tmpfs tmpfs rw\n"
        }
        try TemporaryDirectory.with { directory in
            try directory.process(1, parent: 0)
            try directory.file("1/mountinfo", line(1, "0:1", "/") + line(2, "0:2", "/a") + line(3, "0:3", "/b"))
            let node = directory.snapshot()
            #expect(node.host.mounts.map(\.id) == [1, 2, 3])
            try directory.file("1/mountinfo", line(1, "0:1", "/") + line(2, "0:7", "/a") + line(4, "0:3", "/b"))
            #expect(directory.snapshotBuilder.refresh(node, processes: []).host.mounts.map(\.id) == [1])
        }
    }
}
