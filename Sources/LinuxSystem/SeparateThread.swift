import Glibc
import Synchronization

/// Work on a thread that ends with it: for what a thread does to itself, such as a change of its namespaces.
package enum SeparateThread {
    /// Does the work and waits for it; an error is that there is no thread to be had.
    package static func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) throws(SystemError) -> Result {
        let job = Job(work)
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<AnyJob>.fromOpaque(context).takeUnretainedValue().run() }
                return nil
            }, Unmanaged<AnyJob>.passUnretained(job).toOpaque())
        guard failure == 0 else { throw SystemError(errorNumber: failure, call: "pthread_create", path: "") }
        pthread_join(thread, nil)
        guard let result = job.result.withLock({ $0 }) else {
            throw SystemError(errorNumber: ECANCELED, call: "pthread_join", path: "")
        }
        return result
    }

    /// A function for C knows no type parameters.
    private class AnyJob {
        func run() {}
    }

    private final class Job<Result: Sendable>: AnyJob {
        let result = Mutex<Result?>(nil)
        private let work: @Sendable () -> Result

        init(_ work: @escaping @Sendable () -> Result) { self.work = work }

        override func run() {
            let done = work()
            result.withLock { $0 = done }
        }
    }
}
