import LinuxSystem
import Testing

@testable import Delivery

@Suite struct RecordQueueTests {
    static let bounds: [(name: String, bounds: QueueBounds, sizes: [Int], kept: [Int])] = [
        ("as many as fit", QueueBounds(records: 3, bytes: 100), [1, 2, 3], [1, 2, 3]),
        ("one more", QueueBounds(records: 3, bytes: 100), [1, 2, 3, 4], [1, 2, 3]),
        ("bytes that just fit", QueueBounds(records: 9, bytes: 10), [4, 6], [4, 6]),
        ("one byte more", QueueBounds(records: 9, bytes: 10), [4, 7, 6], [4, 6]),
        ("longer than the queue", QueueBounds(records: 9, bytes: 10), [11, 1], [1]),
        ("no room at all", QueueBounds(records: 0, bytes: 0), [0, 1], []),
    ]

    @Test(arguments: bounds)
    func whatCameFirstStays(name: String, bounds: QueueBounds, sizes: [Int], kept: [Int]) {
        let queue = RecordQueue(bounds)
        for size in sizes { queue.offer(Record(time: 0, text: String(repeating: "x", count: size))) }
        #expect(queue.count == kept.count)
        let taken = queue.take(atMost: 99, waiting: 0)
        #expect(taken.records.map(\.text.utf8.count) == kept)
        #expect(taken.loss.counts == (sizes.count == kept.count ? [:] : ["queue-full": sizes.count - kept.count]))
        let again = queue.take(atMost: 99, waiting: 0)
        #expect(again.records.isEmpty && again.loss.isEmpty)
    }

    /// What comes during an attempt that takes a minute before it fails is not lost: hundreds of records a second.
    @Test func aBurstDuringAnAttempt() {
        let queue = RecordQueue(QueueBounds())
        for _ in 0..<16_000 { queue.offer(Record(time: 0, text: String(repeating: "x", count: 1024))) }
        #expect(queue.count == 16_000 && queue.take(atMost: 0, waiting: 0).loss.isEmpty)
    }

    @Test func takesPartsInOrderAndGivesRoomBack() {
        let queue = RecordQueue(QueueBounds(records: 3, bytes: 3))
        for text in ["a", "b", "c", "d"] { queue.offer(Record(time: 0, text: text)) }
        #expect(queue.take(atMost: 2, waiting: nil).records.map(\.text) == ["a", "b"])
        for text in ["e", "f", "g"] { queue.offer(Record(time: 0, text: text)) }
        let taken = queue.take(atMost: 9, waiting: nil)
        #expect(taken.records.map(\.text) == ["c", "e", "f"])
        #expect(taken.loss.counts == ["queue-full": 1])
    }

    @Test func nothingIsTakenWithoutRoom() {
        let queue = RecordQueue(QueueBounds())
        queue.offer(Record(time: 0, text: "a"))
        #expect(queue.take(atMost: 0, waiting: 0).records.isEmpty)
        #expect(queue.count == 1)
    }

    @Test func wakesUpForTheEnd() {
        let queue = RecordQueue(QueueBounds())
        let work = BoundedWork { queue.take(atMost: 1, waiting: nil).end != nil }
        queue.close(until: Deadline(secondsFromNow: 1))
        #expect(work.result(until: Deadline(secondsFromNow: 30)) == true)
    }

    @Test func wakesUpForARecord() {
        let queue = RecordQueue(QueueBounds())
        let work = BoundedWork { queue.take(atMost: 1, waiting: nil).records.map(\.text) }
        queue.offer(Record(time: 0, text: "a"))
        #expect(work.result(until: Deadline(secondsFromNow: 30)) == ["a"])
    }
}
