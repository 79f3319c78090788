package import Checks

/// What the daemon did and saw in one minute: the metrics record, and the heartbeat by which silence is visible.
package struct MinuteMetrics: Sendable, Equatable {
    /// Findings raised in this minute.
    package struct Findings: Sendable, Equatable {
        package var byClass: [FindingClass: Int] = [:]
        /// With those that were raised before and have become as severe in this minute.
        package var bySeverity: [Severity: Int] = [:]
        /// By technique id.
        package var byTechnique: [String: Int] = [:]

        package init() {}

        package mutating func add(_ technique: Technique, _ severity: Severity) {
            byClass[technique.findingClass, default: 0] += 1
            bySeverity[severity, default: 0] += 1
            byTechnique[technique.id, default: 0] += 1
        }

        /// One that was raised before: no other finding, but news of this severity.
        package mutating func worsen(to severity: Severity) { bySeverity[severity, default: 0] += 1 }

        var total: Int { byClass.values.reduce(0, +) }
    }

    /// The daemon ends: less than a minute, and no sign of life.
    package var isLast = false
    package var findings = Findings()
    /// How many times one was held back, for there were too many of one kind in one pod.
    package var findingsHeldBack = 0
    /// How long the last full scan took; `nil` where there was none in this minute.
    package var scanSeconds: Double?
    /// Tasks that the last scan saw.
    package var tasks: Int?
    /// Kernel events taken from the rings.
    package var events = 0
    /// Kernel events that the rings lost, and times that changes of the node's files were.
    package var eventsLost = 0
    /// Acts and changes of files that nobody is known to have made.
    package var notJudged = 0
    /// Records that some sink lost.
    package var recordsLost = 0
    /// What could not be judged by one scan after another, or is not watched.
    package var gaps = 0
    /// How old the pods of the API are; `nil` where the API is not asked.
    package var apiAgeSeconds: Double?
    /// Bytes of all spools.
    package var spoolBytes = 0
    /// From the kernel's record of the latest self-test's act until that was judged; `nil` before the first, where it was
    /// not seen, and while no events come.
    package var selfTestSeconds: Double?
    /// Self-tests whose act was not seen.
    package var selfTestFailures = 0

    package init() {}

    /// The record as one EMF line without its break; `time` is in milliseconds since 1970-01-01 UTC.
    ///
    /// Counts by technique are no metrics, because there is one for each finding's own record, but plain members.
    package func line(from origin: RecordOrigin, at time: Int64) throws(ReportError) -> String {
        var members = try origin.nodeMember()
        members["findingsByTechnique"] = try JSONText.encode(
            .object(findings.byTechnique.mapValues { JSONValue($0) }))
        return try EMFDocument(
            time: time, dimensionSets: origin.dimensionSets, metrics: metrics, logGroup: origin.agentLogGroup,
            members: members
        ).line()
    }

    /// What people look at first, by name.
    var numbers: [(String, String)] {
        [
            ("tasks", tasks.map { "\($0)" } ?? "unknown"), ("events", "\(events)"), ("events lost", "\(eventsLost)"),
            ("not judged", "\(notJudged)"), ("findings raised", "\(findings.total)"),
            ("findings held back", "\(findingsHeldBack)"), ("gaps", "\(gaps)"), ("records lost", "\(recordsLost)"),
            ("failed self tests", "\(selfTestFailures)"),
        ]
    }

    private var metrics: [EMFDocument.Metric] {
        var metrics: [EMFDocument.Metric] = [
            ("Heartbeat", "Count", .number(isLast ? 0 : 1)), ("FindingsRaised", "Count", JSONValue(findings.total)),
            ("FindingsHeldBack", "Count", JSONValue(findingsHeldBack)),
        ]
        for kind in FindingClass.allCases {
            metrics.append((kind.rawValue.capitalized, "Count", JSONValue(findings.byClass[kind] ?? 0)))
        }
        for severity in Severity.allCases {
            metrics.append((severity.rawValue.capitalized, "Count", JSONValue(findings.bySeverity[severity] ?? 0)))
        }
        let seconds = [
            ("ScanSeconds", scanSeconds), ("APIAgeSeconds", apiAgeSeconds), ("SelfTestSeconds", selfTestSeconds),
        ]
        for (name, value) in seconds {
            if let value, value.isFinite { metrics.append((name, "Seconds", .real(value))) }
        }
        if let tasks { metrics.append(("TasksSeen", "Count", JSONValue(tasks))) }
        metrics += [
            ("Events", "Count", JSONValue(events)), ("EventsLost", "Count", JSONValue(eventsLost)),
            ("NotJudged", "Count", JSONValue(notJudged)), ("RecordsLost", "Count", JSONValue(recordsLost)),
            ("Gaps", "Count", JSONValue(gaps)), ("SelfTestFailures", "Count", JSONValue(selfTestFailures)),
            ("SpoolBytes", "Bytes", JSONValue(spoolBytes)),
        ]
        return metrics
    }
}

extension String {
    /// With its first letter in upper case.
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
