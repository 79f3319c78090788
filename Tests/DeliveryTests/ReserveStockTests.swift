import Dispatch
import Foundation
import TestSupport
import Testing

@testable import Delivery

@Suite struct ReserveStockTests {
    private static let down = DeliveryFailure("down", .retry)

    private func sink(_ destination: Destination, _ reserve: String) -> QueuedSink {
        QueuedSink("test", destination.settings(), reserve: reserve) { () throws(DeliveryFailure) in
            Destination.Target(destination: destination)
        }
    }

    /// The disk is for what cannot be delivered, and makes nothing wait.
    @Test func whatIsDeliveredIsNotOnDisk() throws {
        try TemporaryDirectory.with { directory in
            let destination = Destination()
            let sink = sink(destination, "\(directory.path)/reserve")
            for text in ["a", "b", "c"] {
                sink.offer([text])
                try destination.wait("the record") { $0.delivered.last == text }
            }
            #expect(sink.close() == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/reserve") == [])
            #expect(destination.told.isEmpty)
        }
    }

    /// Killed in an outage, which a copy of the directory is as good as, it has everything that was offered.
    @Test func aKillInAnOutageLosesNothing() throws {
        try TemporaryDirectory.with { directory in
            let destination = Destination(failure: Self.down)
            let first = sink(destination, "\(directory.path)/reserve")
            first.offer(["a", "b"])
            try destination.wait("an attempt") { $0.attempts > 0 }
            first.offer(["c"])
            try destination.wait("the disk") { _ in first.state.queued == 0 }
            #expect(first.state.spoolBytes > 0 && first.state.delivered == 0 && first.state.lost == 0)
            try FileManager.default.copyItem(atPath: "\(directory.path)/reserve", toPath: "\(directory.path)/killed")

            let later = Destination()
            let second = sink(later, "\(directory.path)/killed")
            second.offer(["d"])
            try later.wait("everything") { $0.delivered.count == 4 }
            #expect(second.close() == 0)
            #expect(later.delivered == ["a", "b", "c", "d"])

            destination.change { $0.failure = nil }
            try destination.wait("everything") { $0.delivered.count == 3 }
            #expect(destination.delivered == ["a", "b", "c"])
            first.offer(["e"])
            try destination.wait("what came later") { $0.delivered == ["a", "b", "c", "e"] }
            #expect(first.close() == 0)
            #expect(first.state.spoolBytes == 0)
        }
    }

    /// Ended without an attempt, or in the middle of one that fails, it keeps on disk what is left.
    @Test func whatIsLeftAtTheEndIsOnDisk() throws {
        try TemporaryDirectory.with { directory in
            let destination = Destination(failure: Self.down)
            let first = sink(destination, "\(directory.path)/reserve")
            first.offer(["a", "b"])
            #expect(first.close() == 0)
            #expect(first.state.lost == 0)
            destination.change { $0.failure = nil }
            let second = sink(destination, "\(directory.path)/reserve")
            try destination.wait("everything") { $0.delivered == ["a", "b"] }
            #expect(second.close() == 0)
        }
    }

    /// What waits, and what is being delivered, is not settled.
    @Test func whatIsUnderWayWouldGoWithTheProgram() throws {
        try TemporaryDirectory.with { directory in
            let destination = Destination()
            let gate = DispatchSemaphore(value: 0)
            let sink = QueuedSink("test", destination.settings(), reserve: "\(directory.path)/reserve") {
                () throws(DeliveryFailure) in
                destination.change { $0.attempts += 1 }
                gate.wait()
                return Destination.Target(destination: destination)
            }
            sink.offer(["a"])
            #expect(sink.state.queued == 1)
            try destination.wait("the thread") { $0.attempts == 1 }
            sink.offer(["b"])
            #expect(sink.state.queued == 2)
            gate.signal()
            try destination.wait("both") { _ in sink.state.queued == 0 }
            #expect(destination.delivered == ["a", "b"])
            #expect(sink.close() == 0)
        }
    }

    /// A part that was taken is not told again, neither by this process nor by the next.
    @Test func onlyTheRestIsPutAside() throws {
        try TemporaryDirectory.with { directory in
            let stock = ReserveStock(try SpoolStock(directory: "\(directory.path)/reserve", limit: 1000))
            stock.add(["a", "b", "c"].map { Record(time: 1, text: $0) })
            #expect(stock.inMemory == 3 && stock.bytesOnDisk == 0 && stock.room == 0)
            #expect(stock.putAside(Array(stock.front().dropFirst())))
            #expect(stock.inMemory == 0 && stock.bytesOnDisk > 0 && stock.room > 0)
            stock.add([Record(time: 2, text: "d")])
            #expect(stock.inMemory == 0)
            #expect(stock.front().map(\.text) == ["b", "c"] || stock.front().map(\.text) == ["b", "c", "d"])
            #expect(!stock.putAside([Record(time: 1, text: "c")]))
        }
    }

    /// A reserve without room keeps one batch in memory, says why, and delivers.
    @Test func aFullDisk() throws {
        try TemporaryDirectory.with { directory in
            let stock = ReserveStock(try SpoolStock(directory: "\(directory.path)/reserve", limit: 0))
            stock.add([Record(time: 1, text: "a")])
            #expect(stock.problem == nil)
            #expect(stock.putAside(stock.front()))
            #expect(stock.inMemory == 1 && stock.room == 0)
            #expect(stock.problem == "the spool has reached its bound of 0 bytes")
            #expect(stock.front().map(\.text) == ["a"])
            stock.removeFront()
            #expect(stock.isEmpty && stock.problem == nil)
        }
    }

    /// What a disk had no room for goes there as soon as it has, whether or not anything was delivered.
    @Test(.enabled(if: SmallDisk.canMount, SmallDisk.reason), arguments: [true, false])
    func aDiskThatWasFullInAnOutage(isReserve: Bool) throws {
        try SmallDisk.with { directory in
            let path = "\(directory.path)/disk/reserve"
            try directory.directory("disk/reserve")
            SmallDisk.fill("\(directory.path)/disk/other")
            let destination = Destination(failure: Self.down)
            let sink = QueuedSink(
                "test", destination.settings(records: 4),
                makeStock: { () throws(DeliveryFailure) in
                    let disk = try SpoolStock(directory: path, limit: 1 << 20)
                    return isReserve ? ReserveStock(disk) : disk
                }, makeTarget: { () throws(DeliveryFailure) in Destination.Target(destination: destination) },
                cancel: {})
            sink.offer(["a", "b"])
            try destination.wait("the full disk") { state in
                state.told.contains { $0?.contains("No space left on device") == true }
            }
            let attempts = destination.attempts
            try destination.wait("that it stays as it is") { $0.attempts > attempts + 2 }
            sink.offer(["c", "d"])
            #expect(sink.state.queued == 4 && sink.state.lost == 0)
            try directory.remove("disk/other")
            try destination.wait("the disk") { _ in sink.state.queued == 0 }
            #expect(sink.state.spoolBytes > 0 && sink.state.delivered == 0)
            try destination.wait("that it is not full") { $0.told.last == "down" }
            destination.change { $0.failure = nil }
            try destination.wait("everything") { $0.delivered.count >= 4 }
            #expect(sink.close() == 0 && destination.delivered == ["a", "b", "c", "d"])
        }
    }

    /// What is left of a part that was in memory is put on disk, and that alone.
    @Test(.enabled(if: SmallDisk.canMount, SmallDisk.reason)) func theRestOfWhatADiskHadNoRoomFor() throws {
        try SmallDisk.with { directory in
            let stock = try SpoolStock(directory: "\(directory.path)/disk/spool", limit: 1 << 20)
            SmallDisk.fill("\(directory.path)/disk/other")
            let records = ["a", "b", "c"].map { Record(time: 1, text: $0) }
            stock.add(records)
            #expect(stock.front() == records)
            #expect(!stock.putAside(Array(records[1...])) && stock.inMemory == 2 && stock.bytesOnDisk == 0)
            try directory.remove("disk/other")
            #expect(stock.putAside(Array(records[2...])) && stock.inMemory == 0 && stock.bytesOnDisk > 0)
            #expect(stock.front() == Array(records[2...]))
            stock.removeFront()
            #expect(stock.isEmpty)
        }
    }
}
