import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct LeftPodCgroupSurvivorTests {
    /// The quiet pod is gone, and what was its container's process is in a service's cgroup.
    private static let survivor = Node.quiet.changing { node in
        node.containers = []
        node.podLogs = []
        node.tasks.remove(at: 2)
        for index in node.tasks.indices { (node.tasks[index].container, node.tasks[index].attribution) = (nil, nil) }
        for index in 2...3 { node.tasks[index].cgroup = 0 }
        node.tasks[2].parent = 1
        node.cgroups[0].memberships = [
            CgroupMembership(hierarchy: 3, controllers: ["cpuset"], path: "/"),
            CgroupMembership(hierarchy: 0, controllers: [], path: "/system.slice/dbus.service"),
        ]
    }

    @Test func gonePod() {
        let found = Check.leftPodCgroup.found(Self.survivor)
        #expect(
            found.map(\.detail) == [
                "pid 4100 (web) has the mounts of a container that is gone (pod \(QuietIDs.podUID), "
                    + "sandbox b2b2b2b2b2b2b), and is in cgroup /system.slice/dbus.service"
            ])
        #expect(found.map(\.pod) == [PodIdentity(uid: QuietIDs.podUID)])
        #expect(found.map(\.container) == [nil] && found.map(\.declaration) == [.undeclared])
        #expect(found.map(\.task?.pid) == [4100] && found.map(\.key) == ["\(QuietIDs.podUID)/\(QuietIDs.sandbox)/"])
        #expect(
            found.first?.values == [
                "hierarchies": .list(["cpuset", "unified"]), "cgroup": .text("/system.slice/dbus.service"),
                "attribution": .text("mounts"), "parents": .list(["1 systemd"]), "podUID": .text(QuietIDs.podUID),
                "sandboxID": .text(QuietIDs.sandbox),
            ])
    }

    static let identities: [(name: String, change: @Sendable (inout Node) -> Void, pod: PodIdentity?)] = [
        ("its logs are there", { $0.podLogs = Node.quiet.podLogs }, QuietIDs.pod),
        ("its sandbox runs", { $0.containers = [Node.quiet.containers[1]] }, QuietIDs.pod),
        (
            "its sandbox is all that is known",
            { node in
                node.containers = [Node.quiet.containers[1]]
                node.mountTables[0].mounts.removeAll { $0.mountPoint == "/etc/hosts" }
            }, QuietIDs.pod
        ),
        ("its sandbox is gone, too", { $0.mountTables[0].mounts.removeAll { $0.mountPoint == "/etc/hosts" } }, nil),
    ]

    @Test(arguments: identities)
    func whoseItWas(name: String, change: @Sendable (inout Node) -> Void, pod: PodIdentity?) {
        let found = Check.leftPodCgroup.found(Self.survivor.changing(change))
        #expect(found.map(\.pod) == [pod])
    }

    static let silent: [(name: String, change: @Sendable (inout Node) -> Void)] = [
        ("not every record was read", { $0.lacksRecords = true }),
        ("cgroup not read", { node in for index in 2...3 { node.tasks[index].cgroup = nil } }),
        ("ends", { node in for index in 2...3 { node.tasks[index].isExiting = true } }),
        (
            "without the files of a pod",
            { $0.mountTables[0].mounts.removeAll { $0.mountPoint.hasPrefix("/etc/") } }
        ),
    ]

    @Test(arguments: silent) func silence(name: String, change: @Sendable (inout Node) -> Void) {
        #expect(Check.leftPodCgroup.found(Self.survivor.changing(change)) == [])
    }
}
