import Configuration
import Synchronization

/// The configuration as it is now: a reload changes it while others read it.
final class LiveSettings: Sendable {
    private let box: Mutex<DaemonConfiguration>

    init(_ settings: DaemonConfiguration) { box = Mutex(settings) }

    var value: DaemonConfiguration { box.withLock { $0 } }

    /// Seconds between the beginnings of two full scans.
    var scanPeriod: Double { Double(value.scanPeriod) / 1000 }

    /// Takes over another configuration.
    ///
    /// - Returns: the one before.
    func replace(with settings: DaemonConfiguration) -> DaemonConfiguration {
        box.withLock { box in
            defer { box = settings }
            return box
        }
    }
}
