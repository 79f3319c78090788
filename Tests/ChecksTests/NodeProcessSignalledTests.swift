import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct NodeProcessSignalledTests {
    static let owners: [(owner: CgroupPlacement.Owner, isTold: Bool)] = [
        (.host, true), (.unknown, false), (Deeds.container(QuietIDs.container), false),
        (Deeds.container(QuietIDs.sandbox), false), (Deeds.container("another"), false),
    ]

    @Test(arguments: owners)
    func judged(owner: CgroupPlacement.Owner, isTold: Bool) {
        let deed = TaskAct.Deed.signalled(Deeds.target(owner), 9)
        let found = Check.nodeProcessSignalled.evidence(of: deed)
        #expect(found?.detail == (isTold ? "pid 4100 (web) sent signal 9 to pid 812 (kubelet)" : nil))
        #expect(found?.key == (isTold ? "kubelet" : nil))
        #expect(NodeIndex(.quiet).isOfConcern(deed) == isTold)
        #expect(Check.nodeProcessSignalled.evidence(of: deed, container: nil) == nil)
    }

    /// What the runtime has just started in a container may have the runtime's cgroup; its mounts are the container's.
    @Test func startedInTheContainer() {
        var target = Deeds.target(.host)
        target.namespaces[.mount] = Deeds.task.namespaces[.mount]
        #expect(Check.nodeProcessSignalled.evidence(of: .signalled(target, 9)) == nil)
        #expect(Check.foreignProcessTraced.evidence(of: .traced(target), by: Deeds.inHostPID) == nil)
        target.namespaces[.mount] = NamespaceID(rawValue: 4_026_539_000)
        #expect(Check.nodeProcessSignalled.evidence(of: .signalled(target, 9)) != nil)
    }
}
