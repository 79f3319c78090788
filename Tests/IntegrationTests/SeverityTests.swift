import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// How bad each thing that a pod was allowed is, judged on real records and mounts.
    @Suite(.enabled(if: Bench.isUsable, Bench.reason)) struct SeverityTests {
        private static let quiet = ExposureTests.quiet
        private static let pods: [(name: String, options: [String], severities: [String: String])] = [
            ("net", quiet + ["--host-network"], ["host-network-namespace": "medium"]),
            ("pid", quiet + ["--host-pid"], ["host-pid-namespace": "medium"]),
            ("ipc", quiet + ["--host-ipc"], ["host-ipc-namespace": "medium"]),
            ("tracer", ["--privileged", "--host-pid"], ["privileged": "high", "host-pid-namespace": "high"]),
            ("writer", quiet + ["--mount", "/:/host"], ["host-path-root": "high"]),
            ("runtime", quiet + ["--mount", "/run/containerd:/socket:ro"], ["host-path-runtime-socket": "high"]),
            ("proc", quiet + ["--mount", "/proc:/host/proc"], ["host-path-proc": "high"]),
            ("etc", quiet + ["--mount", "/etc:/host/etc"], ["host-path-etc": "high"]),
            ("logs", quiet + ["--mount", "/var/log:/host/log"], ["host-path-log": "medium"]),
            ("admin", quiet + ["--add-capability", "SYS_ADMIN"], ["added-capability": "high"]),
            ("unmasked", quiet + ["--unmasked-proc"], ["unmasked-proc": "high"]),
            ("sharing", quiet + ["--share-pid"], ["shared-process-namespace": "low"]),
            ("open", ["--no-new-privileges"], ["seccomp-unconfined": "low"]),
        ]

        static let disk = ["/dev/vda", "/dev/nvme0n1", "/dev/xvda", "/dev/sda", "/dev/loop0"].first {
            (try? FileManager.default.attributesOfItem(atPath: $0)[.type] as? FileAttributeType) == .typeBlockSpecial
        }

        @Test func ofEveryExposure() throws {
            try ContainerdNode.with { node in
                let made = try Self.pods.map { try node.pod($0.name, $0.options) }
                let disk = try Self.disk.map { try node.pod("disk", Self.quiet + ["--device", $0]) }
                let report = try node.scan().report
                for (pod, expected) in zip(made, Self.pods) {
                    #expect(report.severities(of: pod) == expected.severities, "\(expected.name)")
                }
                if let disk { #expect(report.severities(of: disk) == ["host-device": "high"]) }
            }
        }

        /// A privileged pod's record covers single capabilities, devices and masks; what it mounts and shares stays.
        @Test func ofEverythingAtOnce() throws {
            try ContainerdNode.with { node in
                let pod = try node.pod(
                    "all", ["--privileged", "--host-pid", "--host-network", "--host-ipc", "--mount", "/:/host"])
                #expect(
                    try node.scan().report.severities(of: pod) == [
                        "privileged": "high", "host-pid-namespace": "high", "host-network-namespace": "medium",
                        "host-ipc-namespace": "medium", "host-path-root": "high",
                    ])
            }
        }
    }
}

extension ScanReport {
    func severities(of pod: BenchPod) -> [String: String] {
        Dictionary(findings(of: pod).map { ($0.technique, $0.severity) }, uniquingKeysWith: { "\($0), \($1)" })
    }
}
