import Glibc
import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

/// The process whose namespaces are the host's.
@Suite struct HostReferenceTests {
    @Test func negativeReference() throws {
        try TemporaryDirectory.with { directory in
            #expect(directory.snapshot(referencePID: -3).gaps.map(\.kind) == [.reference])
        }
    }

    private static let kernelThread: UInt32 = 0x0020_0000

    /// kthreadd stands in where PID 1 may not be read, and only when it is what it seems.
    @Test func kernelThreadAsReference() throws {
        try TemporaryDirectory.with { directory in
            try directory.process(1, parent: 0, namespaces: nil)
            try directory.process(2, parent: 0, flags: Self.kernelThread)
            #expect(directory.snapshot().host.reference?.pid == 2)
            #expect(directory.snapshot(referencePID: 40).host.reference == nil)
        }
        for (parent, flags) in [(0, 0), (1, Self.kernelThread)] {
            try TemporaryDirectory.with { directory in
                try directory.process(1, parent: 0, namespaces: nil)
                try directory.process(2, parent: parent, flags: flags)
                let node = directory.snapshot()
                #expect(node.host.reference == nil)
                #expect(node.gaps.contains { $0.kind == .reference })
            }
        }
    }

    @Test func firstProcessOfAnotherNamespace() throws {
        try TemporaryDirectory.with { directory in
            try directory.process(1, parent: 0, namespaces: 200)
            try directory.process(2, parent: 0, flags: Self.kernelThread)
            let node = directory.snapshot()
            #expect(node.host.reference?.pid == 1)
            let gap = try #require(node.gaps.first { $0.kind == .referenceDisagreement })
            #expect(gap.count == 7)
            #expect(gap.examples.first == "mnt 200, 100")
        }
    }

    @Test func referenceThroughTheReader() throws {
        let options = SnapshotOptions()
        let reading = HostReference.read(try TaskReading.makeReader(options), pid: getpid())
        #expect(reading.reference?.pid == getpid() && reading.gaps == [])
        let absent = HostReference.read(try TaskReading.makeReader(options), pid: .max)
        #expect(absent.reference == nil)
        #expect(absent.gaps.map(\.reason) == ["pid 2147483647: No such file or directory"])
    }
}
