import Glibc
import LinuxSystem
import NodeModel
import Testing

@testable import ProcFS

@Suite struct OpenTasksTests {
    private static func key(_ pid: Int32) -> TaskKey { TaskKey(pid: pid, tid: pid, startTime: 7) }

    private static func directory() throws -> Int32 {
        let number = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try #require(number >= 0)
        return number
    }

    /// What is kept is looked at, whoever has the number now, and once.
    @Test func keptDirectory() throws {
        let openTasks = OpenTasks()
        let reader = try ProcReader(openTasks: openTasks)
        let earlier = Self.key(getpid())
        #expect(try reader.files(of: earlier, .none) == nil)
        #expect(openTasks.keep(try Self.directory(), of: earlier))
        #expect(try reader.files(of: earlier, .none)?.program == FileIdentity(path: "/proc/self/exe"))
        #expect(try reader.files(of: earlier, .none) == nil)
    }

    @Test func processes() throws {
        let openTasks = OpenTasks()
        let reader = try ProcReader(openTasks: openTasks)
        let main = try #require(reader.readWholeProcess(getpid()).first)
        let number = try Self.directory()
        #expect(!openTasks.keep(number, of: main.key))
        close(number)
        #expect(try reader.files(of: main.key, .none)?.workingDirectory == FileIdentity(path: "."))
        // The host's own are not looked at again.
        _ = reader.readProcess(getpid()) { _, _ in false }
        #expect(openTasks.keep(try Self.directory(), of: main.key))
    }

    @Test func limit() throws {
        let openTasks = OpenTasks(limit: 1)
        #expect(openTasks.keep(try Self.directory(), of: Self.key(1)))
        let number = try Self.directory()
        #expect(!openTasks.keep(number, of: Self.key(2)))
        close(number)
        #expect(!OpenTasks(limit: 0).keep(-1, of: Self.key(1)))
    }
}
