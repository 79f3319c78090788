import NodeModel
import TestSupport
import Testing

@testable import ProcFS

@Suite struct KnownTasksTests {
    /// A process as the kernel shows it at one time.
    private struct Moment {
        var state = "S"
        var switches: [Int]? = [5, 2]
        var start = 500
        var mount: Int
    }

    private static func write(_ moment: Moment, _ directory: TemporaryDirectory) throws {
        let stat = "42 (sh) \(moment.state) 1 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 \(moment.start) 0 0\n"
        try directory.file("42/stat", stat)
        let counts = moment.switches.map {
            "voluntary_ctxt_switches:\t\($0[0])\nnonvoluntary_ctxt_switches:\t\($0[1])\n"
        }
        try directory.file("42/status", TaskStatusTests.text + (counts ?? ""))
        try directory.file("42/cgroup", "0::/\n")
        try directory.link("42/ns/mnt", to: "mnt:[\(moment.mount)]")
    }

    private static func mount(_ directory: TemporaryDirectory, _ known: KnownTasks?) throws -> UInt32? {
        let scope = ProcReader.Scope(namespaces: [.mount])
        let reader = try ProcReader(root: directory.path, scope: scope, known: known)
        return reader.readWholeProcess(42).first?.namespaces[.mount]?.rawValue
    }

    /// What is shown the second time, and the mount namespace that is told then: 1 is what was read before.
    private static let cases: [(first: Moment, second: Moment, told: UInt32)] = [
        (Moment(mount: 1), Moment(mount: 2), 1),
        (Moment(state: "D", mount: 1), Moment(state: "D", mount: 2), 1),
        // It ran when it was looked at first, and has gone to sleep since: then it has left its CPU once more.
        (Moment(state: "R", mount: 1), Moment(switches: [6, 2], mount: 2), 2),
        (Moment(mount: 1), Moment(switches: [6, 2], mount: 2), 2),
        (Moment(mount: 1), Moment(switches: [5, 3], mount: 2), 2),
        // It runs: it may have done anything since it left the CPU last.
        (Moment(mount: 1), Moment(state: "R", mount: 2), 2),
        (Moment(mount: 1), Moment(state: "T", mount: 2), 2),
        // Another one with the same number.
        (Moment(mount: 1), Moment(start: 501, mount: 2), 2),
        (Moment(switches: nil, mount: 1), Moment(switches: nil, mount: 2), 2),
    ]

    @Test(arguments: cases.indices) func changes(index: Int) throws {
        let (first, second, told) = Self.cases[index]
        try TemporaryDirectory.with { directory in
            let known = KnownTasks()
            try Self.write(first, directory)
            #expect(try Self.mount(directory, known) == 1)
            try directory.remove("42")
            try Self.write(second, directory)
            #expect(try Self.mount(directory, known) == told)
            // Who asks nobody is told what is there.
            #expect(try Self.mount(directory, nil) == 2)
        }
    }

    /// What was not asked for between two times is forgotten.
    @Test(arguments: [(1, 1), (2, 2)]) func forgotten(times: Int, told: UInt32) throws {
        try TemporaryDirectory.with { directory in
            let known = KnownTasks()
            try Self.write(Moment(mount: 1), directory)
            #expect(try Self.mount(directory, known) == 1)
            for _ in 0..<times { known.forgetUnused() }
            try directory.remove("42")
            try Self.write(Moment(mount: 2), directory)
            #expect(try Self.mount(directory, known) == told)
        }
    }
}
