import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// Containers that somebody asked the runtime for, with the annotations of a pod's.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct ForgedContainerTests {
        private static func forged(
            _ name: String, sandbox: String, _ victim: BenchPod, _ options: [String]
        ) -> [String] {
            let id = Self.id(name)
            let annotations = [
                "container-type=container", "sandbox-id=\(sandbox)", "container-name=\(name)",
                "sandbox-namespace=default", "sandbox-name=victim", "sandbox-uid=\(victim.uid)",
            ]
            return ["--detach", "--null-io"] + options
                + annotations.flatMap { ["--annotation", "io.kubernetes.cri.\($0)"] }
                + ["bench.test/busybox:1", id, "/bin/sleep", "1d"]
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
                let record = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/\(victim.pod)/config.json"
                let bundle = try JSONSerialization.jsonObject(with: try node.run("cat", record).bytes)
                let linux = (bundle as? [String: Any])?["linux"] as? [String: Any]
                let cgroup = try #require(linux?["cgroupsPath"] as? String)
                // Where the node's cgroups have no controllers, its runtime is one that sets no limits.
                let setting = #"s/^ *BinaryName = "\(.*\)"/\1/p"#
                let name = try node.run("sed", "-n", setting, "/etc/containerd/config.toml").text
                    .trimmingCharacters(in: .whitespacesAndNewlines)
                let runc = name.isEmpty ? [] : ["--runc-binary", name]
                let joined = ["network:net", "ipc:ipc", "uts:uts"].flatMap { kind in
                    ["--with-ns", kind.replacing(":", with: ":/proc/\(victim.pausePid)/ns/")]
                }
                func beside(_ name: String) -> [String] {
                    joined + ["--cgroup", cgroup.replacing(victim.pod, with: Self.id(name))]
                }
                for words in [
                    Self.forged("lost", sandbox: nowhere, victim, ["--cgroup", "/k8s.io/lost"]),
                    Self.forged("own", sandbox: victim.pod, victim, ["--cgroup", "/k8s.io/own"]),
                    Self.forged("else", sandbox: victim.pod, victim, joined + ["--cgroup", "/k8s.io/else"]),
                    Self.forged("extra", sandbox: victim.pod, victim, beside("extra")),
                    Self.forged("main", sandbox: victim.pod, victim, beside("main")),
                ] { try node.succeed(["ctr", "-n", "k8s.io", "run"] + runc + words) }

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
