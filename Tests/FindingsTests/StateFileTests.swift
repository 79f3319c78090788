import Checks
import Foundation
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import Findings

@Suite struct StateFileTests {
    private static func ledger() throws -> FindingLedger {
        var ledger = FindingLedger(RateLimit(findings: 1, period: 60_000))
        let findings = [
            try Finding.sample("privileged", .critical, id: "a"), try Finding.sample("privileged", id: "b"),
            try Finding.sample("log-hard-link", id: "c").changing {
                $0.container = nil
                $0.task = nil
                $0.pod = nil
                $0.allowedBy = "e"
                $0.nodeFile = "/etc/crontab"
            },
        ]
        let node = Node.quiet.changing { $0.host.bootID = "boot-1" }
        _ = ledger.update(with: .sample(findings, of: node), at: 1000)
        return ledger
    }

    private func inDirectory<Result>(_ body: (TemporaryDirectory, String) throws -> Result) throws -> Result {
        try TemporaryDirectory.with { directory in
            try #require(chmod(directory.path, 0o700) == 0)
            return try body(directory, "\(directory.path)/state.json")
        }
    }

    @Test func roundTrip() throws {
        try inDirectory { directory, path in
            let ledger = try Self.ledger()
            try StateFile.save(ledger, to: path)
            let loaded = try #require(try StateFile.load(path, ledger.rateLimit, at: 2000))
            #expect(loaded.open == ledger.open && loaded.bootID == "boot-1" && loaded.heldBack == ledger.heldBack)
            #expect(loaded.heldBack.map(\.count) == [1] && loaded.open.count == 3)
            #expect(loaded.nodeFiles == ["/etc/crontab"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["state.json"])
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    /// What an earlier version wrote has no files.
    @Test func withoutFiles() throws {
        try inDirectory { directory, path in
            try StateFile.save(try Self.ledger(), to: path)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let older = text.replacing(/,? *"nodeFile" *: *"[^"]*"/, with: "")
            try #require(older != text)
            try directory.file("state.json", older)
            let loaded = try #require(try StateFile.load(path, at: 2000))
            #expect(loaded.nodeFiles.isEmpty && loaded.open.count == 3)
        }
    }

    /// An earlier version may have remembered more of one pod than this one does.
    @Test func moreThanIsRemembered() throws {
        try inDirectory { _, path in
            var ledger = FindingLedger()
            for number in 0..<OpenFindings.techniqueLimit + 5 {
                let finding = try Finding.sample(id: "f\(number)")
                ledger.open[finding.id] = OpenFinding(finding: finding, firstSeen: 1, lastSeen: 2, sightings: 3)
            }
            try StateFile.save(ledger, to: path)
            let loaded = try #require(try StateFile.load(path, at: 2000))
            #expect(loaded.open.count == OpenFindings.techniqueLimit)
        }
    }

    /// The daemon is killed after it delivered records and before it saved: they are repeated, none is lost.
    @Test func killedBetweenDeliveringAndSaving() throws {
        try inDirectory { _, path in
            let a = try Finding.sample(id: "a")
            let b = try Finding.sample("host-device", id: "b")
            let scan = { (ledger: inout FindingLedger, findings: [Finding], time: Int64) in
                ledger.update(with: .sample(findings, of: .quiet.changing { $0.takenAt = time }), at: time)
                    .map { "\($0.change) \($0.finding.id)" }
            }
            var ledger = FindingLedger()
            #expect(scan(&ledger, [a], 1000) == ["raised a"])
            try StateFile.save(ledger, to: path)
            #expect(scan(&ledger, [b], 2000) == ["raised b", "cleared a"])
            // Killed here; the next process reads what was saved.
            var next = try #require(try StateFile.load(path, at: 3000))
            #expect(scan(&next, [b], 3000) == ["raised b", "cleared a"])
            try StateFile.save(next, to: path)
            next = try #require(try StateFile.load(path, at: 4000))
            #expect(scan(&next, [b], 4000) == [])
        }
    }

    /// What a process that was killed while it wrote left behind is in nobody's way.
    @Test func remains() throws {
        try inDirectory { directory, path in
            try directory.file("state.json.new", "half of")
            try StateFile.save(try Self.ledger(), to: path)
            try directory.link("state.json.new", to: "/etc/passwd")
            try StateFile.save(FindingLedger(), to: path)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["state.json"])
            let loaded = try StateFile.load(path, at: 0)
            #expect(loaded?.open.isEmpty == true)
        }
    }

    @Test func absent() throws {
        try inDirectory { directory, path in
            for path in [path, "\(directory.path)/no/state.json"] {
                let ledger = try StateFile.load(path, at: 0)
                #expect(ledger == nil)
            }
            #expect(throws: SystemError.self) {
                try StateFile.save(FindingLedger(), to: "\(directory.path)/no/state.json")
            }
        }
    }

    static let broken: [String] = [
        "", "{", "[]", "null", "\u{0}", "{}", #"{"schema": 1}"#, #"{"schema": "breakoutd-state/1"}"#,
        #"{"schema": "breakoutd-state/1", "open": [1], "heldBack": []}"#,
        #"{"schema": "breakoutd-state/1", "open": [{"finding": {}}], "heldBack": []}"#,
        String(repeating: "[", count: 100_000),
    ]

    @Test(arguments: broken)
    func malformed(text: String) throws {
        try inDirectory { directory, path in
            try directory.file("state.json", text)
            try #require(chmod(path, 0o600) == 0)
            #expect(throws: TrustedDocumentFailure.malformed(path: path, title: "state")) {
                _ = try StateFile.load(path, at: 0)
            }
        }
    }

    /// Cut off anywhere, it is no state.
    @Test func cutOff() throws {
        try inDirectory { directory, path in
            try StateFile.save(try Self.ledger(), to: path)
            let whole = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
            for length in stride(from: 0, to: whole.count - 2, by: 97) {
                try directory.file("state.json", Array(whole.prefix(length)))
                try #require(chmod(path, 0o600) == 0)
                #expect(throws: TrustedDocumentFailure.malformed(path: path, title: "state")) {
                    _ = try StateFile.load(path, at: 0)
                }
            }
        }
    }

    @Test func otherVersion() throws {
        try inDirectory { directory, path in
            try directory.file("state.json", #"{"schema": "breakoutd-state/9"}"#)
            try #require(chmod(path, 0o600) == 0)
            let failure = TrustedDocumentFailure.schema(
                path: path, found: "breakoutd-state/9", known: "breakoutd-state/1")
            #expect(throws: failure) { _ = try StateFile.load(path, at: 0) }
            #expect(failure.description.hasSuffix("schema breakoutd-state/9 is not breakoutd-state/1"))
        }
    }

    /// A state that others can write could tell the daemon that everything was told of already.
    @Test func filesOfOthers() throws {
        try inDirectory { directory, path in
            try StateFile.save(try Self.ledger(), to: path)
            try #require(chmod(path, 0o622) == 0)
            let writable = TrustedFile.Failure.writableByOthers(path: path, permissions: 0o622)
            #expect(throws: TrustedDocumentFailure.file(writable)) { _ = try StateFile.load(path, at: 0) }
            try directory.remove("state.json")
            try directory.fifo("state.json")
            let fifo = TrustedFile.Failure.notRegular(path: path, .fifo)
            #expect(throws: TrustedDocumentFailure.file(fifo)) { _ = try StateFile.load(path, at: 0) }
            try directory.remove("state.json")
            try directory.sparseFile("state.json", size: 65 << 20)
            try #require(chmod(path, 0o600) == 0)
            let large = TrustedFile.Failure.tooLarge(path: path, limit: 64 << 20)
            #expect(throws: TrustedDocumentFailure.file(large)) { _ = try StateFile.load(path, at: 0) }
        }
    }

    /// Numbers that nobody wrote must not trap when they are counted on.
    @Test func absurdNumbers() throws {
        try inDirectory { directory, path in
            try StateFile.save(try Self.ledger(), to: path)
            let text = try String(contentsOfFile: path, encoding: .utf8)
                .replacing(#""sightings":1"#, with: #""sightings":9223372036854775807"#)
                .replacing(#""count":1"#, with: #""count":9223372036854775807"#)
                .replacing(#"Seen":1000"#, with: #"Seen":-9223372036854775808"#)
            try directory.file("state.json", text)
            try #require(chmod(path, 0o600) == 0)
            var ledger = try #require(try StateFile.load(path, RateLimit(findings: 1, period: 1), at: .min))
            let findings = [try Finding.sample("privileged", .critical, id: "a"), try Finding.sample(id: "b")]
            let node = Node.quiet.changing { $0.host.bootID = "boot-1" }
            let records = ledger.update(with: .sample(findings, of: node), at: .max)
            #expect(records.contains { $0.change == .raised && $0.finding.id == "b" })
        }
    }

    /// A technique of another version is forgotten, the rest is kept.
    @Test func unknownTechnique() throws {
        try inDirectory { directory, path in
            try StateFile.save(try Self.ledger(), to: path)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try directory.file("state.json", text.replacing("\"privileged\"", with: "\"from-the-future\""))
            try #require(chmod(path, 0o600) == 0)
            let ledger = try #require(try StateFile.load(path, at: 0))
            #expect(ledger.open.values.map(\.finding.id) == ["c"] && ledger.heldBack.isEmpty)
        }
    }
}
