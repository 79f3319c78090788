import Checks
import Findings
import NodeModel

/// The report as CloudWatch embedded metric format: one document a finding and one summary, a line each.
///
/// A pod is never a dimension, because each distinct set of dimension values is a metric that costs. The documents of
/// findings count by technique, the summary counts by cluster and node, so that nothing is counted twice.
enum EMFReport {
    static let namespace = "Breakoutd"

    /// An event of CloudWatch Logs may have 256 KB on older service versions; the rest is for the frame.
    static let eventLimit = 200_000

    static func lines(_ whole: Report) throws(ReportError) -> String {
        let isLong = try summary(whole, omitted: 0).utf8.count >= eventLimit
        let report = isLong ? whole.abridged ?? whole : whole
        var findings: [String] = []
        for finding in report.shown { findings.append(try document(finding, of: report, within: eventLimit)) }
        let kept = try OutputLimit.fit(
            &findings, of: report,
            shortened: { finding, limit throws(ReportError) in try document(finding, of: report, within: limit) },
            frame: { count throws(ReportError) in
                try summary(report, omitted: report.shown.count - count).utf8.count + 1 + count
            })
        let lines = findings.prefix(kept) + [try summary(report, omitted: findings.count - kept)]
        return lines.map { $0 + "\n" }.joined()
    }

    /// One finding, counted by technique.
    static func document(
        _ finding: Finding, of report: Report, within limit: Int
    ) throws(ReportError) -> String {
        let technique = finding.technique.id
        let cluster = dimension(report.options.clusterName)
        var members = try common(report)
        members["_aws"] = try metadata(
            report.node, dimensions: cluster == nil ? [["Technique"]] : [["ClusterName", "Technique"]],
            metrics: [("Findings", "Count")])
        members["Technique"] = try JSONText.encode(.text(technique))
        members["Severity"] = try JSONText.encode(.text(finding.severity.rawValue))
        members["Findings"] = "1"
        members["finding"] = try FindingDocument.text(finding, within: limit)
        return JSONText.object(members)
    }

    /// The summary, counted by cluster and node.
    static func summary(_ report: Report, omitted: Int) throws(ReportError) -> String {
        let counts = report.counts
        var metrics: [(name: String, unit: String, value: JSONValue)] = [
            ("Findings", "Count", JSONValue(report.selected.count)),
            ("Critical", "Count", JSONValue(counts.findings[.critical] ?? 0)),
            ("TasksSeen", "Count", JSONValue(counts.threads)),
            ("ScanSeconds", "Seconds", .real(report.node.seconds)),
            ("Gaps", "Count", JSONValue(report.gaps.total)),
        ]
        if let age = apiAge(report) { metrics.append(("APIAgeSeconds", "Seconds", .real(age))) }
        var members = try common(report)
        members["_aws"] = try metadata(
            report.node, dimensions: dimensionSets(report), metrics: metrics.map { ($0.name, $0.unit) })
        for metric in metrics { members[metric.name] = try JSONText.encode(metric.value) }
        members["report"] = try JSONReport.summary(report, omitted: omitted)
        return JSONText.object(members)
    }

    /// A value that CloudWatch takes for a dimension: visible ASCII, 1 to 1024 characters; `nil` for any other.
    static func dimension(_ value: String?) -> String? {
        guard let value, (1...1024).contains(value.utf8.count) else { return nil }
        guard value.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }), value.utf8.contains(where: { $0 != 0x20 }) else {
            return nil
        }
        return value
    }

    private static func dimensionSets(_ report: Report) -> [[String]] {
        let node = dimension(report.node.host.name) != nil
        guard dimension(report.options.clusterName) != nil else { return node ? [["NodeName"]] : [[]] }
        return node ? [["ClusterName"], ["ClusterName", "NodeName"]] : [["ClusterName"]]
    }

    /// Cluster, node and the age of what the API said, as far as they are known.
    private static func common(_ report: Report) throws(ReportError) -> [String: String] {
        var members: [String: String] = [:]
        if let cluster = dimension(report.options.clusterName) {
            members["ClusterName"] = try JSONText.encode(.text(cluster))
        }
        if let node = dimension(report.node.host.name) { members["NodeName"] = try JSONText.encode(.text(node)) }
        if let age = apiAge(report) { members["APIAgeSeconds"] = try JSONText.encode(.real(age)) }
        return members
    }

    private static func apiAge(_ report: Report) -> Double? { report.node.apiPods?.age(at: report.node.takenAt) }

    private static func metadata(
        _ node: Node, dimensions: [[String]], metrics: [(name: String, unit: String)]
    ) throws(ReportError) -> String {
        let directive = JSONValue.object([
            "Namespace": .text(namespace),
            "Dimensions": .array(dimensions.map { JSONValue($0) }),
            "Metrics": .array(metrics.map { .object(["Name": .text($0.name), "Unit": .text($0.unit)]) }),
        ])
        return try JSONText.encode(
            .object(["Timestamp": .number(node.takenAt), "CloudWatchMetrics": .array([directive])]))
    }
}
