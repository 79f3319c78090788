import Checks
import Findings
import NodeModel

/// The report as one JSON document, or as one finding a line with the summary last.
enum JSONReport {
    static let schema = "breakoutd-report/1"

    /// One document in one line.
    static func text(_ report: Report) throws(ReportError) -> String {
        var findings = try encoded(report.shown)
        let kept = try OutputLimit.fit(&findings, of: report, shortened: FindingDocument.text) {
            count throws(ReportError) in
            try document(report, [], omitted: report.shown.count - count).utf8.count + max(count - 1, 0)
        }
        return try document(report, findings.prefix(kept), omitted: findings.count - kept)
    }

    /// One finding a line, worst first, and as last line `schema` and, as `summary`, the document without `findings`.
    static func lines(_ report: Report) throws(ReportError) -> String {
        var findings = try encoded(report.shown)
        let kept = try OutputLimit.fit(&findings, of: report, shortened: FindingDocument.text) {
            count throws(ReportError) in
            try lastLine(report, omitted: report.shown.count - count).utf8.count + 1 + count
        }
        let lines = findings.prefix(kept) + [try lastLine(report, omitted: findings.count - kept)]
        return lines.map { $0 + "\n" }.joined()
    }

    private static func lastLine(_ report: Report, omitted: Int) throws(ReportError) -> String {
        JSONText.object([
            "schema": try JSONText.encode(.text(schema)), "summary": try summary(report, omitted: omitted),
        ])
    }

    /// The document without `findings`.
    static func summary(_ report: Report, omitted: Int) throws(ReportError) -> String {
        try JSONText.object(members(report, omitted: omitted))
    }

    private static func encoded(_ findings: [Finding]) throws(ReportError) -> [String] {
        var texts: [String] = []
        texts.reserveCapacity(findings.count)
        for finding in findings { texts.append(try JSONText.encode(FindingDocument.value(finding))) }
        return texts
    }

    private static func document(
        _ report: Report, _ findings: ArraySlice<String>, omitted: Int
    ) throws(ReportError) -> String {
        var members = try members(report, omitted: omitted)
        members["findings"] = "[" + findings.joined(separator: ",") + "]"
        return JSONText.object(members) + "\n"
    }

    private static func members(_ report: Report, omitted: Int) throws(ReportError) -> [String: String] {
        var values: [String: JSONValue] = [
            "schema": .text(schema),
            "node": node(report.node),
            "scannedAt": .text(Timestamp.rfc3339(milliseconds: report.node.takenAt)),
            "duration": .real(report.node.seconds),
            "counts": counts(report.counts),
            "api": report.node.apiPods.map { api($0, report.node) } ?? .null,
            "allowList": .object([
                "expired": JSONValue(report.expiredAllowances), "unused": JSONValue(report.unusedAllowances),
            ]),
            "hidden": JSONValue(report.hidden),
            "omitted": JSONValue(omitted),
            "gaps": .array(report.gaps.map(gap)),
            "verdict": .text(report.verdict.rawValue),
            "hostTasks": report.hostTasks.map { .array($0.map(hostTask)) } ?? .null,
        ]
        if !report.shortened.isEmpty { values["shortened"] = JSONValue(report.shortened) }
        var members: [String: String] = [:]
        for (name, value) in values { members[name] = try JSONText.encode(value) }
        return members
    }
}

extension JSONReport {
    private static func node(_ node: Node) -> JSONValue {
        .object([
            "name": JSONValue(node.host.name), "instance": .null, "kernel": JSONValue(node.host.kernel),
            "bootID": JSONValue(node.host.bootID), "cgroupVersion": JSONValue(node.host.cgroupVersion),
            "runtime": node.runtimes.map { JSONValue($0) } ?? .null,
        ])
    }

    static func api(_ api: APIPods, _ node: Node) -> JSONValue {
        .object([
            "asOf": api.asOf.map { .text(Timestamp.rfc3339(milliseconds: $0)) } ?? .null,
            "age": api.age(at: node.takenAt).map { .real($0) } ?? .null,
            "pods": api.failure == nil ? JSONValue(api.pods.count) : .null, "failure": JSONValue(api.failure),
        ])
    }

    private static func counts(_ counts: Report.Counts) -> JSONValue {
        let findings = Severity.allCases.map { ($0.rawValue, JSONValue(counts.findings[$0] ?? 0)) }
        return .object([
            "pods": JSONValue(counts.pods), "containers": JSONValue(counts.containers),
            "processes": JSONValue(counts.processes), "threads": JSONValue(counts.threads),
            "endedWhileRead": JSONValue(counts.endedWhileRead),
            "findings": .object(Dictionary(uniqueKeysWithValues: findings)),
        ])
    }

    static func gap(_ gap: Gap) -> JSONValue {
        .object([
            "kind": .text(gap.kind.rawValue), "reason": .text(gap.reason), "count": JSONValue(gap.count),
            "examples": JSONValue(gap.examples),
        ])
    }

    private static func hostTask(_ task: Report.HostTask) -> JSONValue {
        .object([
            "pid": JSONValue(task.pid), "comm": .text(task.comm), "executable": JSONValue(task.executable),
            "kinds": JSONValue(task.namespaces.map(\.rawValue)),
        ])
    }
}
