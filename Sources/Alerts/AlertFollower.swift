import Dispatch
package import LinuxSystem
package import Logging
import Synchronization

/// Follows the journal and has somebody told of each record that passes a filter.
///
/// Each is told at least once: its place in the journal is saved after it was told, or given up. See `AlertProgress`.
package final class AlertFollower: Sendable {
    /// How many alerts at most are begun after the oldest that is not done yet.
    static let widest = 256

    private let filter: AlertFilter
    private let delivery: AlertDelivery
    private let atOnce: Int
    private let path: String
    private let logger: Logger
    private let state: Mutex<State>
    private let threads = DispatchQueue(label: "breakoutd.alert", attributes: .concurrent)

    private struct State: Sendable {
        var progress: AlertProgress
        var counts = AlertCounts()
        var saved: AlertProgress
        var running = 0
    }

    /// - Parameters:
    ///   - atOnce: how many alerts may be on their way at once.
    ///   - progress: where to begin, as it was loaded from `path`.
    ///   - path: where the progress is saved.
    package init(
        _ filter: AlertFilter, _ delivery: AlertDelivery, atOnce: Int, from progress: AlertProgress, path: String,
        logger: Logger
    ) {
        self.filter = filter
        self.delivery = delivery
        self.atOnce = atOnce
        self.path = path
        self.logger = logger
        state = Mutex(State(progress: progress, saved: progress))
    }

    package var counts: AlertCounts { state.withLock(\.counts) }

    /// Runs until the signal is given, and then waits until the attempts that have begun are through.
    ///
    /// Where the journal fails it gives the signal itself.
    package func run(_ source: inout some JournalSource, _ stop: StopSignal) throws(JournalError) {
        let changed = DispatchSemaphore(value: 0)
        defer {
            while state.withLock({ $0.running > 0 }) { changed.wait() }
            save()
        }
        do throws(JournalError) {
            while !stop.isStopped {
                while !stop.isStopped, let entry = try source.next() {
                    take(entry, stop, changed)
                }
                save()
                if !stop.isStopped { try source.wait(stop) }
            }
        } catch {
            // Nobody reads the journal any more: whoever is started next tells what nobody has taken yet.
            stop.stop()
            throw error
        }
    }

    private func take(_ entry: JournalEntry, _ stop: StopSignal, _ changed: DispatchSemaphore) {
        guard let alert = Alert(entry), filter.passes(alert) else {
            return state.withLock { $0.progress.pass(entry.cursor) }
        }
        // Every alert that ends signals once, so that none is waited for in vain.
        while !hasRoom, !stop.isStopped { changed.wait() }
        if stop.isStopped { return }
        let isNew = state.withLock { state in
            let isNew = state.progress.begin(alert.cursor)
            if isNew { state.running += 1 } else { state.counts.known += 1 }
            return isNew
        }
        guard isNew else { return }
        threads.async { [self] in
            finish(alert, delivery.tell(alert, stop))
            changed.signal()
        }
    }

    private var hasRoom: Bool {
        state.withLock { $0.running < atOnce && $0.progress.waiting < Self.widest }
    }

    private func finish(_ alert: Alert, _ outcome: AlertDelivery.Outcome) {
        let givenUp = state.withLock { state in
            switch outcome {
            case .told: state.counts.told += 1
            case .givenUp: state.counts.givenUp += 1
            case .stopped: return state.counts.givenUp
            }
            state.progress.finish(alert.cursor)
            return state.counts.givenUp
        }
        if case .givenUp(let reason) = outcome {
            logger.error("Given up, \(givenUp) since the start: \(alert.message): \(reason)")
        }
        save()
        state.withLock { $0.running -= 1 }
    }

    /// Saves the progress where it has changed; one thread at a time, so that none puts an older one over a newer.
    private func save() {
        state.withLock { state in
            guard state.progress != state.saved else { return }
            do throws(SystemError) {
                try ProgressFile.save(state.progress, to: path)
                state.saved = state.progress
            } catch {
                logger.error("What was told is not saved, and told again after a restart: \(error)")
            }
        }
    }
}
