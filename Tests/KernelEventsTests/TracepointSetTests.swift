import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import KernelEvents

@Suite struct TracepointSetTests {
    private static let names = ["cgroup/cgroup_attach_task", "module/module_load", "signal/signal_generate"]

    @Test func notMounted() throws {
        try TemporaryDirectory.with { directory in
            let places = ["\(directory.path)/none", "\(directory.path)/tracing"]
            #expect(TracepointSet(in: places).missing == ["tracefs": .notMounted(places)])
        }
    }

    /// Amazon Linux 2 has it within debugfs alone; the other directory is there and empty.
    @Test(arguments: ["tracing", "debug/tracing"], ["", "/"])
    func belowTheNodesRoot(place: String, slash: String) throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("sys/kernel/tracing")
            try directory.file("sys/kernel/\(place)/events/sched/enable", "0\n")
            let set = TracepointSet(in: TracepointSet.places(below: directory.path + slash))
            #expect(set.missing["tracefs"] == nil && set.missing[Self.names[0]] == .absent)
        }
    }

    @Test func whatTheKernelHas() throws {
        try TemporaryDirectory.with { directory in
            let places = ["\(directory.path)/none", "\(directory.path)/tracing"]
            try directory.file("tracing/events/sched/enable", "0\n")
            // Without modules there is nothing to miss.
            let probes = ["kprobe_events": TracepointError.noProbes]
            #expect(
                TracepointSet(in: places).missing
                    == probes.merging([Self.names[0]: .absent, Self.names[2]: .absent]) { $1 })
            try directory.file("tracing/events/\(Self.names[0])/id", "538\n")
            try directory.file("tracing/events/\(Self.names[1])/id", "77\n")
            try directory.file("tracing/events/\(Self.names[1])/format", TracepointFormatTests.cgroupMove)
            try directory.file("tracing/events/\(Self.names[2])/id", "261\n")
            try directory.file("tracing/events/\(Self.names[2])/format", TracepointFormatTests.signal)
            let none = TracepointError.unreadable("No such file or directory")
            #expect(
                TracepointSet(in: places).missing
                    == probes.merging([Self.names[0]: none, Self.names[1]: .malformed]) { $1 })
            try directory.file("tracing/events/\(Self.names[0])/format", TracepointFormatTests.cgroupMove)
            try directory.file("tracing/events/\(Self.names[1])/format", TracepointFormatTests.moduleLoad)
            let whole = TracepointSet(in: places)
            #expect(whole.missing == probes && whole.offered.map(\.id) == [538, 77, 261])
        }
    }

    /// Every probe is put, taken out before and afterwards; what other programs have put there stays.
    @Test func probes() throws {
        try TemporaryDirectory.with { directory in
            let list = "\(directory.path)/kprobe_events"
            try directory.file("kprobe_events", "p:other/one vfs_read\n")
            try directory.probes()
            let set = TracepointSet(in: [directory.path])
            #expect(set.missing.keys.sorted() == [Self.names[0], Self.names[2]])
            #expect(set.offered.map(\.kind.name) == KernelProbe.all.filter { !$0.functions.isEmpty }.map(\.kind.name))
            let lines = try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n").map(String.init)
            #expect(lines.first == "p:other/one vfs_read")
            let expected = KernelProbe.all.flatMap { probe in
                ["-:\(probe.kind.name)"]
                    + probe.functions.prefix(1).map { function in
                        "p:\(probe.kind.name) \(function.symbol) \(function.fetches.joined(separator: " "))"
                    }
            }
            #expect(Array(lines.dropFirst()) == expected)
            set.removeProbes()
            let removed = try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n")
            #expect(removed.dropFirst(lines.count).map(String.init) == KernelProbe.all.map { "-:\($0.kind.name)" })
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"))
    func refusedProbes() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("events/sched/enable", "0\n")
            let list = "\(directory.path)/kprobe_events"
            try directory.link("kprobe_events", to: "/dev/full")
            let missing = TracepointSet(in: [directory.path]).missing
            let full = SystemError(errorNumber: ENOSPC, call: "write", path: list)
            #expect(missing["breakoutd/mount"] == .probeRefused(full))
        }
    }
}
