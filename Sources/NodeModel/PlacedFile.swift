/// A file of the node in one of the places that its programs act on, as it was at one time: itself, and not what a link
/// names (stat(2)).
package struct PlacedFile: Sendable, Equatable, Codable {
    /// On the node.
    package var path: String
    package var kind: Kind
    package var device: UInt64
    package var inode: UInt64
    package var uid: UInt32
    package var gid: UInt32
    /// The bits of chmod(2).
    package var permissions: UInt32
    /// How many names it has.
    package var links: UInt64
    /// In bytes.
    package var size: Int64
    /// When its content was changed last, in nanoseconds since 1970-01-01 UTC; its owner may set any time.
    package var modified: Int64
    /// When it was changed last in any way, in nanoseconds since 1970-01-01 UTC.
    package var changed: Int64
    /// The text of a symbolic link.
    package var target: String?
    /// SHA-256 of a regular file's content, in hex; `nil` where it was not read.
    package var sha256: String?

    /// The type of a file (inode(7)).
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case regular, directory, link, fifo, socket, character, block, unknown
    }

    package init(
        path: String, kind: Kind, device: UInt64 = 0, inode: UInt64 = 0, uid: UInt32 = 0, gid: UInt32 = 0,
        permissions: UInt32 = 0o644, links: UInt64 = 1, size: Int64 = 0, modified: Int64 = 0, changed: Int64 = 0,
        target: String? = nil, sha256: String? = nil
    ) {
        self.path = path
        self.kind = kind
        self.device = device
        self.inode = inode
        self.uid = uid
        self.gid = gid
        self.permissions = permissions
        self.links = links
        self.size = size
        self.modified = modified
        self.changed = changed
        self.target = target
        self.sha256 = sha256
    }

    /// Nothing was done to the file since, as far as the kernel keeps times: whoever changes content, owner, mode or names
    /// changes `changed`, and cannot set it without the clock (CAP_SYS_TIME).
    package func isUntouched(since earlier: PlacedFile) -> Bool {
        kind == earlier.kind && device == earlier.device && inode == earlier.inode && size == earlier.size
            && modified == earlier.modified && changed == earlier.changed
    }

    /// In what it differs from what it was, in words; times, numbers and the count of names are no difference by
    /// themselves, and what a directory holds is that of its entries.
    package func differences(from earlier: PlacedFile) -> [String] {
        if kind != earlier.kind { return ["type"] }
        var words: [String] = []
        if kind == .regular {
            let isSame = sha256.flatMap { own in earlier.sha256.map { $0 == own } }
            // Of a content that was not read the size alone can tell.
            if !(isSame ?? (size == earlier.size)) { words.append("content") }
        }
        if target != earlier.target { words.append("target") }
        if uid != earlier.uid || gid != earlier.gid { words.append("owner") }
        if permissions != earlier.permissions { words.append("mode") }
        return words
    }
}

/// A file of the node that is not known to be as it was.
package struct ChangedFile: Sendable, Equatable, Codable {
    /// As it is; `nil` where it is gone.
    package var now: PlacedFile?
    /// As the baseline has it; `nil` where that does not have it.
    package var recorded: PlacedFile?
    package var basis: Basis
    /// Whether a package of the node has a file of this path, with another content or mode; `nil` where no package
    /// database could be asked.
    package var isOfPackage: Bool?
    /// That package has it with this content, and of its mode, which gives rights, the database tells nothing.
    package var hasContentOfPackage: Bool?
    /// The daemon heard that programs of the node, and nobody else, made it what it is.
    package var isOfNode: Bool?

    /// By what it is known that the file changed.
    package enum Basis: String, Sendable, Codable {
        /// It is not as the recorded baseline has it.
        case baseline
        /// It is a program, and not as its package has it.
        case package
        /// It was changed after the first of the containers had been started that run now.
        case time
        /// It is not root's, in a directory that is another user's.
        case owner
        /// A finding that is not over told of it, and nothing says that it is as it was before.
        case told
    }

    package init(
        now: PlacedFile?, recorded: PlacedFile? = nil, basis: Basis, isOfPackage: Bool? = nil,
        hasContentOfPackage: Bool? = nil
    ) {
        self.now = now
        self.recorded = recorded
        self.basis = basis
        self.isOfPackage = isOfPackage
        self.hasContentOfPackage = hasContentOfPackage
    }

    package var path: String { now?.path ?? recorded?.path ?? "" }
}

extension Node {
    /// How much earlier than a task, in nanoseconds, a file may seem to have been changed that it changed: the kernel takes
    /// their times from clocks of its own, and a scan reads those one after the other.
    package static let clockDifference: Int64 = 100_000_000

    /// The wall time of a moment in clock ticks after boot, in nanoseconds since 1970-01-01 UTC; `nil` where the time since
    /// boot is not known.
    package func wallTime(ofTick tick: UInt64) -> Int64? {
        guard let now = host.ticksSinceBoot, let age = Int64(exactly: now).map({ $0 - Int64(clamping: tick) }) else {
            return nil
        }
        let (since, isFar) = age.multipliedReportingOverflow(by: 10_000_000)
        let (taken, isOdd) = takenAt.multipliedReportingOverflow(by: 1_000_000)
        let (time, isBeyond) = taken.subtractingReportingOverflow(since)
        return isFar || isOdd || isBeyond ? nil : time
    }
}
