import Checks
import Findings
import Foundation
import NodeModel
import TestSupport
import Testing

@testable import Reports

@Suite struct JSONReportTests {
    static let finding = """
        {"allowedBy":null,"attack":["T1611"],"class":"exposure","container":{"id":"\(QuietIDs.container)",\
        "image":"registry.example/web:1","imageDigest":null,"name":"web","runtime":"containerd","sandbox":false},\
        "declared":"declared-by-runtime","detail":"41 capabilities","evidence":{"capabilities":41,"masked":false,\
        "paths":["/a"],"text":"x"},"id":"f-privileged","pod":{"labels":null,"name":"web-0","namespace":"shop",\
        "owner":null,"serviceAccount":null,"uid":"\(QuietIDs.podUID)"},"reason":"Reason of privileged.",\
        "severity":"critical","task":{"comm":"web-worker","exe":"/bin/web","parents":["900 containerd-shim",\
        "1 systemd"],"pid":4100,"startTicks":5101,"tid":4101,"user":0},"technique":"privileged",\
        "title":"Title of privileged"}
        """

    static let frame = (
        start: """
        {"allowList":{"expired":[],"unused":[]},"api":null,"counts":{"containers":2,"endedWhileRead":0,"findings":{"critical":1,"high":0,"info":0,"low":0,\
        "medium":0},"pods":1,"processes":4,"threads":5},"duration":0.09,
        """,
        end: """
        "gaps":[{"count":2,"examples":["4711"],"kind":"process","reason":"permission denied"}],"hidden":0,\
        "hostTasks":null,"node":{"bootID":"6f0c6c6e-3b53-4b13-9a4c-6a1f0a0a7a01","cgroupVersion":2,\
        "instance":null,"kernel":"6.1.0","name":"ip-10-10-1-67","runtime":["containerd"]},"omitted":0,\
        "scannedAt":"2023-11-14T22:13:20.000Z","schema":"breakoutd-report/1","verdict":"findings"}
        """
    )

    @Test func wholeDocument() throws {
        let report = Report.sample([.sample()], gaps: [ReportTests.gap])
        let expected = "\(Self.frame.start)\"findings\":[\(Self.finding)],\(Self.frame.end)\n"
        #expect(try report.text(.json) == expected)
    }

    @Test func lines() throws {
        let report = Report.sample([.sample()], gaps: [ReportTests.gap])
        #expect(
            try report.text(.ndjson) == """
                \(Self.finding)
                {"schema":"breakoutd-report/1","summary":\(Self.frame.start)\(Self.frame.end)}

                """)
    }

    @Test func unknownIsNull() throws {
        let bare = Finding(id: "f", technique: .sample("t", attack: []), severity: .low, declared: .unknown, detail: "")
        let report = Report.sample([bare], node: Node())
        let document = try JSONSerialization.jsonObject(with: Data(try report.text(.json).utf8)) as? [String: Any]
        let finding = try #require((document?["findings"] as? [[String: Any]])?.first)
        for name in ["pod", "container", "task", "allowedBy"] { #expect(finding[name] is NSNull, "\(name)") }
        let node = try #require(document?["node"] as? [String: Any])
        for name in ["name", "instance", "kernel", "bootID", "cgroupVersion", "runtime"] {
            #expect(node[name] is NSNull, "\(name)")
        }
        #expect(document?["hostTasks"] is NSNull)
    }

    @Test func unknownPartsOfKnownThingsAreNull() throws {
        let finding = Finding.sample().changing {
            $0.pod = PodIdentity(uid: "u")
            $0.container?.name = nil
            $0.container?.image = nil
            $0.container?.runtime = .unknown
            $0.task?.uid = nil
            $0.task?.executable = nil
        }
        let text = try JSONText.encode(FindingDocument.value(finding))
        #expect(text.contains(#""image":null,"imageDigest":null,"name":null,"runtime":null,"#))
        #expect(text.contains(#""name":null,"namespace":null,"owner":null,"serviceAccount":null,"uid":"u""#))
        #expect(text.contains(#""exe":null"#))
        #expect(text.contains(#""user":null"#))
    }

    static let shortenings: [(change: @Sendable (inout Finding) -> Void, members: [String])] = [
        ({ _ in }, []),
        ({ $0.evidence["long"] = .text(String(repeating: "x", count: 5_000)) }, ["evidence"]),
        ({ $0.evidence["long"] = .list(Array(repeating: "path", count: 5_000)) }, ["evidence"]),
        (
            { finding in
                for number in 0..<500 { finding.evidence["key-\(number)"] = .number(1) }
            }, ["evidence"]
        ),
        ({ $0.task?.parents = Array(repeating: "900 containerd-shim", count: 300) }, ["evidence", "task"]),
        ({ $0.detail = String(repeating: "x", count: 5_000) }, ["detail", "evidence", "task"]),
        ({ $0.container?.image = String(repeating: "\u{1b}", count: 5_000) }, ["container", "evidence", "task"]),
    ]

    @Test(arguments: shortenings)
    func shortensAsLittleAsFitsAndSaysSo(change: @Sendable (inout Finding) -> Void, members: [String]) throws {
        let text = try FindingDocument.text(.sample().changing(change), within: 4096)
        #expect(text.utf8.count < 4096)
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(document["shortened"] as? [String] ?? [] == members)
        #expect(document["severity"] as? String == "critical")
    }

    @Test func shortenedEvidenceKeepsItsBeginning() throws {
        let finding = Finding.sample().changing {
            $0.evidence = ["a": .list((0..<1_000).map { "\($0)" }), "b": .text(String(repeating: "b", count: 4_000))]
        }
        let text = try FindingDocument.text(finding, within: 4096)
        #expect(text.contains(#""evidence":{"a":["0","1","2","3","4","5","6","7"],"b":"bbbb"#))
        #expect(text.contains(#""parents":["900 containerd-shim","1 systemd"]"#))
    }

    @Test(arguments: Hostile.texts)
    func hostileTextComesBackAndIsNeverRaw(hostile: Hostile) throws {
        let text = hostile.text
        let node = Node.quiet.changing { $0.host.name = text }
        let finding = Finding.sample("t", .high, text).changing {
            $0.evidence = [text: .text(text)]
            $0.container?.image = text
        }
        for format in [ReportFormat.json, .ndjson, .emf] {
            let output = try Report.sample([finding], node: node).text(format)
            let raw = output.unicodeScalars.filter { $0 != "\n" && TerminalText.isUnsafe($0) }
            #expect(raw.isEmpty)
        }
        let output = try Report.sample([finding], node: node).text(.json)
        #expect(output.last == "\n" && output.dropLast().contains("\n") == false)
        let document = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
        let parsed = try #require((document?["findings"] as? [[String: Any]])?.first)
        let detail = try #require(parsed["detail"] as? String)
        #expect(Array(detail.unicodeScalars) == Array(text.unicodeScalars))
    }

    @Test(arguments: [
        ("\"\u{7f}\"", #""\u007f""#), ("\"\u{2028}\u{feff}\"", #""\u2028\ufeff""#),
        ("\"\u{e0041}\"", #""\udb40\udc41""#),
        ("\"é日\"", "\"é日\""),
    ])
    func escapesUnsafeCharacters(json: String, escaped: String) {
        #expect(JSONText.escaped(json) == escaped)
    }

    @Test(arguments: [ReportFormat.table, .html, .json, .ndjson, .emf])
    func theSameEveryTime(format: ReportFormat) throws {
        let first = try Report.large(50).text(format)
        for _ in 0..<5 { #expect(try Report.large(50).text(format) == first) }
    }

    @Test func theJournalIsNoText() {
        #expect(throws: ReportError.notText(.journal)) { try Report.sample([]).text(.journal) }
    }
}
