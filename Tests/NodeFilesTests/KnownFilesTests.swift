import Glibc
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import NodeFiles

@Suite struct KnownFilesTests {
    /// What was as its package has it is no longer, once it has another mode.
    @Test(.enabled(if: isRoot, "needs root")) func modeBetweenTwoSearches() throws {
        try TemporaryDirectory.with { directory in
            let root = "\(directory.path)/node"
            try directory.file("node/etc/os-release", "ID=debian\n")
            try directory.file("node/var/lib/dpkg/status", "Package: a\n")
            try directory.file("node/var/lib/dpkg/info/a.md5sums", "900150983cd24fb0d6963f7d28e17f72  usr/bin/abc\n")
            try directory.file("node/usr/bin/abc", "abc")
            let known = KnownFiles()
            func changes() -> [String] {
                var search = ChangeSearch(
                    root: root, baseline: "\(directory.path)/baseline.json", known: known,
                    until: Deadline(secondsFromNow: 60), podsMayWrite: { _ in false })
                // No package manager is at work any more.
                search.now += 2 * ChangeSearch.updateTime
                let reading = PlacedFileWalk.read([WatchedPath("/usr/bin")], root: root)
                return search.changes(among: reading, since: 0).files.map(\.path)
            }
            #expect(chmod("\(root)/usr/bin/abc", 0o755) == 0 && changes() == [])
            #expect(chmod("\(root)/usr/bin/abc", 0o4755) == 0 && changes() == ["/usr/bin/abc"])
            #expect(chmod("\(root)/usr/bin/abc", 0o755) == 0 && changes() == [])
        }
    }
}
