import Glibc
import Testing

@testable import LinuxSystem

@Suite struct SeparateThreadTests {
    @Test func anotherThread() throws {
        let own = try FileStatus(following: "/proc/thread-self").inode
        let other = try SeparateThread.run { try? FileStatus(following: "/proc/thread-self").inode }
        #expect(try #require(other) != own)
        #expect(try SeparateThread.run { 7 } == 7)
    }
}
