import NodeModel
import TestSupport

@testable import Checks

/// What tasks of the quiet container do, for checks of acts.
enum Deeds {
    /// A task of the quiet container.
    static let task = Node.quiet.tasks[3]
    /// The same in the node's PID namespace, as the pod's specification may ask.
    static let inHostPID: NodeTask = {
        var task = Self.task
        task.namespaces[.pid] = NamespaceSet.host[.pid]
        return task
    }()
    /// That of the quiet node's root.
    static let disk = DeviceNumber(major: 259, minor: 1)

    /// Another task, by whose it is.
    static func target(_ owner: CgroupPlacement.Owner) -> LineageTask {
        LineageTask(pid: 812, tid: 812, name: TaskName("kubelet"), owner: owner)
    }

    static func container(_ id: String) -> CgroupPlacement.Owner {
        .container(ContainerPlace(containerID: id))
    }

    /// A place of the node's root file system.
    static func place(_ path: String?, _ device: DeviceNumber = disk) -> FilePlace {
        FilePlace(device: device, path: path)
    }
}

extension Check {
    /// What it makes of a deed.
    func evidence(
        of deed: TaskAct.Deed, by task: NodeTask = Deeds.task, container: Int? = 0, in node: Node = .quiet
    ) -> Evidence? {
        act?(task, deed, container, NodeIndex(node))
    }
}
