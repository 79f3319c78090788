import Dispatch
package import LinuxSystem
import Synchronization

/// A sink made of a queue, a thread and a target.
package final class QueuedSink: Sink {
    package let name: String
    private let queue: RecordQueue
    private let monitor = SinkMonitor()
    private let ended = DispatchSemaphore(value: 0)
    private let cancel: @Sendable () -> Void

    /// Starts the sink's thread, which makes stock and target for itself.
    ///
    /// - Parameters:
    ///   - makeStock: where it fails, records wait in memory, the reason is told, and it is called again.
    ///   - makeTarget: is called again where it failed; the target stays.
    ///   - cancel: ends a delivery that takes too long when the sink is closed; from another thread.
    init(
        _ name: String, _ settings: SinkSettings,
        makeStock: @escaping @Sendable () throws(DeliveryFailure) -> any Stock,
        makeTarget: @escaping @Sendable () throws(DeliveryFailure) -> any RecordTarget,
        cancel: @escaping @Sendable () -> Void
    ) {
        self.name = name
        self.cancel = cancel
        queue = RecordQueue(settings.bounds)
        let (queue, monitor, ended) = (queue, monitor, ended)
        // A queue of one's own has a thread of its own while it works.
        DispatchQueue(label: "breakoutd.sink.\(name)").async {
            // Nothing is open any more when it returns.
            let undelivered = Courier(
                queue: queue, settings: settings, monitor: monitor, makeStock: makeStock, makeTarget: makeTarget
            ).run()
            monitor.end(undelivered: undelivered)
            ended.signal()
        }
    }

    /// Starts a sink whose target ends each delivery by itself after some seconds at most.
    ///
    /// - Parameter reserve: a directory for this sink alone, where what could not be delivered is kept; without one it is
    ///   kept in memory.
    package convenience init(
        _ name: String, _ settings: SinkSettings, reserve: String? = nil,
        makeTarget: @escaping @Sendable () throws(DeliveryFailure) -> any RecordTarget
    ) {
        self.init(
            name, settings,
            makeStock: { () throws(DeliveryFailure) in
                guard let reserve else { return MemoryStock() }
                return ReserveStock(try SpoolStock(directory: reserve, limit: Self.reserveLimit))
            }, makeTarget: makeTarget, cancel: {})
    }

    /// The most bytes of a reserve.
    private static let reserveLimit = 16 << 20

    package func offer(_ record: Record) { queue.offer(record) }

    package var state: SinkState {
        var state = monitor.state
        state.queued = queue.unsettled
        return state
    }

    package func prepareToClose(until deadline: Deadline) { queue.close(until: deadline) }

    package func close(until deadline: Deadline) -> Int {
        prepareToClose(until: deadline)
        if !hasEnded(within: deadline) {
            cancel()
            // What a cancelled request takes to end at most.
            _ = hasEnded(within: Deadline(secondsFromNow: 2))
        }
        return monitor.undelivered ?? queue.unsettled
    }

    private func hasEnded(within deadline: Deadline) -> Bool {
        let wait = DispatchTime.now() + .microseconds(Int(deadline.remainingMicroseconds))
        guard ended.wait(timeout: wait) == .success else { return false }
        // For whoever else asks.
        ended.signal()
        return true
    }
}

/// What a sink's thread tells about itself.
final class SinkMonitor: Sendable {
    private let values = Mutex<(state: SinkState, undelivered: Int?)>((SinkState(), nil))

    var state: SinkState { values.withLock { $0.state } }
    /// How many records were lost with the sink; `nil` while it works.
    var undelivered: Int? { values.withLock { $0.undelivered } }

    func add(lost: Int = 0, delivered: Int = 0) {
        values.withLock { values in
            values.state.lost += lost
            values.state.delivered += delivered
        }
    }

    func set(spoolBytes: Int) { values.withLock { $0.state.spoolBytes = spoolBytes } }

    /// Sets why nothing gets out; whether that is something new.
    func set(failure: String?) -> Bool {
        values.withLock { values in
            defer { values.state.failure = failure }
            return values.state.failure != failure
        }
    }

    func end(undelivered: Int) {
        values.withLock { values in
            values.undelivered = undelivered
            values.state.lost += undelivered
        }
    }
}
