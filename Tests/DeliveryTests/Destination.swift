import Foundation
import HTTPTransport
import LinuxSystem
import Synchronization
import Testing

@testable import Delivery

/// What sinks of tests deliver to, and what they tell; tests wait for what happens there.
final class Destination: Sendable {
    struct State {
        var delivered: [String] = []
        var attempts = 0
        var told: [String?] = []
        var slowDelays = 0
        var failure: DeliveryFailure?
        /// Takes none of these texts.
        var refused: Set<String> = []
    }

    private let state = Mutex(State())
    private let news = NSCondition()

    init(failure: DeliveryFailure? = nil) { state.withLock { $0.failure = failure } }

    var delivered: [String] { state.withLock { $0.delivered } }
    var told: [String?] { state.withLock { $0.told } }
    var attempts: Int { state.withLock { $0.attempts } }
    var slowDelays: Int { state.withLock { $0.slowDelays } }

    func change(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
        news.lock()
        news.broadcast()
        news.unlock()
    }

    func wait(_ what: Comment, until isReached: (State) -> Bool) throws {
        let deadline = Date(timeIntervalSinceNow: 60)
        news.lock()
        defer { news.unlock() }
        while !state.withLock({ isReached($0) }) {
            try #require(Date() < deadline, what)
            // What a sink notes of itself after a delivery is no news here.
            _ = news.wait(until: Date(timeIntervalSinceNow: 0.01))
        }
    }

    /// Settings without waits, whose statements are `lost` and the counts.
    func settings(records: Int = 1000, retry: Retry = Retry(first: 0, longest: 0)) -> SinkSettings {
        SinkSettings(
            bounds: QueueBounds(records: records), retry: retry,
            slowRetry: Retry(
                first: 0, longest: 0,
                random: {
                    self.change { $0.slowDelays += 1 }; return 0
                }),
            statement: { loss, _ in "lost \(loss.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })" },
            onChange: { reason in self.change { $0.told.append(reason) } })
    }

    struct Target: RecordTarget {
        let destination: Destination

        func deliver(_ records: inout [Record], loss: inout Loss) throws(DeliveryFailure) {
            var failure: DeliveryFailure?
            var lost = 0
            let texts = records.map(\.text)
            destination.change { state in
                state.attempts += 1
                failure = state.failure
                guard failure == nil else { return }
                let taken = texts.filter { !state.refused.contains($0) && !state.refused.contains("*") }
                state.delivered += taken
                lost = texts.count - taken.count
            }
            if let failure { throw failure }
            records = []
            loss.add(.refused, lost)
        }
    }
}

extension Sink {
    func offer(_ texts: [String]) {
        for (time, text) in texts.enumerated() { offer(Record(time: Int64(time), text: text)) }
    }

    /// Ends the sink; how many records are lost with it.
    func close() -> Int { close(until: Deadline(secondsFromNow: 60)) }
}
