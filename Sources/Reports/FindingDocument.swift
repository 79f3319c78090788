import Checks
import Findings
import NodeModel

/// One finding as machines read it.
enum FindingDocument {
    /// The finding as a value of the report's schema.
    static func value(_ finding: Finding) -> JSONValue {
        .object([
            "id": .text(finding.id),
            "technique": .text(finding.technique.id),
            "title": .text(finding.technique.title),
            "class": .text(finding.technique.findingClass.rawValue),
            "severity": .text(finding.severity.rawValue),
            "declared": .text(finding.declared.rawValue),
            "attack": JSONValue(finding.technique.attack),
            "pod": finding.pod.map(pod) ?? .null,
            "container": finding.container.map(container) ?? .null,
            "task": finding.task.map(task) ?? .null,
            "evidence": .object(finding.evidence.mapValues(evidence)),
            "reason": .text(finding.technique.reason),
            "detail": .text(finding.detail),
            "allowedBy": JSONValue(finding.allowedBy),
        ])
    }

    /// The finding in less than `limit` bytes: whole, or else without evidence and ancestors and with texts cut.
    static func text(_ finding: Finding, within limit: Int) throws(ReportError) -> String {
        var text = try JSONText.encode(value(finding))
        var room = min(limit / 4, 4096)
        while text.utf8.count >= limit, room >= 8 {
            text = try JSONText.encode(value(finding.shortened(to: room)))
            room /= 2
        }
        return text
    }

    private static func pod(_ pod: PodIdentity) -> JSONValue {
        .object([
            "namespace": JSONValue(pod.namespace), "name": JSONValue(pod.name), "uid": JSONValue(pod.uid),
            // These are the API's to tell, which a scan does not ask.
            "owner": .null, "serviceAccount": .null, "labels": .null,
        ])
    }

    private static func container(_ container: Finding.ContainerSummary) -> JSONValue {
        .object([
            "name": JSONValue(container.name), "id": .text(container.id), "image": JSONValue(container.image),
            "imageDigest": .null, "runtime": container.runtime == .unknown ? .null : .text(container.runtime.rawValue),
            "sandbox": .flag(container.isSandbox),
        ])
    }

    private static func task(_ task: Finding.TaskSummary) -> JSONValue {
        .object([
            "pid": JSONValue(task.pid), "tid": JSONValue(task.tid), "startTicks": JSONValue(task.startTime),
            "comm": .text(task.comm), "exe": JSONValue(task.executable), "user": JSONValue(task.uid),
            "parents": JSONValue(task.parents),
        ])
    }

    private static func evidence(_ value: EvidenceValue) -> JSONValue {
        switch value {
        case .text(let text): .text(text)
        case .number(let number): .number(number)
        case .flag(let flag): .flag(flag)
        case .list(let list): JSONValue(list)
        }
    }
}

extension Finding {
    /// The finding without evidence values and ancestors, every text that a container may choose cut.
    fileprivate func shortened(to bytes: Int) -> Finding {
        func cut(_ text: String?) -> String? { text.map { TerminalText.cut($0, bytes: bytes) } }
        var copy = self
        copy.evidence = [:]
        copy.detail = TerminalText.cut(detail, bytes: bytes)
        copy.allowedBy = cut(allowedBy)
        copy.pod = pod.map { PodIdentity(namespace: cut($0.namespace), name: cut($0.name), uid: cut($0.uid)) }
        if let container {
            copy.container = ContainerSummary(
                id: TerminalText.cut(container.id, bytes: bytes), name: cut(container.name),
                image: cut(container.image), runtime: container.runtime, isSandbox: container.isSandbox)
        }
        copy.task?.parents = []
        copy.task?.executable = cut(task?.executable)
        copy.task?.comm = TerminalText.cut(task?.comm ?? "", bytes: bytes)
        return copy
    }
}
