import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct UnmaskedProcTests {
    private static let missing = "the record promises a read-only /proc/sys and the mounts have none"

    /// Another proc over the container's own, the old covers still in the table below it.
    static let covered = Node.quiet.changing { node in
        var proc = node.mountTables[0].mounts[1]
        (proc.id, proc.parentID) = (990, 702)
        node.mountTables[0].mounts.append(proc)
    }

    static let cases: [(name: String, node: Node, told: [Told])] = [
        ("quiet", .quiet, []),
        (
            "all open", .quiet.changingBundle { ($0.maskedPaths, $0.readonlyPaths) = ([], []) },
            [Told(.declaredByRuntime, .rootEquivalent, "not covered: /proc/sys, /proc/kcore")]
        ),
        (
            "writable", .quiet.changingBundle { $0.readonlyPaths = ["/proc/bus"] },
            [Told(.declaredByRuntime, .rootEquivalent, "not covered: /proc/sys")]
        ),
        (
            "writable, not root",
            .quiet.changingBundle { ($0.readonlyPaths, $0.uid) = ([], 1000) },
            [Told(.declaredByRuntime, .partial, "not covered: /proc/sys")]
        ),
        (
            "masks gone", .quiet.changingBundle { $0.maskedPaths = [] },
            [Told(.declaredByRuntime, .partial, "not covered: /proc/kcore")]
        ),
        (
            "promise broken", .quiet.changing { $0.mountTables[0].mounts.remove(at: 5) },
            [Told(.undeclared, .rootEquivalent, missing)]
        ),
        (
            "made writable", .quiet.changing { $0.mountTables[0].mounts[5].options = ["rw"] },
            [Told(.undeclared, .rootEquivalent, missing)]
        ),
        ("another over it", covered, [Told(.undeclared, .rootEquivalent, missing)]),
        (
            "all of /proc read-only",
            .quiet.changing {
                $0.mountTables[0].mounts.remove(at: 5)
                $0.mountTables[0].mounts[1].options = ["ro"]
            }, []
        ),
        ("no /proc", .quiet.changing { $0.mountTables[0].mounts = [] }, []),
        ("no table", .quiet.changing { $0.mountTables = [] }, []),
        ("no record", covered.changingContainer { $0.bundle = nil }, []),
        ("privileged", Node.quiet.privileged(), []),
    ]

    @Test(arguments: cases)
    func evidence(name: String, node: Node, told: [Told]) { #expect(Check.unmaskedProc.told(node) == told) }
}
