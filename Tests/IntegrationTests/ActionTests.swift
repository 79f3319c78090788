import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// Escapes and their like, made for real and judged.
    @Suite(.enabled(if: Bench.isUsable, Bench.reason)) struct ActionTests {
        private static let agent = ["--privileged", "--host-pid"]

        /// The seed's "become root on node" pod: its command enters the mount namespace of a process of the machine.
        @Test func becomeRootOnNode() throws {
            let guide = try Bench.start(["sleep", "1d"])
            defer { guide.terminate() }
            try ContainerdNode.with { node in
                let pod = try node.pod(
                    "sudo", Self.agent + ["--host-network"],
                    command: [
                        "nsenter", "--mount=/proc/\(guide.processIdentifier)/ns/mnt", "--", "sh", "-c", "sleep 1h",
                    ])
                let report = try node.scan { $0.techniques(of: pod).contains("entered-host-mount-namespace") }
                #expect(
                    report.techniques(of: pod) == [
                        "entered-host-mount-namespace", "first-process-in-host-namespace", "host-network-namespace",
                        "host-pid-namespace", "privileged",
                    ])
                for finding in report.findings(of: pod) where finding.class == "action" {
                    #expect(finding.severity == "critical" && finding.declared == "undeclared")
                    #expect(finding.container?.id == pod.container && finding.task?.pid == pod.pid)
                }
            }
        }

        /// Only one thread goes; the process itself stays where it was.
        @Test func oneThread() throws {
            let guide = try Bench.start(["sleep", "1d"])
            defer { guide.terminate() }
            let program = try CompiledProgram(Self.threadSource)
            try ContainerdNode.with { node in
                let pod = try node.pod(
                    "threads", Self.agent + ["--mount", "\(program.path):/thread:ro"],
                    command: ["/thread", "/proc/\(guide.processIdentifier)/ns/"])
                let report = try node.scan { $0.techniques(of: pod).contains("entered-host-uts-namespace") }
                let findings = report.findings(of: pod).filter { $0.class == "action" }
                #expect(
                    findings.map(\.technique).sorted() == [
                        "entered-host-mount-namespace", "entered-host-uts-namespace",
                    ])
                for finding in findings {
                    #expect(finding.task?.pid == pod.pid)
                    #expect(try #require(finding.task?.tid) != finding.task?.pid)
                    #expect(finding.evidence["thread"] == .flag(true))
                }
            }
        }

        static let threadSource = """
            #define _GNU_SOURCE
            #include <fcntl.h>
            #include <pthread.h>
            #include <sched.h>
            #include <stdio.h>
            #include <unistd.h>
            static const char *directory;
            static void join(const char *kind) {
                char path[128];
                snprintf(path, sizeof path, "%s%s", directory, kind);
                int file = open(path, O_RDONLY | O_CLOEXEC);
                if (file < 0 || setns(file, 0) != 0) perror(kind);
            }
            static void *go(void *unused) {
                unshare(CLONE_FS);
                int mount = -1;
                char path[128];
                snprintf(path, sizeof path, "%smnt", directory);
                mount = open(path, O_RDONLY | O_CLOEXEC);
                join("uts");
                if (setns(mount, 0) != 0) perror("mnt");
                for (;;) pause();
                return unused;
            }
            int main(int count, char **words) {
                pthread_t thread;
                if (count < 2) return 2;
                directory = words[1];
                pthread_create(&thread, 0, go, 0);
                for (;;) pause();
            }
            """

        @Test func anotherPodsNetwork() throws {
            try ContainerdNode.with { node in
                let victim = try node.pod("victim", ExposureTests.quiet)
                let pod = try node.pod(
                    "thief", Self.agent,
                    command: ["nsenter", "--net=/proc/\(victim.pausePid)/ns/net", "--", "sleep", "1d"])
                let report = try node.scan { $0.techniques(of: pod).contains("entered-foreign-namespace") }
                let finding = try #require(
                    report.findings(of: pod).first { $0.technique == "entered-foreign-namespace" })
                #expect(finding.detail.contains("default/victim") && finding.task?.pid == pod.pid)
                #expect(report.techniques(of: victim) == [])
            }
        }

        /// A root process of the node enters a container's namespaces, and leaves cgroup and capabilities as they are.
        @Test func outsideTheCgroup() throws {
            try ContainerdNode.with { node in
                let pod = try node.pod("entered", ExposureTests.quiet)
                let pid = try #require(pod.pid)
                // Whatever else it had open would be told, too.
                let enter = "exec nsenter -t \(pid) -m -- /bin/sleep 1d </dev/null >/dev/null 2>&1"
                let visitor = try Bench.start(["sh", "-c", enter])
                defer { visitor.terminate() }
                let report = try node.scan { $0.techniques(of: pod).contains("left-pod-cgroup") }
                // It kept the node's other namespaces and has no seccomp filter: that is told as well.
                #expect(
                    report.techniques(of: pod) == [
                        "capabilities-beyond-bundle", "entered-host-ipc-namespace", "entered-host-network-namespace",
                        "entered-host-pid-namespace", "entered-host-uts-namespace", "left-pod-cgroup",
                        "seccomp-unconfined",
                    ])
                for finding in report.findings(of: pod) {
                    #expect(finding.task?.pid == visitor.processIdentifier && finding.container?.id == pod.container)
                }
            }
        }

        /// A process of one pod is moved to the groups of another: it is still the first's.
        @Test func movedToAnotherPodsCgroup() throws {
            try ContainerdNode.with { node in
                let victim = try node.pod("victim", ExposureTests.quiet)
                let pod = try node.pod("mover", ExposureTests.quiet)
                try node.pod("exec", pod.container, "--", "sh", "-c", "sleep 2d </dev/null >/dev/null 2>&1 &")
                let children = "/proc/\(try #require(pod.pid))/task/\(try #require(pod.pid))/children"
                let text = try String(contentsOfFile: children, encoding: .utf8)
                let child = try #require(Int32(text.split(separator: " ").first ?? ""))
                try Bench.succeed(["bash", "-c", IntruderTests.joinGroups, "\(try #require(victim.pid))", "\(child)"])
                let report = try node.scan().report
                #expect(report.techniques(of: victim) == [])
                #expect(report.techniques(of: pod) == ["left-pod-cgroup"])
                #expect(report.findings(of: pod).first?.task?.pid == child)
            }
        }

        /// One process is moved out of one v1 hierarchy and stays in the others.
        @Test(
            .enabled(if: FileManager.default.fileExists(atPath: "/sys/fs/cgroup/pids/cgroup.procs"), "needs cgroup v1"))
        func oneHierarchy() throws {
            try ContainerdNode.with { node in
                let pod = try node.pod("mover", ExposureTests.quiet)
                let pid = try #require(pod.pid)
                // When the command is through, what it left running is a child of the container's first process.
                try node.pod("exec", pod.container, "--", "sh", "-c", "sleep 2d </dev/null >/dev/null 2>&1 &")
                let text = try String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
                let child = try #require(Int32(text.split(separator: " ").first ?? ""))
                let root = try FileHandle(forWritingTo: URL(fileURLWithPath: "/sys/fs/cgroup/pids/cgroup.procs"))
                try root.write(contentsOf: Data("\(child)\n".utf8))
                let report = try node.scan().report
                #expect(report.techniques(of: pod) == ["left-pod-cgroup"])
                #expect(report.findings(of: pod).first?.task?.pid == child)
            }
        }
    }
}
