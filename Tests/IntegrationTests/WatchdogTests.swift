import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// A daemon whose event loop hangs, and nothing else of it.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct WatchdogTests {
        /// Stops the thread of a process that sleeps in poll(2) until the kernel has events for it, until the process ends.
        private static let holder = """
            #include <dirent.h>
            #include <fcntl.h>
            #include <poll.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/ptrace.h>
            #include <sys/syscall.h>
            #include <sys/wait.h>
            #include <unistd.h>

            static const char *pid;
            static struct pollfd entries[1024];

            static int is_ring(int file) {
                char path[64], target[64] = "";
                snprintf(path, sizeof path, "/proc/%s/fd/%d", pid, file);
                return readlink(path, target, sizeof target - 1) > 0 && !strcmp(target, "anon_inode:[perf_event]");
            }
            static int awaits_events(const char *thread) {
                char path[64];
                long number = -1;
                unsigned long place, count;
                snprintf(path, sizeof path, "/proc/%s/task/%s/syscall", pid, thread);
                FILE *call = fopen(path, "r");
                int words = call ? fscanf(call, "%ld %lx %lx", &number, &place, &count) : 0;
                if (call) fclose(call);
                if (words != 3 || number != SYS_poll || count > sizeof entries / sizeof *entries) return 0;
                snprintf(path, sizeof path, "/proc/%s/mem", pid);
                int memory = open(path, O_RDONLY), size = count * sizeof *entries;
                int is_read = pread(memory, entries, size, place) == size;
                close(memory);
                for (unsigned long entry = 0; is_read && entry < count; entry++)
                    if (is_ring(entries[entry].fd)) return 1;
                return 0;
            }
            static void hold(const char *thread) {
                int number = atoi(thread), status;
                if (!awaits_events(thread) || ptrace(PTRACE_SEIZE, number, 0, 0)) return;
                ptrace(PTRACE_INTERRUPT, number, 0, 0);
                waitpid(number, &status, __WALL);
                // It may have woken up before, and hold a lock.
                if (!awaits_events(thread)) ptrace(PTRACE_DETACH, number, 0, 0);
                else do waitpid(number, &status, __WALL); while (WIFSTOPPED(status));
                if (!WIFSTOPPED(status)) exit(0);
            }
            int main(int count, char **words) {
                char path[64];
                pid = words[1];
                snprintf(path, sizeof path, "/proc/%s/task", pid);
                for (;;) {
                    DIR *threads = opendir(path);
                    if (!threads) return 1;
                    for (struct dirent *entry; (entry = readdir(threads));) hold(entry->d_name);
                    closedir(threads);
                }
            }
            """

        /// Nothing but the event loop feeds the watchdog: that all others go on is no sign that escapes are seen.
        ///
        /// What comes back watches, repeats nothing and has lost nothing.
        @Test(arguments: ["v1", "v2"]) func anEventLoopThatHangs(version: String) throws {
            let holder = try CompiledProgram(Self.holder)
            try SystemdNode.with(version) { node in
                try node.installUnits()
                try node.succeed("sh", "-c", "cat >/run/holder; chmod 755 /run/holder", input: try holder.contents)
                // The scans' thread is heard of well within the watchdog's time.
                try node.restart(
                    configuration: "{api: {enabled: false}, scan: {period: 5s}}",
                    service: "WatchdogSec=20\nWatchdogSignal=SIGKILL")
                let before = try node.escape("before")
                #expect(try node.told(of: before).count == 1)
                let pid = try node.daemonPid.trimmingCharacters(in: .newlines)

                let held = try node.start("/run/holder", pid)
                try node.await("a stopped thread") { try node.stoppedThreads(of: pid) == 1 }
                let during = try node.escape("during")
                let entry = try #require(try node.told(of: during).first)
                #expect(entry["_PID"] == pid)
                #expect(try node.reply()?.counts.scans ?? 0 > 1)
                #expect(try node.stoppedThreads(of: pid) == 1)

                #expect(try held.wait(seconds: 120) == 0)
                try node.await("another daemon") {
                    try node.run("systemctl", "show", "-p", "NRestarts", "-p", "SubState", "breakoutd").text
                        == "NRestarts=1\nSubState=running\n"
                }
                let ends = try node.run("journalctl", "-u", "breakoutd", "-o", "cat", "--grep", "Watchdog timeout")
                #expect(ends.text.split(separator: "\n").count == 1, "\(ends.text)")
                let after = try node.escape("after")
                let first = try #require(try node.told(of: after).first)
                #expect(first["_PID"] == (try node.daemonPid.trimmingCharacters(in: .newlines)))
                for pod in [before, during, after] { #expect(try node.told(of: pod).count == 1) }
            }
        }
    }
}

extension SystemdNode {
    /// How many threads of a process a tracer has stopped.
    fileprivate func stoppedThreads(of pid: String) throws -> Int {
        let states = try run("sh", "-c", "cat /proc/$0/task/*/status", pid).text.split(separator: "\n")
        return states.count { $0.hasPrefix("State:\tt") }
    }
}
