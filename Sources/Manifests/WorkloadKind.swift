/// The kinds of objects that are pods or hold a template of pods.
package enum WorkloadKind: String, Sendable, CaseIterable {
    case pod = "Pod"
    case podTemplate = "PodTemplate"
    case deployment = "Deployment"
    case statefulSet = "StatefulSet"
    case daemonSet = "DaemonSet"
    case replicaSet = "ReplicaSet"
    case replicationController = "ReplicationController"
    case job = "Job"
    case cronJob = "CronJob"

    /// The kind of an object; `nil` if it is none of these, such as a `Job` of another API group.
    init?(kind: String, apiVersion: String) {
        let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false)
        guard let found = Self(rawValue: kind), parts.count < 3 else { return nil }
        guard found.groups.contains(parts.count == 2 ? String(parts[0]) : "") else { return nil }
        self = found
    }

    /// The API groups in which a kind of this name holds pods; `nil` where the object may be of somebody else's group, whose
    /// names are domains.
    static func groups(of kind: String, apiVersion: String) -> [String]? {
        guard let found = Self(rawValue: kind), Self(kind: kind, apiVersion: apiVersion) == nil else { return nil }
        let group = apiVersion.split(separator: "/", omittingEmptySubsequences: false).dropLast().first ?? ""
        return group.contains(".") ? nil : found.groups
    }

    /// The API groups that have or had it; the empty one is core.
    private var groups: [String] {
        switch self {
        case .pod, .podTemplate, .replicationController: [""]
        case .deployment, .daemonSet, .replicaSet: ["apps", "extensions"]
        case .statefulSet: ["apps"]
        case .job, .cronJob: ["batch"]
        }
    }

    /// The fields that lead to the template; none for a pod.
    var templatePath: [String] {
        switch self {
        case .pod: []
        case .podTemplate: ["template"]
        case .cronJob: ["spec", "jobTemplate", "spec", "template"]
        case .deployment, .statefulSet, .daemonSet, .replicaSet, .replicationController, .job: ["spec", "template"]
        }
    }
}
