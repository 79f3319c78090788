import Dispatch
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

    func run() async throws {
        let stop = DispatchSemaphore(value: 0)
        await OwnThread.run(
            named: "status",
            stop: {
                onStop()
                stop.signal()
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
            } while failure == nil || stop.wait(timeout: .now() + Self.retryPeriod) == .timedOut
        }
    }

    /// Answers until the service is to end, true, or the socket is not the daemon's own any more.
    private func serve(until stop: DispatchSemaphore) throws(SystemError) -> Bool {
        let listener = try StreamListener(path: path)
        while stop.wait(timeout: .now()) == .timedOut {
            // A client that does not read is left after a while.
            if let client = listener.accept(within: 200) { try? client.send(document().text) }
            if !listener.isInPlace { return false }
        }
        return true
    }
}
