import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// Every exposure, made by a real containerd and runc.
    @Suite(.enabled(if: Bench.isUsable, Bench.reason)) struct ExposureTests {
        static let quiet = ["--seccomp", "default", "--no-new-privileges"]

        /// A pod's options and the techniques that it shows, no more and no less.
        static let pods: [(name: String, options: [String], techniques: [String])] = [
            ("quiet", quiet, []),
            // A child that nobody waits for, as in every second container without an init.
            ("zombie", quiet + ["--", "/bin/sh", "-c", "/bin/true & exec /bin/sleep 1d"], []),
            ("busybox-privileged", quiet + ["--host-network"], ["host-network-namespace"]),
            ("ipc", quiet + ["--host-ipc"], ["host-ipc-namespace"]),
            ("pid", quiet + ["--host-pid"], ["host-pid-namespace"]),
            ("admin", ["--privileged", "--host-pid"], ["host-pid-namespace", "privileged"]),
            ("default", [], ["seccomp-unconfined"]),
            ("browser", quiet + ["--mount", "/:/host"], ["host-path-root"]),
            ("reader", quiet + ["--mount", "/:/host:ro"], ["host-path-root", "host-path-writable-submount"]),
            ("proc", quiet + ["--mount", "/proc:/host/proc"], ["host-path-proc"]),
            ("etc", quiet + ["--mount", "/etc:/host/etc:ro"], ["host-path-etc"]),
            ("home", quiet + ["--mount", "/root:/host/root:ro"], ["host-path-home"]),
            ("logs", quiet + ["--mount", "/var/log:/host/log"], ["host-path-log"]),
            ("programs", quiet + ["--mount", "/opt:/host/opt:ro"], ["host-path-binaries"]),
            ("units", quiet + ["--mount", "/etc/systemd:/units"], ["host-path-systemd"]),
            ("sys", quiet + ["--mount", "/sys:/host/sys:ro"], ["host-path-sys", "host-path-writable-submount"]),
            ("devices", quiet + ["--mount", "/dev:/host/dev:ro"], ["host-path-dev", "host-path-writable-submount"]),
            ("cron", quiet + ["--mount", "/etc/cron.d:/cron"], ["host-path-cron"]),
            ("network", quiet + ["--mount", "/etc/cni:/cni"], ["host-path-cni"]),
            ("images", quiet + ["--mount", "/var/lib/containerd:/state:ro"], ["host-path-runtime-state"]),
            ("handles", quiet + ["--mount", "/run/netns:/netns:ro"], ["host-path-network-namespaces"]),
            ("temporary", quiet + ["--mount", "/tmp:/host/tmp"], ["host-path-other"]),
            ("mounter", quiet + ["--add-capability", "SYS_ADMIN"], ["added-capability"]),
            ("kernel", quiet + ["--unmasked-proc"], ["unmasked-proc"]),
            ("fuse", quiet + ["--device", "/dev/fuse"], ["host-device"]),
            ("sharing", quiet + ["--share-pid"], ["shared-process-namespace"]),
        ]

        /// What a machine that is no node has no directories for.
        static let podsOfANode: [(name: String, options: [String], techniques: [String])] = [
            ("volumes", quiet + ["--mount", "/var/lib/kubelet:/kubelet:ro"], ["host-path-kubelet"]),
            ("manifests", quiet + ["--mount", "/etc/kubernetes/manifests:/manifests"], ["host-path-static-pods"]),
        ]

        @Test func everyExposure() throws {
            try ContainerdNode.with { node in
                var made: [String: BenchPod] = [:]
                for pod in Self.pods { made[pod.name] = try node.pod(pod.name, pod.options) }
                let socket = try node.pod(
                    "cache", Self.quiet + ["--mount", "\(node.socket):/run/containerd/containerd.sock"])
                let (report, status) = try node.scan()
                #expect(status == 1 && report.verdict == "findings")
                for expected in Self.pods {
                    let pod = try #require(made[expected.name])
                    #expect(report.techniques(of: pod) == expected.techniques, "\(expected.name)")
                    for finding in report.findings(of: pod) {
                        #expect(finding.pod?.namespace == "default" && finding.pod?.name == expected.name)
                        #expect(finding.container?.id == pod.container && finding.container?.name == "main")
                        #expect(finding.task?.pid == pod.pid, "\(expected.name) \(finding.technique)")
                        #expect(finding.declared == "declared-by-runtime", "\(expected.name) \(finding.technique)")
                    }
                }
                #expect(report.techniques(of: socket) == ["host-path-runtime-socket"])
            }
        }

        /// A node of a block device, mounted as a file.
        @Test(.enabled(if: SeverityTests.disk != nil, "needs a block device")) func disk() throws {
            try ContainerdNode.with { node in
                let path = try #require(SeverityTests.disk)
                let pod = try node.pod("disk", Self.quiet + ["--mount", "\(path):/disk"])
                let findings = try node.scan().report.findings(of: pod)
                #expect(findings.map(\.technique) == ["host-path-disk"] && findings.map(\.severity) == ["high"])
            }
        }

        /// The first process has ended its main thread: another shows what the container shares.
        @Test func endedMainThread() throws {
            let program = try CompiledProgram(
                """
                #include <pthread.h>
                #include <unistd.h>
                static void *stay(void *unused) { for (;;) pause(); return unused; }
                int main(void) {
                    pthread_t thread;
                    pthread_create(&thread, 0, stay, 0);
                    pthread_exit(0);
                }
                """)
            try ContainerdNode.with { node in
                let pod = try node.pod(
                    "headless",
                    Self.quiet + ["--host-pid", "--host-network", "--mount", "\(program.path):/program:ro"],
                    command: ["/program"])
                let report = try node.scan { $0.techniques(of: pod).contains("host-pid-namespace") }
                for technique in ["host-network-namespace", "host-pid-namespace"] {
                    let finding = try #require(report.findings(of: pod).first { $0.technique == technique })
                    #expect(finding.task?.pid == pod.pid && finding.task?.tid != pod.pid)
                }
            }
        }

        /// The record of a live container says that it has a user namespace; its process is in the host's.
        @Test func recordAgainstProcess() throws {
            try ContainerdNode.with { node in
                let pod = try node.pod("mapped", Self.quiet)
                let path = "\(node.bundle(pod.container))/config.json"
                let text = try String(contentsOfFile: path, encoding: .utf8)
                try text.replacing("\"namespaces\":[", with: "\"namespaces\":[{\"type\":\"user\"},")
                    .write(toFile: path, atomically: false, encoding: .utf8)
                let finding = try #require(try node.scan().report.findings(of: pod).first)
                #expect(finding.technique == "host-user-namespace" && finding.declared == "undeclared")
                #expect(finding.severity == "critical" && finding.task?.pid == pod.pid)
            }
        }

        /// The root file system of another pod's container, and a directory in it.
        @Test func rootOfAnother() throws {
            try ContainerdNode.with { node in
                let victim = try node.pod("victim", Self.quiet)
                let root = "\(node.bundle(victim.container))/rootfs"
                let thief = try node.pod(
                    "thief", Self.quiet + ["--mount", "\(root):/root", "--mount", "\(root)/etc:/etc/x:ro"])
                let report = try node.scan().report
                #expect(report.techniques(of: victim) == [])
                #expect(report.techniques(of: thief) == ["host-path-runtime-state", "host-path-runtime-state"])
                let findings = report.findings(of: thief)
                #expect(findings.first { $0.severity == "high" }?.evidence["path"] == .text(root))
                #expect(findings.first { $0.severity == "medium" }?.evidence["path"] == .text("\(root)/etc"))
            }
        }

        @Test func orphan() throws {
            try ContainerdNode.with { node in
                let output = try Bench.succeed([Bench.script("orphan"), node.socket, "stray-1"])
                struct Orphan: Decodable { var pid: Int32 }
                let orphan = try JSONDecoder().decode(Orphan.self, from: output.bytes)
                let findings = try node.scan().report.findings.filter { $0.technique == "orphan-container" }
                #expect(findings.map(\.container?.id) == ["stray-1"] && findings.map(\.pod?.name) == [nil])
                #expect(findings.map(\.task?.pid) == [orphan.pid] && findings.map(\.severity) == ["high"])
            }
        }
    }
}
