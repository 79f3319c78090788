import BenchSupport
import Foundation
import Testing

extension RealNodes {
    /// What only probes of the kernel's functions tell, of a pod that may do everything.
    @Suite(.enabled(if: Bench.hasGuests, Bench.guestReason)) struct ProbeTests {
        /// In the order of the program's acts; all of them are over at once, and some are refused.
        private static let techniques = [
            "node-disk-mounted", "node-files-covered", "root-moved-to-host", "foreign-process-traced",
            "foreign-memory-written", "file-handle-opened", "bpf-program-loaded", settingWritten, "kernel-helper-run",
            "node-process-signalled",
        ]
        private static let settingWritten = "kernel-setting-written"
        /// In the order in which one task writes them.
        private static let settings = [
            "core_pattern", "modprobe", "poweroff_cmd", "ftrace_enabled", "release_agent", "binfmt_misc",
        ]

        @Test(arguments: Guest.all) func acts(guest: Guest) throws {
            let program = try CompiledProgram(Self.program)
            try SystemdNode.with(guest) { node in
                try node.succeed("sh", "-c", "cat >/run/acts; chmod 755 /run/acts", input: try program.contents)
                try node.installUnits()
                try node.succeed("systemctl", "start", "breakoutd")
                let status = try node.run("breakoutd", "status").text
                #expect(!status.contains("Not watched") && !status.contains("Not in kernel"), "\(status)")
                // What the runtime does for a pod, it does with the same functions.
                let pods = try node.pods([
                    ["quiet"] + Situation.quiet + ["--", "sh", "-c", "chmod 600 /etc/passwd; exec sleep 1d"],
                    ["evil"] + Situation.agent + ["--mount", "/:/host", "--mount", "/run/acts:/acts:ro"],
                ])
                let (quiet, evil) = (pods[0], pods[1])
                let victim = try node.execute([Self.startVictim, Self.forget, Self.set], [])[0]
                let output = try node.execute([
                    (quiet.container, "ls -l /etc/passwd"), (evil.container, "/acts \(victim)"),
                ])
                let pids = output[1].split(separator: "\n").map(String.init)
                try #require(pids.count == Self.techniques.count)
                let entries = try node.awaitJournal { entries in
                    Set(Self.techniques).isSubset(of: entries.compactMap { $0["BREAKOUTD_TECHNIQUE"] })
                }
                for (technique, pid) in zip(Self.techniques, pids) {
                    let told = entries.filter { $0["BREAKOUTD_TECHNIQUE"] == technique }
                    let count = technique == Self.settingWritten ? Self.settings.count : 1
                    #expect(told.map { $0["BREAKOUTD_PID"] } == Array(repeating: pid, count: count), "\(technique)")
                    #expect(told.allSatisfy { $0["BREAKOUTD_CONTAINER_ID"] == evil.container }, "\(technique)")
                }
                let written = entries.filter { $0["BREAKOUTD_TECHNIQUE"] == Self.settingWritten }
                #expect(
                    written.compactMap { $0["MESSAGE"]?.split(separator: " ").last.map(String.init) } == Self.settings)
                let actions = entries.filter { $0["BREAKOUTD_CLASS"] == "action" }
                #expect(Set(actions.compactMap { $0["BREAKOUTD_TECHNIQUE"] }) == Set(Self.techniques))
                #expect(!entries.contains { $0["BREAKOUTD_CONTAINER_ID"] == quiet.container })
                try node.succeed("systemctl", "stop", "breakoutd")
                #expect(try node.run("cat", "/sys/kernel/tracing/kprobe_events").text == "")
            }
        }

        private static let startVictim =
            "systemd-run -q --unit=victim /bin/sleep 1d; systemctl show -p MainPID --value victim"

        /// A file of the image that a container has changed, and the kernel forgot, overlayfs opens as what it was by a handle.
        private static let forget = "sync; echo 2 >/proc/sys/vm/drop_caches"

        /// What the node itself sets, and a module that it wants, are nothing to tell.
        private static let set = """
            cd /proc/sys/kernel
            for name in core_pattern modprobe ftrace_enabled; do cat $name >/run/setting; cat /run/setting >$name; done
            ! mount -t of-no-kernel none /mnt
            """

        /// Each act in a child of its own, whose number is printed.
        private static let program = """
            #define _GNU_SOURCE
            #include <fcntl.h>
            #include <sched.h>
            #include <linux/bpf.h>
            #include <signal.h>
            #include <stdlib.h>
            #include <string.h>
            #include <stdio.h>
            #include <sys/mount.h>
            #include <sys/ptrace.h>
            #include <sys/resource.h>
            #include <sys/stat.h>
            #include <sys/syscall.h>
            #include <sys/uio.h>
            #include <sys/wait.h>
            #include <unistd.h>

            static pid_t target;

            static void disk(void) {
                struct stat root;
                stat("/host", &root);
                mknod("/disk", S_IFBLK | 0600, root.st_dev);
                mkdir("/mnt", 0755);
                mount("/disk", "/mnt", "ext4", 0, "");
            }
            static void cover(void) { mount("/", "/host/etc/systemd/system", "", MS_BIND | MS_PRIVATE, ""); }
            static void root(void) { chroot("/host"); }
            static void seize(void) { ptrace(PTRACE_SEIZE, target, 0, 0); }
            static void memory(void) {
                char byte = 0;
                struct iovec own = {&byte, 1}, other = {(void *)16, 1};
                process_vm_writev(target, &own, 1, &other, 1, 0);
            }
            static void handle(void) {
                struct { struct file_handle head; unsigned char bytes[128]; } handle;
                int id, directory = open("/host", O_RDONLY | O_DIRECTORY);
                handle.head.handle_bytes = sizeof handle.bytes;
                name_to_handle_at(directory, "etc", &handle.head, &id, 0);
                open_by_handle_at(directory, &handle.head, O_PATH);
            }
            static void program(void) {
                struct bpf_insn code[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
                union bpf_attr load;
                memset(&load, 0, sizeof load);
                load.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
                load.insns = (unsigned long)code;
                load.insn_cnt = 2;
                load.license = (unsigned long)"GPL";
                syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
            }
            static void set(const char *path, const char *value) {
                int setting = open(path, O_WRONLY);
                write(setting, value, strlen(value));
                close(setting);
            }
            /* What they are already. */
            static void keep(const char *path) {
                char value[256] = "";
                int setting = open(path, O_RDONLY);
                read(setting, value, sizeof value - 1);
                close(setting);
                set(path, value);
            }
            static void settings(void) {
                set("/proc/sys/kernel/core_pattern", "|tmp/handler");
                keep("/proc/sys/kernel/modprobe");
                keep("/proc/sys/kernel/poweroff_cmd");
                keep("/proc/sys/kernel/ftrace_enabled");
                mkdir("/agents", 0755);
                mount("none", "/agents", "cgroup", 0, "none,name=agents");
                set("/agents/release_agent", "\\n");
                mkdir("/formats", 0755);
                mount("none", "/formats", "binfmt_misc", 0, "");
                set("/formats/register", "no format");
            }
            static void helper(void) {
                struct rlimit no_limit = {RLIM_INFINITY, RLIM_INFINITY};
                setrlimit(RLIMIT_CORE, &no_limit);
                abort();
            }
            static void end(void) { kill(target, SIGTERM); }

            int main(int count, char **words) {
                void (*acts[])(void) = {disk, cover, root, seize, memory, handle, program, settings, helper, end};
                target = atoi(words[1]);
                for (unsigned act = 0; act < sizeof acts / sizeof *acts; act++) {
                    pid_t child = fork();
                    if (child == 0) {
                        if (act == 1) unshare(CLONE_NEWNS);
                        acts[act]();
                        _exit(0);
                    }
                    printf("%d\\n", child);
                    fflush(stdout);
                    waitpid(child, 0, 0);
                }
                return count < 2;
            }
            """
    }
}
