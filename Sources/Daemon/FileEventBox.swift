import LinuxSystem
import NodeFiles
import NodeModel
import Synchronization

/// A change of a file, with what was looked up of its task and of the file when it was heard of.
struct HeardChange: Sendable, Equatable {
    var event: FileEvent
    /// Whose the task was by its cgroup; `nil` where it had ended.
    var owner: CgroupPlacement.Owner?
    /// The process of which it was a thread; `nil` where it had ended.
    var process: Int32?
    /// The file as it was then.
    var file = FoundFile.unknown

    /// A container's, as far as is known when it is heard of: the node's own programs are still there then.
    var isOfContainer: Bool { owner != .host }

    /// It was opened to be written and has nothing in it so far.
    var isUnwritten: Bool {
        isUnderWay && event.sha256 == FileHash.ofNothing && !event.change.isDisjoint(with: [.created, .modified])
    }

    /// More of the same act may follow.
    var isUnderWay: Bool {
        isOfContainer && event.change.isDisjoint(with: [.closed, .movedHere, .movedAway, .deleted])
    }
}

extension [HeardChange] {
    /// How long, in nanoseconds, a file that somebody has open may have nothing in it before it is told of.
    static let patience: UInt64 = 1_000_000_000
    /// How many such files are waited for, each of which is read again and again.
    static let unwrittenLimit = 100

    /// Takes out what is to be told with the content that is yet to come.
    ///
    /// Nobody acts on an empty file, so there is time; who lets more of it pass is told of without a hash, since that of
    /// nothing is not the file's.
    ///
    /// - Parameter time: now, in nanoseconds of CLOCK_MONOTONIC; `nil` at the end, when nobody waits.
    mutating func removeUnwritten(at time: UInt64?) -> [HeardChange] {
        var (unwritten, others): ([HeardChange], [HeardChange]) = ([], [])
        for var change in self {
            let isInTime = time.map { $0 < change.event.time + Self.patience } ?? false
            if change.isUnwritten, isInTime, unwritten.count < Self.unwrittenLimit {
                unwritten.append(change)
                continue
            }
            if change.isUnwritten { change.event.sha256 = nil }
            others.append(change)
        }
        self = others
        return unwritten
    }

    /// What one task did to one file as one change, at the time of its first.
    var joined: [HeardChange] {
        var places: [String: Int] = [:]
        var joined: [HeardChange] = []
        for change in self {
            let act = "\(change.event.tid ?? 0) \(change.event.path)"
            guard let place = places[act] else {
                places[act] = joined.count
                joined.append(change)
                continue
            }
            joined[place].event.change.formUnion(change.event.change)
            joined[place].owner = joined[place].owner ?? change.owner
            joined[place].process = joined[place].process ?? change.process
        }
        return joined
    }
}

/// Hands changes of files from the thread that hears of them to the one that knows the tasks.
final class FileEventBox: Sendable {
    private struct State {
        var changes: [HeardChange] = []
        var dropped: UInt64 = 0
    }

    private let state = Mutex(State())
    private let limit: Int
    private let wake: WakeSignal?

    /// - Parameters:
    ///   - limit: how many wait at most; what comes then is dropped and counted.
    ///   - wake: given when something was put.
    init(limit: Int = 10_000, wake: WakeSignal? = nil) { (self.limit, self.wake) = (limit, wake) }

    func put(_ changes: [HeardChange]) {
        state.withLock { state in
            let taken = changes.prefix(limit - state.changes.count)
            state.changes += taken
            state.dropped += UInt64(changes.count - taken.count)
        }
        if !changes.isEmpty { wake?.wake() }
    }

    var isEmpty: Bool { state.withLock { $0.changes.isEmpty } }

    /// Takes what is older than a time, in nanoseconds of CLOCK_MONOTONIC.
    func take(before time: UInt64) -> [HeardChange] {
        state.withLock { state in
            let count = state.changes.firstIndex { $0.event.time >= time } ?? state.changes.count
            defer { state.changes.removeFirst(count) }
            return Array(state.changes.prefix(count))
        }
    }

    var dropped: UInt64 { state.withLock { $0.dropped } }
}
