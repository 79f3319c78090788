import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import ContainerRuntime

@Suite struct KnownRecordsTests {
    private static let container = Container(id: "a", runtime: .containerd, runtimeNamespace: "k8s.io")
    private static let second: Int64 = 1_000_000_000

    private func status(_ directory: TemporaryDirectory, _ name: String = "config.json") throws -> FileStatus {
        try Descriptor.open(directory.path, LinuxFlags.path).status(of: name)
    }

    @Test func whileTheFileIsTheSame() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("config.json", "{}")
            let before = try status(directory)
            let known = KnownRecords()
            #expect(known.container(before) == nil)
            known.put(Self.container, before, now: before.changedAt + 2 * Self.second)
            #expect(known.container(before) == Self.container)
            // Neither the size nor the time of the last write need tell.
            try directory.hardLink("second", to: "config.json")
            #expect(known.container(try status(directory)) == nil)
            try directory.file("other", "{}")
            #expect(known.container(try status(directory, "other")) == nil)
        }
    }

    /// What has just been changed may be changed again without a sign of it; so may all when the clock was set back.
    @Test(arguments: [second, 0, -5 * second]) func tooYoung(age: Int64) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("config.json", "{}")
            let known = KnownRecords()
            let status = try status(directory)
            known.put(Self.container, status, now: status.changedAt + age)
            #expect(known.container(status) == nil)
        }
    }

    @Test func forgetsWhatIsNotAskedFor() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("config.json", "{}")
            let known = KnownRecords()
            let status = try status(directory)
            known.put(Self.container, status, now: .max)
            known.forgetUnused()
            #expect(known.container(status) == Self.container)
            known.forgetUnused()
            known.forgetUnused()
            #expect(known.container(status) == nil)
        }
    }

    /// A second reading sees what has changed; and what has not comes from the first, as its record here would not.
    @Test func readings() throws {
        try TemporaryDirectory.with { directory in
            let tasks = ContainerdTasksTests.tasks
            for id in ["a", "b"] { try directory.file("\(tasks)/\(id)/config.json", #"{"root": {"readonly": true}}"#) }
            let known = KnownRecords()
            let bundles = try Descriptor.open("\(directory.path)/\(tasks)", LinuxFlags.path)
            let status = try bundles.openDirectory(below: "a").status(of: "config.json")
            var stored = Self.container
            stored.name = "from the first reading"
            known.put(stored, status, now: .max)
            let read = {
                ContainerdTasks(root: directory.path, known: known).read(until: Deadline(secondsFromNow: 60)).containers
            }
            #expect(read().map(\.name) == ["from the first reading", nil])
            #expect(read().map(\.bundle?.hasReadonlyRoot) == [nil, true])
            try directory.file("\(tasks)/a/config.json", "{}")
            try directory.file("\(tasks)/a/init.pid", "7")
            #expect(read().map(\.name) == [nil, nil] && read().first?.bundle?.hasReadonlyRoot == false)
            #expect(read().map(\.initPID) == [7, nil])
        }
    }
}
