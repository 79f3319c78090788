package import Findings

/// How one finding is written as a line.
package enum LineFormat: String, Sendable, CaseIterable {
    /// The finding as in the report's `findings`.
    case ndjson
    /// CloudWatch embedded metric format.
    case emf
    /// OCSF Detection Finding.
    case ocsf
}

/// Single findings and statements as lines, for what delivers them one by one.
package enum EventLine {
    /// A finding as one line without its break, of less than 256 KB; what is too long is cut as in a report.
    ///
    /// - Parameter time: milliseconds since 1970-01-01 UTC.
    package static func finding(
        _ finding: Finding, as format: LineFormat, from origin: RecordOrigin, at time: Int64
    ) throws(ReportError) -> String {
        switch format {
        case .ndjson: try FindingDocument.text(finding, within: EMFReport.eventLimit)
        case .emf: try EMFReport.document(finding, from: origin, at: time, within: EMFReport.eventLimit)
        case .ocsf: try OCSFReport.line(finding, from: origin, at: time, within: EMFReport.eventLimit)
        }
    }

    /// That records were lost, by reason: the line that says so where they would have been.
    package static func loss(
        _ counts: [String: Int], as format: LineFormat, from origin: RecordOrigin, at time: Int64
    ) throws(ReportError) -> String {
        let total = counts.values.reduce(0, +)
        let lost = JSONValue.object(counts.mapValues { JSONValue($0) })
        switch format {
        case .ndjson:
            return try JSONText.encode(
                .object([
                    "schema": .text("breakoutd-loss/1"), "time": .text(Timestamp.rfc3339(milliseconds: time)),
                    "recordsLost": JSONValue(total), "reasons": lost, "node": JSONValue(origin.node),
                ]))
        case .emf:
            return try EMFDocument(
                time: time, dimensionSets: origin.dimensionSets,
                metrics: [("RecordsLost", "Count", JSONValue(total))], logGroup: origin.agentLogGroup,
                members: ["reasons": try JSONText.encode(lost)]
            ).line()
        case .ocsf: return try OCSFReport.loss(total, lost, from: origin, at: time)
        }
    }
}
