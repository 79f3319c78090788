import TestSupport
import Testing

@testable import NodeModel

@Suite struct LineageFillTests {
    /// Ten seconds after boot, a hundred clock ticks a second: the quiet node's tasks started before.
    private static let scan: UInt64 = 100_000_000_000

    private func filled(_ node: Node = .quiet) -> Lineage {
        var lineage = Lineage()
        lineage.fill(from: node, scanBegan: Self.scan)
        return lineage
    }

    @Test func quietNode() throws {
        let lineage = filled()
        #expect(lineage.count == Node.quiet.tasks.count)
        let web = try #require(lineage[4101])
        let place = ContainerPlace(containerID: QuietIDs.container, podUID: QuietIDs.podUID)
        var namespaces = Node.quiet.tasks[4].namespaces
        namespaces[.pidForChildren] = nil
        namespaces[.time] = nil
        #expect(
            web
                == LineageTask(
                    pid: 4100, tid: 4101, parent: 900, startTime: 5101, name: TaskName("web-worker"),
                    owner: .container(place), namespaces: namespaces, home: namespaces[.mount]))
        #expect(lineage[1]?.owner == .host)
        #expect(lineage.counts == Lineage.Counts())
    }

    /// What the scan counts to a container stands above its cgroup.
    @Test func taskThatLeftItsCgroup() {
        let node = Node.quiet.changingTask {
            $0.cgroup = 0
            $0.attribution = .mountNamespace
        }
        let place = ContainerPlace(containerID: QuietIDs.container, podUID: QuietIDs.podUID)
        #expect(filled(node)[4100]?.owner == .container(place))
        let unread = Node.quiet.changing { $0.tasks[0].cgroup = nil }
        #expect(filled(unread)[1]?.owner == .unknown)
    }

    @Test func changeAfterTheScan() {
        var lineage = filled()
        let changes = lineage.changes(by: Told.namespaces(4100, Node.quiet.tasks[0].namespaces, at: 200_000))
        #expect(changes.map(\.kinds) == [[.network, .uts, .ipc, .pid, .mount, .cgroup]])
        #expect(changes.first?.task.name.text == "web")
    }

    /// Events go on while a scan runs; it must not undo them.
    @Test func eventsStandAboveTheScan() {
        var lineage = filled()
        let host = Node.quiet.tasks[0].namespaces
        _ = lineage.changes(by: Told.namespaces(4100, host, at: 100_001), Told.exit(900, at: 100_001))
        lineage.fill(from: .quiet, scanBegan: Self.scan)
        #expect(lineage[4100]?.namespaces[.mount] == host[.mount])
        #expect(lineage[900]?.endedAt == 100_001_000_000)
    }

    @Test func scanStandsAboveEventsAfterALoss() {
        var lineage = filled()
        let host = Node.quiet.tasks[0].namespaces
        _ = lineage.changes(
            by: Told.namespaces(4100, host, at: 99_997), Told.exec(4100, "sh", at: 99_998), Told.lost(at: 99_999))
        #expect(lineage[4100]?.isCertain == false)
        lineage.fill(from: .quiet, scanBegan: Self.scan)
        #expect(lineage[4100] == filled()[4100])
        #expect(lineage[4100]?.isCertain == true)
    }

    /// What was lost may have been after the scan had looked.
    @Test func lossWhileTheScanRuns() {
        var lineage = filled()
        _ = lineage.changes(by: Told.lost(at: 100_001), Told.fork(5000, by: 1, at: 100_002))
        lineage.fill(from: .quiet, scanBegan: Self.scan)
        #expect(lineage[4100]?.isCertain == false)
        lineage.fill(from: .quiet, scanBegan: 2 * Self.scan)
        #expect(lineage[4100]?.isCertain == true)
        var empty = Lineage()
        _ = empty.changes(by: Told.lost(at: 100_001))
        empty.fill(from: .quiet, scanBegan: Self.scan)
        #expect(empty[4100]?.isCertain == false)
    }

    /// A container's first task comes with the runtime's owner; the scan knows better.
    @Test func ownerIsTheScans() {
        var lineage = filled()
        lineage.assign(.host, toProcess: 4100)
        lineage.fill(from: .quiet, scanBegan: Self.scan)
        #expect(lineage[4100]?.owner != .host)
        lineage.fill(from: .quiet.changingTask { ($0.cgroup, $0.container) = (nil, nil) }, scanBegan: Self.scan)
        #expect(lineage[4100]?.owner != .unknown)
    }

    private static let place = CgroupPlacement.Owner.container(
        ContainerPlace(containerID: QuietIDs.container, podUID: QuietIDs.podUID))
    private static let other = CgroupPlacement.Owner.container(ContainerPlace(containerID: "x"))

    static let owners: [(known: CgroupPlacement.Owner, scanned: CgroupPlacement.Owner, owner: CgroupPlacement.Owner)] =
        [
            (place, .host, place), (place, .pod(uid: "p"), place), (place, .unknown, place), (place, other, other),
            (.host, place, place), (.host, .pod(uid: "p"), .pod(uid: "p")), (.unknown, .host, .host),
            (.pod(uid: "p"), .host, .host), (.host, .unknown, .host),
        ]

    /// A container's process that has left its group, mounts and parents behind is nobody's to a scan.
    @Test(arguments: owners)
    func ownerOfAKnownTask(
        known: CgroupPlacement.Owner, scanned: CgroupPlacement.Owner, owner: CgroupPlacement.Owner
    ) {
        var lineage = filled()
        lineage.assign(known, toProcess: 4100)
        let node = Node.quiet.changing { node in
            node.tasks[3].container = nil
            node.cgroups.append(CgroupPlacement(memberships: [], owner: scanned))
            node.tasks[3].cgroup = 3
        }
        lineage.fill(from: node, scanBegan: Self.scan)
        #expect(lineage[4100]?.owner == owner)
        // Its children are, too, and a later task of that number is what the scan says.
        _ = lineage.changes(by: Told.fork(5000, by: 4100, at: 100_001))
        #expect(lineage[5000]?.owner == owner)
        lineage.fill(from: node.changing { $0.tasks[3].startTime = 9000 }, scanBegan: Self.scan)
        #expect(lineage[4100]?.owner == scanned)
    }

    /// Until the runtime's program has become the container's it is where the scan sees it, and so is who may be another.
    @Test(arguments: [false, true]) func ownerThatIsNotSure(isStarting: Bool) {
        var lineage = filled()
        lineage.assign(Self.place, toProcess: 4100, startedBy: isStarting ? LineageTask(pid: 900, tid: 900) : nil)
        if !isStarting { _ = lineage.changes(by: Told.lost(at: 99_999)) }
        let node = Node.quiet.changingTask { ($0.container, $0.cgroup) = (nil, 0) }
        lineage.fill(from: node, scanBegan: Self.scan)
        #expect(lineage[4100]?.owner == .host)
    }

    static let visits: [(name: String, attribution: NodeTask.Attribution, events: [KernelEvent], isOfNode: Bool)] = [
        ("by its mounts alone", .mountNamespace, [], true),
        ("by its group", .cgroup, [], false),
        ("with a program from there", .mountNamespace, [Told.exec(900, "sh", at: 100)], false),
        ("where records are missing", .mountNamespace, [Told.lost(at: 100)], false),
    ]

    /// A scan counts a process of the node to the container that it just looks into.
    @Test(arguments: visits)
    func processThatLooksIntoAContainer(
        name: String, attribution: NodeTask.Attribution, events: [KernelEvent], isOfNode: Bool
    ) {
        var lineage = filled()
        _ = lineage.changes(by: Told.namespaces(900, Node.quiet.tasks[3].namespaces, at: 99))
        for event in events { _ = lineage.apply(event) }
        let node = Node.quiet.changing { node in
            (node.tasks[1].container, node.tasks[1].attribution) = (0, attribution)
            (node.tasks[1].cgroup, node.tasks[1].namespaces) = (2, node.tasks[3].namespaces)
        }
        lineage.fill(from: node, scanBegan: Self.scan)
        #expect(lineage[900]?.owner == (isOfNode ? .host : Self.place))
    }

    static let starts: [(name: String, start: UInt64, isSame: Bool)] = [
        ("the same tick", 1000, true), ("a tick before the event", 999, true), ("two ticks before", 998, false),
        ("long before", 5, false), ("a later task", 1001, false),
    ]

    /// The start that an event tells is a little later than the one in `/proc`.
    @Test(arguments: starts)
    func sameTask(name: String, start: UInt64, isSame: Bool) {
        var lineage = filled()
        _ = lineage.changes(by: Told.fork(5000, by: 1, at: 10_000), Told.comm(5000, "told", at: 10_000))
        let node = Node.quiet.changing {
            $0.tasks.append(NodeTask(pid: 5000, tid: 5000, parent: 7, startTime: start, comm: "scanned"))
        }
        lineage.fill(from: node, scanBegan: Self.scan)
        // A number is given anew, never back: the later of two tasks is the one that runs.
        let isScanned = !isSame && start > 1000
        #expect(lineage[5000]?.name.text == (isScanned ? "scanned" : "told"))
        #expect(lineage[5000]?.startTime == (isSame || isScanned ? start : 1000))
    }

    @Test func seenInMidLife() {
        var lineage = Lineage()
        _ = lineage.changes(by: Told.comm(4100, "new name"))
        lineage.fill(from: .quiet, scanBegan: Self.scan)
        #expect(lineage[4100]?.startTime == 5100)
        #expect(lineage[4100]?.parent == 900)
        #expect(lineage[4100]?.name.text == "new name")
        #expect(lineage[4100]?.namespaces[.mount] == Node.quiet.tasks[3].namespaces[.mount])
        #expect(lineage.counts.unknown == 1)
    }

    @Test func endThatWasLost() {
        var lineage = filled()
        _ = lineage.changes(by: Told.fork(5000, by: 1, at: 100_010))
        let later = Node.quiet.changing { $0.tasks.removeAll { $0.pid == 900 || $0.tid == 4101 } }
        lineage.fill(from: later, scanBegan: Self.scan)
        #expect(lineage[900]?.endedAt == Self.scan)
        // It started while the scan ran.
        #expect(lineage[5000]?.endedAt == nil)
        // Not every scan looks at threads.
        #expect(lineage[4101]?.endedAt == nil)
    }

    @Test(arguments: [Gap.Kind.timeLimit, .process, .reference])
    func scanThatWasCut(gap: Gap.Kind) {
        var lineage = filled()
        let cut = Node.quiet.changing {
            $0.tasks.removeLast(4)
            $0.gaps.add(gap, "over")
        }
        lineage.fill(from: cut, scanBegan: Self.scan)
        #expect(lineage[4100]?.endedAt == nil)
    }
}
