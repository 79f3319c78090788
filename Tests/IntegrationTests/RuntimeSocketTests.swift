import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// What comes through the runtime's sockets, made by real pods on a node with systemd: connections, shims that listen
    /// for everybody in the node's network, and containers that no kubelet asked for.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct RuntimeSocketTests {
        /// Holds connections to every path that it is given; listens first on those after `-l`, abstract where they begin
        /// with `@`.
        static let client = """
            #include <string.h>
            #include <sys/socket.h>
            #include <sys/un.h>
            #include <unistd.h>
            static int name(char *path, struct sockaddr_un *address) {
                memset(address, 0, sizeof *address);
                address->sun_family = AF_UNIX;
                strncpy(address->sun_path, path, sizeof address->sun_path - 1);
                if (path[0] == '@') address->sun_path[0] = 0;
                return sizeof address->sun_family + strlen(path) + (path[0] == '@' ? 0 : 1);
            }
            int main(int count, char **words) {
                struct sockaddr_un address;
                int listens = 0;
                for (int word = 1; word < count; word++) {
                    if (!strcmp(words[word], "-l")) { listens = 1; continue; }
                    int length = name(words[word], &address);
                    if (listens) {
                        int service = socket(AF_UNIX, SOCK_STREAM, 0);
                        if (bind(service, (void *)&address, length) || listen(service, 8)) return 1;
                    }
                    if (connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, length)) return 2;
                }
                for (;;) pause();
            }
            """

        private static let socket = "/run/containerd/containerd.sock"

        /// A pod's options, and which service's socket it is connected to by the report.
        static let clients: [(name: String, options: [String], technique: String?, path: String)] = [
            ("quiet", [], nil, ""),
            (
                "agent", ["--mount", "\(socket):/agent.sock", "--", "/client", "/agent.sock"], "holds-runtime-socket",
                socket
            ),
            (
                "browser",
                ["--host-network", "--mount", "/run:/host:ro", "--", "/client", "/host/containerd/containerd.sock"],
                "holds-runtime-socket", socket
            ),
            (
                "units", ["--mount", "/run/systemd:/units:ro", "--", "/client", "/units/private"],
                "holds-service-manager-socket", "/run/systemd/private"
            ),
            // Its own service, by the runtime's name.
            (
                "own",
                ["--mount", "/srv:/srv:ro", "--", "sh", "-c", "mkdir -p /run/containerd; exec /client -l \(socket)"],
                nil, ""
            ),
        ]

        @Test(arguments: ["v1", "v2"]) func connections(version: String) throws {
            let program = try CompiledProgram(Self.client)
            try SystemdNode.with(version) { node in
                try node.succeed("sh", "-c", "cat >/srv/client; chmod 755 /srv/client", input: try program.contents)
                var pods: [(BenchPod, String?, String)] = []
                for client in Self.clients {
                    let options = ExposureTests.quiet + ["--mount", "/srv/client:/client:ro"] + client.options
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

        /// An old shim's socket is reached by root in the node's network, and by nobody else.
        @Test func abstractShims() throws {
            let program = try CompiledProgram(Self.client)
            try SystemdNode.with("v2") { node in
                try node.succeed("sh", "-c", "cat >/srv/client; chmod 755 /srv/client", input: try program.contents)
                let name = "@/containerd-shim/k8s.io/4f2a/shim.sock"
                let root = try node.pod(["root", "--host-network"] + ExposureTests.quiet)
                let user = try node.pod(["user", "--host-network", "--user", "1000"] + ExposureTests.quiet)
                let other = try node.pod(["other"] + ExposureTests.quiet)
                #expect(try node.scan().report.techniques(of: root) == ["host-network-namespace"])
                try node.succeed("systemd-run", "-q", "/srv/client", "-l", name)
                let report = try node.scan { $0.techniques(of: root).count == 2 }
                #expect(report.techniques(of: root) == ["abstract-shim-socket", "host-network-namespace"])
                let finding = report.findings(of: root).first { $0.technique == "abstract-shim-socket" }
                #expect(finding?.detail == name && finding?.task?.pid == root.pid && finding?.severity == "high")
                #expect(report.techniques(of: user) == ["host-network-namespace"])
                #expect(report.techniques(of: other) == [])
            }
        }

        /// What kubectl debug makes of a node, and what is done in it.
        @Test func debugPod() throws {
            try SystemdNode.with("v2") { node in
                let namespaces = ["--host-pid", "--host-network", "--host-ipc"]
                let shell = ["--", "sh", "-c", "exec chroot /host /bin/sleep 1d"]
                let pod = try node.pod(
                    ["node-debugger-ip-10-10-1-67-x7k2p", "--container", "debugger"] + namespaces + ExposureTests.quiet
                        + ["--mount", "/:/host"] + shell)
                let report = try node.scan { $0.techniques(of: pod).contains("root-in-host-tree") }
                #expect(
                    report.techniques(of: pod) == [
                        "host-ipc-namespace", "host-network-namespace", "host-path-root", "host-pid-namespace",
                        "node-debug-pod", "root-in-host-tree",
                    ])
                let severities = Dictionary(
                    report.findings(of: pod).map { ($0.technique, $0.severity) },
                    uniquingKeysWith: { first, _ in first })
                #expect(severities["node-debug-pod"] == "low" && severities["root-in-host-tree"] == "critical")
            }
        }

        /// Records that have the runtime run a program of a pod, and start in a descriptor of the runtime.
        @Test func hookAndWorkingDirectory() throws {
            try SystemdNode.with("v2") { node in
                let writer = try node.pod(["writer", "--mount", "/srv:/srv"] + ExposureTests.quiet)
                let hooked = try node.pod(["hooked"] + ExposureTests.quiet)
                let leaked = try node.pod(["leaked"] + ExposureTests.quiet)
                try node.edit(hooked.container, #"s/^{/{"hooks":{"createRuntime":[{"path":"\/srv\/hook"}]},/"#)
                try node.edit(leaked.container, #"s/"cwd": *"[^"]*"/"cwd":"\/proc\/self\/fd\/8"/"#)
                let report = try node.scan().report
                #expect(report.techniques(of: writer) == ["host-path-other"])
                let hook = try #require(report.findings(of: hooked).first)
                #expect(hook.technique == "runtime-hook" && hook.severity == "high" && hook.class == "residue")
                #expect(hook.detail == "/srv/hook: default/writer may write to it, by its mount of /srv")
                let leak = try #require(report.findings(of: leaked).first)
                #expect(leak.technique == "leaked-working-directory" && leak.task?.pid == leaked.pid)
            }
        }
    }
}
