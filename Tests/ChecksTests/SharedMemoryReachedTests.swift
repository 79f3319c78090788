import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct SharedMemoryReachedTests {
    private static func sharing(_ memory: SharedMemory?) -> Node {
        .twoPods.sharingWithPod(.ipc).changing {
            $0.host.kernelState = KernelState(sharedMemory: memory.map { [$0] })
        }
    }

    static let segments: [(creator: Int32, lastUser: Int32, detail: String?)] = [
        (900, 4100, "pid 4100 (web) attached segment 3 of pid 900 (containerd-shim) of the node"),
        (5100, 4100, "pid 4100 (web) attached segment 3 of pid 5100 (db) of shop/db-0"),
        (4000, 4100, nil), (4100, 4100, nil), (4100, 900, nil), (900, 0, nil), (900, 1, nil), (7777, 4100, nil),
        (900, 7777, nil),
        // Not in the host's IPC namespace: the number has been taken again.
        (900, 5100, nil),
    ]

    @Test(arguments: segments)
    func attached(creator: Int32, lastUser: Int32, detail: String?) {
        let memory = SharedMemory(key: 17, id: 3, creator: creator, lastUser: lastUser)
        let found = Check.sharedMemoryReached.found(Self.sharing(memory))
        #expect(found.map(\.detail) == (detail.map { [$0] } ?? []))
        #expect(found.allSatisfy { $0.container == 0 && $0.declaration == .declaredByRuntime })
        #expect(Check.sharedMemoryReached.found(Self.sharing(memory).changing { $0.host.reference = nil }) == [])
    }

    @Test func memoryThatWasNotRead() { #expect(Check.sharedMemoryReached.found(Self.sharing(nil)) == []) }

    private static let path = "/dev/shm/queue"

    static let mapped: [(processes: [Int32], details: [String])] = [
        ([900, 4100], ["pid 4100 (web) has /dev/shm/queue mapped, as has pid 900 (containerd-shim) of the node"]),
        ([4100, 5100], ["pid 4100 (web) has /dev/shm/queue mapped, as has pid 5100 (db) of shop/db-0"]),
        // The first stranger is named.
        (
            [900, 4100, 5100],
            ["pid 4100 (web) has /dev/shm/queue mapped, as has pid 900 (containerd-shim) of the node"]
        ),
        // Its own pod's, one that ended, and containers that are not in the host's IPC namespace.
        ([4000, 4100], []), ([4100], []), ([4100, 7777], []), ([900, 5100], []), ([1, 900], []), ([], []),
    ]

    @Test(arguments: mapped)
    func files(processes: [Int32], details: [String]) {
        let file = SharedFile(path: Self.path, processes: processes)
        let node = Self.sharing(nil).changing { $0.host.kernelState?.sharedFiles = [file] }
        let found = Check.sharedMemoryReached.found(node)
        #expect(found.map(\.detail) == details)
        #expect(found.allSatisfy { $0.container == 0 && $0.declaration == .declaredByRuntime })
        #expect(Check.sharedMemoryReached.found(node.changing { $0.host.reference = nil }) == [])
    }

    /// One for each program that a container shares with, whatever the number of files.
    @Test func manyFiles() {
        let node = Self.sharing(nil).changing { node in
            node.host.kernelState?.sharedFiles = [[900, 4100], [900, 4100], [4100, 5100]].map {
                SharedFile(path: Self.path, processes: $0)
            }
        }
        #expect(
            Check.sharedMemoryReached.found(node).map(\.key) == ["file of containerd-shim", "file of db"])
    }
}
