/// Where the records of a daemon come from; what is unknown is `nil`.
package struct RecordOrigin: Sendable, Equatable {
    /// The EKS cluster.
    package var cluster: String?
    package var node: String?
    /// The EC2 instance's id.
    package var instance: String?
    /// The version of breakoutd.
    package var version: String?
    /// The log group that the CloudWatch agent is to put EMF lines into; only for lines to its socket.
    package var agentLogGroup: String?

    package init(
        cluster: String? = nil, node: String? = nil, instance: String? = nil, version: String? = nil,
        agentLogGroup: String? = nil
    ) {
        self.cluster = cluster
        self.node = node
        self.instance = instance
        self.version = version
        self.agentLogGroup = agentLogGroup
    }

    /// By cluster, and by cluster and node: never by pod, because each distinct set of values is a metric that costs.
    var dimensionSets: [[EMFDocument.Dimension]] {
        [[("ClusterName", cluster)], [("ClusterName", cluster), ("NodeName", node)]]
    }
}
