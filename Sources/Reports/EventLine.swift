package import Findings

/// How one finding is written as a line.
package enum LineFormat: String, Sendable, CaseIterable {
    /// The finding as in the report's `findings`.
    case ndjson
    /// CloudWatch embedded metric format.
    case emf
    /// OCSF Detection Finding.
    case ocsf
    /// AWS Security Finding Format, for Security Hub: a draft, of which `EventLine.hubDocument` makes the document.
    case asff
}

/// Single findings and statements as lines, for what delivers them one by one.
package enum EventLine {
    /// What became of a finding as one line without its break, of less than 256 KB; what is too long is cut as in a
    /// report.
    ///
    /// - Parameter time: milliseconds since 1970-01-01 UTC.
    /// - Returns: `nil` where the format has no place for it.
    package static func record(
        _ record: FindingRecord, as format: LineFormat, from origin: RecordOrigin, at time: Int64
    ) throws(ReportError) -> String? {
        switch format {
        case .ndjson:
            return try RecordReport.line(
                record, node: origin.node, cluster: origin.cluster, within: EMFReport.eventLimit)
        case .emf: return try EMFReport.document(record, from: origin, at: time, within: EMFReport.eventLimit)
        case .ocsf: return try OCSFReport.line(record, from: origin, at: time, within: EMFReport.eventLimit)
        case .asff: return try ASFFReport.draft(record, from: origin, at: time)
        }
    }

    /// That records were lost, by reason: the line that says so where they would have been.
    ///
    /// Its metric is of this sink alone; `RecordsLost` of the minute counts those of all sinks.
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
            var members = try origin.nodeMember()
            members["reasons"] = try JSONText.encode(lost)
            return try EMFDocument(
                time: time, dimensionSets: origin.dimensionSets,
                metrics: [("SinkRecordsLost", "Count", JSONValue(total))], logGroup: origin.agentLogGroup,
                members: members
            ).line()
        case .ocsf: return try OCSFReport.loss(total, lost, from: origin, at: time)
        case .asff: return try ASFFReport.loss(total, at: time)
        }
    }

    /// The document that Security Hub takes, of a line in the format `asff`.
    ///
    /// - Parameter origin: with the account and, as far as it is known, the instance.
    /// - Returns: `nil` for what is no such line.
    package static func hubDocument(
        _ line: String, from origin: RecordOrigin
    ) throws(ReportError) -> String? {
        try ASFFReport.document(line, from: origin)
    }
}
