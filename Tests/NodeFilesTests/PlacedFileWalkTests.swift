import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import NodeFiles

@Suite struct PlacedFileWalkTests {
    private static let cron = [WatchedPath("/etc/cron.d")]

    private func read(
        _ directory: TemporaryDirectory, _ paths: [WatchedPath] = cron, far: Set<String> = []
    ) -> PlacedFileReading { PlacedFileWalk.read(paths, root: directory.path, farMountPoints: far) }

    @Test func filesOfTheTable() throws {
        try TemporaryDirectory.with { directory in
            for name in [
                "etc/cron.d/a", "etc/cron.d/deep/b", "etc/passwd", "etc/hosts", "home/one/.ssh/keys",
                "home/two/.ssh/keys", "units/x.d/o.conf", "units/x.d/deep/o.conf", "units/y",
            ] {
                try directory.file(name)
            }
            let paths =
                Self.cron + [
                    WatchedPath("/etc", names: ["passwd", "shadow"]), WatchedPath("/home/*/.ssh"),
                    WatchedPath("/units", isDeep: true), WatchedPath("/absent"), WatchedPath("/units/x.d"),
                ]
            let reading = read(directory, paths)
            #expect(
                reading.files.map(\.path) == [
                    "/etc/cron.d", "/etc/cron.d/a", "/etc/cron.d/deep", "/etc/passwd", "/home/one/.ssh",
                    "/home/one/.ssh/keys", "/home/two/.ssh", "/home/two/.ssh/keys", "/units", "/units/x.d",
                    "/units/x.d/deep", "/units/x.d/o.conf", "/units/y",
                ])
            #expect(reading.gaps == [] && reading.isWhole)
        }
    }

    @Test func factsOfAFile() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("etc/cron.d/a", "abc")
            try directory.hardLink("etc/cron.d/b", to: "etc/cron.d/a")
            let before = Clock.wallMilliseconds()
            let file = try #require(read(directory).files.first { $0.path == "/etc/cron.d/b" })
            #expect(file.kind == .regular && file.size == 3 && file.links == 2 && file.sha256 == nil)
            #expect(abs(file.changed / 1_000_000 - before) < 60_000 && file.modified <= file.changed)
        }
    }

    /// What is written after the start has no earlier time, though the kernel's clock for files ticks.
    @Test func start() throws {
        try TemporaryDirectory.with { directory in
            for _ in 0..<20 {
                let reading = read(directory)
                try directory.file("database", "abc")
                #expect(try FileStatus(following: "\(directory.path)/database").changedAt >= reading.startedAt)
            }
        }
    }

    /// Everything that may stand in the place of a file is named, and none of it is opened or followed.
    @Test func odd() throws {
        try TemporaryDirectory.with { directory in
            try directory.fifo("etc/cron.d/fifo")
            try directory.socket("etc/cron.d/socket")
            try directory.link("etc/cron.d/link", to: "/etc/shadow")
            try directory.link("etc/cron.d/loop", to: "loop")
            try directory.file("etc/cron.d/\u{1B}[31m\nred")
            let files = read(directory).files.dropFirst()
            let names = ["\u{1B}[31m\nred", "fifo", "link", "loop", "socket"]
            #expect(files.map(\.path) == names.map { "/etc/cron.d/\($0)" })
            #expect(files.map(\.kind) == [.regular, .fifo, .link, .link, .socket])
            #expect(files.map(\.target) == [nil, nil, "/etc/shadow", "loop", nil])
        }
    }

    static let links: [(name: String, target: String)] = [
        ("etc/cron.d", "../elsewhere"), ("etc", "elsewhere"), ("etc/cron.d", "cron.d"), ("etc", "/etc"),
    ]

    @Test(arguments: links)
    func linkForADirectory(name: String, target: String) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("elsewhere/cron.d/x")
            try directory.link(name, to: target)
            let reading = read(directory)
            #expect(reading.files.map(\.path) == ["/\(name)"] && reading.files.map(\.kind) == [.link])
            #expect(reading.gaps.map(\.reason) == ["a link in the place of a directory is not followed"])
            #expect(!reading.isWhole)
        }
    }

    /// `/usr/sbin` is a link to `bin` on some nodes.
    @Test func linkToAnotherWatchedDirectory() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("usr/bin/x")
            try directory.link("usr/sbin", to: "bin")
            let reading = read(directory, [WatchedPath("/usr/bin"), WatchedPath("/usr/sbin")])
            #expect(reading.files.map(\.path) == ["/usr/bin", "/usr/bin/x", "/usr/sbin"] && reading.gaps == [])
        }
    }

    @Test func fileForADirectory() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("etc/cron.d")
            let reading = read(directory)
            #expect(reading.files.map(\.path) == ["/etc/cron.d"] && reading.files.map(\.kind) == [.regular])
            #expect(reading.gaps == [])
        }
    }

    @Test func notUTF8() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("etc/cron.d")
            try directory.file(named: [0xFF, 0x41], in: "etc/cron.d")
            let reading = read(directory)
            #expect(reading.files.map(\.path) == ["/etc/cron.d"])
            #expect(
                reading.gaps == [
                    Gap(kind: .nodeFiles, reason: "name is no UTF-8", examples: ["/etc/cron.d/\\xffA"])
                ])
        }
    }

    @Test func tooManyEntries() throws {
        try TemporaryDirectory.with { directory in
            for number in 0...PlacedFileWalk.directoryLimit { try directory.file("etc/cron.d/\(number)") }
            let reading = read(directory)
            #expect(reading.files.count == PlacedFileWalk.directoryLimit + 1)
            #expect(reading.gaps.map(\.reason) == ["more than 10000 entries in a directory"])
        }
    }

    @Test func whatMayHangIsLeftOut() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("etc/cron.d/a")
            try directory.file("etc/cron.d/b")
            let file = read(directory, far: ["/etc/cron.d/a"])
            #expect(file.files.map(\.path) == ["/etc/cron.d", "/etc/cron.d/b"])
            #expect(
                file.gaps == [
                    Gap(
                        kind: .nodeFiles, reason: "a file system that may hang is mounted there",
                        examples: ["/etc/cron.d/a"])
                ])
            #expect(read(directory, far: ["/etc"]).files == [])
        }
    }

    @Test func absentRoot() {
        let reading = PlacedFileWalk.read(Self.cron, root: "/absent")
        #expect(reading.files == [] && reading.gaps.map(\.kind) == [.nodeFiles])
    }
}
