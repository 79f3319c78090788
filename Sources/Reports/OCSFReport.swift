import Checks
import Findings
import NodeModel

/// Findings as events of the Open Cybersecurity Schema Framework, one a line: class Detection Finding (2004).
///
/// Names and numbers are those of the schema at `version`, without extensions, with the profiles `host` and `container`.
/// What the schema has no place for is in `unmapped`. Unknown attributes are left out, as the schema has it.
enum OCSFReport {
    static let version = "1.6.0"

    /// A finding that is new or worse, or that some were held back; `nil` for the end of one.
    static func line(
        _ record: FindingRecord, from origin: RecordOrigin, at time: Int64, within limit: Int
    ) throws(ReportError) -> String? {
        switch record.change {
        case .raised, .worsened: try detection(record, from: origin, at: time, within: limit)
        case .heldBack: try heldBack(record, from: origin, at: time, within: limit)
        case .cleared, .clearedByReboot: nil
        }
    }

    private static func detection(
        _ record: FindingRecord, from origin: RecordOrigin, at time: Int64, within limit: Int
    ) throws(ReportError) -> String {
        let finding = record.finding
        let technique = finding.technique
        var members = try base(
            origin, at: time, class: 2004, category: 2, activity: 1, severity: severity(finding.severity))
        let more: [String: JSONValue?] = [
            "status_id": .number(1),
            "is_alert": .flag(finding.severity >= .medium),
            "message": .text(TerminalText.cut("\(technique.reason) \(finding.detail)", bytes: 4096)),
            "finding_info": information(finding, at: time),
            "remediation": .object(["desc": .text(technique.remedy)]),
            "evidences": evidence(finding).map { .array([$0]) },
            "resources": finding.pod.flatMap(resource).map { .array([$0]) },
        ]
        for (name, value) in more { if let value { members[name] = try JSONText.encode(value) } }
        // The other half is for what is said above in other words.
        members["unmapped"] = try unmapped(record, within: limit / 2)
        return JSONText.object(members)
    }

    /// That findings were held back: a Base Event (0), because it is no finding; it has the latest of them.
    private static func heldBack(
        _ record: FindingRecord, from origin: RecordOrigin, at time: Int64, within limit: Int
    ) throws(ReportError) -> String {
        let finding = record.finding
        let count = record.heldBack?.count ?? 0
        var members = try base(
            origin, at: time, class: 0, category: 0, activity: 99, severity: severity(finding.severity))
        members["activity_name"] = try JSONText.encode(.text("Findings held back"))
        members["count"] = try JSONText.encode(JSONValue(max(count, 1)))
        let message = "\(count) findings of \(finding.technique.id) were held back"
        members["message"] = try JSONText.encode(.text(message))
        members["unmapped"] = try unmapped(record, within: limit / 2)
        return JSONText.object(members)
    }

    private static func unmapped(_ record: FindingRecord, within limit: Int) throws(ReportError) -> String {
        var members = ["finding": try FindingDocument.text(record.finding, within: limit)]
        if record.heldBack != nil { members["heldBack"] = try JSONText.encode(RecordReport.heldBack(record.heldBack)) }
        return JSONText.object(members)
    }

    /// That records were lost: a Base Event (0), because it is no finding.
    static func loss(
        _ total: Int, _ reasons: JSONValue, from origin: RecordOrigin, at time: Int64
    ) throws(ReportError) -> String {
        var members = try base(origin, at: time, class: 0, category: 0, activity: 99, severity: 3)
        members["activity_name"] = try JSONText.encode(.text("Records lost"))
        members["count"] = try JSONText.encode(JSONValue(max(total, 1)))
        members["message"] = try JSONText.encode(.text("\(total) records were lost before this one"))
        members["unmapped"] = try JSONText.encode(.object(["recordsLost": JSONValue(total), "reasons": reasons]))
        return JSONText.object(members)
    }

    private static func base(
        _ origin: RecordOrigin, at time: Int64, class uid: Int64, category: Int64, activity: Int64, severity: Int64
    ) throws(ReportError) -> [String: String] {
        let values: [String: JSONValue?] = [
            "class_uid": .number(uid), "category_uid": .number(category), "activity_id": .number(activity),
            "type_uid": .number(uid * 100 + activity), "severity_id": .number(severity), "time": .number(time),
            "metadata": object([
                "version": .text(version), "profiles": JSONValue(["host", "container"]),
                "product": object([
                    "name": .text("breakoutd"), "vendor_name": .text("breakoutd"), "version": text(origin.version),
                ]),
            ]),
            "device": origin.node == nil && origin.instance == nil ? nil : device(origin),
        ]
        var members: [String: String] = [:]
        for (name, value) in values { if let value { members[name] = try JSONText.encode(value) } }
        return members
    }

    private static func device(_ origin: RecordOrigin) -> JSONValue {
        // 1 is a server.
        object(["type_id": .number(1), "name": text(origin.node), "instance_uid": text(origin.instance)])
    }

    private static func information(_ finding: Finding, at time: Int64) -> JSONValue {
        let technique = finding.technique
        return object([
            "uid": .text(finding.id), "title": .text(technique.title), "desc": .text(technique.meaning),
            "created_time": .number(time), "types": JSONValue([technique.findingClass.rawValue]),
            // 2 is behavioural, 1 a rule.
            "analytic": .object([
                "uid": .text(technique.id), "name": .text(technique.title),
                "type_id": .number(technique.findingClass == .action ? 2 : 1),
            ]),
            "attacks": technique.attack.isEmpty ? nil : .array(technique.attack.map(attack)),
        ])
    }

    /// A technique of MITRE ATT&CK, or a sub-technique such as `T1053.003` with the technique that it belongs to.
    private static func attack(_ id: String) -> JSONValue {
        let technique = String(id.prefix { $0 != "." })
        return object([
            "technique": .object(["uid": .text(technique)]),
            "sub_technique": technique == id ? nil : .object(["uid": .text(id)]),
        ])
    }

    /// The process with its container, or the container alone where no process is known.
    private static func evidence(_ finding: Finding) -> JSONValue? {
        let container = finding.container.map { summary($0, finding.pod) }
        guard let task = finding.task else {
            return container.map { object(["container": $0, "data": object(["detail": text(finding.detail)])]) }
        }
        return object([
            "process": object([
                "pid": JSONValue(task.pid), "tid": JSONValue(task.tid), "name": text(task.comm),
                "path": text(task.executable), "user": task.uid.map { .object(["uid": .text(String($0))]) },
                "container": container,
            ])
        ])
    }

    private static func summary(_ container: Finding.ContainerSummary, _ pod: PodIdentity?) -> JSONValue {
        object([
            "uid": text(container.id), "name": text(container.name),
            "image": container.image.map { object(["uid": text($0), "name": text($0)]) },
            "runtime": container.runtime == .unknown ? nil : .text(container.runtime.rawValue),
            "orchestrator": pod == nil ? nil : .text("kubernetes"),
            "pod_uuid": pod?.uid.flatMap { isUUID($0) ? JSONValue.text($0) : nil },
        ])
    }

    private static func resource(_ pod: PodIdentity) -> JSONValue? {
        guard pod.name != nil || pod.uid != nil else { return nil }
        return object([
            "type": .text("Kubernetes pod"), "name": text(pod.name), "uid": text(pod.uid),
            "namespace": text(pod.namespace),
        ])
    }

    /// A pod that is not of the API may have any uid.
    private static func isUUID(_ uid: String) -> Bool {
        let parts = uid.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12]
            && uid.utf8.allSatisfy { $0 == UInt8(ascii: "-") || Character(Unicode.Scalar($0)).isHexDigit }
    }

    private static func severity(_ severity: Severity) -> Int64 { Int64(severity.rank) + 1 }

    /// A text that a container may have chosen, cut where it is long.
    private static func text(_ text: String?) -> JSONValue? { text.map { .text(TerminalText.cut($0, bytes: 1024)) } }

    private static func object(_ members: [String: JSONValue?]) -> JSONValue {
        .object(members.compactMapValues { $0 })
    }
}
