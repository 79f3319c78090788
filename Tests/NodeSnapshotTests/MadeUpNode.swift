import Foundation
import NodeModel
import TestSupport

@testable import NodeSnapshot

/// A made-up node in a directory that is its root and its `/proc` at once.
extension TemporaryDirectory {
    private static let kinds = ["mnt", "pid", "pid_for_children", "net", "ipc", "uts", "user", "cgroup", "time"]

    /// Makes a process in the reader's cgroup namespace; the other kinds count from `namespaces` on.
    func process(
        _ pid: Int, parent: Int = 1, flags: UInt32 = 0, namespaces: UInt32? = 100, cgroup: String = "0::/\n"
    ) throws {
        let name = pid == 1 ? "systemd" : "p\(pid)"
        try file("\(pid)/stat", "\(pid) (\(name)) S \(parent) 0 0 0 -1 \(flags) 0 0 0 0 0 0 0 0 20 0 1 0 \(pid) 0 0\n")
        try file("\(pid)/status", "Uid:\t0\t0\t0\t0\nCapInh:\t0\nCapPrm:\t3\nCapEff:\t1\nCapBnd:\t3\n")
        try file("\(pid)/cgroup", cgroup)
        try file("\(pid)/uid_map", "0 0 4294967295\n")
        try file("\(pid)/mountinfo", "1 1 0:1 / / rw - tmpfs tmpfs rw\n")
        guard let namespaces else { return }
        for (number, kind) in Self.kinds.enumerated() {
            let own =
                kind == "cgroup"
                ? try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/cgroup") : nil
            try link("\(pid)/ns/\(kind)", to: own ?? "x:[\(namespaces + UInt32(number))]")
        }
    }

    func snapshot(referencePID: Int32 = 1) -> Node {
        SnapshotBuilder(SnapshotOptions(proc: path, root: path, referencePID: referencePID, timeLimit: 60)).build()
    }

    var snapshotBuilder: SnapshotBuilder { SnapshotBuilder(SnapshotOptions(proc: path, root: path, timeLimit: 60)) }
}
