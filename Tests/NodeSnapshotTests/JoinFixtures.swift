import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

extension QuietIDs {
    /// Of a container that the quiet node does not have.
    static let stray = String(repeating: "c3", count: 32)
}

extension Node {
    /// The quiet node as the readers leave it: nothing joined, rootfs mounts in the host's table.
    static let unjoined = Node.quiet.changing { node in
        for index in node.tasks.indices {
            node.tasks[index].container = nil
            node.tasks[index].attribution = nil
        }
        for index in node.containers.indices {
            let container = node.containers[index]
            guard let device = container.rootDevice else { continue }
            node.containers[index].rootDevice = nil
            node.host.mounts.append(
                Mount(
                    id: UInt32(900 + index), parentID: 24, device: device, root: "/",
                    mountPoint: "/run/containerd/io.containerd.runtime.v2.task/k8s.io/\(container.id)/rootfs",
                    fileSystemType: "overlay", source: "overlay"))
        }
    }

    /// The unjoined node with a task of the host's cgroup and namespaces added, after one change to it.
    static func withTask(_ change: (inout NodeTask) -> Void) -> Node {
        unjoined.changing { node in
            var task = node.tasks[1]
            task.pid = 5000
            task.tid = 5000
            change(&task)
            node.tasks.append(task)
        }
    }

    func joined(unreadableRecords: Set<String> = []) -> Node {
        var node = self
        NodeJoin.join(&node, unreadableRecords: unreadableRecords)
        return node
    }

    /// Whose the last task is once the node is joined.
    func ownerOfLastTask() throws -> (id: String?, attribution: NodeTask.Attribution?) {
        let joined = joined()
        let task = try #require(joined.tasks.last)
        return (task.container.map { joined.containers[$0].id }, task.attribution)
    }
}
