package import LinuxSystem

/// Where records go.
///
/// Each sink has a queue and a thread of its own, so that none waits for another.
package protocol Sink: Sendable {
    var name: String { get }
    /// Takes a record without waiting; what the queue has no room for is counted and stated later.
    func offer(_ record: Record)
    var state: SinkState { get }
    /// Tells the sink that it is to end, without waiting: `close` will be called with the same deadline.
    func prepareToClose(until deadline: Deadline)
    /// Delivers what is left until the deadline, then ends; a sink with a spool keeps the rest on disk.
    ///
    /// - Returns: how many records are lost with it.
    func close(until deadline: Deadline) -> Int
}

/// What a sink did and is doing.
package struct SinkState: Sendable, Equatable {
    /// Records that wait in memory.
    package var queued = 0
    package var delivered = 0
    /// Records that will never be delivered, those already stated included.
    package var lost = 0
    /// Bytes that the spool takes on disk; 0 for a sink without one.
    package var spoolBytes = 0
    /// Why nothing gets out at the moment, in one sentence for people; `nil` while it works.
    package var failure: String?

    package init() {}
}

/// Why records did not get out, and what to do with them.
package struct DeliveryFailure: Error, Sendable, Equatable {
    package enum Remedy: Sendable, Equatable {
        /// Try again after a while.
        case retry
        /// Try again, but do not hope for much before an administrator has done something.
        case retrySlowly
    }

    package var reason: String
    package var remedy: Remedy

    package init(_ reason: String, _ remedy: Remedy) {
        self.reason = reason
        self.remedy = remedy
    }
}

/// The end of a sink: delivers records, on the sink's thread alone.
package protocol RecordTarget {
    /// Delivers records in the order of their times and takes each from `records` once it is out.
    ///
    /// What the destination does not want goes from `records` to `loss`. Where it throws, the rest is left.
    func deliver(_ records: inout [Record], loss: inout Loss) throws(DeliveryFailure)
}

/// How long records are handed over without a pause.
package enum DeliveryLimit {
    package static let seconds = 2.0
}

extension RecordTarget {
    /// Gives one record after the other to `send`, and leaves the rest where they are taken too slowly: it is soon on disk.
    ///
    /// - Parameters:
    ///   - name: who takes them, as the failure is to say.
    ///   - limit: seconds after which no other record is begun.
    package func deliver(
        _ records: inout [Record], to name: String, limit: Double = DeliveryLimit.seconds,
        _ send: (Record) throws(DeliveryFailure) -> Void
    ) throws(DeliveryFailure) {
        let end = Deadline(secondsFromNow: limit)
        while let record = records.first {
            try send(record)
            records.removeFirst()
            if end.isPast, !records.isEmpty { throw DeliveryFailure("\(name) takes records too slowly", .retry) }
        }
    }
}
