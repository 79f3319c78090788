import LinuxSystem
import Logging
import ServiceLifecycle

/// The thread that saves the open findings soon after each change, so that a process that is killed repeats next to none.
struct StateKeeper: Service {
    let reporter: FindingReporter
    let status: DaemonStatus
    let logger: Logger

    /// Seconds from a change to an attempt to save, so that many make one, and after one that failed.
    private static let rest = 0.5
    private static let retryPeriod = 5.0
    /// How long a sink may have something in memory before that is said, in seconds.
    private static let patience = 5.0

    func run() async throws {
        let stop = try StopSignal()
        await OwnThread.run(
            named: "state",
            stop: {
                stop.stop()
                reporter.endWait()
            }
        ) {
            while true {
                reporter.waitForNews()
                let limit = Deadline(secondsFromNow: Self.patience)
                repeat {
                    if stop.wait(seconds: status.stateFailure == nil ? Self.rest : Self.retryPeriod) { return }
                } while !save(by: limit)
            }
        }
    }

    /// Saves, and says it where that has begun to fail or works again.
    ///
    /// - Parameter limit: until then it is no failure that a sink has something in memory.
    /// - Returns: whether there is nothing left to save.
    func save(by limit: Deadline) -> Bool {
        var failure: String?
        do throws(SystemError) {
            if try !reporter.save() {
                guard limit.isPast else { return false }
                failure = "there are records in memory that no sink has taken yet and no disk"
            }
        } catch {
            failure = "\(error)"
        }
        tell(failure)
        return failure == nil
    }

    private func tell(_ failure: String?) {
        guard failure != status.stateFailure else { return }
        status.set(stateFailure: failure)
        if let failure {
            logger.error("Open findings cannot be saved, and would be raised anew after a restart: \(failure)")
        } else {
            logger.notice("Open findings are saved again")
        }
    }
}
