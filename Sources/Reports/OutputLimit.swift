import Findings

/// How many findings fit into an output limit.
enum OutputLimit {
    /// How many findings are kept of a report whose findings are `texts`; shortens long ones where not all fit.
    ///
    /// `frame` gives the bytes of everything else with that many findings, `shortened` a finding in fewer bytes. One
    /// finding may take a quarter of the limit, so that a container cannot hide the others behind a long name.
    static func fit(
        _ texts: inout [String], of report: Report, shortened: (Finding, Int) throws(ReportError) -> String,
        frame: (Int) throws(ReportError) -> Int
    ) throws(ReportError) -> Int {
        guard let limit = report.options.maxOutput else { return texts.count }
        let whole = try frame(texts.count) + texts.reduce(0) { $0 + $1.utf8.count }
        if whole <= limit { return texts.count }
        for (index, text) in texts.enumerated() where text.utf8.count > limit / 4 {
            texts[index] = try shortened(report.shown[index], limit / 4)
        }
        var sizes = [0]
        for text in texts { sizes.append(sizes[sizes.count - 1] + text.utf8.count) }
        return try largest(of: texts.count, within: limit) { count throws(ReportError) in
            try frame(count) + sizes[count]
        }
    }

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
