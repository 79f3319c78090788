import Checks
import Foundation
import NodeModel
import TestSupport
import Testing

@testable import Findings
@testable import Reports

@Suite struct EventLineTests {
    static let origin: RecordOrigin = {
        var origin = RecordOrigin(cluster: "prod", node: "ip-10-0-3-17", instance: "i-0a1b", version: "0.1.0")
        origin.account = RecordOrigin.Account(id: "123456789012", region: "eu-central-1")
        return origin
    }()

    /// What a daemon tells of a finding from then to then.
    static func record(
        _ finding: Finding, _ change: FindingRecord.Change = .raised, from first: Int64 = 0, to last: Int64 = 0
    ) -> FindingRecord {
        FindingRecord(change: change, finding: finding, firstSeen: first, lastSeen: last, sightings: 1)
    }

    /// What Security Hub is sent of a draft, which itself is as safe to print.
    static func hubDocument(_ draft: String, from origin: RecordOrigin = origin) throws -> String {
        let document = try #require(try EventLine.hubDocument(draft, from: origin))
        #expect(!document.unicodeScalars.contains(where: TerminalText.isUnsafe))
        return document
    }

    private func parsed(_ line: String) throws -> [String: Any] { try EMFDocumentTests.parsed(line) }

    @Test func emfOfAFinding() throws {
        var origin = Self.origin
        origin.agentLogGroup = "/g"
        let document = try parsed(
            try #require(
                try EventLine.record(Self.record(.sample()), as: .emf, from: origin, at: 1_772_618_400_500)))
        #expect(EMFRules.violations(document) == [])
        #expect(EMFRules.dimensions(document) == [["ClusterName", "Technique"]])
        #expect(EMFRules.metrics(document) == ["Findings": 1])
        #expect(EMFRules.timestamp(document) == 1_772_618_400_500)
        #expect(document["NodeName"] as? String == "ip-10-0-3-17" && document["Severity"] as? String == "critical")
        #expect(document["Event"] as? String == "raised")
        #expect((document["finding"] as? [String: Any])?["id"] as? String == "f-privileged")
    }

    /// One that is over is no finding that is counted, and no metric of its technique.
    @Test(arguments: [FindingRecord.Change.cleared, .clearedByReboot])
    func emfOfAnEnd(change: FindingRecord.Change) throws {
        let record = Self.record(.sample(), change, from: 5_000, to: 95_500)
        let document = try parsed(try #require(try EventLine.record(record, as: .emf, from: Self.origin, at: 99_000)))
        #expect(EMFRules.violations(document) == [])
        #expect(EMFRules.dimensions(document) == [["ClusterName"]])
        #expect(EMFRules.metrics(document) == ["FindingsCleared": 1, "OpenSeconds": 90.5])
        #expect((document["Event"] as? String)?.hasPrefix("cleared") == true)
        #expect(document["Technique"] as? String == "privileged")
    }

    /// What was held back is told by the next record of its kind, or by one of its own: in that, it is no finding that is
    /// counted.
    @Test(arguments: [FindingRecord.Change.raised, .worsened, .heldBack])
    func emfOfWhatWasHeldBack(change: FindingRecord.Change) throws {
        var record = Self.record(.sample(), change)
        record.heldBack = HeldBack(count: 12, since: 1_700_000_000_000, latest: .sample())
        let document = try parsed(try #require(try EventLine.record(record, as: .emf, from: Self.origin, at: 99_000)))
        #expect(EMFRules.violations(document) == [])
        #expect(EMFRules.dimensions(document) == [["ClusterName", "Technique"]])
        let counted = change == .heldBack ? [:] : ["Findings": 1.0]
        #expect(EMFRules.metrics(document) == counted.merging(["FindingsHeldBack": 12]) { $1 })
        #expect(document["Event"] as? String == change.name)
        #expect(document["HeldBackSince"] as? String == "2023-11-14T22:13:20.000Z")
        #expect((document["finding"] as? [String: Any])?["id"] as? String == "f-privileged")
    }

    /// The schema has no place for it but that of what it does not know.
    @Test(arguments: [(FindingRecord.Change.raised, 2004), (.heldBack, 0)])
    func ocsfOfWhatWasHeldBack(change: FindingRecord.Change, classNumber: Int) throws {
        var record = Self.record(.sample(), change)
        record.heldBack = HeldBack(count: 12, since: 1_700_000_000_000, latest: .sample())
        let document = try parsed(try #require(try EventLine.record(record, as: .ocsf, from: Self.origin, at: 0)))
        #expect(OCSFRules.violations(document) == [])
        #expect(document["class_uid"] as? Int == classNumber)
        let unmapped = document["unmapped"] as? [String: Any]
        #expect((unmapped?["heldBack"] as? [String: Any])?["count"] as? Int == 12)
        #expect((unmapped?["finding"] as? [String: Any])?["id"] as? String == "f-privileged")
        if change == .heldBack { #expect(document["count"] as? Int == 12 && document["severity_id"] as? Int == 5) }
    }

    static let placeless: [(format: LineFormat, changes: [FindingRecord.Change])] = [
        (.ndjson, []), (.emf, []), (.ocsf, [.cleared, .clearedByReboot]), (.asff, [.heldBack]),
    ]

    @Test(arguments: placeless)
    func whatHasNoPlace(format: LineFormat, changes: [FindingRecord.Change]) throws {
        let all: [FindingRecord.Change] = [.raised, .worsened, .cleared, .clearedByReboot, .heldBack]
        let without = try all.filter {
            try EventLine.record(Self.record(.sample(), $0), as: format, from: Self.origin, at: 0) == nil
        }
        #expect(without == changes)
    }

    @Test(arguments: LineFormat.allCases, Hostile.texts + [.long, .all])
    func hostileFindings(format: LineFormat, hostile: Hostile) throws {
        let text = hostile.text
        let finding = Finding.sample("t", .high, text).changing {
            $0.pod = PodIdentity(namespace: text, name: text, uid: text)
            $0.container = .init(id: text, name: text, image: text, runtime: .docker, isSandbox: false)
            $0.task?.comm = text
            $0.task?.executable = text
            $0.evidence = [text: .text(text)]
        }
        var origin = RecordOrigin(cluster: text, node: text)
        origin.account = Self.origin.account
        let line = try #require(try EventLine.record(Self.record(finding), as: format, from: origin, at: .max))
        #expect(!line.unicodeScalars.contains(where: TerminalText.isUnsafe))
        #expect(line.utf8.count < 256 * 1024 - 26)
        let document = try parsed(format == .asff ? try Self.hubDocument(line, from: origin) : line)
        if format == .emf { #expect(EMFRules.violations(document) == []) }
        if format == .ocsf { #expect(OCSFRules.violations(document) == []) }
        if format == .asff { #expect(ASFFRules.violations(document) == []) }
    }

    @Test(arguments: LineFormat.allCases)
    func losses(format: LineFormat) throws {
        let line = try EventLine.loss(
            ["queue-full": 7, "torn": 1], as: format, from: Self.origin, at: 1_700_000_000_000)
        let document = try parsed(format == .asff ? try Self.hubDocument(line) : line)
        let reasons = ["queue-full": 7, "torn": 1]
        switch format {
        case .ndjson:
            #expect(document["recordsLost"] as? Int == 8 && document["reasons"] as? [String: Int] == reasons)
            #expect(document["time"] as? String == "2023-11-14T22:13:20.000Z")
        case .emf:
            #expect(EMFRules.violations(document) == [])
            #expect(EMFRules.metrics(document) == ["SinkRecordsLost": 8])
            #expect(EMFRules.dimensions(document) == [["ClusterName"], ["ClusterName", "NodeName"]])
            #expect(document["reasons"] as? [String: Int] == reasons)
        case .ocsf:
            #expect(OCSFRules.violations(document) == [])
            #expect(document["class_uid"] as? Int == 0 && document["count"] as? Int == 8)
        case .asff:
            #expect(ASFFRules.violations(document) == [])
            #expect(document["Id"] as? String == "breakoutd/i-0a1b/records-lost")
            #expect(document["Description"] as? String == "8 records were lost before this one.")
        }
    }
}

@Suite struct MinuteMetricsTests {
    @Test func everything() throws {
        var minute = MinuteMetrics()
        minute.findings.add(.sample("a"), .critical)
        minute.findings.add(.sample("a"), .low)
        minute.findings.add(.sample("b", .action), .high)
        minute.findings.worsen(to: .critical)
        minute.scanSeconds = 0.25
        minute.tasks = 1904
        minute.events = 10
        minute.eventsLost = 2
        minute.notJudged = 5
        minute.recordsLost = 3
        minute.gaps = 4
        minute.findingsHeldBack = 7
        minute.apiAgeSeconds = 1.5
        minute.spoolBytes = 4096
        minute.selfTestSeconds = 0.0125
        minute.selfTestFailures = 6
        let document = try EMFDocumentTests.parsed(try minute.line(from: EventLineTests.origin, at: 7))
        #expect(EMFRules.violations(document) == [])
        #expect(EMFRules.dimensions(document) == [["ClusterName"], ["ClusterName", "NodeName"]])
        #expect(EMFRules.timestamp(document) == 7)
        #expect(
            EMFRules.metrics(document) == [
                "Heartbeat": 1, "FindingsRaised": 3, "Exposure": 2, "Action": 1, "Residue": 0, "Info": 0, "Low": 1,
                "Medium": 0, "High": 1, "Critical": 2, "ScanSeconds": 0.25, "APIAgeSeconds": 1.5, "TasksSeen": 1904,
                "Events": 10, "EventsLost": 2, "FindingsHeldBack": 7, "NotJudged": 5, "RecordsLost": 3, "Gaps": 4,
                "SpoolBytes": 4096,
                "SelfTestSeconds": 0.0125, "SelfTestFailures": 6,
            ])
        #expect(document["findingsByTechnique"] as? [String: Int] == ["a": 2, "b": 1])
    }

    /// What a daemon sends as it ends is no beat: those of a node are counted.
    @Test func theLast() throws {
        var minute = MinuteMetrics()
        (minute.isLast, minute.eventsLost) = (true, 2)
        let document = try EMFDocumentTests.parsed(try minute.line(from: EventLineTests.origin, at: 7))
        let metrics = EMFRules.metrics(document)
        #expect(EMFRules.violations(document) == [] && metrics["Heartbeat"] == 0 && metrics["EventsLost"] == 2)
        let message = RecordReport.heartbeatFields(minute).first?.1
        #expect(message?.hasPrefix("Watched until now: ") == true && message?.contains("2 events lost") == true)
    }

    /// The node stays in the record where it has no metrics of its own.
    @Test func withoutMetricsOfTheNode() throws {
        var origin = EventLineTests.origin
        origin.countsByNode = false
        let lines = [
            try MinuteMetrics().line(from: origin, at: 0),
            try EventLine.loss(["torn": 1], as: .emf, from: origin, at: 0),
        ]
        for document in try lines.map(EMFDocumentTests.parsed) {
            #expect(EMFRules.violations(document) == [])
            #expect(EMFRules.dimensions(document) == [["ClusterName"]])
            #expect(document["NodeName"] as? String == "ip-10-0-3-17")
        }
    }

    /// A quiet minute is said, and what is unknown is no number.
    @Test(arguments: [nil, Double.nan, .infinity])
    func aQuietMinute(unknown: Double?) throws {
        var minute = MinuteMetrics()
        minute.scanSeconds = unknown
        minute.apiAgeSeconds = unknown
        minute.selfTestSeconds = unknown
        let document = try EMFDocumentTests.parsed(try minute.line(from: RecordOrigin(), at: 0))
        #expect(EMFRules.violations(document) == [])
        #expect(EMFRules.dimensions(document) == [[]])
        let metrics = EMFRules.metrics(document)
        #expect(metrics["Heartbeat"] == 1 && metrics["FindingsRaised"] == 0)
        #expect(["ScanSeconds", "APIAgeSeconds", "TasksSeen", "SelfTestSeconds"].allSatisfy { metrics[$0] == nil })
    }
}
