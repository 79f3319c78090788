/// Where the records of a daemon come from; what is unknown is `nil`, and what is longer than 1 KB is cut.
package struct RecordOrigin: Sendable, Equatable {
    /// The EKS cluster.
    package let cluster: String?
    package let node: String?
    /// The EC2 instance's id.
    package var instance: String?
    /// The version of breakoutd.
    package let version: String?
    /// The log group that the CloudWatch agent is to put EMF lines into; only for lines to its socket.
    package var agentLogGroup: String?
    /// Whether there are metrics for each node, too.
    package var countsByNode = true
    /// Whose Security Hub is told; only for findings that go there.
    package var account: Account?

    /// An account of AWS in a region.
    package struct Account: Sendable, Equatable {
        /// 12 digits.
        package let id: String
        package let region: String

        package init(id: String, region: String) {
            self.id = id
            self.region = region
        }
    }

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

    /// By cluster, and by cluster and node where that is asked for: never by pod, because each distinct set of values is a
    /// metric that costs.
    var dimensionSets: [[EMFDocument.Dimension]] {
        let cluster: EMFDocument.Dimension = ("ClusterName", cluster)
        return countsByNode ? [[cluster], [cluster, ("NodeName", node)]] : [[cluster]]
    }

    /// The node, for records that are not counted by it as well.
    func nodeMember() throws(ReportError) -> [String: String] {
        guard let node else { return [:] }
        return ["NodeName": try JSONText.encode(.text(node))]
    }
}
