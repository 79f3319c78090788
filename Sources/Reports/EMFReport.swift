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
        let age = try report.apiAge.map { age throws(ReportError) in try JSONText.encode(.real(age)) }
        return try document(
            finding, from: report.origin, at: report.node.takenAt, within: limit, metrics: [oneFinding],
            members: age.map { ["APIAgeSeconds": $0] } ?? [:])
    }

    /// What became of a finding, as a daemon tells it, and how many were held back before.
    ///
    /// One that is over counts for the cluster alone, and says how long it was there.
    static func document(
        _ record: FindingRecord, from origin: RecordOrigin, at time: Int64, within limit: Int
    ) throws(ReportError) -> String {
        var members = ["Event": try JSONText.encode(.text(record.change.name))]
        var metrics: [EMFDocument.Metric] = record.change == .heldBack ? [] : [oneFinding]
        if let heldBack = record.heldBack {
            metrics.append(("FindingsHeldBack", "Count", JSONValue(heldBack.count)))
            let since = Timestamp.rfc3339(milliseconds: heldBack.since)
            members["HeldBackSince"] = try JSONText.encode(.text(since))
        }
        switch record.change {
        case .raised, .worsened, .heldBack:
            return try document(
                record.finding, from: origin, at: time, within: limit, metrics: metrics, members: members)
        case .cleared, .clearedByReboot: break
        }
        let open = Double(record.lastSeen - record.firstSeen) / 1000
        members["Technique"] = try JSONText.encode(.text(record.finding.technique.id))
        return try document(
            record.finding, from: origin, at: time, within: limit, sets: [[("ClusterName", origin.cluster)]],
            metrics: [("FindingsCleared", "Count", .number(1)), ("OpenSeconds", "Seconds", .real(max(open, 0)))],
            members: members)
    }

    private static let oneFinding: EMFDocument.Metric = ("Findings", "Count", .number(1))

    private static func document(
        _ finding: Finding, from origin: RecordOrigin, at time: Int64, within limit: Int,
        metrics: [EMFDocument.Metric], members: [String: String]
    ) throws(ReportError) -> String {
        try document(
            finding, from: origin, at: time, within: limit,
            sets: [[("ClusterName", origin.cluster), ("Technique", finding.technique.id)]], metrics: metrics,
            members: members)
    }

    private static func document(
        _ finding: Finding, from origin: RecordOrigin, at time: Int64, within limit: Int,
        sets: [[EMFDocument.Dimension]], metrics: [EMFDocument.Metric], members: [String: String]
    ) throws(ReportError) -> String {
        try EMFDocument(
            time: time, dimensionSets: sets, metrics: metrics, logGroup: origin.agentLogGroup,
            members: members.merging([
                "NodeName": try JSONText.encode(JSONValue(origin.node)),
                "Severity": try JSONText.encode(.text(finding.severity.rawValue)),
                "finding": try FindingDocument.text(finding, within: limit),
            ]) { _, new in new }
        ).line()
    }

    /// The summary, counted by cluster and node.
    static func summary(_ report: Report, omitted: Int) throws(ReportError) -> String {
        let counts = report.counts
        var metrics: [EMFDocument.Metric] = [
            ("Findings", "Count", JSONValue(report.selected.count)),
            ("Critical", "Count", JSONValue(counts.findings[.critical] ?? 0)),
            ("TasksSeen", "Count", JSONValue(counts.threads)),
            ("ScanSeconds", "Seconds", .real(report.node.seconds)),
            ("Gaps", "Count", JSONValue(report.gaps.total)),
        ]
        if let age = report.apiAge { metrics.append(("APIAgeSeconds", "Seconds", .real(age))) }
        return try EMFDocument(
            time: report.node.takenAt, dimensionSets: report.origin.dimensionSets, metrics: metrics,
            members: ["report": try JSONReport.summary(report, omitted: omitted)]
        ).line()
    }
}

extension Report {
    var origin: RecordOrigin { RecordOrigin(cluster: options.clusterName, node: node.host.name) }

    /// Seconds since what the API said.
    fileprivate var apiAge: Double? { node.apiPods?.age(at: node.takenAt) }
}
