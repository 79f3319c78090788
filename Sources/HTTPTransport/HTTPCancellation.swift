import Synchronization

/// Ends requests from another thread, for good.
package final class HTTPCancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    /// A request that was given this value ends within about a second.
    package func cancel() { flag.store(true, ordering: .releasing) }

    package var isCancelled: Bool { flag.load(ordering: .acquiring) }
}
