import NodeModel

/// One check of the Pod Security Standards, with the identifier that the Kubernetes project gives it.
///
/// Identifiers, allowed values, versions and wording are those of k8s.io/pod-security-admission, v1.36.
struct PodSecurityCheck: Sendable {
    let id: String
    /// `baseline` or `restricted`; the checks of `baseline` belong to `restricted` too.
    let level: PodSecurityLevel
    /// The forms that the check took over time, the oldest first; before the first there is no such check.
    let revisions: [Revision]
    /// The checks of `baseline` in whose place this one of `restricted` stands.
    var overrides: [String] = []

    /// What the check demands from one version on.
    struct Revision: Sendable {
        let since: PodSecurityVersion
        /// Pods that the check does not apply to.
        let exempts: @Sendable (Pod) -> Bool
        /// What is forbidden about a pod, or `nil`.
        let judge: @Sendable (Pod) -> Forbidden?

        init(
            since minor: Int, exempting exempts: @escaping @Sendable (Pod) -> Bool = { _ in false },
            judge: @escaping @Sendable (Pod) -> Forbidden?
        ) {
            since = .minor(minor)
            self.exempts = exempts
            self.judge = judge
        }
    }

    /// Why a pod is refused.
    struct Forbidden: Sendable, Equatable {
        /// Short, and the same for all pods but for its number.
        let reason: String
        /// The containers, volumes and values at fault.
        let detail: String
    }

    /// The check's form at a version.
    func revision(at version: PodSecurityVersion) -> Revision? {
        revisions.last { $0.since <= version }
    }

    /// What the check finds about a pod at a version.
    func judge(_ pod: Pod, at version: PodSecurityVersion) -> Forbidden? {
        guard let revision = revision(at: version), !revision.exempts(pod) else { return nil }
        return revision.judge(pod)
    }
}
