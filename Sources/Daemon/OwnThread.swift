import Dispatch
import ServiceLifecycle
import Synchronization

/// Work that blocks, on a thread of its own, as a service.
enum OwnThread {
    /// Returns when the work does; `stop` is called at a graceful shutdown and has to make the work end.
    ///
    /// - Parameter patience: how long work may go on after `stop` that hangs in the kernel, in seconds; then its thread is
    ///   left behind.
    static func run(
        named name: String, patience: Double? = nil, stop: @escaping @Sendable () -> Void,
        _ work: @escaping @Sendable () -> Void
    ) async {
        let end = End()
        await withGracefulShutdownHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                end.waiting.withLock { $0 = continuation }
                DispatchQueue(label: "breakoutd.\(name)").async {
                    work()
                    end.reach()
                }
            }
        } onGracefulShutdown: {
            stop()
            guard let patience else { return }
            DispatchQueue.global().asyncAfter(deadline: .now() + patience) { end.reach() }
        }
    }

    /// What comes first, once.
    private final class End: Sendable {
        let waiting = Mutex<CheckedContinuation<Void, Never>?>(nil)

        func reach() {
            let waiting = waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }
            waiting?.resume()
        }
    }
}
