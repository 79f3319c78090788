import Checks
import NodeModel
import TestSupport
import Testing

@testable import Findings

extension Finding {
    /// A finding of a real technique on the quiet node's container.
    static func sample(
        _ technique: String = "privileged", _ severity: Severity = .high, id: String? = nil, pod: String = "web-0",
        pid: Int32 = 4100
    ) throws -> Finding {
        let check = try #require(Check.named(technique))
        return Finding(
            id: id ?? "\(technique) \(pod)", technique: check.technique, severity: severity,
            declared: .declaredByRuntime, pod: PodIdentity(namespace: "shop", name: pod, uid: "uid-\(pod)"),
            container: ContainerSummary(
                id: QuietIDs.container, name: "web", image: "registry.example/web:1", runtime: .containerd,
                isSandbox: false),
            task: TaskSummary(
                pid: pid, tid: pid, startTime: 5100, comm: "web", executable: "/bin/web", uid: 0, parents: ["1 systemd"]
            ),
            evidence: ["path": .text("/var/log"), "readOnly": .flag(true)], detail: "41 capabilities")
    }

    /// This finding after one change.
    func changing(_ change: (inout Finding) -> Void) -> Finding {
        var copy = self
        change(&copy)
        return copy
    }
}

extension Judgement {
    /// A judgement of all checks over a node, with these findings and gaps.
    static func sample(
        _ findings: [Finding], of node: Node = .quiet, gaps: [Gap] = [],
        judged: Set<String> = Set(Check.all.map(\.technique.id))
    ) -> Judgement {
        Judgement(node: node, findings: findings, gaps: gaps, judged: judged)
    }
}
