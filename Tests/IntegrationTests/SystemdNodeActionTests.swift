import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// Escapes on a node with systemd as PID 1: into PID 1's own namespaces.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct SystemdNodeActionTests {
        /// On v2 alone runtimes make a cgroup namespace, and none for a privileged container.
        @Test func cgroupNamespaceOfPID1() throws {
            let program = try CompiledProgram(
                """
                #define _GNU_SOURCE
                #include <fcntl.h>
                #include <sched.h>
                #include <unistd.h>
                int main(void) {
                    setns(open("/proc/1/ns/cgroup", O_RDONLY), CLONE_NEWCGROUP);
                    for (;;) pause();
                }
                """)
            try SystemdNode.with("v2") { node in
                try node.succeed("sh", "-c", "cat >/run/viewer; chmod 755 /run/viewer", input: try program.contents)
                let pod = try node.pod(
                    ["viewer", "--host-pid", "--add-capability", "SYS_ADMIN", "--add-capability", "SYS_PTRACE"]
                        + ["--mount", "/run/viewer:/viewer:ro", "--", "/viewer"])
                let report = try node.scan { $0.techniques(of: pod).contains("entered-host-cgroup-namespace") }
                let finding = try #require(
                    report.findings(of: pod).first { $0.technique == "entered-host-cgroup-namespace" })
                #expect(finding.task?.pid == pod.pid && finding.severity == "critical")
                #expect(!report.techniques(of: pod).contains("host-cgroup-namespace"))
            }
        }

        /// Records that give up a namespace, or claim one, while the process stays where it is.
        @Test(arguments: ["v1", "v2"]) func recordsAgainstProcesses(version: String) throws {
            try SystemdNode.with(version) { node in
                let named = try node.pod(["named", "--host-network"] + ExposureTests.quiet)
                let mapped = try node.pod(["mapped"] + ExposureTests.quiet)
                // The sandbox of a hostNetwork pod is in the node's UTS namespace; a network of its own takes that away.
                for container in [named.container, named.pod] {
                    try node.edit(container, #"s/"namespaces": *\[/&{"type":"network","path":"\/run\/netns\/x"},/"#)
                }
                try node.edit(mapped.container, #"s/"namespaces": *\[/&{"type":"user"},/"#)
                let report = try node.scan().report
                let uts = try #require(report.findings(of: named).first { $0.technique == "host-uts-namespace" })
                #expect(uts.task?.pid == named.pid && uts.declared == "declared-by-runtime")
                let user = try #require(report.findings(of: mapped).first { $0.technique == "host-user-namespace" })
                #expect(user.task?.pid == mapped.pid && user.severity == "critical")
            }
        }

        @Test(arguments: ["v1", "v2"]) func logTree(version: String) throws {
            try SystemdNode.with(version) { node in
                let pod = try node.pod(["logs"] + ExposureTests.quiet)
                try node.succeed("sh", "-ec", HostileInputTests.oddities, "\(pod.logDirectory)/main")
                let found = try node.scan().report.findings(of: pod)
                #expect(found.map(\.technique).sorted() == HostileInputTests.oddityTechniques)
                #expect(found.allSatisfy { $0.pod?.name == "logs" && $0.class == "residue" })
            }
        }
    }
}

extension SystemdNode {
    /// Changes the record of a running container by a command of sed.
    func edit(_ container: String, _ command: String) throws {
        let record = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/\(container)/config.json"
        try succeed("sed", "-i", command, record)
    }
}
