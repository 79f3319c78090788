/// How a report leaves the program.
package enum ReportFormat: String, Sendable, CaseIterable {
    /// For people, on a terminal.
    case table
    /// One document, schema `packaging/schema/breakoutd-report-1.schema.json`.
    case json
    /// One finding a line, the summary last.
    case ndjson
    /// CloudWatch embedded metric format: one document a finding and one summary, a line each.
    case emf
    /// Entries of the systemd journal, see `JournalReport`.
    case journal
}

extension Report {
    /// The report in a printed format, with a line break at its end and within `maxOutput` bytes.
    ///
    /// Where the limit cuts, the worst findings are kept and the output says how many were left out.
    package func text(_ format: ReportFormat) throws(ReportError) -> String {
        switch format {
        case .table: try TableReport.text(self)
        case .json: try JSONReport.text(self)
        case .ndjson: try JSONReport.lines(self)
        case .emf: try EMFReport.lines(self)
        case .journal: throw .notText(format)
        }
    }
}

/// How many findings fit into an output limit.
enum OutputLimit {
    /// The largest number of findings, worst first, whose output fits.
    ///
    /// `size` gives the bytes of the whole output with that many findings. Everything is tried first, because only
    /// an output without all findings has a note about those left out.
    static func largest(
        of count: Int, within limit: Int?, size: (Int) throws(ReportError) -> Int
    ) throws(ReportError) -> Int {
        guard let limit else { return count }
        let whole = try size(count)
        if whole <= limit { return count }
        let frame = try size(0)
        guard frame <= limit else { throw .outputLimitTooSmall(minimum: min(frame, whole)) }
        var (fits, tooMany) = (0, count)
        while tooMany - fits > 1 {
            let middle = fits + (tooMany - fits) / 2
            if try size(middle) <= limit { fits = middle } else { tooMany = middle }
        }
        return fits
    }
}
