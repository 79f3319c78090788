import Testing

@testable import NodeModel

/// What the table holds, for how long, and what goes first.
@Suite struct LineageTests {
    private func lineage(capacity: Int = 4, running pids: ClosedRange<Int32>) -> Lineage {
        var lineage = Lineage(capacity: capacity, grace: 100_000_000)
        for pid in pids { lineage.insert(LineageTask(pid: pid, tid: pid, owner: .host), losses: 0) }
        return lineage
    }

    /// Every number that the table holds.
    private func held(_ lineage: Lineage) -> [Int32] { (0...100).filter { lineage[$0] != nil } }

    @Test func endedTaskStays() {
        var lineage = lineage(running: 1...2)
        _ = lineage.changes(by: Told.exit(1, at: 10))
        #expect(lineage[1]?.endedAt == 10_000_000)
        #expect(lineage[1]?.owner == .host)
        _ = lineage.changes(by: Told.comm(2, "x", at: 110))
        #expect(held(lineage) == [1, 2])
        _ = lineage.changes(by: Told.comm(2, "x", at: 111))
        #expect(held(lineage) == [2])
        #expect(lineage.counts == Lineage.Counts())
    }

    @Test func secondEndIsTheFirst() {
        var lineage = lineage(running: 1...1)
        _ = lineage.changes(by: Told.exit(1, at: 10), Told.exit(1, at: 20))
        #expect(lineage[1]?.endedAt == 10_000_000)
    }

    @Test func numberThatIsUsedAgain() {
        var lineage = lineage(running: 1...2)
        _ = lineage.changes(by: Told.exit(1, at: 10), Told.fork(1, by: 2, at: 20), Told.comm(1, "new", at: 20))
        #expect(lineage[1]?.endedAt == nil)
        #expect(lineage[1]?.parent == 2)
        // The end of the first one does not end the second one's time.
        _ = lineage.changes(by: Told.comm(2, "x", at: 500))
        #expect(lineage[1]?.name.text == "new")
        #expect(lineage.count == 2)
        // Nor does it keep others, which end later, from going.
        _ = lineage.changes(by: Told.exit(2, at: 600), Told.comm(1, "new", at: 701))
        #expect(held(lineage) == [1])
    }

    @Test func recordOfAnEndedTaskRevivesIt() {
        var lineage = lineage(running: 1...2)
        _ = lineage.changes(by: Told.exit(1, at: 10), Told.comm(1, "x", at: 11), Told.comm(2, "x", at: 500))
        #expect(lineage[1]?.endedAt == nil)
    }

    @Test func firstToEndGoesFirst() {
        var lineage = lineage(running: 1...4)
        _ = lineage.changes(by: Told.exit(3, at: 10), Told.exit(2, at: 11), Told.fork(5, by: 1, at: 12))
        #expect(held(lineage) == [1, 2, 4, 5])
        _ = lineage.changes(by: Told.fork(6, by: 1, at: 12))
        #expect(held(lineage) == [1, 4, 5, 6])
        #expect(lineage.counts == Lineage.Counts(evicted: 2))
    }

    @Test func fullOfRunningTasks() {
        var lineage = lineage(running: 1...4)
        for pid in Int32(5)...60 {
            _ = lineage.changes(by: Told.fork(pid, by: pid - 1))
            #expect(lineage.count == 4)
            #expect(lineage[pid]?.owner == .host)
        }
        #expect(lineage.counts == Lineage.Counts(evicted: 56))
        #expect(lineage.slots.count == 4)
    }

    /// Until a scan for which there is room enough.
    @Test func runningTaskThatWent() {
        var lineage = lineage(running: 1...4)
        _ = lineage.changes(by: Told.exit(1), Told.fork(5, by: 2))
        #expect(!lineage.lacksRunning)
        _ = lineage.changes(by: Told.fork(6, by: 2))
        #expect(lineage.lacksRunning)
        func node(_ count: Int32) -> Node {
            Node(tasks: (1...count).map { NodeTask(pid: $0, tid: $0, startTime: 1, comm: "") })
        }
        lineage.fill(from: node(5), scanBegan: 100_000_000_000)
        #expect(lineage.lacksRunning)
        // The first one after it still has to make room for what it finds.
        lineage.fill(from: node(4), scanBegan: 200_000_000_000)
        lineage.fill(from: node(4), scanBegan: 300_000_000_000)
        #expect(!lineage.lacksRunning)
    }

    @Test func capacityOfNothing() {
        var lineage = lineage(capacity: 0, running: 1...3)
        #expect(held(lineage) == [3])
        _ = lineage.changes(by: Told.exit(3, at: 1), Told.fork(4, by: 3, at: 2))
        #expect(held(lineage) == [4])
    }

    /// The threads of a process are found as a search through all tasks would find them.
    @Test func threadsOfProcesses() {
        var lineage = Lineage(capacity: 40, grace: 3_000_000)
        var generator = Xorshift(state: 88_172_645_463_325_252)
        for time in UInt64(0)..<5_000 {
            let (pid, number) = (Int32(1 + generator.next() % 12), Int32(1 + generator.next() % 60))
            switch generator.next() % 4 {
            case 0: _ = lineage.changes(by: Told.fork(pid, tid: number, by: pid, at: time))
            case 1: _ = lineage.changes(by: Told.exit(pid, tid: number, at: time))
            case 2: _ = lineage.changes(by: Told.exec(pid, "x", at: time))
            default: lineage.assign(.host, toProcess: pid)
            }
            let sought = lineage.slots.indices.filter { lineage.slots[$0].task.pid == pid }
            #expect(lineage.slotsOfProcess(pid).sorted() == sought)
        }
    }

    /// Processes that come and go, as a node has them all day: nothing piles up.
    @Test func manyLives() {
        var lineage = lineage(capacity: 1000, running: 1...1)
        for life in UInt64(0)..<20_000 {
            let pid = Int32(2 + life % 900)
            _ = lineage.changes(
                by:
                    Told.fork(pid, by: 1, at: life), Told.namespaces(pid, .told(), at: life),
                Told.exec(pid, "x", at: life),
                Told.exit(pid, at: life))
        }
        // Those of the last hundred milliseconds.
        #expect(lineage.count == 102)
        #expect(lineage.slots.count <= 103)
        #expect(lineage.counts == Lineage.Counts())
    }

    @Test func queue() {
        var queue = SlotQueue()
        func drained() -> [Int] {
            var copy = queue
            var slots: [Int] = []
            while let slot = copy.first {
                slots.append(slot)
                copy.remove(slot)
            }
            return slots
        }
        for slot in [3, 0, 7, 1] { queue.append(slot) }
        #expect(drained() == [3, 0, 7, 1])
        queue.remove(0)
        queue.remove(1)
        queue.append(0)
        queue.remove(3)
        #expect(drained() == [7, 0])
        queue.remove(7)
        queue.remove(0)
        #expect(queue.first == nil)
        queue.append(2)
        #expect(drained() == [2])
    }
}

/// The same numbers in each run.
private struct Xorshift {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
