import Glibc
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import NodeFiles

@Suite struct BaselineFileTests {
    private static let baseline = Baseline(
        takenAt: 1000, node: "n", files: [PlacedFile(path: "/etc/crontab", kind: .regular, sha256: "00")])

    @Test func savedAndLoaded() throws {
        try TemporaryDirectory.with { directory in
            let path = "\(directory.path)/new/baseline.json"
            try BaselineFile.save(Self.baseline, to: path)
            #expect(try BaselineFile.load(path) == Self.baseline)
            #expect(try FileStatus(following: path).permissions == 0o600)
        }
    }

    /// What is below /run is made anew at each start of the node.
    @Test func withoutRun() {
        let files = ["/run/systemd/system/x", "/run/cdi", "/runx"].map { PlacedFile(path: $0, kind: .regular) }
        #expect(Baseline(takenAt: 0, node: nil, files: files).files.map(\.path) == ["/runx"])
    }

    @Test func absent() throws {
        #expect(try BaselineFile.load("/absent/baseline.json") == nil)
    }

    @Test(arguments: ["", "{}", "{\"schema\": \"breakoutd-baseline/1\"}", "[1", "{\"schema\": 1}"])
    func malformed(text: String) throws {
        try TemporaryDirectory.with { directory in
            let path = "\(directory.path)/baseline.json"
            try directory.file("baseline.json", text)
            chmod(path, 0o600)
            #expect(throws: TrustedDocumentFailure.malformed(path: path, title: "baseline")) {
                try BaselineFile.load(path)
            }
        }
    }

    @Test func anotherSchema() throws {
        try TemporaryDirectory.with { directory in
            let path = "\(directory.path)/baseline.json"
            try directory.file("baseline.json", "{\"schema\": \"breakoutd-baseline/2\"}")
            chmod(path, 0o600)
            #expect(
                throws: TrustedDocumentFailure.schema(
                    path: path, found: "breakoutd-baseline/2", known: "breakoutd-baseline/1")
            ) {
                try BaselineFile.load(path)
            }
        }
    }

    @Test func notToBeTrusted() throws {
        try TemporaryDirectory.with { directory in
            let path = "\(directory.path)/baseline.json"
            try BaselineFile.save(Self.baseline, to: path)
            chmod(path, 0o622)
            #expect(throws: TrustedDocumentFailure.file(.writableByOthers(path: path, permissions: 0o622))) {
                try BaselineFile.load(path)
            }
            try directory.link("link.json", to: "baseline.json")
            #expect(throws: TrustedDocumentFailure.self) { try BaselineFile.load("\(directory.path)/link.json") }
        }
    }

    @Test func readAgainWhenReplaced() throws {
        try TemporaryDirectory.with { directory in
            let (path, known) = ("\(directory.path)/baseline.json", KnownFiles())
            #expect(try known.baseline(path) == nil)
            try BaselineFile.save(Self.baseline, to: path)
            #expect(try known.baseline(path)?.keys.sorted() == ["/etc/crontab"])
            #expect(try known.baseline(path)?.keys.sorted() == ["/etc/crontab"])
            try BaselineFile.save(Baseline(takenAt: 0, node: nil, files: []), to: path)
            #expect(try known.baseline(path)?.isEmpty == true)
            try directory.remove("baseline.json")
            #expect(try known.baseline(path) == nil)
        }
    }
}
