import Checks
import Testing

@testable import Reports

@Suite struct HostAreaTests {
    @Test(arguments: Check.all.map(\.technique.id))
    func eachTechniqueIsOfOneArea(id: String) {
        #expect(HostArea.allCases.count { $0.patterns.contains { $0.matches(id) } } == 1)
    }

    @Test(arguments: HostArea.allCases)
    func eachPatternNamesATechnique(area: HostArea) {
        for pattern in area.patterns {
            #expect(Check.all.contains { pattern.matches($0.technique.id) }, "\(pattern.text)")
        }
    }

    static let examples: [(id: String, area: HostArea)] = [
        ("entered-host-pid-namespace", .processes), ("host-network-namespace", .network),
        ("entered-host-mount-namespace", .tree), ("host-path-etc", .hostPaths), ("left-pod-cgroup", .kernel),
        ("holds-bpf-program", .kernel), ("log-hard-link", .files), ("of a later version", .identity),
    ]

    @Test(arguments: examples)
    func areas(id: String, area: HostArea) {
        #expect(HostArea(of: .sample(id)) == area)
    }
}
