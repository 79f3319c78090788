package import HTTPTransport
import LinuxSystem
package import Logging

/// Tells of one alert until it is taken or the time is over.
package struct AlertDelivery: Sendable {
    /// How it went.
    enum Outcome: Sendable, Equatable {
        case told
        case givenUp(String)
        /// The process is to end; the next one tells it.
        case stopped
    }

    private let target: any AlertTarget
    private let giveUpAfter: Double
    private let retry: Retry
    private let logger: Logger

    /// - Parameters:
    ///   - giveUpAfter: seconds after which an alert that is not taken is not tried again.
    ///   - retry: the waits between attempts.
    package init(
        to target: any AlertTarget, giveUpAfter: Double, retry: Retry = Retry(first: 1, longest: 60), logger: Logger
    ) {
        self.target = target
        self.giveUpAfter = giveUpAfter
        self.retry = retry
        self.logger = logger
    }

    func tell(_ alert: Alert, _ stop: StopSignal) -> Outcome {
        let end = Deadline(secondsFromNow: giveUpAfter)
        var attempt = 0
        while true {
            do throws(AlertFailure) {
                try target.deliver(alert)
                return .told
            } catch {
                if stop.isStopped { return .stopped }
                if error.isFinal || end.isPast { return .givenUp(error.description) }
                if attempt == 0 { logger.warning("Not told yet, and tried again: \(alert.message): \(error)") }
                let left = Double(end.remainingMilliseconds) / 1000
                let pause = min(retry.delay(attempt, serverAsks: error.retryAfter), left)
                if stop.wait(seconds: pause) { return .stopped }
                attempt += 1
            }
        }
    }
}
