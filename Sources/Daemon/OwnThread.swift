import Dispatch
import ServiceLifecycle

/// Work that blocks, on a thread of its own, as a service.
enum OwnThread {
    /// Returns or throws as the work does; `stop` is called at a graceful shutdown and has to make the work end.
    static func run(
        named name: String, stop: @escaping @Sendable () -> Void, _ work: @escaping @Sendable () throws -> Void
    ) async throws {
        try await withGracefulShutdownHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                DispatchQueue(label: "breakoutd.\(name)").async {
                    continuation.resume(with: Result { try work() })
                }
            }
        } onGracefulShutdown: {
            stop()
        }
    }
}
