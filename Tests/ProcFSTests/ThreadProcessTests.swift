import Foundation
import Glibc
import TestSupport
import Testing

@testable import ProcFS

@Suite struct ThreadProcessTests {
    /// Threads come and go meanwhile.
    @Test func ownThreads() throws {
        #expect(ThreadProcess()(getpid()) == getpid())
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { Int32($0) }
        #expect(threads.allSatisfy { [getpid(), nil].contains(ThreadProcess()($0)) })
    }

    static let texts: [(status: String?, process: Int32?)] = [
        (nil, nil), ("", nil), ("Tgid:\t7\n", nil), (TaskStatusTests.text, 4700),
        (TaskStatusTests.text.replacing("4700", with: "4294967296"), nil),
        (TaskStatusTests.text + String(repeating: "x", count: 65_536), nil),
    ]

    @Test(arguments: texts) func read(status: String?, process: Int32?) throws {
        try TemporaryDirectory.with { directory in
            if let status { try directory.file("7/status", status) }
            #expect(ThreadProcess(root: directory.path)(7) == process)
        }
    }
}
