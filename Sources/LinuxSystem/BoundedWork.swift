import Dispatch
import Synchronization

/// Work that may hang in the kernel, such as a look at a dead network mount, done on a thread of its own.
package struct BoundedWork<Result: Sendable>: Sendable {
    private let box = Box()
    private let done = DispatchSemaphore(value: 0)

    /// Starts the work.
    package init(_ work: @escaping @Sendable () -> Result) {
        let (box, done) = (box, done)
        DispatchQueue.global().async {
            let result = work()
            box.value.withLock { $0 = result }
            done.signal()
        }
    }

    /// The result, or `nil` when the deadline passed first; then the thread is left behind.
    package func result(until deadline: Deadline) -> Result? {
        let wait = DispatchTime.now() + .microseconds(Int(deadline.remainingMicroseconds))
        guard done.wait(timeout: wait) == .success else { return nil }
        // For whoever else asks.
        done.signal()
        return box.value.withLock { $0 }
    }

    /// Does work at once and waits for it.
    package static func run(until deadline: Deadline, _ work: @escaping @Sendable () -> Result) -> Result? {
        BoundedWork(work).result(until: deadline)
    }

    private final class Box: Sendable {
        let value = Mutex<Result?>(nil)
    }
}

/// Work in equal shares on several threads.
package enum ParallelWork {
    /// Calls `work` once for each share, and returns the results in the order of the shares.
    package static func run<Result: Sendable>(shares: Int, _ work: @Sendable (Int) -> Result) -> [Result] {
        let results = Mutex<[Int: Result]>([:])
        DispatchQueue.concurrentPerform(iterations: shares) { share in
            let result = work(share)
            results.withLock { $0[share] = result }
        }
        return results.withLock { found in (0..<shares).compactMap { found[$0] } }
    }
}
