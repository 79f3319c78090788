import Glibc
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import NodeFiles

/// The few files whose content is compared though nothing seems to have been done to them.
@Suite struct EssentialFilesTests {
    private static let paths = [
        WatchedPath("/usr/bin"), WatchedPath("/usr/sbin"), WatchedPath("/etc", names: ["passwd"]),
    ]

    /// MD5 of `abc` (RFC 1321).
    private static let sum = "900150983cd24fb0d6963f7d28e17f72"

    /// A node of Debian whose packages have these files with the content `abc`, as is in them.
    private func with(_ files: [String], _ body: (TemporaryDirectory) throws -> Void) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("node/etc/os-release", "ID=debian\n")
            try directory.file("node/var/lib/dpkg/status", "")
            try directory.file(
                "node/var/lib/dpkg/info/a.md5sums", files.map { "\(Self.sum)  \($0)\n" }.joined())
            for file in files { try directory.file("node/\(file)", "abc") }
            try body(directory)
        }
    }

    /// What is there, and what was done just before was over.
    private static func reading(_ directory: TemporaryDirectory) -> PlacedFileReading {
        var reading = PlacedFileWalk.read(paths, root: "\(directory.path)/node")
        reading.startedAt = Clock.wallNanoseconds()
        return reading
    }

    private func changes(
        _ directory: TemporaryDirectory, among reading: PlacedFileReading? = nil, since start: Int64? = nil,
        known: KnownFiles = KnownFiles(), later: Int64 = 0
    ) -> (files: [ChangedFile], gaps: [Gap]) {
        let root = "\(directory.path)/node"
        var search = ChangeSearch(
            root: root, baseline: "\(directory.path)/baseline.json", known: known, until: Deadline(secondsFromNow: 60),
            podsMayWrite: { _ in true })
        search.now += later
        return search.changes(among: reading ?? Self.reading(directory), since: start)
    }

    /// Whenever it was changed, and whoever runs: a program that makes containers is compared with its package.
    @Test(arguments: [nil, 0, .max] as [Int64?])
    func withoutABaseline(since start: Int64?) throws {
        try with(["usr/sbin/runc", "usr/bin/containerd"]) { directory in
            let known = KnownFiles()
            try directory.file("node/usr/bin/kubelet", "of no package")
            try directory.file("node/usr/bin/containerd", "abd")
            for _ in 0..<2 {
                let found = changes(directory, since: start, known: known)
                let others = found.files.filter { $0.basis == .package }
                #expect(others.map(\.path) == ["/usr/bin/containerd"] && others.map(\.isOfPackage) == [true])
                #expect(others.first?.now?.sha256?.hasPrefix("a52d159f262b2c6d") == true)
                #expect(found.files.contains { $0.path == "/usr/bin/kubelet" } == (start == 0))
            }
            try directory.file("node/usr/bin/containerd", "abc")
            #expect(changes(directory, known: known).files == [] && changes(directory, known: known).gaps == [])
        }
    }

    /// Another program is compared once it was changed; not what dpkg does not know all of, nor what people change.
    @Test func changedPrograms() throws {
        try with(["usr/bin/su", "usr/bin/x", "usr/bin/y", "etc/passwd"]) { directory in
            chmod("\(directory.path)/node/usr/bin/su", 0o4755)
            for file in ["usr/bin/x", "etc/passwd"] { try directory.file("node/\(file)", "abd") }
            #expect(changes(directory).files == [])
            let found = changes(directory, since: 0)
            #expect(found.files.map(\.path) == ["/etc/passwd", "/usr/bin/su", "/usr/bin/x"])
            #expect(found.files.map(\.basis) == [.time, .time, .package])
        }
    }

    /// dpkg has put files there, and not yet written down which; who holds its lock hides nothing for long.
    @Test func packageManagerAtWork() throws {
        try with(["usr/sbin/runc", "usr/bin/x"]) { directory in
            for file in ["usr/sbin/runc", "usr/bin/x", "usr/bin/new", "etc/passwd"] {
                try directory.file("node/\(file)", "abd")
            }
            try directory.file("node/var/lib/dpkg/lock")
            let held = try FileLock("\(directory.path)/node/var/lib/dpkg/lock")
            let found = changes(directory, since: 0)
            #expect(found.files == [])
            #expect(found.gaps.map(\.reason) == ["a file changed while packages are installed"])
            #expect(found.gaps.map(\.count) == [4])
            let told = changes(directory, since: 0, later: ChangeSearch.updateTime + 60_000_000_000)
            #expect(told.files.map(\.path) == ["/etc/passwd", "/usr/bin/new", "/usr/bin/x", "/usr/sbin/runc"])
            #expect(told.files.map(\.basis) == [.time, .time, .package, .package] && told.gaps == [])
            // Nor does who has set the clock back.
            #expect(changes(directory, since: 0, later: -60_000_000_000) == told)
            _ = consume held
            #expect(changes(directory).files.map(\.basis) == [.package])
        }
    }

    /// It was done before anybody was asked: what was seen of its work is gone, and cannot be read.
    @Test func packageManagerThatWasAtWork() throws {
        try with([]) { directory in
            try directory.file("node/usr/bin/x.dpkg-new", "abd")
            let reading = Self.reading(directory)
            try directory.remove("node/usr/bin/x.dpkg-new")
            #expect(changes(directory, among: reading, since: 0).files.map(\.path) == ["/usr/bin/x.dpkg-new"])
            // The kernel's clock for files ticks.
            let status = "node/var/lib/dpkg/status"
            repeat {
                try directory.file(status, "Package: x\n")
            } while try FileStatus(
                following: "\(directory.path)/\(status)"
            ).changedAt < reading.startedAt
            let found = changes(directory, among: reading, since: 0)
            #expect(found.files == [])
            #expect(found.gaps.map(\.examples) == [["/usr/bin/x.dpkg-new"], ["/usr/bin/x.dpkg-new"]])
        }
    }

    @Test func databaseThatCannotBeRead() throws {
        try with(["usr/sbin/runc"]) { directory in
            try directory.remove("node/var/lib/dpkg/info")
            let found = changes(directory)
            #expect(found.files == [])
            #expect(found.gaps.map(\.reason) == ["a program could not be compared with its package"])
            // Another distribution's is not asked for.
            try directory.file("node/etc/os-release", "ID=bottlerocket\n")
            #expect(changes(directory).gaps == [])
        }
    }

    /// A fault of the kernel changed a content and no time (CVE-2022-0847): the baseline has another hash.
    @Test func changedWithoutATrace() throws {
        try with(["usr/sbin/runc", "usr/bin/su", "usr/bin/x", "etc/passwd"]) { directory in
            let root = "\(directory.path)/node"
            var reading = PlacedFileWalk.read(Self.paths, root: root)
            reading.readHashes(root: root)
            func save() throws {
                let baseline = Baseline(takenAt: 0, node: nil, files: reading.files)
                try BaselineFile.save(baseline, to: "\(directory.path)/baseline.json")
            }
            try save()
            #expect(changes(directory, since: 0).files == [])
            for index in reading.files.indices where reading.files[index].kind == .regular {
                reading.files[index].sha256 = "00"
            }
            try save()
            try directory.remove("node/etc/os-release")
            let found = changes(directory)
            #expect(found.files.map(\.path) == ["/etc/passwd", "/usr/bin/su", "/usr/sbin/runc"])
            #expect(found.files.allSatisfy { $0.basis == .baseline && $0.now?.sha256 != nil } && found.gaps == [])
        }
    }

    /// A daemon reads each of them again in its turn, and the rest of the time none.
    @Test func inTurn() {
        let known = KnownFiles()
        let files = (0..<3).map { PlacedFile(path: "/usr/bin/\($0)", kind: .regular, inode: $0) }
        known.forgetOne(of: [])
        for file in files { known.remember("ab", of: file) }
        for turn in 0..<6 {
            let before = (1..<KnownFiles.scansPerFile).map { _ in
                known.forgetOne(of: files)
                return files.allSatisfy { known.hash(of: $0) != nil }
            }
            #expect(before.allSatisfy { $0 })
            known.forgetOne(of: files)
            let forgotten = files.filter { known.hash(of: $0) == nil }
            #expect(forgotten == [files[(turn + 1) % 3]])
            for file in forgotten { known.remember("ab", of: file) }
        }
    }
}
