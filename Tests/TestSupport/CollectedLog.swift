package import Logging
import Synchronization

/// Keeps what is logged, a level and a text each.
package final class CollectedLog: Sendable {
    private let box = Mutex<[String]>([])

    package var messages: [String] { box.withLock { $0 } }

    package init() {}

    package var logger: Logger { Logger(label: "test") { [self] _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: CollectedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { log.box.withLock { $0.append("\(event.level) \(event.message)") } }
    }
}
