import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// Pods that trace processes, or hold processes, namespaces, sockets and objects of the kernel that are not theirs.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct HeldObjectTests {
        /// A pod's options with the words for the program, and the techniques that it shows beside what its options show.
        private struct Holder {
            var name: String
            var options: [String]
            var words: [String]
            var techniques: [String]
        }

        private static let inNode = ["--privileged", "--host-pid"]

        private static func holders(service: String, quiet: BenchPod, shim: String) -> [Holder] {
            [
                Holder(
                    name: "tracer", options: inNode, words: ["trace", service, "\(quiet.pid ?? 0)", shim],
                    techniques: Array(repeating: "foreign-process-traced", count: 3)),
                Holder(
                    name: "memory", options: inNode, words: ["open", "/proc/\(service)/mem"],
                    techniques: ["holds-process-memory"]),
                Holder(
                    name: "handle", options: inNode, words: ["handle", service], techniques: ["holds-host-process"]),
                Holder(
                    name: "namespace", options: inNode, words: ["open", "/proc/1/ns/net"],
                    techniques: ["holds-host-namespace"]),
                Holder(name: "own-memory", options: inNode, words: ["open", "/proc/self/mem"], techniques: []),
                Holder(name: "bpf", options: ["--privileged"], words: ["program"], techniques: ["holds-bpf-program"]),
                Holder(
                    name: "listener", options: ["--host-network"] + ExposureTests.quiet, words: ["listen"],
                    techniques: ["holds-packet-socket"]),
                // In the network of its own pod.
                Holder(name: "own-listener", options: ExposureTests.quiet, words: ["listen"], techniques: []),
                Holder(
                    name: "memory-user", options: ["--host-ipc"] + ExposureTests.quiet, words: ["attach"],
                    techniques: ["shared-memory-reached"]),
            ]
        }

        @Test(arguments: ["v1", "v2"]) func heldByPods(version: String) throws {
            let program = try CompiledProgram(Self.program)
            try SystemdNode.with(version) { node in
                try node.succeed("sh", "-c", "cat >/run/act; chmod 755 /run/act", input: try program.contents)
                let service = try node.service("victim", "/run/act", "make")
                let quiet = try node.pod(["quiet"] + ExposureTests.quiet)
                let shim = try node.run("ps", "-o", "ppid=", "-p", "\(quiet.pausePid)").text
                let holders = Self.holders(
                    service: service, quiet: quiet, shim: shim.trimmingCharacters(in: .whitespacesAndNewlines))
                var pods: [String: BenchPod] = [:]
                for holder in holders {
                    pods[holder.name] = try node.pod(
                        [holder.name] + holder.options + ["--mount", "/run/act:/act:ro", "--", "/act"] + holder.words)
                }
                let wanted = holders.reduce(0) { $0 + $1.techniques.count }
                let report = try node.scan { report in
                    report.findings.filter { Self.techniques.contains($0.technique) }.count == wanted
                }
                for holder in holders {
                    let pod = try #require(pods[holder.name])
                    let findings = report.findings(of: pod).filter { Self.techniques.contains($0.technique) }
                    #expect(findings.map(\.technique) == holder.techniques, "\(holder.name)")
                    #expect(findings.allSatisfy { $0.task?.pid == pod.pid }, "\(holder.name)")
                }
                let traced = report.findings.filter { $0.technique == "foreign-process-traced" }
                #expect(traced.allSatisfy { $0.severity == "critical" })
                #expect(traced.filter { $0.evidence["targetOwner"] == .text("default/quiet") }.count == 1)
                #expect(traced.contains { $0.evidence["target"] == .text("containerd-shim") })
                // The machine's own settings.
                #expect(!report.findings.contains { $0.technique.hasPrefix("kernel-helper-") })
                #expect(report.techniques(of: quiet) == [])
                #expect(report.gaps.isEmpty)
            }
        }

        private static let techniques: Set<String> = [
            "foreign-process-traced", "holds-bpf-program", "holds-host-namespace", "holds-host-process",
            "holds-packet-socket", "holds-process-memory", "shared-memory-reached",
        ]

        /// Does what its first word says, and stays.
        private static let program = """
            #define _GNU_SOURCE
            #include <arpa/inet.h>
            #include <fcntl.h>
            #include <linux/bpf.h>
            #include <linux/if_ether.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/ptrace.h>
            #include <sys/shm.h>
            #include <sys/socket.h>
            #include <sys/syscall.h>
            #include <unistd.h>

            static void load(void) {
                struct bpf_insn code[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
                union bpf_attr load;
                memset(&load, 0, sizeof load);
                load.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
                load.insns = (unsigned long)code;
                load.insn_cnt = 2;
                load.license = (unsigned long)"GPL";
                syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
            }

            int main(int count, char **words) {
                const char *act = words[1];
                for (int number = 2; number < count; number++) {
                    if (!strcmp(act, "trace")) ptrace(PTRACE_SEIZE, atoi(words[number]), 0, 0);
                    if (!strcmp(act, "open")) open(words[number], O_RDONLY);
                    if (!strcmp(act, "handle")) syscall(SYS_pidfd_open, atoi(words[number]), 0);
                }
                if (!strcmp(act, "program")) load();
                if (!strcmp(act, "listen")) socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
                if (!strcmp(act, "make")) shmget(4711, 4096, IPC_CREAT | 0666);
                if (!strcmp(act, "attach")) shmat(shmget(4711, 4096, 0666), 0, 0);
                for (;;) pause();
            }
            """
    }
}

extension SystemdNode {
    /// Starts a service; gives its process.
    fileprivate func service(_ name: String, _ words: String...) throws -> String {
        try succeed(["systemd-run", "-q", "--unit", name] + words)
        return try run("systemctl", "show", "-p", "MainPID", "--value", name).text
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
