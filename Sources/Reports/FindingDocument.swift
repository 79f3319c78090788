import Checks
import Findings
import NodeModel

/// One finding as machines read it.
enum FindingDocument {
    /// The finding as a value of the report's schema.
    static func value(_ finding: Finding) -> JSONValue { .object(members(finding)) }

    private static func members(_ finding: Finding) -> [String: JSONValue] {
        [
            "id": .text(finding.id),
            "technique": .text(finding.technique.id),
            "title": .text(finding.technique.title),
            "class": .text(finding.technique.findingClass.rawValue),
            "severity": .text(finding.severity.rawValue),
            "declared": .text(finding.declared.rawValue),
            "attack": JSONValue(finding.technique.attack),
            "pod": finding.pod.map { pod($0, finding.podFacts) } ?? .null,
            "container": finding.container.map(container) ?? .null,
            "task": finding.task.map(task) ?? .null,
            "evidence": .object(finding.evidence.mapValues(evidence)),
            "reason": .text(finding.technique.reason),
            "detail": .text(finding.detail),
            "allowedBy": JSONValue(finding.allowedBy),
        ]
    }

    /// The finding in less than `limit` bytes: whole if it fits, else with as little cut as fits.
    ///
    /// A member `shortened` then names what was cut.
    static func text(_ finding: Finding, within limit: Int) throws(ReportError) -> String {
        let whole = members(finding)
        var text = try JSONText.encode(.object(whole))
        var step = 0
        while text.utf8.count >= limit, let shorter = finding.shortened(step) {
            var members = members(shorter)
            members["shortened"] = JSONValue(whole.keys.filter { members[$0] != whole[$0] }.sorted())
            text = try JSONText.encode(.object(members))
            step += 1
        }
        return text
    }

    private static func pod(_ pod: PodIdentity, _ facts: Finding.PodFacts?) -> JSONValue {
        let owner = facts?.owner.map { JSONValue.object(["kind": .text($0.kind), "name": .text($0.name)]) }
        return .object([
            "namespace": JSONValue(pod.namespace), "name": JSONValue(pod.name), "uid": JSONValue(pod.uid),
            "owner": owner ?? .null, "serviceAccount": JSONValue(facts?.serviceAccount), "labels": .null,
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
    /// The finding with less text the higher the step, evidence first; `nil` beyond the last step.
    fileprivate func shortened(_ step: Int) -> Finding? {
        var copy = self
        switch step {
        case 0:
            copy.evidence = evidence.mapValues(\.shortened)
        case 1:
            copy.evidence = [:]
        case 2:
            copy.evidence = [:]
            copy.task?.parents = []
        case 3...12:
            copy = cut(toBytes: 4096 >> (step - 3))
            copy.evidence = [:]
            copy.task?.parents = []
        default:
            return nil
        }
        return copy
    }

    /// The finding with every text cut that a container may choose, or that a node file may make long.
    private func cut(toBytes bytes: Int) -> Finding {
        func cut(_ text: String) -> String { TerminalText.cut(text, bytes: bytes) }
        var copy = self
        copy.detail = cut(detail)
        copy.allowedBy = allowedBy.map(cut)
        copy.pod = pod.map {
            PodIdentity(namespace: $0.namespace.map(cut), name: $0.name.map(cut), uid: $0.uid.map(cut))
        }
        copy.container = container.map {
            ContainerSummary(
                id: cut($0.id), name: $0.name.map(cut), image: $0.image.map(cut), runtime: $0.runtime,
                isSandbox: $0.isSandbox)
        }
        copy.task?.executable = task?.executable.map(cut)
        copy.task?.comm = cut(task?.comm ?? "")
        return copy
    }
}

extension EvidenceValue {
    /// The value with its beginning only, where it is long.
    fileprivate var shortened: EvidenceValue {
        switch self {
        case .text(let text): .text(TerminalText.cut(text, bytes: 128))
        case .list(let list): .list(list.prefix(8).map { TerminalText.cut($0, bytes: 64) })
        case .number, .flag: self
        }
    }
}
