import Dispatch
import Synchronization

/// Work that may hang in the kernel, such as a look at a dead network mount, done on a thread of its own.
///
/// Of one place in the program, which starts one after the other, no more than a few are ever left behind: while so many
/// hang, none is started there, as each keeps a thread, and with the last one of the process nothing would go on at all.
package struct BoundedWork<Result: Sendable>: Sendable {
    private let box = Box()
    private let done = DispatchSemaphore(value: 0)
    private let place: WorksLeftBehind.Place
    private let leftBehind: WorksLeftBehind
    /// `false` where too many were left behind.
    let isStarted: Bool

    /// Starts the work, unless too many of its place were left behind.
    ///
    /// - Parameters:
    ///   - file: with the line, the place that the work is one of.
    ///   - line: see there.
    package init(
        file: StaticString = #fileID, line: UInt = #line, among leftBehind: WorksLeftBehind = .ofProcess,
        _ work: @escaping @Sendable () -> Result
    ) {
        let (box, done, place) = (box, done, WorksLeftBehind.Place(file: "\(file)", line: line))
        (self.place, self.leftBehind) = (place, leftBehind)
        isStarted = leftBehind.hasRoom(for: place)
        guard isStarted else { return }
        DispatchQueue.global().async {
            let result = work()
            let wasLeft = box.state.withLock { state in
                defer { state.result = result }
                return state.isLeft
            }
            if wasLeft { leftBehind.remove(place) }
            done.signal()
        }
    }

    /// The result, or `nil` when the deadline passed first; then the thread is left behind.
    package func result(until deadline: Deadline) -> Result? {
        guard isStarted else { return nil }
        let wait = DispatchTime.now() + .microseconds(Int(deadline.remainingMicroseconds))
        guard done.wait(timeout: wait) == .success else {
            leave()
            return nil
        }
        // For whoever else asks.
        done.signal()
        return box.state.withLock { $0.result }
    }

    /// Does work at once and waits for it.
    package static func run(
        until deadline: Deadline, file: StaticString = #fileID, line: UInt = #line,
        among leftBehind: WorksLeftBehind = .ofProcess, _ work: @escaping @Sendable () -> Result
    ) -> Result? {
        BoundedWork(file: file, line: line, among: leftBehind, work).result(until: deadline)
    }

    private func leave() {
        box.state.withLock { state in
            guard state.result == nil, !state.isLeft else { return }
            state.isLeft = true
            leftBehind.add(place)
        }
    }

    private struct State {
        var result: Result?
        var isLeft = false
    }

    private final class Box: Sendable {
        let state = Mutex(State())
    }
}

/// How many works nobody waits for any more, by the places that started them.
package final class WorksLeftBehind: Sendable {
    /// Where in the program a work is started.
    struct Place: Hashable {
        var file: String
        var line: UInt
    }

    /// Those of the whole process.
    package static let ofProcess = WorksLeftBehind()

    /// So many of one place: with one, a single slow work would cost the next its try.
    static let limit = 2

    private let counts = Mutex<[Place: Int]>([:])

    package init() {}

    func hasRoom(for place: Place) -> Bool { counts.withLock { $0[place, default: 0] < Self.limit } }

    func add(_ place: Place) { counts.withLock { $0[place, default: 0] += 1 } }

    func remove(_ place: Place) { counts.withLock { $0[place, default: 0] -= 1 } }
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
