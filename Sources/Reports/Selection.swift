import Findings
import NodeModel

/// The pods that a report is narrowed to.
struct Selection {
    private let pod: String?
    private let namespace: String?

    init(_ options: ReportOptions) {
        pod = options.pod
        namespace = options.namespace
    }

    var isEverything: Bool { pod == nil && namespace == nil }

    /// Whether a pod, or what belongs to none, was asked for.
    func includes(_ identity: PodIdentity?) -> Bool {
        if isEverything { return true }
        guard let identity else { return false }
        if let namespace, identity.namespace != namespace { return false }
        guard let pod else { return true }
        return identity.name == pod || (identity.name != nil && identity.displayName == pod)
    }

    /// What the selection leaves unknown: a typing error, or a pod without a known name, must not read as clean.
    func gaps(selectedPods: Int, _ findings: [Finding]) -> [Gap] {
        if isEverything { return [] }
        var gaps: [Gap] = []
        if selectedPods == 0 {
            let names = [namespace.map { "namespace \($0)" }, pod.map { "pod \($0)" }].compactMap { $0 }
            gaps.add(.container, "no such pod on this node", names.joined(separator: ", "))
        }
        for case let identity? in findings.map(\.pod) where identity.name == nil || identity.namespace == nil {
            gaps.add(.container, "a finding's pod has no known name, it may be the one asked for", identity.displayName)
        }
        return gaps
    }
}

extension PodIdentity {
    /// The same for the same pod, however much is known of it.
    var key: String { uid ?? displayName }
}
