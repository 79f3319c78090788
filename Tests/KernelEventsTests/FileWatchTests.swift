import CTestSupport
import Glibc
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import KernelEvents

/// A watch of a tree, and what it told so far.
private final class TreeWatch {
    let watch: FileWatch
    private(set) var events: [FileEvent] = []

    init(_ directory: TemporaryDirectory, _ means: Set<FileWatch.Means>, _ paths: [WatchedPath]) throws {
        watch = try FileWatch(paths, root: directory.path, stop: try StopSignal(), means: means)
    }

    /// Whether a change of the path was told in time.
    func hears(_ path: String, _ change: FileChange) -> Bool {
        hears { $0.path == path && $0.change.contains(change) }
    }

    func hears(_ isWanted: (FileEvent) -> Bool) -> Bool {
        let deadline = Deadline(secondsFromNow: 20)
        var batch: [FileEvent] = []
        while !events.contains(where: isWanted) {
            if watch.wait(until: deadline, into: &batch) != .events { return false }
            events += batch
        }
        return true
    }

    func forget() { events = [] }
}

/// Every thread of the test process has its own number; changes are made by the main thread of a child.
private func touch(_ path: String) throws { try shell("echo line >\"$0\"", path) }

@discardableResult
private func shell(_ script: String, _ word: String) throws -> pid_t {
    var pid = pid_t()
    let arguments: [String] = ["/bin/sh", "-ec", script, word]
    let words = arguments.map { strdup($0) }
    defer { words.forEach { free($0) } }
    try #require(posix_spawn(&pid, "/bin/sh", nil, nil, words + [nil], environ) == 0)
    var status: Int32 = -1
    try #require(waitpid(pid, &status, 0) == pid && status == 0, "\(script)")
    return pid
}

@Suite(.enabled(if: isRoot, "fanotify needs root"))
struct FileWatchTests {
    private static let paths = [
        WatchedPath("/etc/cron.d"), WatchedPath("/etc", names: ["passwd"]), WatchedPath("/home/*/.ssh"),
        WatchedPath("/etc/systemd/system", isDeep: true),
    ]

    private static func with(
        _ means: Set<FileWatch.Means>, _ body: (TemporaryDirectory, TreeWatch) throws -> Void
    ) throws {
        try TemporaryDirectory.with { directory in
            for name in ["etc/cron.d", "etc/systemd/system/a.d", "home/user/.ssh", "elsewhere"] {
                try directory.directory(name)
            }
            // By a child: what this process opens, children of other tests may have open still, and close last.
            try shell("echo root >\"$0/etc/passwd\"", directory.path)
            try body(directory, try TreeWatch(directory, means, paths))
        }
    }

    @Test func whatIsWatched() throws {
        try Self.with([.names]) { _, tree in
            #expect(
                tree.watch.directories.keys.sorted() == [
                    "/", "/etc", "/etc/cron.d", "/etc/systemd", "/etc/systemd/system", "/etc/systemd/system/a.d",
                    "/home", "/home/user", "/home/user/.ssh",
                ])
            #expect(Set(tree.watch.directories.values) == [.names])
            #expect(tree.watch.unwatched.isEmpty && tree.watch.refusal == nil)
        }
    }

    /// The process is named, though it has ended by the time that anybody looks.
    @Test(arguments: [
        "/etc/cron.d/x", "/etc/passwd", "/home/user/.ssh/authorized_keys", "/etc/systemd/system/a.d/override.conf",
    ])
    func writer(path: String) throws {
        try Self.with([.names]) { directory, tree in
            let pid = try shell("echo line >\"$0\"", directory.path + path)
            #expect(tree.hears { $0.path == path && $0.tid == pid && $0.change.contains(.closed) })
            #expect(tree.events.allSatisfy { $0.path == path && $0.tid == pid })
        }
    }

    @Test func othersDoNotCount() throws {
        try Self.with([.names]) { directory, tree in
            for name in ["etc/shadow", "elsewhere/x", "home/user/x", "etc/systemd/x"] {
                try touch("\(directory.path)/\(name)")
            }
            try touch("\(directory.path)/etc/cron.d/last")
            #expect(tree.hears("/etc/cron.d/last", .closed))
            #expect(Set(tree.events.map(\.path)) == ["/etc/cron.d/last"])
        }
    }

    static let changes: [(script: String, path: String, change: FileChange)] = [
        ("echo line >\"$0/etc/cron.d/x\"", "/etc/cron.d/x", .created),
        ("echo line >>\"$0/etc/passwd\"", "/etc/passwd", .modified),
        ("echo >\"$0/elsewhere/x\"; mv \"$0/elsewhere/x\" \"$0/etc/cron.d/y\"", "/etc/cron.d/y", .movedHere),
        ("echo >\"$0/etc/new\"; mv \"$0/etc/new\" \"$0/etc/passwd\"", "/etc/passwd", .movedHere),
        ("mv \"$0/etc/passwd\" \"$0/etc/passwd-\"", "/etc/passwd", .movedAway),
        ("chmod 777 \"$0/etc/passwd\"", "/etc/passwd", .attributes),
        ("rm \"$0/etc/passwd\"", "/etc/passwd", .deleted),
        ("ln -s /tmp \"$0/etc/cron.d/link\"", "/etc/cron.d/link", .created),
        ("ln \"$0/etc/passwd\" \"$0/etc/cron.d/hard\"", "/etc/cron.d/hard", .created),
        ("mkfifo \"$0/etc/cron.d/fifo\"", "/etc/cron.d/fifo", .created),
        ("mv \"$0/etc/cron.d\" \"$0/etc/cron.old\"", "/etc/cron.d", .movedAway),
        ("printf x >\"$0/etc/cron.d/$(printf '\\377')\"", "/etc/cron.d/\\xff", .closed),
    ]

    @Test(arguments: changes)
    func kind(script: String, path: String, change: FileChange) throws {
        try Self.with([.names]) { directory, tree in
            try shell(script, directory.path)
            #expect(tree.hears(path, change), "\(tree.events)")
        }
    }

    /// A directory that is moved away, and another one in its place.
    @Test(arguments: FileWatch.Means.allCases)
    func replacedDirectory(means: FileWatch.Means) throws {
        try Self.with([means]) { directory, tree in
            try shell("mv \"$0/etc/cron.d\" \"$0/elsewhere/old\"; mkdir \"$0/etc/cron.d\"", directory.path)
            try Self.awaitWatching("/etc/cron.d", directory, tree)
            tree.forget()
            // What is in the old one counts on: it may come back.
            try touch("\(directory.path)/elsewhere/old/x")
            try touch("\(directory.path)/etc/cron.d/y")
            #expect(tree.hears("/etc/cron.d/y", .closed) && tree.hears("/etc/cron.d/x", .created))
        }
    }

    /// A directory above is moved away, something below it is written, and it is moved back.
    static let away: [(directory: String, file: String, path: String)] = [
        ("/etc", "cron.d/x", "/etc/cron.d/x"), ("/etc", "passwd", "/etc/passwd"),
        ("/home/user", ".ssh/authorized_keys", "/home/user/.ssh/authorized_keys"),
        ("/etc/systemd", "system/a.d/x.conf", "/etc/systemd/system/a.d/x.conf"),
    ]

    @Test(arguments: away) func directoryAbove(above: String, file: String, path: String) throws {
        try Self.with([.names]) { directory, tree in
            try shell("mv \"$0\(above)\" \"$0/elsewhere/away\"", directory.path)
            #expect(tree.hears(above, .movedAway))
            let pid = try shell("echo line >\"$0\"", "\(directory.path)/elsewhere/away/\(file)")
            #expect(tree.hears { $0.path == path && $0.tid == pid && $0.change.contains(.closed) })
            try shell("mv \"$0/elsewhere/away\" \"$0\(above)\"", directory.path)
            #expect(tree.hears(above, .movedHere) && tree.watch.moved.isEmpty)
            tree.forget()
            try touch("\(directory.path)\(path)")
            #expect(tree.hears(path, .closed) && tree.watch.losses == [:])
        }
    }

    /// A tree that was made elsewhere, where nothing was before.
    @Test func directoryFromElsewhere() throws {
        try Self.with([.names]) { directory, tree in
            try shell("mkdir -p \"$0/elsewhere/new/.ssh\"; mv \"$0/elsewhere/new\" \"$0/home\"", directory.path)
            #expect(tree.hears("/home/new", .movedHere))
            try touch("\(directory.path)/home/new/.ssh/authorized_keys")
            #expect(tree.hears("/home/new/.ssh/authorized_keys", .closed))
        }
    }

    /// Where each directory may lead to others, files are none of them.
    @Test(arguments: FileWatch.Means.allCases)
    func fileBesideDirectories(means: FileWatch.Means) throws {
        try Self.with([means]) { directory, tree in
            try shell("echo >\"$0/home/x\"; mv \"$0/home/x\" \"$0/home/y\"; rm \"$0/home/y\"", directory.path)
            try touch("\(directory.path)/etc/passwd")
            #expect(tree.hears("/etc/passwd", .closed))
            #expect(Set(tree.events.map(\.path)) == ["/etc/passwd"])
            // A link may lead to one.
            try shell("ln -s /tmp \"$0/elsewhere/link\"; mv \"$0/elsewhere/link\" \"$0/home/z\"", directory.path)
            #expect(tree.hears("/home/z", .movedHere))
        }
    }

    /// What was moved away is forgotten when it is gone.
    @Test(arguments: [Set([FileWatch.Means.names]), [.unnamed]]) func goneAfterwards(means: Set<FileWatch.Means>) throws
    {
        try Self.with(means) { directory, tree in
            try shell("mv \"$0/etc/systemd\" \"$0/elsewhere\"", directory.path)
            #expect(tree.hears("/etc/systemd", .movedAway))
            #expect(tree.watch.moved.values.map(\.path).sorted() == Self.belowSystemd)
            try shell("rm -r \"$0/elsewhere/systemd\"", directory.path)
            try touch("\(directory.path)/etc/passwd")
            #expect(tree.hears("/etc/passwd", .closed))
            #expect(tree.watch.moved.isEmpty && tree.watch.losses == [:])
        }
    }

    private static let belowSystemd = ["/etc/systemd", "/etc/systemd/system", "/etc/systemd/system/a.d"]

    /// More than are remembered: what is done in the others is counted.
    @Test func manyMovedAway() throws {
        try Self.with([.names]) { directory, tree in
            let system = "\(directory.path)/etc/systemd/system"
            try shell("cd \"$0\"; mkdir $(seq 1100)", system)
            #expect(tree.hears("/etc/systemd/system/1100", .created))
            try shell("mv \"$0/etc/systemd\" \"$0/elsewhere\"", directory.path)
            #expect(tree.hears("/etc/systemd", .movedAway))
            #expect(tree.watch.moved.count == 1000)
            try shell("cd \"$0/elsewhere/systemd/system\"; for i in $(seq 1100); do echo >$i/x; done", directory.path)
            try touch("\(directory.path)/etc/passwd")
            #expect(tree.hears("/etc/passwd", .closed))
            #expect(tree.watch.losses[.unplaced] ?? 0 >= 100)
        }
    }

    /// A directory that is made after the watch has begun, and those above it with it.
    @Test(arguments: [Set([FileWatch.Means.names]), [.unnamed]])
    func missingDirectory(means: Set<FileWatch.Means>) throws {
        try TemporaryDirectory.with { directory in
            let tree = try TreeWatch(directory, means, [WatchedPath("/etc/cron.d")])
            #expect(tree.watch.directories.keys.sorted() == ["/"])
            try shell("mkdir -p \"$0/etc/cron.d\"", directory.path)
            try Self.awaitWatching("/etc/cron.d", directory, tree)
            try touch("\(directory.path)/etc/cron.d/x")
            #expect(tree.hears("/etc/cron.d/x", .closed))
        }
    }

    /// Writes to a new directory, one after the other, until one is heard of.
    private static func awaitWatching(_ path: String, _ directory: TemporaryDirectory, _ tree: TreeWatch) throws {
        let deadline = Deadline(secondsFromNow: 20)
        var batch: [FileEvent] = []
        while !deadline.isPast {
            try touch("\(directory.path)\(path)/probe")
            _ = tree.watch.wait(until: Deadline(secondsFromNow: 0.05), into: &batch)
            if batch.contains(where: { $0.path == "\(path)/probe" }) { return }
        }
        Issue.record("\(path) is not watched")
    }

    /// As a container's hostPath shows it: the same directory through another mount.
    @Test(arguments: [FileWatch.Means.names, .descriptors])
    func throughABindMount(means: FileWatch.Means) throws {
        try Self.with([means]) { directory, tree in
            let script = """
                unshare -m sh -ec 'mount --bind "$0/etc" "$0/elsewhere"; echo >"$0/elsewhere/cron.d/x"' "$0"
                """
            try shell(script, directory.path)
            #expect(tree.hears("/etc/cron.d/x", .closed))
            #expect(tree.events.contains { $0.tid != nil && $0.change.contains(.closed) })
        }
    }

    /// Kernels before 5.9 name the writer of what is written, and of nothing else.
    @Test func withoutNames() throws {
        try Self.with([.descriptors]) { directory, tree in
            #expect(tree.watch.directories["/etc/cron.d"] == .descriptors)
            #expect(tree.watch.directories["/etc/systemd"] == .unnamed)
            let pid = try shell("echo line >\"$0/etc/cron.d/x\"", directory.path)
            #expect(tree.hears { $0.path == "/etc/cron.d/x" && $0.tid == pid && $0.change.contains(.closed) })
            try shell("mv \"$0/etc/cron.d/x\" \"$0/etc/cron.d/y\"", directory.path)
            #expect(tree.hears { $0.path == "/etc/cron.d/y" && $0.tid == nil && $0.change == .movedHere })
        }
    }

    /// What was written is told where it was, though it has no name any more, or another one.
    @Test(arguments: ["rm", "mv -t $0/elsewhere"]) func gone(command: String) throws {
        try Self.with([.descriptors]) { directory, tree in
            let pid = try shell("echo line >\"$0/etc/cron.d/x\"; \(command) \"$0/etc/cron.d/x\"", directory.path)
            try touch("\(directory.path)/etc/cron.d/last")
            #expect(tree.hears("/etc/cron.d/last", .closed))
            let isMoved = command.hasPrefix("mv")
            #expect(
                tree.events.contains { $0.path == "/etc/cron.d/x" && $0.tid == pid && $0.change.contains(.closed) }
                    == !isMoved)
            #expect(tree.watch.losses == (isMoved ? [.unplaced: 1] : [:]))
        }
    }

    /// Where fanotify may not be used changes are told of, but not who made them.
    @Test func refused() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("etc/cron.d")
            let result = Refused()
            let done = withoutCapabilities {
                guard let stop = try? StopSignal() else { return }
                result.watch = try? FileWatch([WatchedPath("/etc/cron.d")], root: directory.path, stop: stop)
            }
            #expect(done)
            let watch = try #require(result.watch)
            #expect(
                watch.refusal == .refused(SystemError(errorNumber: EPERM, call: "fanotify_init", path: "")))
            #expect(watch.refusal?.description.contains("CAP_SYS_ADMIN") == true)
            #expect(Set(watch.directories.values) == [.unnamed])
            try touch("\(directory.path)/etc/cron.d/x")
            var events: [FileEvent] = []
            #expect(watch.wait(until: Deadline(secondsFromNow: 20), into: &events) == .events)
            #expect(events.first?.path == "/etc/cron.d/x" && events.first?.tid == nil)
        }
    }

    /// A link in the place of a directory is not followed, and said.
    @Test func linkInThePlaceOfADirectory() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("elsewhere")
            try directory.directory("etc")
            try directory.link("etc/cron.d", to: "../elsewhere")
            let tree = try TreeWatch(directory, [.names], [WatchedPath("/etc/cron.d")])
            #expect(tree.watch.unwatched.keys.sorted() == ["/etc/cron.d"])
            try touch("\(directory.path)/elsewhere/x")
            try shell("rm \"$0/etc/cron.d\"", directory.path)
            #expect(tree.hears("/etc/cron.d", .deleted))
            #expect(tree.events.map(\.path) == ["/etc/cron.d"])
        }
    }

    @Test func tooManyEntries() throws {
        try TemporaryDirectory.with { directory in
            for index in 0...2000 { try directory.file("home/\(index)") }
            let tree = try TreeWatch(directory, [.names], [WatchedPath("/home/*/.ssh")])
            #expect(tree.watch.unwatched == ["/home": .tooManyEntries])
            #expect(tree.watch.directories.keys.sorted() == ["/", "/home"])
        }
    }

    @Test func stopped() throws {
        try TemporaryDirectory.with { directory in
            let stop = try StopSignal()
            let watch = try FileWatch([], root: directory.path, stop: stop)
            var events: [FileEvent] = []
            #expect(watch.wait(until: Deadline(secondsFromNow: 0), into: &events) == .deadline)
            stop.stop()
            #expect(watch.wait(until: Deadline(secondsFromNow: 20), into: &events) == .stopped)
        }
    }

    /// A writer without rest is not waited for: what is queued is taken bit by bit, and nothing of it is lost.
    @Test(arguments: [(FileWatch.Means.names, 3000), (.descriptors, 6000), (.unnamed, 6000)])
    func manyEvents(means: FileWatch.Means, least: Int) throws {
        try Self.with([means]) { directory, tree in
            try shell("for i in $(seq 3000); do echo >\"$0/etc/cron.d/$i\"; done", directory.path)
            var batch: [FileEvent] = []
            #expect(tree.watch.wait(until: Deadline(secondsFromNow: 20), into: &batch) == .events)
            #expect((FileWatch.eventsAtOnce..<least).contains(batch.count))
            #expect(tree.hears("/etc/cron.d/3000", .closed))
            #expect(Set((batch + tree.events).map(\.path)).count >= 3000)
            #expect(tree.watch.losses == [:])
        }
    }

    /// More than the queue holds: it is said that something is missing.
    @Test func overflow() throws {
        try Self.with([.names]) { directory, tree in
            let limit = try BoundedFile.read(path: "/proc/sys/fs/fanotify/max_queued_events", limit: 64)
            let count = try #require(Int(String(decoding: limit, as: UTF8.self).filter(\.isNumber)))
            try #require(count <= 100_000, "the queue is too large for a test")
            // What is done to one file by one task is joined, so it takes as many names.
            for index in 0...count {
                let file = open("\(directory.path)/etc/cron.d/\(index)", O_WRONLY | O_CREAT, 0o600)
                try #require(file >= 0)
                close(file)
            }
            #expect(tree.hears("/etc/cron.d/\(count / 2)", .created))
            let deadline = Deadline(secondsFromNow: 20)
            var batch: [FileEvent] = []
            while tree.watch.losses.isEmpty, tree.watch.wait(until: deadline, into: &batch) == .events {}
            #expect(tree.watch.losses == [.fullQueue: 1])
        }
    }
}

private final class Refused {
    var watch: FileWatch?
}

/// Calls `body` on a thread without capabilities.
private func withoutCapabilities(_ body: () -> Void) -> Bool {
    withoutActuallyEscaping(body) { body in
        let work = Work(body)
        return test_without_capabilities(
            { argument in
                guard let argument else { return }
                Unmanaged<Work>.fromOpaque(argument).takeUnretainedValue().body()
            }, Unmanaged.passUnretained(work).toOpaque())
    }
}

private final class Work {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
}
