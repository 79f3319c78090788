package import Checks
package import Findings
package import LinuxSystem

/// The settings of breakoutd; what is made without a file has every default, and they stand here alone.
package struct DaemonConfiguration: Sendable, Equatable {
    /// A dimension of the metrics; `nil` where nobody named the cluster.
    package var clusterName: String?
    /// There are metrics for each node, too, and not for the cluster alone.
    package var nodeMetrics = true
    /// Milliseconds between the beginnings of two full scans.
    package var scanPeriod: Int64 = 60_000
    package var sinks = Sinks()
    package var api = API()
    package var rateLimit = RateLimit.standard
    /// What the operator has decided.
    package var allowList = AllowList()
    package var addOns = AddOns()
    /// The add-ons that `addOns` is about.
    let profile: AddOnProfile

    package init() throws(ConfigurationError) { profile = try AddOnProfile.builtIn() }

    /// All that is put up with: by the operator, and by the profile of add-ons.
    package var everythingAllowed: AllowList {
        AllowList(allowList.entries + (addOns.isEnabled ? profile.entries(in: addOns.namespaces) : []))
    }

    /// How far the built-in profile of add-ons counts.
    package struct AddOns: Sendable, Equatable {
        package var isEnabled = true
        /// Other namespaces than the usual ones, by the names of the profile's entries.
        package var namespaces: [String: String] = [:]
    }

    /// Where findings go; a sink that is `nil` is off.
    package struct Sinks: Sendable, Equatable {
        package var journal: Journal? = Journal()
        package var file: File?
        package var standardOutput: StandardOutput?
        package var agent: Agent?
        package var cloudWatchLogs: CloudWatchLogs?
        package var securityHub: SecurityHub?
    }

    /// The node's journal.
    package struct Journal: Sendable, Equatable {
        /// Findings below this do not go there.
        package var minSeverity = Severity.info
    }

    /// Lines of JSON in a file, such as one that the CloudWatch agent follows.
    package struct File: Sendable, Equatable {
        package var minSeverity = Severity.info
        /// Absolute.
        package var path: String
        /// Bytes after which a new file is begun.
        package var size: Int64 = 16 << 20
        /// Files that are kept, the present one included.
        package var count = 5
        package var format = Format.ndjson
    }

    /// Lines of JSON on standard output.
    package struct StandardOutput: Sendable, Equatable {
        package var minSeverity = Severity.info
        package var format = Format.ndjson
    }

    /// How a record is written: with the life of its finding, as CloudWatch metrics, or as an OCSF event.
    package enum Format: String, Sendable, CaseIterable {
        case ndjson, emf, ocsf
    }

    /// The CloudWatch agent's socket for the embedded metric format.
    package struct Agent: Sendable, Equatable {
        package var minSeverity = Severity.info
        package var address = LocalEndpoint(port: 25888)
        /// The log group that the agent is to use.
        package var group = "/breakoutd/findings"
    }

    /// CloudWatch Logs itself.
    package struct CloudWatchLogs: Sendable, Equatable {
        package var minSeverity = Severity.info
        package var group = "/breakoutd/findings"
        /// `nil` for the node's name.
        package var stream: String?
        /// `nil` for the node's own.
        package var region: String?
        /// The group is made where it is not there; the stream always is.
        package var create = false
        /// Bytes on disk that wait for a service that is away.
        package var spool: Int64 = 64 << 20
    }

    /// AWS Security Hub.
    package struct SecurityHub: Sendable, Equatable {
        package var minSeverity = Severity.medium
        /// Whose Security Hub it is: 12 digits.
        package var account: String
        /// `nil` for the node's own.
        package var region: String?
        /// Bytes on disk that wait for a service that is away.
        package var spool: Int64 = 16 << 20
    }

    /// The Kubernetes API.
    package struct API: Sendable, Equatable {
        package var isEnabled = true
        /// `nil` for the kubelet's.
        package var kubeconfig: String?
        /// `nil` for the kubelet's.
        package var nodeName: String?
        /// Absolute paths of the credential plugins that may be run.
        package var plugins: Set<String> = []
    }
}
