import Foundation
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import ContainerRuntime

@Suite struct PortMappingsTests {
    private static let id = String(repeating: "5a", count: 32)

    private static func result(_ arguments: String, config: String) -> String {
        let encoded = Data(config.utf8).base64EncodedString()
        return #"{"kind": "cniCacheV1", "config": "\#(encoded)", "capabilityArgs": {\#(arguments)}}"#
    }

    private static let chain =
        #"{"plugins": [{"type": "aws-cni"}, {"type": "portmap", "capabilities": {"portMappings": true}}]}"#
    private static let mappings =
        #""portMappings": [{"HostPort": 8080, "ContainerPort": 80, "Protocol": "tcp", "HostIP": ""}, {"HostPort": 0}]"#

    static let rows: [(name: String, text: String, ports: [UInt16]?)] = [
        ("mapped", result(mappings, config: chain), [8080]),
        (
            "by the convention, one plugin",
            result(#""portMappings": [{"hostPort": 53}]"#, config: #"{"capabilities": {"portMappings": true}}"#), [53]
        ),
        // An agent may give them all the same.
        ("no plugin takes them", result(mappings, config: #"{"plugins": [{"type": "bridge"}]}"#), nil),
        ("none", result(#""x": {}"#, config: chain), []),
    ]

    private static let inTime = Deadline(secondsFromNow: 1000)

    private func ports(
        _ files: [String: String], kind: Container.Kind = .sandbox, until deadline: Deadline = inTime
    ) throws -> RuntimeReading {
        try TemporaryDirectory.with { directory in
            for (name, text) in files { try directory.file("var/lib/cni/results/\(name)", text) }
            var reading = RuntimeReading()
            reading.containers = [Container(id: Self.id, kind: kind)]
            PortMappings(root: directory.path).fill(&reading, until: deadline)
            return reading
        }
    }

    @Test(arguments: rows)
    func oneResult(name: String, text: String, ports: [UInt16]?) throws {
        let reading = try self.ports(["aws-cni-\(Self.id)-eth0": text, "cni-loopback-\(Self.id)-lo": "{}"])
        #expect(reading.containers[0].hostPorts == ports && reading.gaps == [], "\(name)")
    }

    /// Results of others, and containers that are no sandbox, tell nothing.
    @Test func nothingTold() throws {
        let text = Self.rows[0].text
        #expect(try ports(["aws-cni-\(Self.id)-eth0": text], kind: .container).containers[0].hostPorts == nil)
        #expect(try ports(["aws-cni-\(Self.id)x-eth0": text, Self.id: text]).containers[0].hostPorts == nil)
        var reading = RuntimeReading()
        reading.containers = [Container(id: Self.id, kind: .sandbox)]
        PortMappings(root: "/nonexistent").fill(&reading, until: Self.inTime)
        #expect(reading.containers[0].hostPorts == nil && reading.gaps == [])
    }

    /// Whoever can write there makes as many results as they like: what there is no time for is not known.
    @Test func late() throws {
        let texts = ["a", "b"].map { ("\($0)-\(Self.id)-eth0", Self.rows[0].text) }
        let reading = try ports(Dictionary(uniqueKeysWithValues: texts), until: Deadline(secondsFromNow: 0))
        #expect(reading.containers[0].hostPorts == nil)
        let gap = Gap(
            kind: .timeLimit, reason: "networks' results not reached", count: 2, examples: [Self.id, Self.id])
        #expect(reading.gaps == [gap])
    }

    static let malformed = [
        #"{"capabilityArgs": {"portMappings": 7}}"#, #"{"portMappings": "#,
        #"{"capabilityArgs": {"portMappings": [{"HostPort": 70000}]}}"#,
        #"{"config": "?", "capabilityArgs": {"portMappings": [{"HostPort": 7}]}}"#,
        result(mappings, config: "portmap"),
    ]

    @Test(arguments: malformed)
    func gaps(text: String) throws {
        let reading = try ports(["n-\(Self.id)-eth0": text])
        #expect(reading.containers[0].hostPorts == nil)
        #expect(reading.gaps.count == 1 && reading.gaps[0].kind == .bundle && reading.gaps[0].examples == [Self.id])
        #expect(reading.gaps[0].reason.hasPrefix("its network's result: "), "\(reading.gaps)")
    }

    @Test func noRegularFile() throws {
        try TemporaryDirectory.with { directory in
            try directory.fifo("var/lib/cni/results/n-\(Self.id)-eth0")
            var reading = RuntimeReading()
            reading.containers = [Container(id: Self.id, kind: .sandbox)]
            PortMappings(root: directory.path).fill(&reading, until: Self.inTime)
            #expect(reading.gaps.map(\.reason) == ["its network's result: not a regular file but fifo"])
        }
    }
}
