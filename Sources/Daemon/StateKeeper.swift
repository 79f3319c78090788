import LinuxSystem
import Logging
import ServiceLifecycle

/// The thread that saves the open findings soon after each change, so that a process that is killed repeats next to none.
struct StateKeeper: Service {
    let reporter: FindingReporter
    let status: DaemonStatus
    let logger: Logger

    /// Seconds between looks whether there is something to save, and after one that failed.
    private static let period = 0.5
    private static let retryPeriod = 5.0
    /// How long a sink may have something in memory before that is said, in seconds.
    private static let patience = 5.0

    func run() async throws {
        let stop = try StopSignal()
        await OwnThread.run(named: "state", stop: stop.stop) {
            var limit = Deadline(secondsFromNow: Self.patience)
            while !stop.wait(seconds: status.stateFailure == nil ? Self.period : Self.retryPeriod) { save(&limit) }
        }
    }

    /// Saves, and says it where that has begun to fail or works again.
    ///
    /// - Parameter limit: by when it has to be possible; is put off each time that it is.
    func save(_ limit: inout Deadline) {
        var failure: String?
        do throws(SystemError) {
            if try reporter.save() {
                limit = Deadline(secondsFromNow: Self.patience)
            } else if limit.isPast {
                failure = "there are records in memory that no sink has taken yet and no disk"
            } else {
                return
            }
        } catch {
            failure = "\(error)"
        }
        guard failure != status.stateFailure else { return }
        status.set(stateFailure: failure)
        if let failure {
            logger.error("Open findings cannot be saved, and would be raised anew after a restart: \(failure)")
        } else {
            logger.notice("Open findings are saved again")
        }
    }
}
