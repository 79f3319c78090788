import BenchSupport
import Foundation
import TestSupport
import Testing

extension RealContainers {
    /// Ports of the node, by what a real runtime asked its network plugins for.
    @Suite(.enabled(if: Bench.hasNodeImage && StandInAPIServer.isUsable, Bench.nodeReason))
    struct HostPortTests {
        /// Of what `pods --format json` tells, the ports.
        private struct Listing: Decodable {
            var pods: [Pod]

            struct Pod: Decodable {
                var name: String
                var differences: [Difference]
            }

            struct Difference: Decodable, Equatable {
                var item: String
                var declared: String?
                var actual: String?
                var verdict: String
            }
        }

        @Test func declaredBesideMapped() throws {
            let options = ["--seccomp", "default", "--no-new-privileges"]
            try SystemdNode.with("v2") { node in
                try StandInAPIServer.with { api in
                    for (name, given, asked) in [("right", 8080, 8080), ("none", nil, 9090), ("more", 22, nil)]
                        as [(String, Int?, Int?)]
                    {
                        let pod = try node.pod([name] + options + (given.map { ["--host-port", "\($0)"] } ?? []))
                        let ports = asked.map { #""ports": [{"containerPort": 80, "hostPort": \#($0)}]"# } ?? ""
                        try api.report(pod, name: name, container: ports)
                    }
                    let output = try node.pods(asking: api)
                    let pods = try JSONDecoder().decode(Listing.self, from: output.bytes).pods
                    #expect(
                        pods.map(\.name) == ["more", "none", "right"]
                            && pods.map(\.differences) == [
                                [.init(item: "hostPorts", declared: nil, actual: "22", verdict: "not declared")],
                                [
                                    .init(
                                        item: "hostPorts", declared: "9090", actual: "none",
                                        verdict: "declared but not in force")
                                ], [],
                            ], "\(output.text)")
                    #expect(output.status == 1)
                }
            }
        }
    }
}
