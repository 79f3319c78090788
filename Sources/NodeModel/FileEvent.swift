/// A file of the node that is worth something to an attacker was changed, by whom it may be.
package struct FileEvent: Sendable, Equatable {
    /// When it was heard of, in nanoseconds of CLOCK_MONOTONIC; the kernel gives no time of the change.
    package var time: UInt64
    /// The thread that did it, or its process where the kernel does not tell threads; `nil` where it tells nobody, or
    /// somebody outside the PID namespace of the process that listens.
    package var tid: Int32?
    /// On the node, unescaped; bytes that are no UTF-8 are written `\xNN`.
    package var path: String
    package var change: FileChange
    /// SHA-256 of the file's content right after the change, in hex; `nil` where it was not read or not there any more.
    package var sha256: String?

    package init(time: UInt64, tid: Int32?, path: String, change: FileChange, sha256: String? = nil) {
        self.time = time
        self.tid = tid
        self.path = path
        self.change = change
        self.sha256 = sha256
    }
}

/// What was done to a file; the kernel joins changes by one task that come close together.
package struct FileChange: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let created = FileChange(rawValue: 1)
    /// Written or cut.
    package static let modified = FileChange(rawValue: 2)
    /// Closed by somebody who had opened it for writing, such as through a memory mapping.
    package static let closed = FileChange(rawValue: 4)
    /// Renamed to this path, in the place of what was there.
    package static let movedHere = FileChange(rawValue: 8)
    /// Renamed from this path to another.
    package static let movedAway = FileChange(rawValue: 16)
    /// Its mode, owner, times, extended attributes or number of names.
    package static let attributes = FileChange(rawValue: 32)
    package static let deleted = FileChange(rawValue: 64)

    /// A word for each, in the order of the bits.
    package var words: [String] {
        let all = ["created", "modified", "closed after writing", "moved here", "moved away", "attributes", "deleted"]
        return all.enumerated().filter { contains(FileChange(rawValue: 1 << $0.offset)) }.map(\.element)
    }
}
