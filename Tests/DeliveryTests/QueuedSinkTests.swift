import Dispatch
import HTTPTransport
import LinuxSystem
import TestSupport
import Testing

@testable import Delivery

@Suite struct QueuedSinkTests {
    static let down = DeliveryFailure("down", .retry)

    private func sink(_ destination: Destination, _ settings: SinkSettings? = nil) -> QueuedSink {
        QueuedSink("test", settings ?? destination.settings()) { () throws(DeliveryFailure) in
            Destination.Target(destination: destination)
        }
    }

    private func spooled(
        _ destination: Destination, _ directory: TemporaryDirectory, limit: Int = 1 << 20,
        _ settings: SinkSettings? = nil
    ) -> QueuedSink {
        let path = "\(directory.path)/spool"
        return QueuedSink(
            "test", settings ?? destination.settings(),
            makeStock: { () throws(DeliveryFailure) in
                do throws(SpoolError) { return SpoolStock(try Spool(directory: path, limit: limit)) } catch {
                    throw DeliveryFailure("\(error)", .retry)
                }
            },
            makeTarget: { () throws(DeliveryFailure) in Destination.Target(destination: destination) }, cancel: {})
    }

    private static let texts = (0..<1200).map { "r\($0)" }

    @Test func inOrder() throws {
        let destination = Destination()
        let sink = sink(destination, destination.settings(records: 2000))
        sink.offer(Self.texts)
        #expect(sink.close() == 0)
        #expect(destination.delivered == Self.texts)
        #expect(sink.state.delivered == 1200 && sink.state.lost == 0 && sink.state.queued == 0)
        #expect(destination.told.isEmpty)
    }

    @Test func anOutageIsToldOnceAndItsLossStated() throws {
        let destination = Destination(failure: Self.down)
        let sink = sink(destination, destination.settings(records: 5))
        sink.offer(["first"])
        try destination.wait("an attempt") { $0.attempts > 0 }
        sink.offer((0..<12).map { "r\($0)" })
        try destination.wait("more attempts") { $0.attempts > 20 }
        #expect(sink.state.failure == "down")
        destination.change { $0.failure = nil }
        try destination.wait("everything") { $0.delivered.count == 7 }
        #expect(destination.delivered == ["first", #"lost ["queue-full 7"]"#, "r0", "r1", "r2", "r3", "r4"])
        #expect(sink.close() == 0)
        #expect(destination.told == ["down", nil])
        #expect(sink.state.lost == 7 && sink.state.delivered == 7 && sink.state.failure == nil)
    }

    /// One record of each batch gets out: the waits, which double with each failure, stay as short as the first.
    @Test func whatGetsOnIsNotWaitedForLonger() throws {
        struct SlowTarget: RecordTarget {
            let destination: Destination

            func deliver(_ records: inout [Record], loss: inout Loss) throws(DeliveryFailure) {
                let record = records.removeFirst()
                destination.change { $0.delivered.append(record.text) }
                if !records.isEmpty { throw DeliveryFailure("slow", .retry) }
            }
        }
        let destination = Destination()
        let settings = destination.settings(retry: Retry(first: 0.001, longest: 100_000))
        let sink = QueuedSink("test", settings) { () throws(DeliveryFailure) in
            SlowTarget(destination: destination)
        }
        let texts = Array(Self.texts.prefix(30))
        sink.offer(texts)
        try destination.wait("everything") { $0.delivered == texts }
        #expect(sink.close() == 0)
    }

    @Test func anAdministratorsWorkIsWaitedForSlowly() throws {
        let destination = Destination(failure: DeliveryFailure("denied", .retrySlowly))
        let sink = sink(destination)
        sink.offer(["a"])
        try destination.wait("slow attempts") { $0.slowDelays >= 3 }
        destination.change { $0.failure = nil }
        try destination.wait("the record") { $0.delivered == ["a"] }
        #expect(sink.close() == 0)
        #expect(destination.told == ["denied", nil])
    }

    @Test func whatIsRefusedIsCountedAndStated() throws {
        let destination = Destination()
        destination.change { $0.refused = ["bad"] }
        let sink = sink(destination)
        sink.offer(["a"])
        try destination.wait("the first") { $0.delivered == ["a"] }
        sink.offer(["bad"])
        try destination.wait("the statement") { $0.delivered == ["a", #"lost ["refused 1"]"#] }
        #expect(sink.close() == 0)
        #expect(sink.state.lost == 1)
    }

    /// Statements that are refused must not follow each other without a pause.
    @Test func aDestinationThatRefusesEverythingIsNotFlooded() throws {
        let destination = Destination()
        destination.change { $0.refused = ["*"] }
        let sink = sink(destination, destination.settings(retry: Retry(first: 1000, longest: 1000)))
        sink.offer(["a"])
        try destination.wait("an attempt") { $0.attempts == 1 }
        #expect(sink.close() == 0)
        #expect(destination.attempts == 2)
        #expect(sink.state.lost == 2)
        #expect(destination.delivered.isEmpty)
    }

    @Test func whatIsLeftAtTheEndIsCounted() throws {
        let destination = Destination(failure: Self.down)
        let sink = sink(destination, destination.settings(retry: Retry(first: 1000, longest: 1000)))
        sink.offer(["a"])
        try destination.wait("an attempt") { $0.attempts == 1 }
        sink.offer(["b", "c"])
        #expect(sink.close() == 3)
        #expect(sink.close() == 3)
        #expect(sink.state.lost == 3)
    }

    @Test func aSpoolKeepsWhatIsLeftAtTheEnd() throws {
        try TemporaryDirectory.with { directory in
            let destination = Destination(failure: Self.down)
            let first = spooled(destination, directory)
            first.offer(["a", "b"])
            try destination.wait("an attempt") { $0.attempts > 0 }
            first.offer(["c"])
            #expect(first.close() == 0)
            #expect(first.state.lost == 0)
            destination.change { $0.failure = nil }
            let second = spooled(destination, directory)
            second.offer(["d"])
            try destination.wait("everything") { $0.delivered.count == 4 }
            #expect(second.close() == 0)
            #expect(destination.delivered == ["a", "b", "c", "d"])
            #expect(second.state.spoolBytes == 0)
        }
    }

    @Test func aFullSpoolLeavesTheQueue() throws {
        try TemporaryDirectory.with { directory in
            let destination = Destination(failure: Self.down)
            let sink = spooled(destination, directory, limit: 60, destination.settings(records: 2))
            sink.offer(["a"])
            try destination.wait("the spool") { _ in sink.state.spoolBytes > 0 }
            sink.offer(["b"])
            try destination.wait("the spool") { _ in sink.state.spoolBytes > 40 && sink.state.queued == 0 }
            sink.offer(["c"])
            try destination.wait("the full spool") { ($0.told.last ?? nil)?.contains("bound of 60 bytes") == true }
            sink.offer(["d", "e", "f", "g"])
            destination.change { $0.failure = nil }
            try destination.wait("everything") { $0.delivered.count == 6 }
            #expect(destination.delivered == ["a", "b", "c", #"lost ["queue-full 2"]"#, "d", "e"])
            #expect(sink.close() == 0)
            #expect(sink.state.failure == nil)
        }
    }

    @Test func aFullDiskKeepsNothingFromBeingDelivered() throws {
        try TemporaryDirectory.with { directory in
            let destination = Destination()
            let sink = spooled(destination, directory, limit: 0)
            sink.offer(["a", "b"])
            try destination.wait("both") { $0.delivered == ["a", "b"] }
            #expect(sink.close() == 0)
            #expect(destination.told.first == "the spool has reached its bound of 0 bytes")
        }
    }

    @Test func withoutASpoolRecordsWaitInMemory() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("spool")
            let destination = Destination()
            let sink = spooled(destination, directory)
            sink.offer(["a"])
            try destination.wait("the record") { $0.delivered == ["a"] }
            #expect(sink.close() == 0)
            let reason = try #require(destination.told.first ?? nil)
            #expect(reason.contains("Not a directory"))
        }
    }

    /// What has waited in memory meanwhile is on disk then, and outlives the program.
    @Test(arguments: [false, true]) func aSpoolIsOpenedOnceItCanBe(isReserve: Bool) throws {
        try TemporaryDirectory.with { directory in
            func start(_ destination: Destination) -> QueuedSink {
                guard isReserve else { return spooled(destination, directory) }
                return QueuedSink("test", destination.settings(), reserve: "\(directory.path)/spool") {
                    () throws(DeliveryFailure) in Destination.Target(destination: destination)
                }
            }
            try directory.file("spool")
            let destination = Destination(failure: Self.down)
            let first = start(destination)
            first.offer(["a", "b"])
            try destination.wait("both reasons") { ($0.told.last ?? nil)?.hasPrefix("down; ") == true }
            #expect(first.state.failure?.contains("Not a directory") == true)
            #expect(first.state.queued == 2 && first.state.spoolBytes == 0)
            try directory.remove("spool")
            try destination.wait("the spool") { $0.told.last == "down" && first.state.queued == 0 }
            #expect(first.state.spoolBytes > 0)
            #expect(first.close() == 0)
            let later = Destination()
            let second = start(later)
            try later.wait("everything") { $0.delivered == ["a", "b"] }
            #expect(second.close() == 0)
            #expect(later.told.isEmpty)
        }
    }

    @Test func oneStalledSinkStallsNoOther() throws {
        let (slow, quick) = (Destination(), Destination())
        let gate = DispatchSemaphore(value: 0)
        let stalled = QueuedSink("stalled", slow.settings(records: 3)) { () throws(DeliveryFailure) in
            gate.wait()
            return Destination.Target(destination: slow)
        }
        let other = sink(quick)
        for text in Self.texts.prefix(1000) {
            stalled.offer([text])
            other.offer([text])
        }
        #expect(other.close() == 0)
        #expect(quick.delivered.count == 1000)
        #expect(slow.delivered.isEmpty)
        gate.signal()
        #expect(stalled.close() == 0)
        #expect(slow.delivered.count { !$0.hasPrefix("lost") } + stalled.state.lost == 1000)
    }

    @Test func aStalledSinkIsLeftBehindAtItsDeadline() throws {
        let destination = Destination()
        let gate = DispatchSemaphore(value: 0)
        let stalled = QueuedSink(
            "stalled", destination.settings(), makeStock: { MemoryStock() },
            makeTarget: { () throws(DeliveryFailure) in
                destination.change { $0.attempts += 1 }
                gate.wait()
                return Destination.Target(destination: destination)
            }, cancel: { gate.signal() })
        stalled.offer(["a"])
        try destination.wait("the thread") { $0.attempts == 1 }
        #expect(stalled.close(until: Deadline(secondsFromNow: 0)) == 0)
        #expect(destination.delivered == ["a"])
    }
}
