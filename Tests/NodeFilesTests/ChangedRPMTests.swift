import Glibc
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import NodeFiles

/// An update that brings another rpm, or a pod that touches it.
@Suite struct ChangedRPMTests {
    private static let paths = [
        WatchedPath("/usr/bin"), WatchedPath("/usr/sbin"), WatchedPath("/etc/cron.d"),
    ]
    private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    private static let unasked = "not compared with its package: rpm itself was changed, where a pod can write"

    /// A node of Amazon Linux whose packages have `abc` in `ls`, `runc` and `rpm`, as they are; `late` was changed after
    /// the database.
    ///
    /// - Parameter rpm: what is in the node's rpm, which is another file than the one that is asked.
    private func with(rpm: String = "abc", _ body: (TemporaryDirectory, RPMPackages) throws -> Void) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("node/etc/os-release", "ID=amzn\n")
            for name in ["usr/bin/ls", "usr/sbin/runc", "etc/cron.d/x"] { try directory.file("node/\(name)", "abc") }
            try directory.file("node/usr/bin/rpm", rpm)
            try directory.file("node/var/lib/rpm/rpmdb.sqlite", "records")
            try Self.setLater(
                "\(directory.path)/node/usr/bin/late", than: "\(directory.path)/node/var/lib/rpm/rpmdb.sqlite")
            let program = try directory.program(
                "rpm",
                #"""
                #!/bin/sh
                echo asked >>"${0%/*}/asked"
                case "$4" in
                -f) echo a-1-1.x86_64 ;;
                *) printf '/usr/%s\t0100644\t\#(Self.abc)\t\n' bin/ls sbin/runc bin/rpm ;;
                esac
                """#)
            try body(directory, RPMPackages(program: program))
        }
    }

    /// Writes a file until it has a later time than the other; the kernel's clock for it ticks.
    private static func setLater(_ path: String, than other: String) throws {
        let before = try FileStatus(following: other).changedAt
        let file = try #require(fopen(path, "a"))
        defer { fclose(file) }
        repeat { fchmod(fileno(file), 0o644) } while try FileStatus(following: path).changedAt <= before
    }

    private func changes(
        _ directory: TemporaryDirectory, _ rpm: RPMPackages, writable: [String] = []
    ) -> (files: [String], gaps: [String: [String]], wasAsked: Bool) {
        let root = "\(directory.path)/node"
        var search = ChangeSearch(
            root: root, baseline: "\(directory.path)/baseline.json", known: KnownFiles(),
            until: Deadline(secondsFromNow: 60), podsMayWrite: { $0.contains { writable.contains($0) } })
        search.rpm = rpm
        var reading = PlacedFileWalk.read(Self.paths, root: root)
        // What the test did just before was over.
        reading.startedAt = Clock.wallNanoseconds()
        let found = search.changes(among: reading, since: 0)
        return (
            found.files.map { "\($0.path) \($0.basis)" },
            Dictionary(uniqueKeysWithValues: found.gaps.map { ($0.reason, $0.examples) }),
            access("\(directory.path)/asked", F_OK) == 0
        )
    }

    /// Nobody in a pod can have changed it: it is asked as ever, and excuses what an update brought.
    @Test func whereNoPodCanWrite() throws {
        try with { directory, rpm in
            let found = changes(directory, rpm)
            #expect(found.files == ["/etc/cron.d/x time", "/usr/bin/late time"])
            #expect(found.gaps == [:] && found.wasAsked)
            let isForgeable = changes(directory, rpm, writable: ["/var/lib/rpm"])
            #expect(isForgeable.files == found.files)
            #expect(isForgeable.gaps.values.map { $0.sorted() } == [["/usr/bin/ls", "/usr/bin/rpm", "/usr/sbin/runc"]])
        }
    }

    /// It may be anybody's program: it is not run, and what was changed up to the last update is unknown.
    @Test func whereAPodCanWrite() throws {
        try with { directory, rpm in
            let found = changes(directory, rpm, writable: [RPMPackages.path])
            #expect(found.files == ["/usr/bin/late time"] && !found.wasAsked)
            let unknown = ["/usr/sbin/runc", "/etc/cron.d/x", "/usr/bin/rpm", "/usr/bin/ls"].sorted()
            #expect(found.gaps.mapValues { $0.sorted() } == [Self.unasked: unknown])
        }
    }

    /// A touch without an update hides nothing, rpm's own change neither.
    @Test func touchedAfterTheUpdate() throws {
        try with { directory, rpm in
            let root = "\(directory.path)/node"
            for name in ["rpm", "ls"] {
                try Self.setLater("\(root)/usr/bin/\(name)", than: "\(root)/var/lib/rpm/rpmdb.sqlite")
            }
            let found = changes(directory, rpm, writable: [RPMPackages.path])
            #expect(found.files == ["late", "ls", "rpm"].map { "/usr/bin/\($0) time" } && !found.wasAsked)
        }
    }

    private func record(_ directory: TemporaryDirectory) throws {
        var reading = PlacedFileWalk.read(Self.paths, root: "\(directory.path)/node")
        reading.readHashes(root: "\(directory.path)/node")
        try BaselineFile.save(
            Baseline(takenAt: 0, node: nil, files: reading.files), to: "\(directory.path)/baseline.json")
    }

    /// Its content is the baseline's: a touch does not keep it from being asked.
    @Test func touchedBesideABaseline() throws {
        try with { directory, rpm in
            try directory.file("node/usr/bin/ls", "old")
            try record(directory)
            for name in ["rpm", "ls"] { try directory.file("node/usr/bin/\(name)", "abc") }
            let found = changes(directory, rpm, writable: [RPMPackages.path])
            #expect(found.files == [] && found.wasAsked)
            #expect(found.gaps == ["not as the baseline has it, but as a package does": ["/usr/bin/ls"]])
        }
    }

    /// What is not as the baseline has it is told of, whatever rpm would say.
    @Test func changedSinceTheBaseline() throws {
        try with(rpm: "old") { directory, rpm in
            try directory.file("node/usr/bin/ls", "old")
            try record(directory)
            for name in ["rpm", "ls"] { try directory.file("node/usr/bin/\(name)", "abc") }
            let found = changes(directory, rpm, writable: [RPMPackages.path])
            #expect(found.files == ["/usr/bin/ls baseline", "/usr/bin/rpm baseline"] && !found.wasAsked)
            #expect(found.gaps == [:])
            let trusted = changes(directory, rpm)
            #expect(trusted.files == [] && trusted.wasAsked)
            #expect(trusted.gaps.values.map { $0.sorted() } == [["/usr/bin/ls", "/usr/bin/rpm"]])
        }
    }

    /// However many other files were changed beside it.
    @Test func amongManyOthers() throws {
        try with { directory, rpm in
            for number in 0..<(FileBound.seeming.directory) { try directory.file("node/usr/bin/a\(number)") }
            #expect(!changes(directory, rpm, writable: [RPMPackages.path]).wasAsked)
        }
    }
}
