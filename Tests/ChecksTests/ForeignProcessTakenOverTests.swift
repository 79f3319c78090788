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

    /// Who traces task 1 (systemd), 900 (the shim), 4000 (the pod's sandbox) and 5100 (another pod) of `Node.twoPods`.
    static let tracers: [(victim: Int, tracer: Int32?, detail: String?)] = [
        (0, 4100, "pid 4100 (web) traces pid 1 (systemd) of the node"),
        (0, 4101, "tid 4101 of pid 4100 (web-worker) traces pid 1 (systemd) of the node"),
        (1, 4100, "pid 4100 (web) traces pid 900 (containerd-shim) of the node"),
        (6, 4100, "pid 4100 (web) traces pid 5100 (db) of shop/db-0"),
        (2, 4100, nil), (3, 4101, nil), (3, 900, nil), (0, 900, nil), (0, 7777, nil), (0, nil, nil),
    ]

    @Test(arguments: tracers)
    func tracedAsAScanSees(victim: Int, tracer: Int32?, detail: String?) {
        let node = Node.twoPods.changing { $0.tasks[victim].tracer = tracer }
        let found = Check.foreignProcessTraced.found(node)
        #expect(found.map(\.detail) == (detail.map { [$0] } ?? []))
        #expect(found.allSatisfy { $0.container == 0 && $0.task?.tid == tracer && $0.declaration == .undeclared })
        #expect(Check.foreignProcessTraced.found(node.changing { $0.host.reference = nil }) == [])
        #expect(Check.foreignMemoryWritten.found(node) == [])
    }

    /// What an event tells and what a scan sees later is one finding.
    @Test func oneFinding() throws {
        let node = Node.quiet.changing { node in
            node.tasks[1].comm = "kubelet"
            node.tasks[1].tracer = 4100
        }
        let seen = try #require(Check.foreignProcessTraced.found(node).first)
        let told = Check.foreignProcessTraced.evidence(of: .traced(Deeds.target(.host)), by: Deeds.inHostPID, in: node)
        #expect(seen.key == told?.key && seen.container == told?.container)
        #expect(seen.values["targetPid"] == .number(900))
        // Each name once a container, however many threads of it are traced.
        #expect(Check.foreignProcessTraced.found(node.changing { $0.tasks.append($0.tasks[1]) }).count == 1)
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
