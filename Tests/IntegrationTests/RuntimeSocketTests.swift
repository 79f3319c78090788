import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// Connections to the runtime's and the service manager's sockets, held by real pods on a node with systemd.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct RuntimeSocketTests {
        private static let socket = "/run/containerd/containerd.sock"

        /// A pod's options, and which service's socket it is connected to by the report.
        static let clients: [(name: String, options: [String], technique: String?, path: String)] = [
            ("quiet", [], nil, ""),
            (
                "agent", ["--mount", "\(socket):/agent.sock", "--", "/act", "connect", "/agent.sock"],
                "holds-runtime-socket",
                socket
            ),
            (
                "browser",
                [
                    "--host-network", "--mount", "/run:/host:ro", "--", "/act", "connect",
                    "/host/containerd/containerd.sock",
                ],
                "holds-runtime-socket", socket
            ),
            (
                "units", ["--mount", "/run/systemd:/units:ro", "--", "/act", "connect", "/units/private"],
                "holds-service-manager-socket", "/run/systemd/private"
            ),
            // Its own service, by the runtime's name.
            (
                "own",
                ["--mount", "/srv:/srv:ro", "--", "sh", "-c", "mkdir -p /run/containerd; exec /act listen \(socket)"],
                nil, ""
            ),
        ]

        @Test(arguments: ["v1", "v2"]) func connections(version: String) throws {
            let program = try CompiledProgram(ActProgram.source)
            try SystemdNode.with(version) { node in
                try node.succeed("sh", "-c", "cat >/srv/act; chmod 755 /srv/act", input: try program.contents)
                var pods: [(BenchPod, String?, String)] = []
                for client in Self.clients {
                    let options = ExposureTests.quiet + ["--mount", "/srv/act:/act:ro"] + client.options
                    pods.append((try node.pod([client.name] + options), client.technique, client.path))
                }
                func held(_ report: ScanReport, _ pod: BenchPod) -> [ScanReport.Finding] {
                    report.findings(of: pod).filter { $0.technique.hasPrefix("holds-") }
                }
                func isReached(_ report: ScanReport) -> Bool {
                    pods.allSatisfy { held(report, $0.0).map(\.technique) == [$0.1].compactMap { $0 } }
                }
                let report = try node.scan(until: isReached)
                for (pod, technique, path) in pods {
                    let findings = held(report, pod)
                    #expect(findings.map(\.technique) == [technique].compactMap { $0 })
                    #expect(findings.allSatisfy { $0.task?.pid == pod.pid && $0.evidence["path"] == .text(path) })
                    #expect(findings.allSatisfy { $0.severity == "high" && $0.declared == "declared-by-runtime" })
                }
                #expect(!report.gaps.contains { $0.reason.contains("sockets") }, "\(report.gaps)")
                // As it is told of the same node on another machine.
                try node.run("/usr/local/bin/breakoutd", "scan", "--save", "/run/node.json")
                #expect(isReached(try node.scan("--from", "/run/node.json").report))
            }
        }
    }
}
