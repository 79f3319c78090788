import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// Containers that somebody asked the runtime for, with the annotations of a pod's.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct ForgedContainerTests {
        private static func forged(
            _ name: String, sandbox: String, _ victim: BenchPod, _ options: [String] = []
        ) -> [String] {
            let id = Self.id(name)
            let annotations = [
                "container-type=container", "sandbox-id=\(sandbox)", "container-name=\(name)",
                "sandbox-namespace=default", "sandbox-name=victim", "sandbox-uid=\(victim.uid)",
            ]
            return ["orphan", SystemdNode.socket, id] + options
                + annotations.flatMap { ["--annotation", "io.kubernetes.cri.\($0)"] }
        }

        /// As long as a real one's, and with its name at the end.
        private static func id(_ name: String) -> String {
            let digits = name.utf8.map { String($0, radix: 16) }.joined()
            return String(repeating: "0", count: 64 - digits.utf8.count) + digits
        }

        @Test func annotationsOfAPod() throws {
            try SystemdNode.with("v2") { node in
                let victim = try node.pod(["victim"] + ExposureTests.quiet)
                let nowhere = String(repeating: "ab", count: 32)
                let groups = try node.run("cat", "/proc/\(victim.pausePid)/cgroup").text
                let cgroup = groups.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: ":").last ?? ""
                func beside(_ name: String) -> [String] {
                    let path = String(cgroup).replacing(victim.pod, with: Self.id(name))
                    return ["--join", "\(victim.pausePid)", "--cgroup", path]
                }
                for words in [
                    Self.forged("lost", sandbox: nowhere, victim),
                    Self.forged("own", sandbox: victim.pod, victim),
                    Self.forged(
                        "else", sandbox: victim.pod, victim, ["--join", "\(victim.pausePid)"]),
                    Self.forged("extra", sandbox: victim.pod, victim, beside("extra")),
                    Self.forged("main", sandbox: victim.pod, victim, beside("main")),
                ] { try node.succeed(words) }

                func told(_ report: ScanReport, _ name: String) -> [String] {
                    report.findings.filter {
                        $0.container?.id == Self.id(name) && $0.class == "residue"
                    }.map { "\($0.technique) \($0.detail.split(separator: ": ").last ?? "")" }.sorted()
                }
                let report = try node.scan().report
                let short = victim.pod.prefix(13)
                #expect(told(report, "lost") == ["orphan-container its sandbox ababababababa is not on this node"])
                #expect(
                    told(report, "own")
                        == ["orphan-container its net, ipc, uts namespaces are not those of its sandbox \(short)"])
                #expect(told(report, "else") == ["orphan-container its cgroup is not that of its pod"])
                // In its first minute the kubelet itself may be at work.
                #expect(told(report, "extra") == [] && told(report, "main") == [])

                try node.run("/usr/local/bin/breakoutd", "scan", "--save", "/run/node.json")
                try Self.age(node, "/run/node.json")
                let later = try node.scan("--from", "/run/node.json").report
                #expect(told(later, "extra") == ["container-without-log no log directory for extra of its pod"])
                #expect(
                    told(later, "main") == [
                        "orphan-container its pod runs another container main, \(victim.container.prefix(13))"
                    ])
                #expect(!later.findings.contains { $0.container?.id == victim.container && $0.class == "residue" })
            }
        }

        /// The node as if its scan had been two minutes later.
        private static func age(_ node: SystemdNode, _ path: String) throws {
            let bytes = try node.run("cat", path).bytes
            var saved = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
            var host = try #require(saved["host"] as? [String: Any])
            host["ticksSinceBoot"] = try #require(host["ticksSinceBoot"] as? Int) + 12_000
            saved["host"] = host
            try node.succeed("sh", "-c", "cat >\(path)", input: try JSONSerialization.data(withJSONObject: saved))
        }
    }
}
