package import ContainerRuntime
package import LinuxSystem
package import NodeFiles
package import NodeModel
package import UnixSockets

/// What a scan reads and from where.
package struct SnapshotOptions: Sendable {
    /// A `/proc` that shows every process of the node.
    package var proc: String
    /// Where the node's root directory is, `/host` in a debug container.
    package var root: String
    /// The process whose namespaces are the host's.
    package var referencePID: Int32
    package var parts: NodeParts
    /// The namespace kinds that are read of each task.
    package var namespaces: [NamespaceKind]
    /// The files that are looked at for changes.
    package var watchedPaths: [WatchedPath]
    /// Those among them of whose change a finding tells that is not over.
    package var toldFiles: Set<String> = []
    /// The recorded baseline of these files, which need not be there.
    package var baseline: String
    /// Seconds after which the scan ends with what it has.
    package var timeLimit: Double
    /// What parts the work of the scan's threads; `nil` for one that goes on without a rest.
    package var slices: Slices?
    /// What scans before read of the records that may not have changed since.
    package var knownRecords: KnownRecords
    /// What scans before read of files that may not have changed since.
    package var knownFiles: KnownFiles
    /// What scans before parsed of mount tables that may not have changed since.
    package var knownMounts: KnownMounts
    /// What was heard of changes of these files.
    package var heardWrites: HeardWrites
    /// Told of the scan's own threads before they enter network namespaces.
    package var networkVisits: NetworkVisits

    package init(
        proc: String = "/proc", root: String = "/", referencePID: Int32 = 1, parts: NodeParts = .all,
        namespaces: [NamespaceKind] = NamespaceKind.allCases, watchedPaths: [WatchedPath] = [],
        baseline: String = BaselineFile.defaultPath, timeLimit: Double = 30, slices: Slices? = nil,
        knownRecords: KnownRecords = KnownRecords(), knownFiles: KnownFiles = KnownFiles(),
        knownMounts: KnownMounts = KnownMounts(), heardWrites: HeardWrites = HeardWrites(),
        networkVisits: NetworkVisits = NetworkVisits()
    ) {
        self.proc = proc
        self.root = root
        self.referencePID = referencePID
        self.parts = parts
        self.namespaces = namespaces
        self.watchedPaths = watchedPaths
        self.baseline = baseline
        self.timeLimit = timeLimit
        self.slices = slices
        self.knownRecords = knownRecords
        self.knownFiles = knownFiles
        self.knownMounts = knownMounts
        self.heardWrites = heardWrites
        self.networkVisits = networkVisits
    }
}
