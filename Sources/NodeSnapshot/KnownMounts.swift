import NodeModel
import ProcFS
import Synchronization

/// The mounts of namespaces as scans before parsed them, so that a table is parsed again only when its text is another.
package final class KnownMounts: Sendable {
    private struct Table {
        var text: [UInt8]
        var mounts: [Mount]
    }

    private let tables = Mutex(RecentEntries<NamespaceID, Table>())

    /// Longer texts, in bytes, are not kept: a container has some thousand bytes of mounts, and may make as many as it
    /// likes.
    private static let textLimit = 65_536
    private static let tableLimit = 1024

    package init() {}

    /// The mounts that a text says, by whoever parses it where it is not that of the last time.
    func mounts(
        of namespace: NamespaceID, _ text: [UInt8], parse: ([UInt8]) throws(ProcFSError) -> [Mount]
    ) throws(ProcFSError) -> [Mount] {
        if let known = tables.withLock({ $0[namespace] }), text.hasBytes(of: known.text) { return known.mounts }
        let mounts = try parse(text)
        guard text.count <= Self.textLimit else { return mounts }
        tables.withLock { tables in
            if tables.count < Self.tableLimit || tables[namespace] != nil {
                tables[namespace] = Table(text: text, mounts: mounts)
            }
        }
        return mounts
    }

    /// Forgets what was not asked for since the last time.
    func forgetUnused() { tables.withLock { $0.forgetUnused() } }
}
