import Delivery
import Foundation
import NodeModel
import Reports
import TestSupport
import Testing

@testable import Daemon

@Suite struct DaemonStatusTests {
    private static let changes: [(name: String, change: @Sendable (DaemonStatus) -> Void, gaps: Int)] = [
        ("nothing", { _ in }, 0),
        ("no events", { $0.set(events: .failed("refused")) }, 1),
        ("two tracepoints and a CPU", { $0.set(events: .working, gaps: ["a", "b", "CPU 1"]) }, 3),
        ("files", { $0.set(filesFailure: "refused") }, 1),
        ("containers", { $0.set(containersFailure: "refused") }, 1),
        (
            "all of them",
            { status in
                status.set(events: .failed("refused"))
                status.set(filesFailure: "refused")
                status.set(containersFailure: "refused")
            }, 3
        ),
        (
            "over again",
            { status in
                status.set(filesFailure: "refused")
                status.set(filesFailure: nil)
            }, 0
        ),
        ("the state", { $0.set(stateFailure: "full") }, 1),
        ("the self-test", { $0.set(selfTestFailure: "its act was not seen") }, 1),
    ]

    @Test(arguments: changes.indices)
    func whatIsNotWatchedIsAGap(index: Int) {
        let status = DaemonStatus(manager: ServiceManager(), counts: CountsBox())
        Self.changes[index].change(status)
        #expect(status.gaps == Self.changes[index].gaps, "\(Self.changes[index].name)")
    }

    private static func gap(_ kind: Gap.Kind, _ reason: String, _ count: Int = 1) -> Gap {
        Gap(kind: kind, reason: reason, count: count)
    }

    private static let scans: [(name: String, gaps: [Gap], lasting: Int)] = [
        ("nothing was there before the first", [gap(.process, "denied", 2), gap(.starting, "started")], 0),
        ("one more, and one that starts", [gap(.process, "denied", 3), gap(.starting, "started")], 2),
        ("another reason", [gap(.process, "gone", 3)], 0),
        ("another kind", [gap(.mounts, "gone", 3)], 0),
        ("two of them, one anew", [gap(.mounts, "gone"), gap(.api, "no answer")], 1),
        ("none", [], 0),
        ("anew", [gap(.mounts, "gone")], 0),
    ]

    /// A container that starts is a gap of one scan, and an alarm by which nobody can do anything.
    @Test func onlyWhatLastsIsForAnAlarm() {
        let status = DaemonStatus(manager: ServiceManager(), counts: CountsBox())
        for scan in Self.scans {
            status.set(scanGaps: scan.gaps)
            #expect(status.lastingGaps == scan.lasting, "\(scan.name)")
            #expect(status.scanGaps == scan.gaps)
        }
    }

    /// What a pod may call a file.
    private static let fault = "no such luck: /x\u{1b}[2J\u{9b}2J\u{202e}\ny"
    private static let shown = #"no such luck: /x\x1b[2J\u{9b}2J\u{202e}\ny"#

    private static let faults: [@Sendable (inout StatusDocument) -> Void] = [
        { $0.eventsFailure = fault }, { $0.filesFailure = fault }, { $0.containersFailure = fault },
        { $0.stateFailure = fault }, { $0.apiFailure = fault }, { $0.eventGaps = ["CPU 1: \(fault)"] },
        { $0.scanGaps = [Gap(kind: .process, reason: "unreadable", count: 3, examples: ["pid 1", fault])] },
        {
            var state = SinkState()
            (state.queued, state.delivered, state.lost, state.spoolBytes, state.failure) = (1, 2, 3, 4, fault)
            $0.sinks = [StatusDocument.Sink("file", state)]
        },
    ]

    @Test(arguments: faults.indices)
    func aFaultIsSaidAndMakesItLessThanWhole(index: Int) {
        var document = Self.least
        document.scanGaps = [Gap(kind: .starting, reason: "on its way")]
        #expect(document.isWhole)
        Self.faults[index](&document)
        #expect(!document.isWhole && document.description.contains(Self.shown))
        #expect(StatusDocument.decode(document.text) == document)
    }

    /// Neither output has anything in it by which a name could be taken for more.
    @Test(arguments: [least, whole]) func nothingThatATerminalObeys(document: StatusDocument) {
        let json = String(decoding: document.text, as: UTF8.self)
        for line in document.description.split(separator: "\n") + [json.dropLast()] {
            #expect(TerminalText.escaped(String(line)) == line)
        }
        #expect(document.description.split(separator: "\n").allSatisfy { $0.contains("  ") })
    }

    /// A document with none of what may be left out.
    private static let least = StatusDocument(
        version: "1", pid: 2, uptime: 3, eventGaps: [], eventAbsences: [], scanGaps: [], counts: DaemonCounts(),
        sinks: [])

    /// A document with everything that there can be.
    private static var whole: StatusDocument {
        var document = least
        for fault in faults { fault(&document) }
        document.eventAbsences = ["kprobe_events", fault]
        document.counts.selfTestLatency = 1.5
        document.counts.eventsPerSecond = 12.34
        document.apiAge = 2.5
        document.interruption = fault
        return document
    }

    /// That an earlier run was killed is no fault of this one.
    @Test func theEndOfTheRunBefore() {
        var document = Self.least
        document.interruption = "It was killed"
        #expect(document.isWhole && document.description.contains("\nBefore         It was killed\n"))
    }

    @Test func theRateIsSaidOnceAMinuteHasPassed() {
        #expect(Self.whole.counts.eventsPerSecond == 12.34)
        var document = Self.least
        #expect(document.description.contains("0 seen, 0 lost\n"))
        document.counts.eventsPerSecond = 12.34
        #expect(document.description.contains("0 seen, 0 lost, 12.3 a second in the last minute\n"))
    }

    private static let schema = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("packaging/schema/breakoutd-status-1.schema.json")

    @Test(.enabled(if: Python.hasJSONSchema, "python3 has no module jsonschema"), arguments: [least, whole])
    func followsItsSchema(document: StatusDocument) throws {
        let schema = try String(contentsOf: Self.schema, encoding: .utf8)
        #expect(try Python.validate(String(decoding: document.text, as: UTF8.self), schema) == "")
    }

    /// The schema names every member that there can be, so that none comes without being described.
    @Test func theSchemaNamesEveryMember() throws {
        func object(_ bytes: [UInt8]) throws -> [String: Any] {
            try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        }
        let schema = try object(Array(Data(contentsOf: Self.schema)))
        let document = try object(Self.whole.text)
        let parts = try #require(schema["$defs"] as? [String: [String: Any]])
        let sinks = try #require(document["sinks"] as? [[String: Any]])
        let counts = try #require(document["counts"] as? [String: Any])
        for (described, there) in [
            (schema, document), (parts["sink"] ?? [:], sinks[0]), (parts["counts"] ?? [:], counts),
        ] {
            let properties = try #require(described["properties"] as? [String: Any])
            #expect(properties.keys.sorted() == there.keys.sorted())
        }
    }
}
