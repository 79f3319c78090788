import NodeModel

extension PodSecurityCheck {
    /// Windows containers must not run as processes of the node, the counterpart of privileged ones.
    ///
    /// Reads `securityContext.windowsOptions.hostProcess` of the pod and its containers; unset and `false` are allowed.
    static let windowsHostProcess = PodSecurityCheck(
        id: "windowsHostProcess", level: .baseline, revisions: [Revision(since: 0, judge: withHostProcess)])

    private static func withHostProcess(_ pod: Pod) -> Forbidden? {
        let setters = pod.setters {
            $0.windowsOptions?.hostProcess == true
        } container: {
            $0.windowsOptions?.hostProcess == true
        }
        guard !setters.isEmpty else { return nil }
        return Forbidden(
            reason: "hostProcess",
            detail: "\(setters.text) must not set securityContext.windowsOptions.hostProcess=true")
    }
}
