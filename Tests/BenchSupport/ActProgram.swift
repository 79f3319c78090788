/// A program that does in a container what no shell can do.
///
///     act WHAT [WORD ...]
///
/// It stays and holds what it has, except where what it did is over at once; 1 where it was refused.
package enum ActProgram {
    package static let source = #"""
        #define _GNU_SOURCE
        #include <arpa/inet.h>
        #include <fcntl.h>
        #include <linux/bpf.h>
        #include <linux/if_ether.h>
        #include <pthread.h>
        #include <sched.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/mount.h>
        #include <sys/prctl.h>
        #include <sys/ptrace.h>
        #include <sys/shm.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/uio.h>
        #include <sys/un.h>
        #include <unistd.h>

        static int namespace_of(const char *pid, const char *kind) {
            char path[64];
            snprintf(path, sizeof path, "/proc/%s/ns/%s", pid, kind);
            return open(path, O_RDONLY | O_CLOEXEC);
        }

        // --- into namespaces

        static void *enter(void *unused) {
            int mount = namespace_of("1", "mnt");
            if (unshare(CLONE_FS) || setns(namespace_of("1", "uts"), 0) || setns(mount, 0)) perror("thread");
            for (;;) pause();
            return unused;
        }
        static int thread(char **words) {
            pthread_t id;
            return !words || pthread_create(&id, 0, enter, 0);
        }
        static int setns_by_pidfd(char **words) {
            int node = syscall(434 /* pidfd_open */, 1, 0);
            return !words || setns(node, CLONE_NEWUTS) || close(node);
        }
        static int there_and_back(char **words) {
            int own = namespace_of("self", "uts"), node = namespace_of("1", "uts");
            return !words || setns(node, 0) || setns(own, 0) || close(own) || close(node);
        }

        // --- to files

        // Only what is in one's own mount namespace can be copied.
        static int tree(char **words) {
            int own = namespace_of("self", "mnt"), node = namespace_of("1", "mnt");
            return !words || setns(node, 0) || syscall(428 /* open_tree */, AT_FDCWD, "/", 1 /* OPEN_TREE_CLONE */) < 0
                || setns(own, 0) || close(own) || close(node);
        }
        // A copy of the node's directory words[1] becomes words[2] of the container of process words[0].
        static int place(char **words) {
            int copy = syscall(428 /* open_tree */, AT_FDCWD, words[1], 1 /* OPEN_TREE_CLONE */);
            return copy < 0 || setns(namespace_of(words[0], "mnt"), 0) || (mkdir(words[2], 0755), 0)
                || syscall(429 /* move_mount */, copy, "", AT_FDCWD, words[2], 4 /* MOVE_MOUNT_F_EMPTY_PATH */)
                || mount("", words[2], "", MS_PRIVATE, "");
        }
        static int hold(char **words) { return open(words[0], O_RDONLY) < 0; }
        // The root of an ext4 is inode 2; any file of it tells the file system.
        static int hold_by_handle(char **words) {
            struct { struct file_handle head; int inode, generation; } handle = {{8, 1 /* FILEID_INO32_GEN */}, 2, 0};
            int file = open(words[0], O_RDONLY | O_CLOEXEC);
            return file < 0 || open_by_handle_at(file, &handle.head, O_RDONLY | O_DIRECTORY) < 0;
        }

        // --- on processes and objects of the kernel

        static void *follow(void *unused) {
            for (prctl(PR_SET_NAME, "second");;) pause();
            return unused;
        }
        static int be_two(char **words) {
            pthread_t id;
            return !words || pthread_create(&id, 0, follow, 0);
        }
        static int trace(char **words) {
            for (; *words; words++) if (ptrace(PTRACE_SEIZE, atoi(*words), 0, 0)) return 1;
            return 0;
        }
        static int hold_process(char **words) { return syscall(434 /* pidfd_open */, atoi(words[0]), 0) < 0; }
        // Nobody has anything at this address.
        static int write_memory(char **words) {
            char byte = 0;
            struct iovec own = {&byte, 1}, other = {(void *)16, 1};
            process_vm_writev(atoi(words[0]), &own, 1, &other, 1, 0);
            return 0;
        }
        static int load(char **words) {
            struct bpf_insn code[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
            union bpf_attr load;
            memset(&load, 0, sizeof load);
            load.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
            load.insns = (unsigned long)code;
            load.insn_cnt = 2;
            load.license = (unsigned long)"GPL";
            return !words || syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load) < 0;
        }
        static int listen_to_packets(char **words) { return !words || socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) < 0; }
        static int make_memory(char **words) { return !words || shmget(4711, 4096, IPC_CREAT | 0666) < 0; }
        static int attach_memory(char **words) { return !words || shmat(shmget(4711, 4096, 0666), 0, 0) == (void *)-1; }
        static int map(char **words) {
            return mmap(0, 4096, PROT_READ, MAP_SHARED, open(words[0], O_RDONLY | O_CLOEXEC), 0) == MAP_FAILED;
        }

        // --- sockets; a path that begins with `@` is an abstract name

        static int name(const char *path, struct sockaddr_un *address) {
            memset(address, 0, sizeof *address);
            address->sun_family = AF_UNIX;
            strncpy(address->sun_path, path, sizeof address->sun_path - 1);
            if (path[0] == '@') address->sun_path[0] = 0;
            return sizeof address->sun_family + strlen(path) + (path[0] == '@' ? 0 : 1);
        }
        static int connect_to(char **words) {
            struct sockaddr_un address;
            for (; *words; words++) {
                int length = name(*words, &address);
                if (connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, length)) return 1;
            }
            return 0;
        }
        static int greet(const char *path, const void *greeting, int size) {
            struct sockaddr_un address;
            int length = name(path, &address), service = socket(AF_UNIX, SOCK_STREAM, 0);
            return connect(service, (void *)&address, length) || write(service, greeting, size) != size;
        }
        // The runtime's socket and the service manager's: neither keeps a client for long that says nothing.
        static int be_client(char **words) {
            static const char http[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";
            static const char bus[] = "\0AUTH EXTERNAL 30\r\nBEGIN\r\n";
            return greet(words[0], http, sizeof http) || greet(words[1], bus, sizeof bus - 1);
        }
        static int listen_on(char **words) {
            struct sockaddr_un address;
            int length = name(words[0], &address), service = socket(AF_UNIX, SOCK_STREAM, 0);
            return bind(service, (void *)&address, length) || listen(service, 8) || connect_to(words);
        }

        int main(int count, char **words) {
            static const struct { const char *name; int (*act)(char **words); int is_over; } acts[] = {
                {"thread", thread}, {"setns-by-pidfd", setns_by_pidfd}, {"there-and-back", there_and_back},
                {"tree", tree}, {"place", place, 1}, {"hold", hold}, {"hold-by-handle", hold_by_handle},
                {"be-two", be_two}, {"trace", trace}, {"hold-process", hold_process}, {"write-memory", write_memory, 1}, {"load", load},
                {"listen-to-packets", listen_to_packets}, {"make-memory", make_memory},
                {"attach-memory", attach_memory}, {"map", map}, {"connect", connect_to}, {"be-client", be_client},
                {"listen", listen_on},
            };
            for (unsigned number = 0; count > 1 && number < sizeof acts / sizeof *acts; number++) {
                if (strcmp(words[1], acts[number].name)) continue;
                if (acts[number].act(words + 2)) return perror(words[1]), 1;
                if (acts[number].is_over) return 0;
                for (;;) pause();
            }
            return 2;
        }
        """#
}
