import Dispatch
import ServiceLifecycle

/// Work that blocks, on a thread of its own, as a service.
enum OwnThread {
    /// Returns when the work does; `stop` is called at a graceful shutdown and has to make the work end.
    static func run(
        named name: String, stop: @escaping @Sendable () -> Void, _ work: @escaping @Sendable () -> Void
    ) async {
        await withGracefulShutdownHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                DispatchQueue(label: "breakoutd.\(name)").async {
                    work()
                    continuation.resume()
                }
            }
        } onGracefulShutdown: {
            stop()
        }
    }
}
