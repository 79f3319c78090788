import Glibc
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import NodeFiles

@Suite struct ChangeSearchTests {
    private static let paths = [
        WatchedPath("/etc/cron.d"), WatchedPath("/run/cron"), WatchedPath("/etc", names: ["crontab"]),
        WatchedPath("/usr/bin"), WatchedPath("/run/systemd/system", isDeep: true),
    ]

    /// The node's tree in `node`, with a baseline beside it if `isRecorded`.
    private struct Tree {
        let directory: TemporaryDirectory
        let known = KnownFiles()

        var baseline: String { "\(directory.path)/baseline.json" }

        /// - Parameter forged: files of which the baseline gets another hash.
        func record(forging forged: [String] = []) throws {
            var reading = PlacedFileWalk.read(paths, root: "\(directory.path)/node")
            reading.readHashes(root: "\(directory.path)/node")
            for index in reading.files.indices where forged.contains(reading.files[index].path) {
                reading.files[index].sha256 = "00"
            }
            try BaselineFile.save(Baseline(takenAt: 0, node: nil, files: reading.files), to: baseline)
        }

        func changes(
            since start: Int64? = nil, told: Set<String> = [],
            podsMayWrite: @escaping @Sendable ([String]) -> Bool = { _ in false }
        ) -> (files: [ChangedFile], gaps: [Gap]) {
            let root = "\(directory.path)/node"
            let search = ChangeSearch(
                root: root, baseline: baseline, known: known, until: Deadline(secondsFromNow: 60),
                podsMayWrite: podsMayWrite)
            var reading = PlacedFileWalk.read(paths, root: root)
            // What the test did just before was over.
            reading.startedAt = Clock.wallNanoseconds()
            return search.changes(among: reading, since: start, told: told)
        }
    }

    private func with(_ body: (Tree) throws -> Void) throws {
        try TemporaryDirectory.with { directory in
            for name in ["node/etc/cron.d/a", "node/etc/crontab", "node/run/cron/r"] { try directory.file(name, "abc") }
            try body(Tree(directory: directory))
        }
    }

    private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test func withoutBaseline() throws {
        try with { tree in
            #expect(tree.changes().files == [])
            #expect(tree.changes(since: .max).files == [])
            let all = tree.changes(since: 0)
            #expect(all.files.map(\.path) == ["/etc/cron.d/a", "/etc/crontab", "/run/cron/r"])
            #expect(all.files.allSatisfy { $0.basis == .time && $0.recorded == nil && $0.now?.sha256 == Self.abc })
            #expect(all.gaps == [])
        }
    }

    /// What was told of counts whoever runs since, a directory apart, which its files change.
    @Test(arguments: [nil, Int64.max]) func told(since start: Int64?) throws {
        try with { tree in
            let paths: Set = ["/etc/cron.d/a", "/etc/cron.d", "/etc/cron.d/gone", "/elsewhere"]
            let changes = tree.changes(since: start, told: paths)
            #expect(changes.files.map(\.path) == ["/etc/cron.d/a"] && changes.gaps == [])
            #expect(changes.files.map(\.basis) == [.told] && changes.files.first?.now?.sha256 == Self.abc)
            #expect(tree.changes(since: 0, told: paths).files.map(\.basis) == [.time, .time, .time])
            try tree.record()
            #expect(tree.changes(told: paths).files == [])
            try tree.directory.file("node/etc/cron.d/a", "abd")
            #expect(tree.changes(told: paths).files.map(\.basis) == [.baseline])
        }
    }

    /// A directory stays told of as long as everybody may write to it.
    @Test(arguments: [UInt32(0o777), 0o1777, 0o775, 0o755]) func toldDirectory(mode: UInt32) throws {
        try with { tree in
            chmod("\(tree.directory.path)/node/etc/cron.d", mode)
            let changes = tree.changes(told: ["/etc/cron.d"])
            #expect(changes.files.map(\.path) == (mode & 0o002 == 0 ? [] : ["/etc/cron.d"]) && changes.gaps == [])
            #expect(changes.files.allSatisfy { $0.basis == .told })
            #expect(tree.changes(since: 0).files.allSatisfy { $0.now?.kind == .regular })
        }
    }

    /// It is excused as its package has it; a scope's file of an old systemd is not.
    @Test(.enabled(if: isRoot, "needs root")) func toldAndKnown() throws {
        try with { tree in
            try update(tree, release: "ID=debian\n")
            let scope = "/run/systemd/system/session-1.scope"
            try tree.directory.file("node\(scope)")
            let changes = tree.changes(told: ["/etc/crontab", "/etc/cron.d/a", scope])
            #expect(changes.files.map(\.path) == ["/etc/cron.d/a", scope] && changes.gaps == [])
        }
    }

    static let deeds: [(name: String, deed: @Sendable (TemporaryDirectory) throws -> Void, found: [String])] = [
        ("nothing", { _ in }, []),
        ("written with the same", { try $0.file("node/etc/crontab", "abc") }, []),
        ("written", { try $0.file("node/etc/crontab", "abd") }, ["/etc/crontab content"]),
        ("new", { try $0.file("node/etc/cron.d/b") }, ["/etc/cron.d/b new"]),
        ("gone", { try $0.remove("node/etc/crontab") }, ["/etc/crontab gone"]),
        ("mode", { chmod("\($0.path)/node/etc/crontab", 0o4755) }, ["/etc/crontab mode"]),
        ("mode of the directory", { chmod("\($0.path)/node/etc/cron.d", 0o777) }, ["/etc/cron.d mode"]),
        ("a new directory", { try $0.directory("node/etc/cron.d/d") }, []),
        (
            "a link in its place",
            {
                try $0.remove("node/etc/crontab")
                try $0.link("node/etc/crontab", to: "/etc/shadow")
            }, ["/etc/crontab type"]
        ),
        (
            "a directory in its place",
            {
                try $0.remove("node/etc/crontab")
                try $0.directory("node/etc/crontab")
            }, ["/etc/crontab type"]
        ),
        ("below /run", { try $0.file("node/run/cron/r", "abd") }, []),
    ]

    @Test(arguments: deeds)
    func againstABaseline(
        name: String, deed: @Sendable (TemporaryDirectory) throws -> Void, found: [String]
    ) throws {
        try with { tree in
            try tree.record()
            try deed(tree.directory)
            let changes = tree.changes()
            let texts = changes.files.map { file in
                let words = file.recorded.flatMap { file.now?.differences(from: $0) }
                return "\(file.path) \(words?.joined(separator: ", ") ?? (file.now == nil ? "gone" : "new"))"
            }
            #expect(texts == found && changes.gaps == [])
            #expect(changes.files.allSatisfy { $0.basis == .baseline })
        }
    }

    /// What the baseline says counts, however late a file was changed; it says nothing of what is below /run.
    @Test func timeBesideABaseline() throws {
        try with { tree in
            try tree.record()
            #expect(tree.changes(since: 0).files.map(\.path) == ["/run/cron/r"])
        }
    }

    @Test(.enabled(if: isRoot, "needs root")) func ofAnotherOwner() throws {
        try with { tree in
            try tree.directory.setOwner("node/etc/cron.d/a", 1000)
            #expect(tree.changes(since: .max).files.map(\.basis) == [.owner])
            try tree.directory.setOwner("node/etc/cron.d", 1000)
            #expect(tree.changes(since: .max).files == [])
        }
    }

    @Test func badBaseline() throws {
        try with { tree in
            try tree.directory.file("baseline.json", "{")
            chmod(tree.baseline, 0o600)
            let changes = tree.changes(since: 0)
            #expect(changes.files.count == 3)
            #expect(changes.gaps.map(\.reason) == ["the baseline cannot be used"])
        }
    }

    /// A link to itself, a FIFO and a file that says it is long are told of without being opened.
    @Test func hostile() throws {
        try with { tree in
            try tree.record()
            try tree.directory.link("node/etc/cron.d/loop", to: "loop")
            try tree.directory.fifo("node/etc/cron.d/pipe")
            try tree.directory.sparseFile("node/etc/cron.d/vast", size: 1 << 41)
            let changes = tree.changes()
            #expect(changes.files.map(\.path) == ["loop", "pipe", "vast"].map { "/etc/cron.d/\($0)" })
            #expect(changes.files.allSatisfy { $0.now?.sha256 == nil })
            #expect(changes.gaps.map(\.reason) == ["changed files have more than 1024 MiB"])
        }
    }

    /// Many files in one directory hide none in another.
    @Test func flood() throws {
        try with { tree in
            try tree.record()
            for number in 0..<300 { try tree.directory.file("node/etc/cron.d/\(number)") }
            try tree.directory.file("node/etc/crontab", "abd")
            let changes = tree.changes()
            #expect(changes.files.count == 101 && changes.files.last?.path == "/etc/crontab")
            #expect(changes.gaps.map(\.reason) == ["more than 100 changed files in a directory"])
            #expect(changes.gaps.first?.count == 200)
        }
    }

    /// Files that were told of use up no place of one that nobody has heard of.
    @Test(.enabled(if: isRoot, "needs root"), arguments: [0, .max] as [Int64])
    func floodOfToldFiles(since start: Int64) throws {
        try with { tree in
            let names = (100..<250).map { "/etc/cron.d/\($0)" }
            for name in names { try tree.directory.file("node\(name)") }
            try tree.directory.file("node/etc/cron.d/unheard")
            try tree.directory.setOwner("node/etc/cron.d/unheard", 1000)
            let changes = tree.changes(since: start, told: Set(names))
            let found = changes.files.map(\.path).filter { (names + ["/etc/cron.d/unheard"]).contains($0) }
            #expect(found == names + ["/etc/cron.d/unheard"] && changes.gaps == [])
        }
    }

    /// Where the node's root cannot be opened any more, nothing says that no file is changed.
    @Test func rootThatIsGone() throws {
        try with { tree in
            let reading = PlacedFileWalk.read(Self.paths, root: "\(tree.directory.path)/node")
            let search = ChangeSearch(
                root: "\(tree.directory.path)/none", baseline: tree.baseline, known: tree.known,
                until: Deadline(secondsFromNow: 60), podsMayWrite: { _ in false })
            let changes = search.changes(among: reading, since: 0)
            #expect(changes.files == [] && changes.gaps.map(\.kind) == [.nodeFiles])
        }
    }

    /// Nor do many directories that somebody makes in one.
    @Test func floodOfDirectories() throws {
        try with { tree in
            for number in 0..<1100 { try tree.directory.file("node/run/systemd/system/\(number).service.d/a.conf") }
            try tree.directory.file("node/usr/bin/a")
            let changes = tree.changes(since: 0)
            #expect(changes.files.count == 104 && changes.files.last?.path == "/usr/bin/a")
            #expect(changes.gaps.map(\.reason) == ["more than 100 changed files in a directory"])
        }
    }

    /// Those of an old systemd are live; a service is told there, too.
    @Test(.enabled(if: isRoot, "needs root"), arguments: [false, true])
    func unitsOfSessionsAndPods(isNew: Bool) throws {
        try with { tree in
            let units = ["session-1.scope", "session-1.scope.d/50-Slice.conf", "evil.service"]
            for unit in units { try tree.directory.file("node/run/systemd/system/\(unit)") }
            if isNew { try tree.directory.directory("node/run/systemd/transient") }
            let found = tree.changes(since: 0).files.map(\.path).filter { $0.hasPrefix("/run/systemd") }
            #expect(found == (isNew ? units.sorted() : ["evil.service"]).map { "/run/systemd/system/\($0)" })
        }
    }

    /// Files that were written with what was in them use up no place of one that was changed.
    @Test func neighboursThatAreTheSame() throws {
        try with { tree in
            let names = (100..<300).map { "node/etc/cron.d/\($0)" }
            for name in names { try tree.directory.file(name, "abc") }
            try tree.record()
            for name in names { try tree.directory.file(name, "abc") }
            try tree.directory.file("node/etc/cron.d/zz", "abd")
            let changes = tree.changes()
            #expect(changes.files.map(\.path) == ["/etc/cron.d/zz"] && changes.gaps == [])
        }
    }

    /// Nor do those of a package update.
    @Test func neighboursOfAPackageUpdate() throws {
        try with { tree in
            try update(tree, release: "ID=debian\n")
            let names = (100..<300).map { "usr/bin/\($0)" }
            for name in names { try tree.directory.file("node/\(name)", "abc") }
            let lines = names.map { "900150983cd24fb0d6963f7d28e17f72  \($0)\n" }
            try tree.directory.file("node/var/lib/dpkg/info/a.md5sums", lines.joined())
            try tree.directory.file("node/usr/bin/zz", "abd")
            let changes = tree.changes(since: 0)
            #expect(changes.files.map(\.path).contains("/usr/bin/zz") && changes.files.count == 4)
            #expect(changes.gaps == [])
        }
    }

    /// A package update changed `/etc/crontab` and `/etc/cron.d/a`, of which the latter was changed again.
    private func update(_ tree: Tree, release: String?) throws {
        let sum = "4911e516e5aa21d327512e0c8b197616"
        if let release { try tree.directory.file("node/etc/os-release", release) }
        try tree.directory.file(
            "node/var/lib/dpkg/status", "Conffiles:\n /etc/crontab \(sum)\n /etc/cron.d/a \(sum)\n")
        try tree.directory.directory("node/var/lib/dpkg/info")
        try tree.directory.file("node/etc/crontab", "abd")
        try tree.directory.file("node/etc/cron.d/a", "abe")
        try tree.directory.file("node/etc/cron.d/b", "abd")
    }

    @Test func afterAPackageUpdate() throws {
        try with { tree in
            try update(tree, release: "ID=debian\n")
            let changes = tree.changes(since: 0)
            #expect(changes.files.map(\.path) == ["/etc/cron.d/a", "/etc/cron.d/b", "/run/cron/r"])
            #expect(changes.files.map(\.isOfPackage) == [true, false, false] && changes.gaps == [])
        }
    }

    /// A mode that gives rights is told of, as what it is.
    @Test(arguments: [UInt32(0o4644), 0o2644, 0o666])
    func modeAfterAPackageUpdate(mode: UInt32) throws {
        try with { tree in
            try update(tree, release: "ID=debian\n")
            chmod("\(tree.directory.path)/node/etc/crontab", mode)
            let changes = tree.changes(since: 0)
            #expect(changes.files.map(\.path) == ["/etc/cron.d/a", "/etc/cron.d/b", "/etc/crontab", "/run/cron/r"])
            #expect(changes.files.map(\.isOfPackage) == [true, false, true, false])
            #expect(changes.files.map(\.hasContentOfPackage) == [nil, nil, true, nil] && changes.gaps == [])
        }
    }

    /// The baseline goes before the database, which a pod that is gone may have written.
    @Test func packageUpdateAfterABaseline() throws {
        try with { tree in
            try tree.record()
            try update(tree, release: "ID=debian\n")
            let changes = tree.changes()
            #expect(changes.files.map(\.path) == ["/etc/cron.d/a", "/etc/cron.d/b"])
            #expect(changes.gaps.map(\.reason) == ["not as the baseline has it, but as a package does"])
            #expect(changes.gaps.map(\.examples) == [["/etc/crontab"]])
        }
    }

    @Test func databaseOfADistributionWithout() throws {
        for release in ["ID=\"amzn\"\n", "ID=bottlerocket\n", nil] {
            try with { tree in
                try update(tree, release: release)
                let found = tree.changes(since: 0).files.map(\.path)
                #expect(found == ["/etc/cron.d/a", "/etc/cron.d/b", "/etc/crontab", "/run/cron/r"])
            }
        }
    }

    @Test(arguments: ["/var/lib/dpkg", "/etc/os-release", "/var/lib/rpm"])
    func databaseThatAPodCanWrite(path: String) throws {
        try with { tree in
            try update(tree, release: "ID=ubuntu\n")
            let changes = tree.changes(since: 0) { $0.contains(path) }
            #expect(changes.files.map(\.path) == ["/etc/cron.d/a", "/etc/cron.d/b", "/run/cron/r"])
            let reason = "as a package has it, by a database that a pod can write to"
            #expect(changes.gaps.map(\.reason) == (path == "/var/lib/rpm" ? [] : [reason]))
        }
    }
}
