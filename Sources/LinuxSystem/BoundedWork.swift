import Dispatch
import Synchronization

/// Work that may hang in the kernel, such as a look at a dead network mount, done on a thread of its own.
package enum BoundedWork {
    /// The result of `work`, or `nil` when the deadline passed first; then the thread is left behind.
    package static func run<Result: Sendable>(
        until deadline: Deadline, _ work: @escaping @Sendable () -> Result
    ) -> Result? {
        let box = Box<Result>()
        let done = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            let result = work()
            box.value.withLock { $0 = result }
            done.signal()
        }
        let wait = DispatchTime.now() + .microseconds(Int(deadline.remainingMicroseconds))
        guard done.wait(timeout: wait) == .success else { return nil }
        return box.value.withLock { $0 }
    }

    private final class Box<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }
}
