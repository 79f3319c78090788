import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct ForeignProcessTakenOverTests {
    static let targets: [(owner: CgroupPlacement.Owner, whose: String?)] = [
        (.host, "the node"), (Deeds.container("other"), "shop/api-0"), (Deeds.container("by-hand"), "by-hand"),
        (.unknown, nil), (Deeds.container(QuietIDs.container), nil),
        // Containers of one pod may share their processes.
        (Deeds.container(QuietIDs.sandbox), nil), (Deeds.container("never-seen"), nil),
    ]

    /// The quiet node with a container of another pod, and one of no pod.
    static let node = Node.quiet.changing { node in
        var other = node.containers[0]
        (other.id, other.sandboxID, other.initPID) = ("other", nil, nil)
        other.pod = PodIdentity(namespace: "shop", name: "api-0", uid: "7d15f723-5663-47c5-acb1-bf3fc445e613")
        var plain = other
        (plain.id, plain.kind, plain.pod) = ("by-hand", .plain, nil)
        node.containers += [plain, other]
    }

    @Test(arguments: targets)
    func traced(owner: CgroupPlacement.Owner, whose: String?) {
        let deed = TaskAct.Deed.traced(Deeds.target(owner))
        let found = Check.foreignProcessTraced.evidence(of: deed, by: Deeds.inHostPID, in: Self.node)
        #expect(found?.detail == whose.map { "pid 4100 (web) traced pid 812 (kubelet) of \($0)" })
        #expect(found?.values["targetOwner"] == whose.map { .text($0) })
        #expect(Check.foreignMemoryWritten.evidence(of: deed, by: Deeds.inHostPID, in: Self.node) == nil)
    }

    @Test(arguments: targets)
    func written(owner: CgroupPlacement.Owner, whose: String?) {
        let deed = TaskAct.Deed.wroteMemory(of: Deeds.target(owner))
        let found = Check.foreignMemoryWritten.evidence(of: deed, by: Deeds.inHostPID, in: Self.node)
        #expect(found?.detail == whose.map { "pid 4100 (web) wrote into the memory of pid 812 (kubelet) of \($0)" })
    }

    /// In a PID namespace of its own a number is another process'.
    @Test func numbersOfItsOwn() {
        let deed = TaskAct.Deed.traced(Deeds.target(.host))
        #expect(Check.foreignProcessTraced.evidence(of: deed) == nil)
        #expect(Check.foreignProcessTraced.evidence(of: deed, by: Deeds.inHostPID, container: nil) == nil)
        let blind = Node.quiet.changing { $0.host.reference = nil }
        #expect(Check.foreignProcessTraced.evidence(of: deed, by: Deeds.inHostPID, in: blind) == nil)
    }

    @Test func concern() {
        let index = NodeIndex(.quiet)
        #expect(index.isOfConcern(.traced(Deeds.target(.host))))
        #expect(index.isOfConcern(.wroteMemory(of: Deeds.target(Deeds.container("x")))))
        #expect(!index.isOfConcern(.traced(Deeds.target(.unknown))))
        #expect(!index.isOfConcern(.called(.trace(1))) && !index.isOfConcern(.called(.memory(of: 1))))
    }
}
