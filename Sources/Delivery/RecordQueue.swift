import Dispatch
import LinuxSystem
import Synchronization

/// How much a queue holds in memory: by default what may come during one attempt to deliver, for until that has failed
/// nothing goes to disk.
package struct QueueBounds: Sendable, Equatable {
    package var records: Int
    /// Bytes of their texts.
    package var bytes: Int

    package init(records: Int = 16_384, bytes: Int = 16 << 20) {
        self.records = records
        self.bytes = bytes
    }
}

/// Records between those who have them and the thread that delivers them.
///
/// What came first stays when the queue is full: a flood cannot push out the record of how it began.
final class RecordQueue: Sendable {
    /// What the delivering thread gets.
    struct Taken {
        var records: [Record] = []
        /// What the queue had no room for since the last time.
        var loss = Loss()
        /// Set once the sink is to end.
        var end: Deadline?
    }

    private struct State {
        var records: [Record] = []
        var bytes = 0
        /// Records that were taken and are neither out nor on disk.
        var inHand = 0
        var loss = Loss()
        var end: Deadline?
    }

    private let bounds: QueueBounds
    private let state = Mutex(State())
    private let news = DispatchSemaphore(value: 0)

    init(_ bounds: QueueBounds) { self.bounds = bounds }

    func offer(_ record: Record) {
        let size = record.text.utf8.count
        let isFirst = state.withLock { state in
            guard state.records.count < bounds.records, size <= bounds.bytes - state.bytes else {
                state.loss.add(.queueFull, 1)
                return false
            }
            state.records.append(record)
            state.bytes += size
            return state.records.count == 1
        }
        if isFirst { news.signal() }
    }

    var count: Int { state.withLock { $0.records.count } }

    /// Records that would go with the program: those that wait, and those that were taken and are not settled.
    var unsettled: Int { state.withLock { $0.records.count + $0.inHand } }

    /// Notes how many of those that were taken are still in memory alone.
    func settle(allBut inHand: Int) { state.withLock { $0.inHand = inHand } }

    func close(until deadline: Deadline) {
        state.withLock { $0.end = deadline }
        news.signal()
    }

    /// Takes at most `limit` records, and waits for something to happen where there is nothing, at most some seconds.
    func take(atMost limit: Int, waiting seconds: Double?) -> Taken {
        let taken = take(atMost: limit)
        guard taken.records.isEmpty, taken.loss.isEmpty, taken.end == nil else { return taken }
        if let seconds {
            _ = news.wait(timeout: .now() + .microseconds(Int(max(min(seconds, 86_400), 0) * 1_000_000)))
        } else {
            news.wait()
        }
        return take(atMost: limit)
    }

    private func take(atMost limit: Int) -> Taken {
        state.withLock { state in
            let taken = Taken(records: Array(state.records.prefix(limit)), loss: state.loss, end: state.end)
            state.records.removeFirst(taken.records.count)
            state.inHand += taken.records.count
            state.bytes -= taken.records.reduce(0) { $0 + $1.text.utf8.count }
            state.loss = Loss()
            return taken
        }
    }
}
