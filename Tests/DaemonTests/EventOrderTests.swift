import KernelEvents
import NodeModel
import Testing

@testable import Daemon

/// A write is judged after the events from before it, however many there are: its writer may have ended since.
@Suite struct EventOrderTests {
    static let batches: [(count: Int, last: UInt64, end: UInt64)] = [
        (0, 0, 1000), (1, 500, 1000), (EventStream.batchLimit - 1, 500, 1000), (EventStream.batchLimit, 500, 500),
        (EventStream.batchLimit, 2000, 1000),
    ]

    @Test(arguments: batches)
    func whatHasBeenTold(count: Int, last: UInt64, end: UInt64) {
        let events = Array(
            repeating: KernelEvent(time: last, cpu: 0, pid: 1, tid: 1, action: .exit), count: count)
        #expect(EventWatch.end(of: events, 1000) == end)
    }
}
