package import LinuxSystem
package import NodeModel
import Synchronization

/// What was heard of changes of the node's files: how the node's own programs left those that nobody else has changed.
///
/// Of such a file no scan has to ask who could have written it.
package final class HeardWrites: Sendable {
    private struct Entry {
        /// As it was right after the latest change; `nil` where it was gone.
        var file: PlacedFile?
        /// The process that was heard to write it and not yet to close it.
        var writer: Int32?
    }

    private struct State {
        var entries = RecentEntries<String, Entry>()
        /// Files that somebody else has changed, or nobody known.
        var ofOthers: Set<String> = []
    }

    private let limit: Int
    private let startedAt: Int64
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: how many files of the node are remembered, and how many of others; with more of these none is the node's
    ///     any more.
    ///   - startedAt: since when changes are heard, in nanoseconds since 1970-01-01 UTC.
    package init(limit: Int = 1000, startedAt: Int64 = Clock.wallNanoseconds() - Node.clockDifference) {
        self.limit = limit
        self.startedAt = startedAt
    }

    /// Notes what a process did that is in no container.
    ///
    /// Whoever closes a file last need not be who wrote it through a memory mapping, of which nothing is heard: a close
    /// alone tells of nobody, where the file is not as it was.
    ///
    /// - Parameters:
    ///   - file: as it is since; `nil` where it is gone.
    ///   - isOfNode: the process is surely one of the node's own programs.
    /// - Returns: false where somebody has changed the file who was not heard.
    package func note(
        _ change: FileChange, of path: String, left file: PlacedFile?, by process: Int32, isOfNode: Bool
    ) -> Bool {
        state.withLock { state in
            let known = state.entries[path]
            if change == .closed, known?.writer != process {
                let isUntouched = known.map { file.isUntouched(since: $0.file) } ?? file.isOlder(than: startedAt)
                if !isUntouched { noteOther(path, file, &state) }
                return isUntouched
            }
            if !isOfNode {
                noteOther(path, file, &state)
                if file == nil { return true }
            }
            let isWriting = !change.isDisjoint(with: [.created, .modified]) && !change.contains(.closed)
            put(Entry(file: file, writer: isWriting ? process : nil), path, &state)
            return true
        }
    }

    /// Notes that a container changed a file, or nobody known.
    package func noteOther(_ path: String, left file: PlacedFile?) {
        state.withLock { noteOther(path, file, &$0) }
    }

    private func noteOther(_ path: String, _ file: PlacedFile?, _ state: inout State) {
        // Of what is gone there is nothing to remember: a file that takes its place is another one.
        guard file != nil else {
            state.entries[path] = nil
            state.ofOthers.remove(path)
            return
        }
        // One more than the limit says that there were more.
        if state.ofOthers.count <= limit { state.ofOthers.insert(path) }
        put(Entry(file: file), path, &state)
    }

    private func put(_ entry: Entry, _ path: String, _ state: inout State) {
        if state.entries.count >= limit { state.entries.forgetUnused() }
        state.entries[path] = entry
    }

    /// Whether the node's own programs left the file as it is, and nobody else has changed it as far as was heard.
    package func isOfNode(_ file: ChangedFile) -> Bool {
        state.withLock { state in
            guard state.ofOthers.count <= limit, !state.ofOthers.contains(file.path),
                let known = state.entries[file.path]
            else { return false }
            return file.now.isUntouched(since: known.file)
        }
    }
}

extension PlacedFile? {
    fileprivate func isUntouched(since earlier: PlacedFile?) -> Bool {
        guard let self, let earlier else { return self == nil && earlier == nil }
        return self.isUntouched(since: earlier)
    }

    fileprivate func isOlder(than time: Int64) -> Bool { map { $0.changed < time } ?? true }
}

extension PlacedFile {
    /// What a path of the node is now, without its content; no link on the way is followed.
    package init?(at path: String, below root: borrowing Descriptor) {
        guard let slash = path.lastIndex(of: "/"),
            let status = try? root.openDirectory(below: String(path[..<slash]))
                .status(of: String(path[path.index(after: slash)...]))
        else { return nil }
        self.init(path, status)
    }
}
