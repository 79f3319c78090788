package import Checks

/// What of a judgement is reported, what decides its verdict, and how it is laid out.
package struct ReportOptions: Sendable, Equatable {
    /// Findings below this are counted, not shown; they still decide the verdict.
    package var minSeverity: Severity
    /// A finding of at least this severity makes the verdict `findings`; `nil` lets none do so.
    package var failOn: Severity?
    /// Only this pod: its name, or `namespace/name`.
    package var pod: String?
    /// Only pods of this namespace.
    package var namespace: String?
    /// Also list the node's own processes that are in other namespaces than the host's.
    package var showHost: Bool
    /// In the table, also tell of what the allow-list lowered, by which entry, and of entries that did nothing.
    package var showAllowed: Bool
    /// The most bytes of output, the last line break included.
    package var maxOutput: Int?
    package var colour: Bool
    /// Columns of the terminal; less than `minimumWidth` is taken as that.
    package var width: Int
    /// The EKS cluster, where it is known: a dimension of the metrics.
    package var clusterName: String?

    /// The narrowest table.
    package static let minimumWidth = 40

    package init(
        minSeverity: Severity = .info, failOn: Severity? = .medium, pod: String? = nil, namespace: String? = nil,
        showHost: Bool = false, showAllowed: Bool = false, maxOutput: Int? = nil, colour: Bool = false,
        width: Int = 100,
        clusterName: String? = nil
    ) {
        self.minSeverity = minSeverity
        self.failOn = failOn
        self.pod = pod
        self.namespace = namespace
        self.showHost = showHost
        self.showAllowed = showAllowed
        self.maxOutput = maxOutput
        self.colour = colour
        self.width = width
        self.clusterName = clusterName
    }
}
