import NodeModel
import TestSupport
import Testing

@Suite struct NamespaceTests {
    static let cases: [(name: String, own: NamespaceSet, differs: Bool)] = [
        ("the same", .host, false),
        ("another", NamespaceSet([.network: 4_026_532_400]), true),
        ("not known", NamespaceSet(), false),
    ]

    @Test(arguments: cases) func differs(name: String, own: NamespaceSet, differs: Bool) {
        #expect(own.differs(in: .network, from: .host) == differs)
        #expect(NamespaceSet.host.differs(in: .network, from: own) == differs)
    }
}
