/// One event for CloudWatch Logs.
package struct LogEvent: Sendable, Equatable {
    /// Milliseconds since 1970-01-01 UTC.
    package var time: Int64
    package var message: String

    package init(time: Int64, message: String) {
        self.time = time
        self.message = message
    }

    /// The bytes that PutLogEvents counts.
    package var size: Int { message.utf8.count + LogEventLimits.overhead }
}

/// The limits of PutLogEvents (CloudWatch Logs API reference).
package enum LogEventLimits {
    /// Bytes of a batch, those that each event counts beside its message included.
    package static let batchBytes = 1_048_576
    /// Bytes that an event counts beside its message.
    package static let overhead = 26
    package static let batchEvents = 10_000
    /// Milliseconds from the first event of a batch to the last.
    package static let span: Int64 = 24 * 3_600_000
    /// Bytes of one event as older versions of the service take them, overhead included; newer ones take four times that.
    package static let eventBytes = 262_144
}

/// Events as PutLogEvents takes them: each batch within every limit and in chronological order.
package struct LogEventBatches: Sendable, Equatable {
    package private(set) var batches: [[LogEvent]] = []
    /// How many events no batch can hold: without a character, too long, or of before 1970.
    package private(set) var unfit = 0

    /// Sorts the events by time, those of one time in the order given, and parts them.
    package init(_ events: [LogEvent]) {
        let fit = events.filter(Self.isFit)
        unfit = events.count - fit.count
        let sorted = fit.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        var batch: [LogEvent] = []
        var bytes = 0
        for (_, event) in sorted {
            if let first = batch.first,
                batch.count == LogEventLimits.batchEvents || bytes + event.size > LogEventLimits.batchBytes
                    || event.time - first.time > LogEventLimits.span
            {
                batches.append(batch)
                batch = []
                bytes = 0
            }
            batch.append(event)
            bytes += event.size
        }
        if !batch.isEmpty { batches.append(batch) }
    }

    private static func isFit(_ event: LogEvent) -> Bool {
        event.time >= 0 && !event.message.isEmpty && event.size <= LogEventLimits.eventBytes
    }
}
