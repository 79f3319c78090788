import LinuxSystem
import Logging
import ServiceLifecycle

/// Answers `breakoutd status` on a Unix socket that only root can connect to.
struct StatusServer: Service {
    let path: String
    let document: @Sendable () -> StatusDocument
    let onStop: @Sendable () -> Void
    let logger: Logger

    /// Seconds until another attempt where the socket cannot be made.
    private static let retryPeriod = 5.0
    /// Seconds between two looks at whether the socket is still there.
    private static let lookPeriod = 5.0

    func run() async throws {
        let stop = try StopSignal()
        await OwnThread.run(
            named: "status",
            stop: {
                onStop()
                stop.stop()
            }
        ) {
            var failure: String?
            repeat {
                do throws(SystemError) {
                    if try serve(until: stop) { return }
                    failure = nil
                    logger.error("Somebody removed or replaced \(path), the daemon's socket; it is made anew")
                } catch {
                    // The daemon's work does not depend on being asked about it.
                    if failure != "\(error)" { logger.error("No answers to `breakoutd status`: \(error)") }
                    failure = "\(error)"
                }
            } while failure == nil || !stop.wait(seconds: Self.retryPeriod)
        }
    }

    /// Answers until the service is to end, true, or the socket is not the daemon's own any more.
    private func serve(until stop: StopSignal) throws(SystemError) -> Bool {
        let listener = try StreamListener(path: path)
        while !stop.isStopped {
            // A client that does not read is left after a while.
            if let client = listener.accept(until: stop, within: Self.lookPeriod) { try? client.send(document().text) }
            if !listener.isInPlace { return false }
        }
        return true
    }
}
