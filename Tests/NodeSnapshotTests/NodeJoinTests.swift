import NodeModel
import TestSupport
import Testing

@testable import NodeSnapshot

/// Whose each task is.
@Suite struct NodeJoinTests {
    @Test func quietNode() {
        #expect(Node.unjoined.joined().tasks == Node.quiet.tasks)
        #expect(Node.unjoined.joined().containers == Node.quiet.containers)
        #expect(Node.unjoined.joined().gaps == [])
    }

    @Test func emptyNode() { #expect(Node().joined() == Node()) }

    @Test func twiceIsOnce() {
        let once = Node.withTask { $0.parent = 4100 }.joined()
        #expect(once.joined() == once)
    }

    @Test func hostTaskIsNobodys() throws {
        let owner = try Node.withTask { _ in }.ownerOfLastTask()
        #expect(owner.id == nil && owner.attribution == nil)
    }

    @Test func byCgroup() throws {
        let owner = try Node.withTask { $0.cgroup = 2 }.ownerOfLastTask()
        #expect(owner.id == QuietIDs.container && owner.attribution == .cgroup)
    }

    @Test func byMinorityOfCgroups() throws {
        let node = Node.withTask { $0.cgroup = 3 }.changing {
            $0.cgroups.append(
                CgroupPlacement(
                    memberships: [],
                    owner: .container(ContainerPlace(containerID: QuietIDs.container, naming: 1, elsewhere: 2))))
        }
        let owner = try node.ownerOfLastTask()
        #expect(owner.id == QuietIDs.container && owner.attribution == .cgroupMinority)
    }

    @Test func byMountNamespaceOfTheInitTask() throws {
        let node = Node.withTask { $0.namespaces[.mount] = NamespaceID(rawValue: 4_026_532_600) }.changing {
            $0.mountTables = []
            $0.host.mounts = []
        }
        let owner = try node.ownerOfLastTask()
        #expect(owner.id == QuietIDs.container && owner.attribution == .mountNamespace)
    }

    @Test func byMountNamespaceOfTheRootFileSystem() throws {
        let node = Node.withTask { $0.namespaces[.mount] = NamespaceID(rawValue: 4_026_532_600) }.changing { node in
            // The init process is gone; what was moved out of its cgroup is still in its mounts.
            node.tasks.removeAll { $0.pid == 4100 }
        }
        let owner = try node.ownerOfLastTask()
        #expect(owner.id == QuietIDs.container && owner.attribution == .mountNamespace)
    }

    /// A container that mounts another one's device somewhere below does not get its namespace.
    @Test func mountElsewhereIsNoRoot() throws {
        let node = Node.withTask { $0.namespaces[.mount] = NamespaceID(rawValue: 77) }.changing { node in
            let mounts = node.mountTables[0].mounts.map { mount in
                var mount = mount
                if mount.mountPoint == "/" { mount.mountPoint = "/elsewhere" }
                return mount
            }
            node.mountTables.append(MountTable(namespace: NamespaceID(rawValue: 77), pid: 5000, mounts: mounts))
        }
        #expect(try node.ownerOfLastTask().id == nil)
    }

    @Test func hostMountNamespaceIsNobodys() throws {
        let node = Node.withTask { _ in }.changing { node in
            // An init task that joined the host's mounts does not make the host's tasks its container's.
            node.tasks[3].namespaces[.mount] = NamespaceSet.host[.mount]
        }
        #expect(try node.ownerOfLastTask().id == nil)
    }

    @Test func byAncestry() throws {
        let child = try Node.withTask { $0.parent = 4100 }.ownerOfLastTask()
        #expect(child.id == QuietIDs.container && child.attribution == .ancestry)
        let grandchild = Node.withTask { $0.parent = 5001 }.changing { node in
            var parent = node.tasks[1]
            parent.pid = 5001
            parent.tid = 5001
            parent.parent = 4100
            node.tasks.insert(parent, at: 2)
        }
        #expect(try grandchild.ownerOfLastTask().id == QuietIDs.container)
    }

    @Test func kernelThreadsDescendFromNobody() throws {
        let node = Node.withTask {
            $0.parent = 4100
            $0.isKernelThread = true
        }
        #expect(try node.ownerOfLastTask().id == nil)
    }

    @Test func threadOfAContainersProcess() throws {
        let node = Node.withTask {
            $0.pid = 4100
            $0.cgroup = nil
        }
        let owner = try node.ownerOfLastTask()
        #expect(owner.id == QuietIDs.container && owner.attribution == .ancestry)
    }

    @Test(arguments: [5000, 900, -7, 0] as [Int32])
    func loopsAndOddParents(parent: Int32) throws {
        let node = Node.withTask { $0.parent = parent }.changing { $0.tasks[1].parent = 5000 }
        #expect(try node.ownerOfLastTask().id == nil)
    }
}
