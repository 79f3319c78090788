import LinuxSystem
import Logging
import ServiceLifecycle

/// Answers `breakoutd status` on a Unix socket that only root can connect to.
struct StatusServer: Service {
    let path: String
    let document: @Sendable () -> StatusDocument
    let onStop: @Sendable () -> Void
    let logger: Logger

    func run() async throws {
        let stop = try StopSignal()
        await OwnThread.run(
            named: "status",
            stop: {
                onStop()
                stop.stop()
            }
        ) {
            do throws(SystemError) {
                let listener = try StreamListener(path: path)
                while !stop.isStopped {
                    // A client that does not read is left after a while.
                    if let client = listener.accept(until: stop) { try? client.send(document().text) }
                }
            } catch {
                // The daemon's work does not depend on being asked about it.
                logger.error("No answers to `breakoutd status`: \(error)")
                stop.wait()
            }
        }
    }
}
