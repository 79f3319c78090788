import Checks
import Findings
import NodeModel

/// Findings in the AWS Security Finding Format, one document a line, as Security Hub imports them.
///
/// Names and limits are those of BatchImportFindings in the Security Hub API, version 2018-10-26. What became of a finding
/// later has the same id: one that is over is archived. What is unknown is left out, as the format has it.
///
/// A document names region and instance in many places, which a node that starts may not know yet: it is kept as a draft
/// without them until it is sent.
enum ASFFReport {
    /// `nil` where only some were held back.
    static func draft(
        _ record: FindingRecord, from origin: RecordOrigin, at time: Int64
    ) throws(ReportError) -> String? {
        guard record.change != .heldBack else { return nil }
        let finding = record.finding
        let technique = finding.technique
        var members = base(id: finding.id, generator: technique.id, since: record.firstSeen, at: time)
        let isOver = record.change == .cleared || record.change == .clearedByReboot
        let type = type(of: technique.findingClass)
        let severity = JSONValue.object(["Label": .text(label(finding.severity))])
        members.merge([
            "Title": text(technique.title, 256), "Description": text("\(technique.reason) \(finding.detail)", 1024),
            "Severity": severity, "Types": type,
            "FindingProviderFields": .object(["Severity": severity, "Types": type]),
            "RecordState": .text(isOver ? "ARCHIVED" : "ACTIVE"),
            "Remediation": .object(["Recommendation": object(["Text": text(technique.remedy, 512)])]),
            "Resources": .array(container(finding).map { [$0] } ?? []),
            "Process": finding.task.map(process),
            "ProductFields": object([
                "breakoutd/event": text(record.change.name), "breakoutd/class": text(technique.findingClass.rawValue),
                "breakoutd/declared": text(finding.declared.rawValue), "breakoutd/node": text(origin.node),
                "breakoutd/cluster": text(origin.cluster),
                "breakoutd/attack": text(technique.attack.joined(separator: " ")),
                "breakoutd/allowedBy": text(finding.allowedBy),
                "breakoutd/heldBack": text(record.heldBack.map { String($0.count) }),
            ]),
        ]) { $1 }
        return try JSONText.encode(object(members))
    }

    /// That records were lost, as a finding of its own.
    static func loss(_ total: Int, at time: Int64) throws(ReportError) -> String {
        var members = base(id: "records-lost", generator: "records-lost", since: time, at: time)
        members.merge([
            "Title": .text("breakoutd lost records"),
            "Description": .text("\(total) records were lost before this one."),
            "Severity": .object(["Label": .text("MEDIUM")]), "Types": JSONValue(["Software and Configuration Checks"]),
        ]) { $1 }
        return try JSONText.encode(object(members))
    }

    /// The document of a draft; `nil` where it is none, and where it is not known whose Security Hub this is for.
    static func document(_ draft: String, from origin: RecordOrigin) throws(ReportError) -> String? {
        guard let account = origin.account, case .object(var members)? = JSONText.decode(draft),
            case .text(let id)? = members["Id"]
        else { return nil }
        let (own, region) = (account.id, account.region)
        var resources = places(account, origin)
        if case .array(let containers)? = members["Resources"] {
            resources = containers.map { located($0, account) } + resources
        }
        members["Id"] = text("breakoutd/\(origin.instance ?? origin.node ?? "node")/\(id)", 512)
        members["ProductArn"] = .text("arn:\(account.partition):securityhub:\(region):\(own):product/\(own)/default")
        members["AwsAccountId"] = .text(own)
        members["Resources"] = .array(resources)
        return try JSONText.encode(.object(members))
    }

    private static func base(
        id: String, generator: String, since: Int64, at time: Int64
    ) -> [String: JSONValue?] {
        [
            "SchemaVersion": .text("2018-10-08"), "Id": .text(id),
            "GeneratorId": text("breakoutd/\(generator)", 512),
            "CreatedAt": .text(Timestamp.rfc3339(milliseconds: since)),
            "UpdatedAt": .text(Timestamp.rfc3339(milliseconds: time)),
        ]
    }

    /// A container with its pod.
    private static func container(_ finding: Finding) -> JSONValue? {
        guard let id = text(finding.container?.id ?? finding.pod?.uid ?? finding.pod?.name, 512) else { return nil }
        let container = finding.container
        return object([
            "Type": .text("Container"), "Id": id,
            "Details": object([
                "Container": container.map { container in
                    object([
                        "Name": text(container.name), "ImageName": text(container.image),
                        "ContainerRuntime": container.runtime == .unknown ? nil : .text(container.runtime.rawValue),
                    ])
                },
                "Other": object([
                    "namespace": text(finding.pod?.namespace), "pod": text(finding.pod?.name),
                    "podUid": text(finding.pod?.uid),
                ]),
            ]),
        ])
    }

    /// The node and its cluster.
    private static func places(_ account: RecordOrigin.Account, _ origin: RecordOrigin) -> [JSONValue] {
        func place(_ type: String, _ id: JSONValue?) -> JSONValue {
            located(.object(["Type": .text(type), "Id": id ?? .text("node")]), account)
        }
        func arn(_ service: String, _ name: String) -> JSONValue? {
            text("arn:\(account.partition):\(service):\(account.region):\(account.id):\(name)", 512)
        }
        let node =
            origin.instance.map { place("AwsEc2Instance", arn("ec2", "instance/\($0)")) }
            ?? place("Other", text(origin.node, 512))
        return [node] + (origin.cluster.map { [place("AwsEksCluster", arn("eks", "cluster/\($0)"))] } ?? [])
    }

    private static func located(_ resource: JSONValue, _ account: RecordOrigin.Account) -> JSONValue {
        guard case .object(var members) = resource else { return resource }
        members["Partition"] = .text(account.partition)
        members["Region"] = .text(account.region)
        return .object(members)
    }

    private static func process(_ task: Finding.TaskSummary) -> JSONValue {
        object(["Name": text(task.comm, 64), "Path": text(task.executable, 512), "Pid": JSONValue(task.pid)])
    }

    /// The namespaces of finding types (Security Hub user guide, Types taxonomy for ASFF).
    private static func type(of findingClass: FindingClass) -> JSONValue {
        switch findingClass {
        case .exposure: JSONValue(["Software and Configuration Checks"])
        case .action: JSONValue(["TTPs/Privilege Escalation"])
        case .residue: JSONValue(["TTPs/Persistence"])
        }
    }

    private static func label(_ severity: Severity) -> String {
        severity == .info ? "INFORMATIONAL" : severity.rawValue.uppercased()
    }

    /// A text, cut where it is long; `nil` for a blank one, which the format does not take.
    private static func text(_ text: String?, _ bytes: Int = 1024) -> JSONValue? {
        guard let text, text.contains(where: { !$0.isWhitespace }) else { return nil }
        return .text(TerminalText.cut(text, bytes: bytes))
    }

    private static func object(_ members: [String: JSONValue?]) -> JSONValue {
        .object(members.compactMapValues { $0 })
    }
}

extension RecordOrigin.Account {
    fileprivate var partition: String {
        region.hasPrefix("cn-") ? "aws-cn" : region.hasPrefix("us-gov-") ? "aws-us-gov" : "aws"
    }
}
