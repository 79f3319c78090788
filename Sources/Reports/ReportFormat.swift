/// How a report leaves the program.
package enum ReportFormat: String, Sendable, CaseIterable {
    /// For people, on a terminal.
    case table
    /// For people, in a browser: one file, see `HTMLReport`.
    case html
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
    /// Where the limit cuts, the worst findings are kept and the output says how many were left out. Where not even
    /// what is around the findings fits, that is cut, too.
    package func text(_ format: ReportFormat) throws(ReportError) -> String {
        do throws(ReportError) {
            return try whole(format)
        } catch {
            guard case .outputLimitTooSmall = error, let abridged else { throw error }
            return try abridged.whole(format)
        }
    }

    private func whole(_ format: ReportFormat) throws(ReportError) -> String {
        switch format {
        case .table: try TableReport.text(self)
        case .html: try HTMLReport.text(self)
        case .json: try JSONReport.text(self)
        case .ndjson: try JSONReport.lines(self)
        case .emf: try EMFReport.lines(self)
        case .journal: throw .notText(format)
        }
    }
}
