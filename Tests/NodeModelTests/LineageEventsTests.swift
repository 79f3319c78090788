import Testing

@testable import NodeModel

@Suite struct LineageEventsTests {
    private static let owner = CgroupPlacement.Owner.container(ContainerPlace(containerID: "c1", podUID: "p1"))

    /// Process 10 of a container, with a second thread 11.
    private static let known: Lineage = {
        var lineage = Lineage(suspended: 3_000_000_000)
        lineage.insert(
            LineageTask(
                pid: 10, tid: 10, parent: 1, startTime: 5, name: TaskName("web"), owner: owner,
                namespaces: .told()), losses: 0)
        _ = lineage.changes(by: Told.fork(10, tid: 11, by: 10))
        return lineage
    }()

    @Test func newProcessIsLikeItsCreator() throws {
        var lineage = Self.known
        #expect(
            lineage.changes(by: Told.fork(20, by: 10, thread: 11, at: 50), Told.namespaces(20, .told(), at: 50)) == [])
        var expected = try #require(lineage[10])
        (expected.pid, expected.tid, expected.parent) = (20, 20, 10)
        // 3.05 seconds after boot, of which the machine slept three.
        expected.startTime = 305
        #expect(lineage[20] == expected)
        #expect(lineage.counts == Lineage.Counts())
    }

    @Test func newThreadHasTheParentOfItsProcess() {
        #expect(Self.known[11]?.parent == 1)
        #expect(Self.known[11]?.pid == 10)
        #expect(Self.known[11]?.owner == Self.owner)
    }

    static let changes: [(name: String, after: NamespaceSet, kinds: [NamespaceKind])] = [
        ("the same again", .told(), []),
        ("mount", .told([.mount: 999]), [.mount]),
        (
            "all", .told(Dictionary(uniqueKeysWithValues: KernelEvent.namespaceKinds.map { ($0, 999) })),
            KernelEvent.namespaceKinds
        ),
        ("nothing told", NamespaceSet(), []),
        ("one kind told", NamespaceSet([.user: 999]), [.user]),
    ]

    @Test(arguments: changes)
    func change(name: String, after: NamespaceSet, kinds: [NamespaceKind]) throws {
        var lineage = Self.known
        let changes = lineage.changes(by: Told.namespaces(10, tid: 11, after, at: 60))
        guard !kinds.isEmpty else {
            #expect(changes == [])
            return
        }
        let change = try #require(changes.first)
        #expect(change.kinds == kinds)
        #expect(change.before == .told())
        #expect(change.time == 60_000_000)
        #expect(change.task == lineage[11])
        #expect(change.task.owner == Self.owner)
        for kind in KernelEvent.namespaceKinds {
            #expect(lineage[11]?.namespaces[kind] == after[kind] ?? NamespaceSet.told()[kind])
        }
        // The process' other thread stays where it is, and a second record is no second change.
        #expect(lineage[10]?.namespaces == .told())
        #expect(lineage.changes(by: Told.namespaces(10, tid: 11, after, at: 61)) == [])
    }

    @Test func thereAndBack() {
        var lineage = Self.known
        let host = NamespaceSet.told([.mount: 1])
        let changes = lineage.changes(by: Told.namespaces(10, host), Told.namespaces(10, .told()))
        #expect(changes.map(\.after) == [host, .told()])
    }

    /// clone(2) with new namespaces: the record that follows the start already tells them.
    @Test func changeByClone() {
        var lineage = Self.known
        let changes = lineage.changes(by: Told.fork(20, by: 10), Told.namespaces(20, .told([.pid: 7])))
        #expect(changes.map(\.kinds) == [[.pid]])
        #expect(changes.first?.task.pid == 20)
    }

    /// The record of a start may come after that of what its task did first (`EventStream`).
    @Test func startThatIsToldLate() {
        var lineage = Self.known
        let host = NamespaceSet.told([.mount: 1])
        #expect(lineage.changes(by: Told.namespaces(20, host), Told.namespaces(21, .told()), Told.exit(20)) == [])
        let changes = lineage.changes(by: Told.fork(20, by: 10), Told.fork(21, by: 10))
        #expect(changes.map(\.kinds) == [[.mount]])
        #expect(changes.first?.task.pid == 20 && changes.first?.task.owner == Self.owner)
        #expect(changes.first?.before == .told())
        // One that is known is another task by now.
        #expect(lineage.changes(by: Told.namespaces(20, .told()), Told.fork(20, by: 10)).count == 1)
    }

    @Test func names() {
        var lineage = Self.known
        #expect(lineage.changes(by: Told.comm(10, tid: 11, "worker")) == [])
        #expect(lineage[11]?.name.text == "worker")
        #expect(lineage[10]?.name.text == "web")
        _ = lineage.changes(by: Told.exec(10, "sh"))
        #expect(lineage[10]?.name.text == "sh")
    }

    /// A helper that the kernel starts is a kernel thread until it is a program.
    @Test func helperOfTheKernel() {
        var lineage = Lineage()
        lineage.insert(LineageTask(pid: 2, tid: 2, isKernelThread: true, owner: .host), losses: 0)
        _ = lineage.changes(by: Told.fork(30, by: 2))
        #expect(lineage[30]?.isKernelThread == true)
        _ = lineage.changes(by: Told.comm(30, "kworker"))
        #expect(lineage[30]?.isKernelThread == true)
        _ = lineage.changes(by: Told.exec(30, "modprobe"))
        #expect(lineage[30]?.isKernelThread == false)
        #expect(lineage[30]?.parent == 2)
        #expect(lineage[2]?.isKernelThread == true)
    }

    @Test func threadThatExecs() {
        var lineage = Self.known
        let moved = NamespaceSet.told([.mount: 1])
        _ = lineage.changes(
            by:
                Told.namespaces(10, tid: 11, moved), Told.exit(10, tid: 10, at: 2), Told.exec(10, "sh", at: 3))
        #expect(lineage[10]?.namespaces == moved)
        #expect(lineage[10]?.endedAt == nil)
        #expect(lineage[10]?.startTime == 5)
        #expect(lineage[11] == nil)
        #expect(lineage.count == 1)
    }

    /// The main thread ended so long ago that nothing is known of it any more.
    @Test func threadThatExecsLater() {
        var lineage = Self.known
        let moved = NamespaceSet.told([.mount: 1])
        _ = lineage.changes(
            by:
                Told.namespaces(10, tid: 11, moved), Told.exit(10, tid: 10, at: 2), Told.exec(10, "sh", at: 60_000))
        #expect(lineage[10]?.namespaces == moved)
        #expect(lineage[11] == nil)
        #expect(lineage.counts.unknown == 0)
    }

    static let unknown: [(name: String, event: KernelEvent, held: [Int32])] = [
        ("fork", Told.fork(40, by: 39), [40]), ("exit", Told.exit(40), []), ("comm", Told.comm(40, "x"), [40]),
        ("exec", Told.exec(40, "x"), [40]), ("namespaces", Told.namespaces(40, .told()), [40]),
    ]

    @Test(arguments: unknown)
    func unknownTask(name: String, event: KernelEvent, held: [Int32]) {
        var lineage = Lineage()
        #expect(lineage.apply(event) == nil)
        #expect(lineage.counts.unknown == 1)
        #expect(lineage.count == held.count)
        for tid in held {
            #expect(lineage[tid]?.owner == .unknown)
        }
    }

    /// Scans leave out the threads of most processes of the host.
    @Test func threadOfAKnownProcess() {
        var lineage = Self.known
        let changes = lineage.changes(by: Told.namespaces(10, tid: 12, .told([.network: 1])))
        #expect(changes.map(\.kinds) == [[.network]])
        #expect(lineage[12]?.owner == Self.owner)
        #expect(lineage[12]?.startTime == nil)
        #expect(lineage.changes(by: Told.fork(50, by: 10, thread: 13)) == [])
        #expect(lineage[50]?.owner == Self.owner)
        #expect(lineage.counts.unknown == 0)
    }

    /// After a loss a number may be another task's: whoever judges a change has to know.
    @Test func lossMakesUncertain() {
        var lineage = Self.known
        _ = lineage.changes(by: Told.fork(20, by: 10, at: 2), Told.lost(at: 3))
        #expect(lineage[10]?.isCertain == false)
        #expect(lineage[20]?.isCertain == false)
        let changes = lineage.changes(
            by:
                Told.namespaces(20, .told([.mount: 1]), at: 4), Told.fork(21, by: 20, at: 5),
            Told.namespaces(21, .told([.mount: 2]), at: 6), Told.namespaces(10, tid: 14, .told([.mount: 3]), at: 6))
        #expect(changes.map(\.task.isCertain) == [false, false, false])
        #expect(lineage[21]?.isCertain == false)
    }

    @Test func ownerOfAProcess() {
        var lineage = Self.known
        lineage.assign(.host, toProcess: 10)
        #expect(lineage[10]?.owner == .host)
        #expect(lineage[11]?.owner == .host)
        lineage.assign(.host, toProcess: 99)
        #expect(lineage.count == 2)
    }

    /// From the move to the exec; a stage that the runtime makes in between is on its way, too.
    @Test func startingUntilItsProgram() {
        var lineage = Self.known
        let other = CgroupPlacement.Owner.container(ContainerPlace(containerID: "c2"))
        lineage.assign(other, toProcess: 10, startedBy: LineageTask(pid: 5, tid: 5))
        #expect(lineage[10]?.isStarting == true && lineage[11]?.isStarting == true && lineage[11]?.owner == other)
        _ = lineage.changes(by: Told.fork(20, by: 10), Told.comm(20, "init"))
        #expect(lineage[20]?.isStarting == true && lineage[20]?.owner == other)
        _ = lineage.changes(by: Told.exec(20, "web"))
        #expect(lineage[20]?.isStarting == false && lineage[10]?.isStarting == true)
    }

    /// A runtime may move its child before the records of that one's programs, which are the runtime's own; what its children
    /// run, and what runs in the container's mounts, is the container's.
    @Test func programsOfTheRuntime() {
        let container = CgroupPlacement.Owner.container(ContainerPlace(containerID: "c2"))
        var runtime = LineageTask(pid: 5, tid: 5)
        runtime.namespaces = .told()
        func started(_ namespaces: NamespaceSet) -> Lineage {
            var lineage = Self.known
            _ = lineage.changes(by: Told.namespaces(10, namespaces))
            lineage.assign(container, toProcess: 10, startedBy: runtime)
            _ = lineage.changes(by: Told.exec(10, "exe"))
            return lineage
        }
        var lineage = started(.told())
        #expect(lineage[10]?.isStarting == true)
        _ = lineage.changes(by: Told.fork(20, by: 10))
        #expect(lineage[20]?.isStarting == true)
        _ = lineage.changes(by: Told.exec(20, "web"), Told.exec(10, "6"))
        #expect(lineage[20]?.isStarting == false && lineage[10]?.isStarting == true)
        _ = lineage.changes(by: Told.namespaces(10, .told([.mount: 777])), Told.exec(10, "web"))
        #expect(lineage[10]?.isStarting == false)
        #expect(started(.told([.mount: 777]))[10]?.isStarting == false)
    }
}
