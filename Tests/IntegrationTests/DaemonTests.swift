import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// The daemon under a real systemd, with real escapes that are over before anybody could look.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct DaemonTests {
        /// Children, one after the other, each for a millisecond in the mount namespace of PID 1; prints of each
        /// `pid microseconds life`.
        private static let escapes = "\(Bench.repository)/packaging/benchmarks/escape.c"

        private struct Escape {
            var pid: String
            /// Microseconds since 1970.
            var time: Int64
        }

        /// A thousand escapes among starts and ends of quiet pods: each is told, with its pod, and nothing else is.
        @Test(arguments: ["v1", "v2"]) func escapesOfAMillisecond(version: String) throws {
            let program = try CompiledProgram(String(contentsOfFile: Self.escapes, encoding: .utf8))
            try SystemdNode.with(version) { node in
                try node.startDaemon(
                    configuration: "{rateLimit: {findings: 100000, period: 1m}, api: {enabled: false}}")
                try node.succeed("sh", "-c", "cat >/run/escape; chmod 755 /run/escape", input: try program.contents)
                let pod = try node.pod(
                    "evil", "--privileged", "--host-pid", "--mount", "/run/escape:/escape:ro")
                try node.awaitJournal { $0.contains { $0["BREAKOUTD_TECHNIQUE"] == "privileged" } }
                let quiet = try node.start("sh", "-c", Self.quietPods)
                let output = try Bench.succeed(
                    node.command("pod", "-s", SystemdNode.socket, "exec", pod.container, "--", "/escape", "1000"))
                #expect(try quiet.wait(seconds: 120) == 0)
                let escapes = output.text.split(separator: "\n").compactMap { line -> Escape? in
                    let parts = line.split(separator: " ")
                    return parts.count == 3 ? Int64(parts[1]).map { Escape(pid: String(parts[0]), time: $0) } : nil
                }
                #expect(escapes.count == 1000)
                let entries = try node.awaitJournal { entries in
                    entries.count { $0["BREAKOUTD_TECHNIQUE"] == "entered-host-mount-namespace" } >= escapes.count
                }
                let status = try node.run("breakoutd", "status").text
                #expect(status.contains(" 0 lost"), "\(status)")
                #expect(!status.contains("Not judged"), "\(status)")
                try Self.compare(entries, escapes, pod)
            }
        }

        private static func compare(
            _ entries: [[String: String]], _ escapes: [Escape], _ pod: BenchPod
        ) throws {
            let raised = entries.filter { $0["BREAKOUTD_EVENT"] == "raised" }
            let told = raised.filter { $0["BREAKOUTD_TECHNIQUE"] == "entered-host-mount-namespace" }
            #expect(Set(told.compactMap { $0["BREAKOUTD_PID"] }) == Set(escapes.map(\.pid)))
            #expect(
                told.allSatisfy {
                    $0["BREAKOUTD_POD"] == "evil" && $0["BREAKOUTD_NAMESPACE"] == "default"
                        && $0["BREAKOUTD_POD_UID"] == pod.uid && $0["BREAKOUTD_CONTAINER_ID"] == pod.container
                        && $0["PRIORITY"] == "2" && $0["BREAKOUTD_DECLARED"] == "undeclared"
                })
            let others = raised.filter { $0["BREAKOUTD_TECHNIQUE"] != "entered-host-mount-namespace" }
            #expect(
                Set(others.compactMap { $0["BREAKOUTD_TECHNIQUE"] })
                    == ["host-path-other", "host-pid-namespace", "privileged"])
            #expect(others.allSatisfy { $0["BREAKOUTD_POD"] == "evil" }, "\(others.compactMap { $0["MESSAGE"] })")
            let times = Dictionary(escapes.map { ($0.pid, $0.time) }, uniquingKeysWith: { first, _ in first })
            let delays = told.compactMap { entry -> Int64? in
                guard let pid = entry["BREAKOUTD_PID"], let act = times[pid],
                    let time = entry["__REALTIME_TIMESTAMP"].flatMap(Int64.init)
                else { return nil }
                return time - act
            }.sorted()
            print(
                "delay from the act to the journal, microseconds: median", delays[delays.count / 2], "p99",
                delays[delays.count * 99 / 100], "of", delays.count)
        }

        /// Thirty pods that come and go.
        private static let quietPods = """
            for number in $(seq 30); do
                line=$(pod -s \(SystemdNode.socket) run quiet-$number --seccomp default --no-new-privileges)
                name=${line#*\\"pod\\": \\"}
                pod -s \(SystemdNode.socket) remove "${name%%\\"*}" >/dev/null
            done
            """

        /// SIGHUP takes over another configuration, and refuses one that cannot be used; the self-test has seen its own act.
        @Test func reloadAndSelfTest() throws {
            try SystemdNode.with("v2") { node in
                try node.startDaemon(configuration: "{api: {enabled: false}}")
                let pod = try node.pod(["net", "--host-network"] + ExposureTests.quiet)
                try node.awaitJournal { $0.contains { $0["BREAKOUTD_POD_UID"] == pod.uid } }
                try node.succeed("sh", "-c", "echo 'sinks: {fiel: {}}' >/etc/breakoutd/config.yaml")
                try node.succeed("systemctl", "kill", "-s", "HUP", "breakoutd")
                try node.awaitJournal {
                    $0.contains { $0["MESSAGE"]?.contains("config.yaml:1") == true && $0["PRIORITY"] == "3" }
                }
                let settings = "{api: {enabled: false}, sinks: {file: {path: /var/log/breakoutd.log}}}"
                try node.succeed("sh", "-c", "echo '\(settings)' >/etc/breakoutd/config.yaml")
                try node.succeed("systemctl", "kill", "-s", "HUP", "breakoutd")
                try node.awaitJournal { $0.contains { $0["MESSAGE"]?.contains("read anew") == true } }
                let other = try node.pod(["ipc", "--host-ipc"] + ExposureTests.quiet)
                try node.awaitFile("/var/log/breakoutd.log", containing: other.uid)
                #expect(try node.run("grep", "-c", pod.uid, "/var/log/breakoutd.log").status == 1)
                let deadline = Date().addingTimeInterval(30)
                var status = try node.run("breakoutd", "status")
                while !status.text.contains("Self-test"), Date() < deadline {
                    status = try node.run("breakoutd", "status")
                }
                #expect(status.status == 0 && status.text.contains("a change of namespaces was seen after"))
                #expect(status.text.contains("Sink file"))
            }
        }

        /// What was told of is told once, over restarts that come without warning.
        @Test func killedAndStartedAgain() throws {
            try SystemdNode.with("v2") { node in
                try node.startDaemon(configuration: "{api: {enabled: false}}")
                let pod = try node.pod(["net", "--host-network"] + ExposureTests.quiet)
                try node.awaitJournal { $0.contains { $0["BREAKOUTD_POD"] == "net" } }
                let status = try node.run("breakoutd", "status", "--format", "json")
                #expect(status.status == 0 && status.text.contains("\"findingsOpen\":1"))
                try node.awaitFile("/var/lib/breakoutd/state.json", containing: pod.uid)
                try node.succeed("systemctl", "kill", "-s", "KILL", "breakoutd")
                try node.startDaemon(configuration: "{api: {enabled: false}}")
                let other = try node.pod(["ipc", "--host-ipc"] + ExposureTests.quiet)
                let entries = try node.awaitJournal { $0.contains { $0["BREAKOUTD_POD_UID"] == other.uid } }
                #expect(entries.count { $0["BREAKOUTD_POD_UID"] == pod.uid } == 1)
                try node.succeed("pod", "-s", SystemdNode.socket, "remove", pod.pod)
                let cleared = try node.awaitJournal { $0.contains { $0["BREAKOUTD_EVENT"] == "cleared" } }
                #expect(cleared.last { $0["BREAKOUTD_EVENT"] == "cleared" }?["BREAKOUTD_POD_UID"] == pod.uid)
                try node.succeed("systemctl", "stop", "breakoutd")
                #expect(try node.run("breakoutd", "status").status == 3)
            }
        }
    }
}

extension SystemdNode {
    /// Starts the daemon as a service and returns when it is ready.
    func startDaemon(configuration: String) throws {
        let setup = """
            mkdir -p /etc/breakoutd
            printf '%s\\n' "$0" >/etc/breakoutd/config.yaml
            systemctl stop breakoutd 2>/dev/null || true
            systemctl reset-failed breakoutd 2>/dev/null || true
            """
        try succeed("sh", "-ec", setup, configuration)
        try succeed(
            "systemd-run", "-q", "--unit=breakoutd", "-p", "Type=notify", "-p", "WatchdogSec=30", "-p",
            "RuntimeDirectory=breakoutd", "-p", "StateDirectory=breakoutd", "-p", "SyslogIdentifier=breakoutd",
            "/usr/local/bin/breakoutd", "run")
    }
}
