import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct HeldKernelObjectsTests {
    private static func holding(_ objects: HeldObject...) -> Node {
        .quiet.changing { node in
            let held = objects.enumerated().map { OpenObject(number: Int32($0) + 8, object: $1) }
            node.taskFiles = [TaskFiles(task: node.tasks[3].key, objects: held)]
        }
    }

    static let programs: [(node: Node, told: Told?)] = [
        (
            holding(.program(7)),
            Told(.undeclared, nil, "the descriptor 8 of pid 4100 (web) is one of BPF (1 of programs)")
        ),
        (
            holding(.process(4100), .map(1), .map(2), .program(7), .link(3)),
            Told(
                .undeclared, nil,
                "the descriptor 9 of pid 4100 (web) is one of BPF (1 of links, 2 of maps, 1 of programs)")
        ),
        (holding(.map(1)), Told(.undeclared, .minor, "the descriptor 8 of pid 4100 (web) is one of BPF (1 of maps)")),
        (holding(.process(4100)), nil), (holding(), nil),
    ]

    @Test(arguments: programs)
    func bpf(node: Node, told: Told?) {
        #expect(Check.holdsBPFProgram.told(node) == (told.map { [$0] } ?? []))
    }

    @Test func declaredPrograms() {
        let node = Self.holding(.program(7))
        #expect(Check.holdsBPFProgram.found(node.privileged()).map(\.declaration) == [.declaredByRuntime])
        let nobody = node.changingContainer { $0.bundle = nil }
        #expect(Check.holdsBPFProgram.found(nobody).map(\.declaration) == [.unknown])
    }

    @Test func packetSocket() {
        let node = Self.holding(.packetSocket(25_342))
        let detail = "the descriptor 8 of pid 4100 (web) is a packet socket on the node's interfaces"
        #expect(Check.holdsPacketSocket.told(node) == [Told(.undeclared, nil, detail)])
        let declared = node.sharingWithPod(.network)
        #expect(Check.holdsPacketSocket.told(declared) == [Told(.declaredByRuntime, nil, detail)])
        #expect(Check.holdsPacketSocket.found(Self.holding(.map(7))) == [])
    }
}
