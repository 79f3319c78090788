import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct BPFProgramLoadedTests {
    static let nodes: [(name: String, node: Node, declaration: Declaration)] = [
        ("quiet", .quiet, .undeclared),
        (
            "CAP_BPF", .quiet.changingBundle { $0.capabilities.formUnion(CapabilitySet.named(["BPF"]).set) },
            .declaredByRuntime
        ),
        ("privileged", .quiet.changingBundle { $0.capabilities = .all }, .declaredByRuntime),
        ("no record", .quiet.changingContainer { $0.bundle = nil }, .unknown),
    ]

    @Test(arguments: nodes)
    func declarations(name: String, node: Node, declaration: Declaration) throws {
        let found = try #require(Check.bpfProgramLoaded.evidence(of: .called(.program), in: node))
        #expect(found.declaration == declaration && found.container == 0 && found.task?.pid == 4100)
        #expect(found.detail == "pid 4100 (web) loaded a BPF program")
    }

    @Test func nothing() {
        #expect(Check.bpfProgramLoaded.evidence(of: .called(.program), container: nil) == nil)
        #expect(Check.bpfProgramLoaded.evidence(of: .loadedModule("x")) == nil)
    }
}
