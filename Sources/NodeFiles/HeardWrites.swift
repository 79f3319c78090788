import LinuxSystem
package import NodeModel
import Synchronization

/// What was heard of changes of the node's files: how the node's own programs left those that nobody else has changed.
///
/// Of such a file no scan has to ask who could have written it.
package final class HeardWrites: Sendable {
    private struct Entry {
        /// As it was right after the latest change.
        var file: FoundFile
        /// The process that was heard to write it and not yet to close it.
        var writer: Int32?
        /// When the change was heard of, in nanoseconds of CLOCK_MONOTONIC.
        var time: UInt64
        /// Somebody may have changed it before it was looked at, and nobody has heard it.
        var isDoubted = false
    }

    private struct State {
        private var present = RecentEntries<String, Entry>()
        /// Apart: of these there may be many that no scan asks for, such as units of systemd that come and go.
        private var gone = RecentEntries<String, Entry>()
        /// Files that somebody else has changed, or nobody known.
        var ofOthers: Set<String> = []
        /// There were more of those than are remembered, so that any file may be one.
        var hasMoreOthers = false
        /// Until when changes were heard of that others may have followed which were lost.
        var uncertainUntil: UInt64 = 0

        subscript(path: String) -> Entry? { mutating get { present[path] ?? gone[path] } }

        mutating func put(_ entry: Entry, _ path: String, limit: Int) {
            remove(path)
            if entry.file == .gone {
                if gone.usedCount >= limit / 2 { gone.forgetUnused() }
                gone[path] = entry
            } else {
                if present.usedCount >= limit / 2 { present.forgetUnused() }
                present[path] = entry
            }
        }

        mutating func remove(_ path: String) { (present[path], gone[path]) = (nil, nil) }

        mutating func doubtAll(in times: ClosedRange<UInt64>) {
            let doubted = { (entry: Entry) in
                times.contains(entry.time) ? Entry(file: entry.file, time: entry.time, isDoubted: true) : entry
            }
            present.changeAll(doubted)
            gone.changeAll(doubted)
        }
    }

    private let limit: Int
    private let startedAt: Int64
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: how many files of the node are remembered, as many that are gone, and how many of others; where there were
    ///     more of these, none is the node's any more.
    ///   - startedAt: since when changes are heard, in nanoseconds since 1970-01-01 UTC.
    package init(limit: Int = 1000, startedAt: Int64 = Clock.wallNanoseconds() - Node.clockDifference) {
        self.limit = limit
        self.startedAt = startedAt
    }

    /// Notes that changes were lost, each behind some that were heard in a span of time.
    ///
    /// As those were looked at, the files may have been changed by what was lost. What was heard before shows by itself that
    /// it is changed.
    ///
    /// - Parameter times: in nanoseconds of CLOCK_MONOTONIC, from the last time on that everything was heard which waited.
    package func noteLoss(behind times: ClosedRange<UInt64>) {
        state.withLock { state in
            state.doubtAll(in: times)
            // What was heard before that span and is yet to be noted may be of an earlier one, or not: it is doubted, too.
            state.uncertainUntil = max(state.uncertainUntil, times.upperBound)
        }
    }

    /// Notes what a process did that is in no container.
    ///
    /// Whoever closes a file last need not be who wrote it through a memory mapping, of which nothing is heard: a close
    /// alone tells of nobody, where the file is not as it was.
    ///
    /// - Parameters:
    ///   - time: when it was heard of, in nanoseconds of CLOCK_MONOTONIC.
    ///   - file: as it is since.
    ///   - isOfNode: the process is surely one of the node's own programs.
    /// - Returns: false where somebody may have changed the file who was not heard.
    package func note(
        _ change: FileChange, of path: String, at time: UInt64, left file: FoundFile, by process: Int32, isOfNode: Bool
    ) -> Bool {
        state.withLock { state in
            let known = state[path]
            if isOfNode, file == .gone, change.contains(.deleted) { state.ofOthers.remove(path) }
            if isOfNode, file == .unknown || time <= state.uncertainUntil {
                state.put(Entry(file: file, time: time, isDoubted: true), path, limit: limit)
                return change != .closed
            }
            let isWriter = known.map { $0.writer == process && $0.time > state.uncertainUntil } ?? false
            if change == .closed, !isWriter {
                let isUntouched = known.map { file.isUntouched(since: $0.file) } ?? file.isOlder(than: startedAt)
                if !isUntouched, isOfNode, known?.isDoubted == true {
                    state.put(Entry(file: file, time: time, isDoubted: true), path, limit: limit)
                } else if !isUntouched {
                    noteOther(change, path, time, file, &state)
                }
                return isUntouched
            }
            if !isOfNode {
                noteOther(change, path, time, file, &state)
                if file == .gone { return true }
            }
            let isWriting = !change.isDisjoint(with: [.created, .modified]) && !change.contains(.closed)
            state.put(Entry(file: file, writer: isWriting ? process : nil, time: time), path, limit: limit)
            return true
        }
    }

    /// Notes that a container changed a file, or nobody known; see there.
    package func noteOther(_ change: FileChange, of path: String, at time: UInt64, left file: FoundFile) {
        state.withLock { noteOther(change, path, time, file, &$0) }
    }

    private func noteOther(
        _ change: FileChange, _ path: String, _ time: UInt64, _ file: FoundFile, _ state: inout State
    ) {
        // Of what is gone there is nothing to remember: a file that takes its place is another one. What was done to a file
        // that nobody removed was done elsewhere, while its directory was away.
        if file == .gone, !change.isDisjoint(with: [.deleted, .movedAway]) {
            state.remove(path)
            state.ofOthers.remove(path)
            return
        }
        if state.ofOthers.count < limit { state.ofOthers.insert(path) }
        state.hasMoreOthers = state.hasMoreOthers || !state.ofOthers.contains(path)
        state.put(Entry(file: file, time: time), path, limit: limit)
    }

    /// Whether the node's own programs left the file as it is, and nobody else has changed it as far as was heard.
    package func isOfNode(_ file: ChangedFile) -> Bool {
        state.withLock { state in
            guard !state.hasMoreOthers, !state.ofOthers.contains(file.path), let known = state[file.path],
                !known.isDoubted
            else { return false }
            return FoundFile(file.now).isUntouched(since: known.file)
        }
    }
}
