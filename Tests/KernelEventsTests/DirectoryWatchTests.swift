import LinuxSystem
import TestSupport
import Testing

@testable import KernelEvents

/// Entries of directories that come and go.
@Suite struct DirectoryWatchTests {
    private static func with(
        _ paths: [String], _ body: (TemporaryDirectory, DirectoryWatch, StopSignal) throws -> Void
    ) throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("tasks/k8s.io")
            let stop = try StopSignal()
            try body(directory, DirectoryWatch(paths, root: directory.path, stop: stop), stop)
        }
    }

    private static let now = Deadline(secondsFromNow: 0)

    @Test func changes() throws {
        try Self.with(["/tasks/k8s.io"]) { directory, watch, stop in
            #expect(watch.wait(until: Self.now) == .deadline)
            try directory.file("tasks/k8s.io/one/init.pid", "1")
            #expect(watch.wait(until: Self.now) == .change)
            // What is further below is not watched.
            try directory.file("tasks/k8s.io/one/config.json", "{}")
            #expect(watch.wait(until: Self.now) == .deadline)
            try directory.remove("tasks/k8s.io/one")
            #expect(watch.wait(until: Self.now) == .change)
            stop.stop()
            #expect(watch.wait(until: Deadline(secondsFromNow: 600)) == .stopped)
        }
    }

    /// A directory that comes later, and one that takes the place of another.
    @Test func directoriesThatComeAndGo() throws {
        try Self.with(["/tasks", "/tasks/foo"]) { directory, watch, _ in
            #expect(watch.directories == ["/tasks"])
            try directory.directory("tasks/foo")
            #expect(watch.wait(until: Self.now) == .change)
            // It may have entries already.
            #expect(watch.wait(until: Self.now) == .change)
            #expect(watch.directories == ["/tasks", "/tasks/foo"])
            try directory.remove("tasks/foo")
            #expect(watch.wait(until: Self.now) == .change)
            #expect(watch.wait(until: Self.now) == .deadline)
            #expect(watch.directories == ["/tasks"])
            try directory.directory("tasks/foo")
            #expect(watch.wait(until: Self.now) == .change && watch.wait(until: Self.now) == .change)
            #expect(watch.wait(until: Self.now) == .deadline)
            try directory.file("tasks/foo/new", "")
            #expect(watch.wait(until: Self.now) == .change)
        }
    }

    @Test func otherPaths() throws {
        try Self.with(["/tasks"]) { directory, watch, _ in
            watch.paths = ["/tasks", "/tasks/k8s.io"]
            #expect(watch.wait(until: Self.now) == .change)
            #expect(watch.directories == ["/tasks", "/tasks/k8s.io"])
            watch.paths = ["/tasks", "/tasks/k8s.io"]
            #expect(watch.wait(until: Self.now) == .deadline)
            try directory.file("tasks/k8s.io/new", "")
            #expect(watch.wait(until: Self.now) == .change)
        }
    }

    /// Nothing is followed, and a file is no directory.
    @Test func linksAndFiles() throws {
        try Self.with([]) { directory, watch, _ in
            try directory.link("tasks/link", to: "k8s.io")
            try directory.file("tasks/file", "")
            watch.paths = ["/tasks/link", "/tasks/file"]
            #expect(watch.wait(until: Self.now) == .deadline)
            #expect(watch.directories == [])
        }
    }
}
