import LinuxSystem
package import NodeModel

/// The files in the watched places as they were when somebody who trusted the node had them recorded.
package struct Baseline: Sendable, Equatable, TrustedDocument {
    package static let title = "baseline"
    package static let currentSchema = "breakoutd-baseline/1"

    private(set) var schema = Self.currentSchema
    /// Milliseconds since 1970-01-01 UTC.
    package let takenAt: Int64
    /// The node's host name (uname(2)).
    package let node: String?
    /// In ascending order of path.
    package let files: [PlacedFile]

    package init(takenAt: Int64, node: String?, files: [PlacedFile]) {
        self.takenAt = takenAt
        self.node = node
        self.files = files.filter { Self.covers($0.path) }
    }

    /// What is below `/run` is made anew at each start of the node, so no baseline says anything of it.
    static func covers(_ path: String) -> Bool { !path.utf8.starts(with: "/run/".utf8) }
}
