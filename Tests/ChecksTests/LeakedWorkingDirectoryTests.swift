import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct LeakedWorkingDirectoryTests {
    @Test(
        arguments: [
            (nil, false), ("/", false), ("/app", false), ("/proc/self/fd/7", true), ("/proc/self/fd/7/../..", false),
            ("/proc/self/fd", true), ("//proc/./self/fd/7/", true), ("/proc/thread-self/fd/8", true),
            ("/proc/1/task/1/fd/8", true), ("/proc/self", false), ("/procfd/fd", false), ("proc/self/fd/7", true),
        ] as [(String?, Bool)])
    func workingDirectory(path: String?, isLeaked: Bool) {
        let found = Check.leakedWorkingDirectory.found(.quiet.changingBundle { $0.workingDirectory = path })
        #expect(found.map(\.detail) == (isLeaked ? ["working directory \(path ?? "")"] : []))
        #expect(found.allSatisfy { $0.container == 0 && $0.task?.pid == 4100 && $0.declaration == .undeclared })
    }

    /// What was refused by the runtime has no process.
    @Test func notStarted() {
        let node = Node.quiet.changing { node in
            node.containers[0].bundle?.workingDirectory = "/proc/self/fd/7"
            node.tasks.removeLast(2)
        }
        #expect(Check.leakedWorkingDirectory.found(node) == [])
    }
}
