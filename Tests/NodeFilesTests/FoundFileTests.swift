import Glibc
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import NodeFiles

@Suite struct FoundFileTests {
    private static let path = "/etc/cron.d/x"

    /// The file itself, and none that a link leads to.
    @Test func looked() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("etc/cron.d")
            try directory.file("etc/cron.d/x", "abc")
            try directory.link("etc/link", to: "cron.d")
            try directory.link("etc/cron.d/link", to: "x")
            let root = try Descriptor.open(directory.path, LinuxFlags.path)
            let reading = PlacedFileWalk.read([WatchedPath("/etc/cron.d")], root: directory.path)
            let file = try #require(reading.files.first { $0.path == Self.path })
            #expect(FoundFile(at: Self.path, below: root) == .file(file))
            guard case .file(let link) = FoundFile(at: "/etc/cron.d/link", below: root) else {
                Issue.record("no link")
                return
            }
            #expect(link.kind == .link)
            for path in ["/etc/cron.d/y", "/etc/away/x"] {
                #expect(FoundFile(at: path, below: root) == .gone, "\(path)")
            }
            for path in ["/etc/link/x", "/etc/cron.d/x/y", "x"] {
                #expect(FoundFile(at: path, below: root) == .unknown, "\(path)")
            }
        }
    }
}
