// The system calls of `breakoutd scan`, and nothing else: what the benchmark measures the scan against.
//
//     peer ROOT [PROC]
//
// ROOT is the node's root directory (for the runtime's bundles and the pods' logs), PROC its /proc.  What is read of a
// task stands in the tables below; keep them equal to ProcFS/ProcReader*.swift, ContainerRuntime/ContainerdTasks.swift
// and PodLogs/PodLogTree.swift, so that the benchmark's ratio says what Swift and the judging cost.  Nothing that is
// read is looked into more than it takes to find the next call.  Prints one line of JSON.

#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// --- what is read

// Of every process but kernel threads; of those only FIRST_FILE.
#define FIRST_FILE "stat"
static const char *const process_links[] = {"ns/mnt", "ns/pid",  "ns/pid_for_children", "ns/net", "ns/ipc",
                                            "ns/uts", "ns/user", "ns/cgroup",           "ns/time"};
static const char *const process_files[] = {"cgroup", "status"};
// In addition, of a container's process.
static const char *const container_links[] = {"exe"};
// What else a container's process holds, once everything is known of it; of its first process also what is in fd.
static const char *const held_files[] = {"root", "cwd", "exe"};
// Of each further thread of a container's process, which is compared with the first one (kcmp).
static const char *const thread_files[] = {"stat", "cgroup", "status"};
static const char *const thread_links[] = {"ns/mnt", "ns/pid_for_children", "ns/net", "ns/ipc", "ns/uts", "ns/cgroup"};
// Once for each namespace of the kind that the link names.
static const char *const mount_namespace_file = "mountinfo";  // per ns/mnt
static const char *const user_namespace_file = "uid_map";     // per ns/user

static const char *const bundles[] = {
    "run/containerd/io.containerd.runtime.v2.task", "run/containerd/io.containerd.runtime.v1.linux",
    "run/docker/containerd/daemon/io.containerd.runtime.v2.task",
    "run/docker/containerd/daemon/io.containerd.runtime.v1.linux"};
static const char *const bundle_files[] = {"config.json", "init.pid"};
static const char *const runc_states[] = {"run/containerd/runc", "run/docker/runtime-runc"};
static const char *const log_tree = "var/log/pods";

// A process is a container's if its cgroup file says so.
static const char *const container_marks[] = {"kubepods", "/docker/", "docker-"};

#define PF_KTHREAD 0x00200000
#define LENGTH(array) (sizeof(array) / sizeof *(array))

// --- counted system calls

static unsigned long calls, processes, tasks;
static char buffer[65536];

static int open_at(int directory, const char *name, int flags) {
    calls++;
    return openat(directory, name, flags | O_CLOEXEC);
}

static void close_fd(int fd) {
    calls++;
    close(fd);
}

static ssize_t read_fd(int fd) {
    calls++;
    ssize_t length = read(fd, buffer, sizeof buffer - 1);
    buffer[length > 0 ? length : 0] = 0;
    return length;
}

static ssize_t link_at(int directory, const char *name) {
    calls++;
    ssize_t length = readlinkat(directory, name, buffer, sizeof buffer - 1);
    buffer[length > 0 ? length : 0] = 0;
    return length;
}

// One read: stat, status and cgroup are given whole.
static ssize_t read_file(int directory, const char *name) {
    int fd = open_at(directory, name, O_RDONLY);
    if (fd < 0) return -1;
    ssize_t length = read_fd(fd);
    close_fd(fd);
    return length;
}

static void read_to_end(int directory, const char *name) {
    int fd = open_at(directory, name, O_RDONLY);
    if (fd < 0) return;
    while (read_fd(fd) > 0) continue;
    close_fd(fd);
}

struct entry {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

static void identity_at(int directory, const char *name) {
    struct statx status;
    calls++;
    statx(directory, name, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_MODE | STATX_INO | STATX_MNT_ID, &status);
}

// Calls BODY for each entry.  The names are kept aside first, as BODY lists directories too.
static void for_each(int directory, void (*body)(int directory, const char *name, void *context), void *context) {
    size_t used = 0, size = 0;
    char *names = NULL, block[32768];
    long length;
    while (calls++, (length = syscall(SYS_getdents64, directory, block, sizeof block)) > 0) {
        for (long position = 0; position < length;) {
            const struct entry *entry = (const struct entry *)(block + position);
            size_t name_length = strlen(entry->name) + 1;
            if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0) {
                if (used + name_length > size) {
                    size = size * 2 + 4096;
                    names = realloc(names, size);
                    if (!names) exit(1);
                }
                memcpy(names + used, entry->name, name_length);
                used += name_length;
            }
            position += entry->length;
        }
    }
    for (size_t position = 0; position < used; position += strlen(names + position) + 1)
        body(directory, names + position, context);
    free(names);
}

// --- processes

// The namespaces seen: true the first time.
static bool is_new(const char *link) {
    enum { SLOTS = 1 << 15 };
    static uint64_t seen[SLOTS];
    const char *bracket = strchr(link, '[');
    if (!bracket) return false;
    uint64_t inode = strtoull(bracket + 1, NULL, 10);
    for (size_t slot = inode * 0x9e3779b97f4a7c15u >> 49;; slot = (slot + 1) % SLOTS) {
        if (seen[slot] == inode) return false;
        if (seen[slot] == 0) {
            seen[slot] = inode;
            return true;
        }
    }
}

static void read_namespaces(int directory, const char *const *links, size_t count, int process) {
    bool new_mount = false, new_user = false;
    for (size_t i = 0; i < count; i++) {
        if (link_at(directory, links[i]) < 0) break;
        if (strcmp(links[i], "ns/mnt") == 0) new_mount = is_new(buffer);
        else if (strcmp(links[i], "ns/user") == 0) new_user = is_new(buffer);
    }
    // Of the process, not of the thread: both files are the same there.
    if (new_mount) read_to_end(process, mount_namespace_file);
    if (new_user) read_to_end(process, user_namespace_file);
}

struct process {
    const char *name;
    int directory;
};

static void read_thread(int list, const char *name, void *context) {
    const struct process *process = context;
    if (!isdigit((unsigned char)*name) || strcmp(name, process->name) == 0) return;
    int directory = open_at(list, name, O_PATH | O_DIRECTORY);
    if (directory < 0) return;
    tasks++;
    for (size_t i = 0; i < LENGTH(thread_files); i++) read_file(directory, thread_files[i]);
    read_namespaces(directory, thread_links, LENGTH(thread_links), directory);
    close_fd(directory);
    // Whether it has a root and working directory of its own.
    calls++;
    syscall(SYS_kcmp, atoi(process->name), atoi(name), KCMP_FS, 0, 0);
}

// The first processes of containers, as their bundles name them.
static struct {
    int pids[4096];
    size_t count;
} first_processes;

static bool is_first(int pid) {
    for (size_t i = 0; i < first_processes.count; i++)
        if (first_processes.pids[i] == pid) return true;
    return false;
}

static void read_open_file(int list, const char *name, void *context) {
    (void)context;
    if (link_at(list, name) > 0 && *buffer == '/') identity_at(list, name);
}

static void read_held(int proc, const char *name) {
    int directory = open_at(proc, name, O_PATH | O_DIRECTORY);
    if (directory < 0) return;
    for (size_t i = 0; i < LENGTH(held_files); i++) identity_at(directory, held_files[i]);
    int list = is_first(atoi(name)) ? open_at(directory, "fd", O_RDONLY | O_DIRECTORY) : -1;
    if (list >= 0) {
        for_each(list, read_open_file, NULL);
        close_fd(list);
    }
    read_file(directory, FIRST_FILE);
    close_fd(directory);
}

static void read_process(int proc, const char *name, void *context) {
    (void)context;
    if (!isdigit((unsigned char)*name)) return;
    int directory = open_at(proc, name, O_PATH | O_DIRECTORY);
    if (directory < 0) return;
    unsigned flags = 0;
    int threads = 0;
    if (read_file(directory, FIRST_FILE) > 0) {
        const char *end = strrchr(buffer, ')');
        // state ppid pgrp session tty tpgid FLAGS minflt cminflt majflt cmajflt utime stime cutime cstime prio nice THREADS
        if (end) sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d", &flags, &threads);
        processes++;
        tasks++;
    }
    if (threads > 0 && !(flags & PF_KTHREAD)) {
        bool is_container = false;
        read_namespaces(directory, process_links, LENGTH(process_links), directory);
        for (size_t i = 0; i < LENGTH(process_files); i++) {
            read_file(directory, process_files[i]);
            if (strcmp(process_files[i], "cgroup") != 0) continue;
            for (size_t j = 0; j < LENGTH(container_marks); j++) is_container |= strstr(buffer, container_marks[j]) != NULL;
        }
        if (is_container)
            for (size_t i = 0; i < LENGTH(container_links); i++) link_at(directory, container_links[i]);
        int list = is_container && threads > 1 ? open_at(directory, "task", O_RDONLY | O_DIRECTORY) : -1;
        if (list >= 0) {
            struct process process = {name, directory};
            for_each(list, read_thread, &process);
            close_fd(list);
        }
        if (is_container) read_held(proc, name);
    }
    close_fd(directory);
}

// --- the runtime's records and the pods' logs

// PATH below DIRECTORY, component by component, so that no link is followed.
static int open_below(int directory, const char *path) {
    int current = -1;
    char copy[PATH_MAX], *rest = copy, *name;
    snprintf(copy, sizeof copy, "%s", path);
    while ((name = strsep(&rest, "/"))) {
        int next = open_at(current < 0 ? directory : current, name, O_DIRECTORY | O_NOFOLLOW | (rest ? O_PATH : O_RDONLY));
        if (current >= 0) close_fd(current);
        if (next < 0) return -1;
        current = next;
    }
    return current;
}

static mode_t status_at(int directory, const char *name) {
    struct stat status;
    calls++;
    return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_mode : 0;
}

struct tasks {
    int top;
    const char *namespace;
};

static void read_bundle(int parent, const char *id, void *context) {
    const struct tasks *in = context;
    int directory = open_at(parent, id, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (directory < 0) return;
    for (size_t i = 0; i < LENGTH(bundle_files); i++) {
        if (!S_ISREG(status_at(directory, bundle_files[i]))) continue;
        int fd = open_at(directory, bundle_files[i], O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
        if (fd < 0) continue;
        struct stat status;
        calls++;
        fstat(fd, &status);
        bool is_pid = strcmp(bundle_files[i], "init.pid") == 0;
        while (read_fd(fd) > 0)
            if (is_pid && first_processes.count < LENGTH(first_processes.pids))
                first_processes.pids[first_processes.count++] = atoi(buffer);
        close_fd(fd);
    }
    close_fd(directory);
    for (size_t i = 0; i < LENGTH(runc_states); i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s/%s", runc_states[i], in->namespace, id);
        int state = open_below(in->top, path);
        if (state < 0) continue;
        status_at(state, "exec.fifo");
        close_fd(state);
    }
}

static void read_namespace_of_tasks(int parent, const char *name, void *context) {
    struct tasks in = {*(int *)context, name};
    int directory = open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (directory < 0) return;
    for_each(directory, read_bundle, &in);
    close_fd(directory);
}

static void read_log_entry(int parent, const char *name, void *context) {
    mode_t mode = status_at(parent, name);
    if (S_ISLNK(mode)) link_at(parent, name);
    if (!S_ISDIR(mode) || *(int *)context == 2) return;
    int directory = open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), depth = *(int *)context + 1;
    if (directory < 0) return;
    for_each(directory, read_log_entry, &depth);
    close_fd(directory);
}

int main(int count, char **arguments) {
    if (count < 2 || count > 3) {
        fprintf(stderr, "usage: peer ROOT [PROC]\n");
        return 64;
    }
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    int proc = open_at(AT_FDCWD, count > 2 ? arguments[2] : "/proc", O_RDONLY | O_DIRECTORY);
    int top = open_at(AT_FDCWD, arguments[1], O_PATH | O_DIRECTORY);
    if (proc < 0 || top < 0) {
        fprintf(stderr, "peer: %s: %s\n", proc < 0 ? "proc" : arguments[1], strerror(errno));
        return 1;
    }
    for (size_t i = 0; i < LENGTH(bundles); i++) {
        int directory = open_below(top, bundles[i]);
        if (directory < 0) continue;
        for_each(directory, read_namespace_of_tasks, &top);
        close_fd(directory);
    }
    int depth = 0, logs = open_below(top, log_tree);
    if (logs >= 0) {
        for_each(logs, read_log_entry, &depth);
        close_fd(logs);
    }
    for_each(proc, read_process, NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("{\"processes\": %lu, \"tasks\": %lu, \"calls\": %lu, \"milliseconds\": %.2f}\n", processes, tasks, calls,
           (end.tv_sec - start.tv_sec) * 1e3 + (end.tv_nsec - start.tv_nsec) / 1e6);
    return 0;
}
