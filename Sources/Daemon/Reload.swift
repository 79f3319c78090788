import Configuration
import Logging
import ServiceLifecycle
import UnixSignals

/// Reads the configuration anew at SIGHUP; one that cannot be used is refused, and the old one stays.
struct Reload: Service {
    let read: @Sendable () throws(ConfigurationError) -> DaemonConfiguration
    let apply: @Sendable (DaemonConfiguration) -> Void
    let status: DaemonStatus
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            status.setReloading()
            do throws(ConfigurationError) {
                apply(try read())
                logger.notice("The configuration was read anew")
            } catch {
                logger.error("The configuration is refused, and the old one stays: \(error)")
            }
            status.setReloaded()
        }
    }
}
