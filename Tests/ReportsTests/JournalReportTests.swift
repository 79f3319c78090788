import Checks
import Findings
import Foundation
import NodeModel
import TestSupport
import Testing

@testable import Reports

@Suite struct JournalReportTests {
    @Test func allFields() throws {
        let json = try JSONText.encode(FindingDocument.value(.sample()))
        let expected: [(String, String)] = [
            ("MESSAGE", "CRITICAL privileged shop/web-0 web: 41 capabilities"),
            ("MESSAGE_ID", "0123456789abcdef0123456789abcdef"), ("PRIORITY", "2"), ("SYSLOG_IDENTIFIER", "breakoutd"),
            ("BREAKOUTD_FINDING", "f-privileged"), ("BREAKOUTD_TECHNIQUE", "privileged"),
            ("BREAKOUTD_CLASS", "exposure"), ("BREAKOUTD_SEVERITY", "critical"), ("BREAKOUTD_NAMESPACE", "shop"),
            ("BREAKOUTD_POD", "web-0"), ("BREAKOUTD_POD_UID", QuietIDs.podUID), ("BREAKOUTD_CONTAINER", "web"),
            ("BREAKOUTD_CONTAINER_ID", QuietIDs.container), ("BREAKOUTD_PID", "4100"), ("BREAKOUTD_TID", "4101"),
            ("BREAKOUTD_DECLARED", "declared-by-runtime"), ("BREAKOUTD_JSON", json), ("OBJECT_PID", "4100"),
        ]
        let fields = try JournalReport.fields(.sample())
        #expect(fields.map(\.0) == expected.map(\.0))
        #expect(fields.map(\.1) == expected.map(\.1))
    }

    @Test func unknownIsLeftOut() throws {
        let bare = Finding(id: "f", technique: .sample("t"), severity: .low, declared: .unknown, detail: "d")
        let fields = try JournalReport.fields(bare)
        #expect(fields.first?.1 == "LOW t node: d")
        let unknown = ["NAMESPACE", "POD", "POD_UID", "CONTAINER", "CONTAINER_ID", "PID", "TID"].map {
            "BREAKOUTD_\($0)"
        }
        #expect(Set(fields.map(\.0)).isDisjoint(with: unknown + ["OBJECT_PID"]))
    }

    @Test(arguments: [(Severity.critical, "2"), (.high, "3"), (.medium, "4"), (.low, "5"), (.info, "6")])
    func priorities(severity: Severity, priority: String) throws {
        #expect(try JournalReport.fields(.sample("t", severity)).first { $0.0 == "PRIORITY" }?.1 == priority)
    }

    @Test(arguments: Hostile.texts + [.long, .all])
    func hostileValues(hostile: Hostile) throws {
        let text = hostile.text
        let finding = Finding.sample("t", .high, text).changing {
            $0.pod = PodIdentity(namespace: text, name: text, uid: text)
            $0.container = .init(id: text, name: text, image: text, runtime: .docker, isSandbox: false)
            $0.task?.comm = text
            $0.task?.executable = text
            $0.task?.parents = Array(repeating: text, count: 30)
            $0.evidence = [text: .text(text), "list": .list([text, text])]
        }
        let gap = Gap(kind: .mounts, reason: text, count: 3, examples: [text, text])
        for entry in try JournalReport.entries(.sample([finding], gaps: [gap])) {
            for (name, value) in entry {
                #expect(value.utf8.count < 4096)
                #expect(!value.isEmpty)
                #expect(!value.unicodeScalars.contains(where: TerminalText.isUnsafe))
                #expect(name.utf8.count <= 64 && name.utf8.allSatisfy { $0 == 0x5F || (0x41...0x5A).contains($0) })
            }
            #expect((entry.first { $0.0 == "MESSAGE" }?.1.utf8.count ?? 9999) <= 2048)
        }
        let json = try #require(try JournalReport.fields(finding).first { $0.0 == "BREAKOUTD_JSON" }?.1)
        let document = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        #expect(document?["technique"] as? String == "t")
    }

    @Test func gapsHaveAnEntryOfTheirOwn() throws {
        let entries = try JournalReport.entries(.sample([.sample()], gaps: [ReportTests.gap]))
        #expect(entries.count == 2)
        let gap = Dictionary(uniqueKeysWithValues: entries[1])
        #expect(
            gap == [
                "MESSAGE": "NOT JUDGED process: permission denied (2): 4711",
                "MESSAGE_ID": JournalReport.gapMessageID, "PRIORITY": "4", "SYSLOG_IDENTIFIER": "breakoutd",
                "BREAKOUTD_GAP": "process", "BREAKOUTD_REASON": "permission denied", "BREAKOUTD_COUNT": "2",
            ])
        #expect(JournalReport.gapMessageID.utf8.count == 32)
        #expect(JournalReport.gapMessageID.allSatisfy { $0.isHexDigit && !$0.isUppercase })
    }

    @Test func hiddenFindingsAreNotSent() throws {
        let report = Report.sample([.sample("a", .high), .sample("b", .low)], ReportOptions(minSeverity: .medium))
        #expect(try JournalReport.entries(report).count == 1)
    }

    @Test(arguments: ["/nonexistent/socket", "/dev/null", "/"])
    func withoutJournaldNothingIsSent(path: String) {
        #expect(throws: ReportError.journalNotReachable(path: path)) {
            try JournalReport.send(.sample([.sample()]), socket: path)
        }
    }

    static let datagrams: [(fields: [(String, String)], text: String)] = [
        ([], ""), ([("A", "b=c"), ("D", "")], "A=b=c\nD=\n"), ([("A", "ü")], "A=ü\n"),
        ([("A", "b\nc"), ("D", "e")], "A\n\u{3}\0\0\0\0\0\0\0b\nc\nD=e\n"),
        ([("A", "\r\n")], "A\n\u{2}\0\0\0\0\0\0\0\r\n\n"),
    ]

    @Test(arguments: datagrams.indices)
    func datagram(index: Int) {
        let (fields, text) = Self.datagrams[index]
        #expect(JournalReport.datagram(fields) == Array(text.utf8))
    }
}
