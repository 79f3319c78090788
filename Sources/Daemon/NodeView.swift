import LinuxSystem
import NodeModel
import Synchronization

/// The latest scan of the node, for whoever judges events by it.
struct NodeView: Sendable {
    var index: NodeIndex
    /// When the scan began, in nanoseconds of CLOCK_MONOTONIC.
    let began: UInt64
}

/// Hands the latest of something from one thread to another.
final class Latest<Value: Sendable>: Sendable {
    private let slot = Mutex<Value?>(nil)
    private let wake: WakeSignal?

    /// - Parameter wake: given when something was put.
    init(wake: WakeSignal? = nil) { self.wake = wake }

    func put(_ value: Value) {
        slot.withLock { $0 = value }
        wake?.wake()
    }

    /// What was put since the last time.
    func take() -> Value? {
        slot.withLock { slot in
            defer { slot = nil }
            return slot
        }
    }
}
