import Foundation
import Testing

extension IntegrationTests.ContainerdNodeTests {
    /// What a pod is allowed from the start.
    @Suite struct ExposureTests {
        /// Options of a pod, and everything that is to be said of it.
        struct Exposure: Sendable, CustomTestStringConvertible {
            var name: String
            var options: [String]
            var severities: [String: String]
            var testDescription: String { name }

            /// On top of a pod that shares nothing.
            static func with(_ name: String, _ options: String..., finds severities: [String: String]) -> Exposure {
                Exposure(name: name, options: ContainerdNode.restricted + options, severities: severities)
            }
        }

        static let exposures: [Exposure] =
            [
                .with("net", "--host-network", finds: ["host-network-namespace": "medium"]),
                .with(
                    "priv", "--privileged", "--host-pid", finds: ["privileged": "high", "host-pid-namespace": "high"]),
                .with("pid", "--host-pid", finds: ["host-pid-namespace": "medium"]),
                .with("ipc", "--host-ipc", finds: ["host-ipc-namespace": "medium"]),
                .with("root-rw", "--mount", "/:/host", finds: ["host-path-root": "high"]),
                .with(
                    "root-ro", "--mount", "/:/host:ro",
                    finds: ["host-path-root": "medium", "host-path-writable-submount": "medium"]),
                .with("socket", "--mount", "/run/containerd:/socket", finds: ["host-path-runtime-socket": "high"]),
                .with("proc", "--mount", "/proc:/host/proc", finds: ["host-path-proc": "high"]),
                .with("etc", "--mount", "/etc:/host/etc", finds: ["host-path-etc": "high"]),
                .with("log", "--mount", "/var/log:/host/log", finds: ["host-path-log": "medium"]),
                .with("other", "--mount", "/tmp:/host/tmp:ro", finds: ["host-path-other": "low"]),
                .with("admin", "--add-capability", "SYS_ADMIN", finds: ["added-capability": "high"]),
                .with("unmasked", "--unmasked-proc", finds: ["unmasked-proc": "high"]),
                .with("share", "--share-pid", finds: ["shared-process-namespace": "low"]),
                Exposure(
                    name: "unconfined", options: ["--no-new-privileges"],
                    severities: ["seccomp-unconfined": "low"]),
            ]
            + (blockDevice.map { [.with("disk", "--device", $0, finds: ["host-device": "high"])] } ?? [])

        private static let blockDevice = ["/dev/vda", "/dev/nvme0n1", "/dev/xvda", "/dev/sda", "/dev/loop0"].first {
            (try? FileManager.default.attributesOfItem(atPath: $0)[.type] as? FileAttributeType) == .typeBlockSpecial
        }

        @Test(arguments: exposures)
        func isFoundWithItsPodContainerAndProcess(_ exposure: Exposure) throws {
            let node = try ContainerdNode.current()
            try node.withPod(exposure.name, namespace: "exposed", exposure.options) { pod in
                let report = try node.report(["--namespace", "exposed", "--pod", exposure.name])
                let findings = report.findings(of: pod)
                let severities = Dictionary(
                    findings.map { ($0.technique, $0.severity) }, uniquingKeysWith: { "\($0), \($1)" })
                #expect(severities == exposure.severities, "\(findings.map(\.detail))")
                for finding in findings {
                    #expect(finding.declared == "declared-by-runtime", "\(finding.technique)")
                    #expect(finding.class == "exposure")
                    #expect(finding.pod == pod.identity)
                    #expect(finding.container?.id == pod.container)
                    #expect(finding.container?.name == "main")
                    #expect(finding.container?.runtime == "containerd")
                    #expect(finding.task?.pid == pod.pid)
                    #expect(finding.task?.tid == pod.pid)
                }
            }
        }

        /// The command line of the first report of this technique: everything at once.
        @Test func aPodWithEverythingIsFoundWithEverything() throws {
            let node = try ContainerdNode.current()
            let options = ["--privileged", "--host-pid", "--host-network", "--host-ipc", "--mount", "/:/host"]
            try node.withPod("everything", options) { pod in
                let found = Set(try node.report().findings(of: pod).map(\.technique))
                let expected: Set = [
                    "privileged", "host-pid-namespace", "host-network-namespace", "host-ipc-namespace",
                    "host-path-root",
                ]
                #expect(found == expected)
            }
        }

        @Test func aContainerThatNoKubeletMadeIsFound() throws {
            let node = try ContainerdNode.current()
            struct Orphan: Decodable {
                var container: String
                var pid: Int32
            }
            let orphan = try JSONDecoder().decode(
                Orphan.self, from: try succeed([Bench.scripts + "/orphan", node.socket, "stray"]).output)
            defer {
                do { try succeed([Bench.scripts + "/orphan", node.socket, "stray", "--remove"]) } catch {
                    Issue.record(error)
                }
            }
            let report = try node.report()
            let finding = try #require(
                report.findings?.first { $0.technique == "orphan-container" && $0.container?.id == "stray" })
            #expect(finding.class == "residue")
            #expect(finding.declared == "undeclared")
            #expect(finding.pod == nil)
            #expect(finding.task?.pid == orphan.pid)
            #expect(finding.evidence["runtimeNamespace"] == .text("k8s.io"))
        }
    }
}
