import Checks
import Findings
import NodeModel
import TestSupport

@testable import Daemon

extension JudgeBench {
    /// The first process of the quiet pod's container.
    static let pod = Node.quiet.tasks[3]
}

extension Node {
    /// The quiet node before its pod was there.
    static let withoutContainers = Node.quiet.changing { node in
        node.tasks.removeSubrange(2...)
        node.containers = []
        node.mountTables = []
    }
}

extension KernelEvent {
    /// What a process does.
    static func by(_ pid: Int32, _ action: Action, at time: UInt64 = 1000) -> KernelEvent {
        KernelEvent(time: time, cpu: 0, pid: pid, tid: pid, action: action)
    }
}

extension KernelEvent.Action {
    static let forkOfShim = fork(creator: 900, thread: 900)
    static let forkOfPod = fork(creator: JudgeBench.pod.pid, thread: JudgeBench.pod.pid)
}

extension [KernelEvent] {
    /// A child of a process enters the host's mounts and ends.
    static func escape(
        of parent: Int32 = JudgeBench.pod.pid, _ namespaces: NamespaceSet = JudgeBench.pod.namespaces,
        pid: Int32 = 7000
    ) -> [KernelEvent] {
        var inside = namespaces
        inside[.mount] = NamespaceSet.host[.mount]
        return [
            .by(pid, .fork(creator: parent, thread: parent)), .by(pid, .namespaces(namespaces)),
            .by(pid, .comm(TaskName("nsenter"), isExec: true)), .by(pid, .namespaces(inside)), .by(pid, .exit),
        ]
    }
}

extension CgroupMembership {
    static func at(_ path: String) -> CgroupMembership {
        CgroupMembership(hierarchy: 0, controllers: [], path: path)
    }
}

extension DeviceNumber {
    /// The disk with the node's root.
    static let disk = DeviceNumber(major: 259, minor: 1)
}

extension FilePlace {
    static let hostRoot = FilePlace(device: .disk, path: "/")
}

extension JudgeBench.Told {
    /// `pid technique` of each.
    var lines: [String] { findings.map { "\($0.task?.pid ?? 0) \($0.technique.id)" } }
}
