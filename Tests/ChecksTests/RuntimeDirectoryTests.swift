import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct RuntimeDirectoryTests {
    static let cases: [(directory: String?, isTold: Bool)] = [
        (nil, false), ("/", false), ("", false), ("/app", false), ("/proc", false), ("/proc/self/cwd", false),
        ("/srv/proc/self/fd/7", false), ("/dev/fdx", false),
        ("/proc/self/fd/7", true), ("/proc/self/fd/7/../../..", true), ("//proc/./thread-self/fd/8", true),
        ("/proc/self/task/1/fd/9", true), ("/dev/fd/7", true), ("proc/self/fd", true),
    ]

    @Test(arguments: cases)
    func told(directory: String?, isTold: Bool) {
        let node = Node.quiet.changingBundle { $0.workingDirectory = directory }
        #expect(
            Check.runtimeDirectory.told(node) == (isTold ? [Told(.declaredByRuntime, nil, directory ?? "")] : []))
    }
}
