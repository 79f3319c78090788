/// Where the records of a daemon come from; what is unknown is `nil`, and what is longer than 1 KB is cut.
package struct RecordOrigin: Sendable, Equatable {
    /// The EKS cluster.
    package let cluster: String?
    package let node: String?
    /// The EC2 instance's id.
    package let instance: String?
    /// The version of breakoutd.
    package let version: String?
    /// The log group that the CloudWatch agent is to put EMF lines into; only for lines to its socket.
    package var agentLogGroup: String?

    package init(
        cluster: String? = nil, node: String? = nil, instance: String? = nil, version: String? = nil,
        agentLogGroup: String? = nil
    ) {
        self.cluster = cluster.map { TerminalText.cut($0, bytes: 1024) }
        self.node = node.map { TerminalText.cut($0, bytes: 1024) }
        self.instance = instance.map { TerminalText.cut($0, bytes: 1024) }
        self.version = version.map { TerminalText.cut($0, bytes: 1024) }
        self.agentLogGroup = agentLogGroup
    }

    /// By cluster, and by cluster and node: never by pod, because each distinct set of values is a metric that costs.
    var dimensionSets: [[EMFDocument.Dimension]] {
        [[("ClusterName", cluster)], [("ClusterName", cluster), ("NodeName", node)]]
    }
}
