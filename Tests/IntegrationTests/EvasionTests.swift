import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// Escapes by processes that make it hard to see them: they are never the same for long, let a thread do it, or hide it
    /// among much else.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct EvasionTests {
        private static let agent = ["--privileged", "--host-pid"]

        /// What the program does, in which pod, and what of that is told.
        static let pods: [(act: String, options: [String], technique: String, detail: String)] = [
            // A process that lives for 20 ms, and has a child by then.
            ("renew", agent, "entered-host-uts-namespace", "ns/uts"),
            // A pod of which only a thread is elsewhere.
            (
                "chroot /host", ["--mount", "/:/host"], "root-in-host-tree",
                "(evade) is the node's /"
            ),
            ("own-table /proc/1/root/etc", agent, "holds-host-file", "in the node's mount of /"),
            ("end /proc/1/root/etc", agent, "holds-host-file", "in the node's mount of /"),
            ("hoard /proc/1/root/etc", agent, "holds-host-file", "descriptor 5"),
            ("by-handle /proc/1/root/etc/shadow", agent, "holds-host-file", "is the node's /etc/shadow"),
        ]

        @Test func everyOneIsTold() throws {
            let program = try CompiledProgram(Self.source)
            try SystemdNode.with("v2") { node in
                try node.succeed("sh", "-c", "cat >/run/evade; chmod 755 /run/evade", input: try program.contents)
                let made = try Self.pods.map { pod in
                    let script = "/evade \(pod.act) & exec sleep 1d"
                    return try node.pod(
                        [String(pod.act.prefix { $0 != " " })] + pod.options + ["--mount", "/run/evade:/evade:ro"]
                            + ["--", "sh", "-c", script])
                }
                func told(_ report: ScanReport, _ number: Int) -> ScanReport.Finding? {
                    let expected = Self.pods[number]
                    return report.findings(of: made[number]).first {
                        $0.technique == expected.technique && $0.detail.contains(expected.detail)
                    }
                }
                let report = try node.scan { report in made.indices.allSatisfy { told(report, $0) != nil } }
                for number in made.indices {
                    let seen = report.findings(of: made[number]).map { "\($0.technique): \($0.detail)" }
                    #expect(told(report, number) != nil, "\(Self.pods[number].act): \(seen)")
                }
            }
        }

        private static let source = #"""
            #define _GNU_SOURCE
            #include <fcntl.h>
            #include <pthread.h>
            #include <sched.h>
            #include <stdio.h>
            #include <string.h>
            #include <sys/resource.h>
            #include <unistd.h>

            static const char *path;

            static void *stay(void *unused) {
                for (;;) pause();
                return unused;
            }
            static void *move(void *unused) {
                if (unshare(CLONE_FS) || chroot(path) || chdir("/")) perror("chroot");
                return stay(unused);
            }
            static void *hold(void *unused) {
                if (unshare(CLONE_FILES) || open(path, O_PATH) < 0) perror("own-table");
                return stay(unused);
            }
            static void renew(void) {
                if (setns(open("/proc/1/ns/uts", O_RDONLY), 0)) perror("setns");
                for (;;) {
                    if (fork() > 0) _exit(0);
                    usleep(20000);
                }
            }
            static void by_handle(void) {
                int mount, file = open("/etc/hosts", O_RDONLY);
                struct { struct file_handle head; char bytes[128]; } handle = {{.handle_bytes = 128}};
                if (name_to_handle_at(AT_FDCWD, path, &handle.head, &mount, 0)
                    || open_by_handle_at(file, &handle.head, O_RDONLY) < 0) perror("by-handle");
            }
            static void hoard(void) {
                struct rlimit limit = {8192, 8192};
                if (setrlimit(RLIMIT_NOFILE, &limit)) perror("limit");
                for (int number = 3; number < 5000; number++) dup2(0, number);
                if (open(path, O_PATH) < 0) perror("hoard");
            }

            int main(int count, char **words) {
                pthread_t thread;
                path = count > 2 ? words[2] : "";
                if (!strcmp(words[1], "renew")) renew();
                if (!strcmp(words[1], "chroot")) pthread_create(&thread, 0, move, 0);
                if (!strcmp(words[1], "own-table")) pthread_create(&thread, 0, hold, 0);
                if (!strcmp(words[1], "by-handle")) by_handle();
                if (!strcmp(words[1], "hoard")) hoard();
                if (!strcmp(words[1], "end")) {
                    if (open(path, O_PATH) < 0) perror("end");
                    pthread_create(&thread, 0, stay, 0);
                    pthread_exit(0);
                }
                stay(0);
            }
            """#
    }
}
