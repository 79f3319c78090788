import Testing

@testable import NodeModel

/// Where a task ran its program.
@Suite struct LineageHomeTests {
    private static let pod = NamespaceSet.told([.mount: 7])

    /// Process 10 of the node, at home in mount namespace 1, goes to 7.
    private func lineage(after events: [KernelEvent]) -> Lineage {
        var lineage = Lineage()
        let home = NamespaceID(rawValue: 1)
        lineage.insert(
            LineageTask(pid: 10, tid: 10, startTime: 5, owner: .host, namespaces: .told([.mount: 1]), home: home),
            losses: 0)
        for event in [Told.namespaces(10, Self.pod)] + events { _ = lineage.apply(event) }
        return lineage
    }

    static let rows: [(name: String, events: [KernelEvent], tid: Int32, home: UInt32?)] = [
        ("another place", [], 10, 1),
        ("a child of its own", [Told.fork(20, by: 10)], 20, 1),
        ("a thread", [Told.fork(10, tid: 11, by: 10)], 11, 1),
        ("a thread that nobody told of", [Told.comm(10, tid: 12, "x")], 12, 1),
        ("another name", [Told.comm(10, "x")], 10, 1),
        ("another program", [Told.exec(10, "x")], 10, 7),
        ("a child's program", [Told.fork(20, by: 10), Told.exec(20, "x")], 20, 7),
        ("its own, after the child's program", [Told.fork(20, by: 10), Told.exec(20, "x")], 10, 1),
        (
            "the program of a thread",
            [
                Told.fork(10, tid: 11, by: 10), Told.namespaces(10, tid: 11, .told([.mount: 8])), Told.exit(10),
                Told.exec(10, "x"),
            ], 10, 8
        ),
        ("a child whose start is told late", [Told.namespaces(20, pod), Told.fork(20, by: 10)], 20, nil),
        ("after a loss", [Told.lost()], 10, nil),
        ("a child after a loss", [Told.lost(), Told.fork(20, by: 10)], 20, nil),
        ("nobody known", [Told.namespaces(30, pod)], 30, nil),
        ("nobody known, with a program", [Told.namespaces(30, pod), Told.exec(30, "x")], 30, 7),
    ]

    @Test(arguments: rows)
    func home(name: String, events: [KernelEvent], tid: Int32, home: UInt32?) {
        #expect(lineage(after: events)[tid]?.home?.rawValue == home)
    }

    /// What the runtime runs among its own mounts is still not the container's.
    @Test func programOfTheRuntime() {
        var lineage = lineage(after: [])
        var runtime = LineageTask(pid: 5, tid: 5)
        runtime.namespaces = Self.pod
        lineage.assign(.host, toProcess: 10, startedBy: runtime)
        _ = lineage.changes(by: Told.exec(10, "exe"))
        #expect(lineage[10]?.home?.rawValue == 7 && lineage[10]?.isStarting == true)
    }
}
