#pragma once
#include <linux/perf_event.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/types.h>

/// getdents64(2) as a system call: glibc has a wrapper only from 2.30 on. -1 and errno on failure.
ssize_t linux_getdents64(int descriptor, void *buffer, size_t size);

/// memfd_create(2) as a system call: glibc has a wrapper only from 2.27 on. -1 and errno on failure.
int linux_memfd_create(const char *name, unsigned int flags);

/// pipe2(2) with O_CLOEXEC, which <unistd.h> shows only to GNU sources. -1 and errno on failure.
int linux_pipe(int ends[2]);

/// Flags of memfd_create(2), and F_ADD_SEALS with all seals against change (fcntl(2)), for GNU sources only.
enum {
    LINUX_MFD_CLOEXEC = 1,
    LINUX_MFD_ALLOW_SEALING = 2,
    LINUX_F_ADD_SEALS = 1033,
    LINUX_F_SEAL_ALL = 0xF,
};

/// Flags that <fcntl.h> shows only to GNU sources (open(2), fstatat(2)).
enum {
    LINUX_O_PATH = 010000000,
    LINUX_AT_NO_AUTOMOUNT = 0x800,
};

/// perf_event_open(2) for every task of one CPU; glibc has no wrapper. -1 and errno on failure.
int linux_perf_event_open(struct perf_event_attr *attributes, int cpu);

/// Lets an event write its records into the ring of another one of the same CPU (PERF_EVENT_IOC_SET_OUTPUT,
/// perf_event_open(2)), a macro that Swift does not import. -1 and errno on failure.
int linux_perf_set_output(int event, int output);

/// Lets a tracepoint write only those records that a filter lets through (PERF_EVENT_IOC_SET_FILTER). -1 and errno on
/// failure.
int linux_perf_set_filter(int event, const char *filter);

/// Up to where the kernel has written a ring; what lies before it may be read afterwards (data_head, perf_event_open(2)).
uint64_t linux_perf_head(const void *control_page);

/// Gives what lies before `tail` back to the kernel, once it has been read (data_tail, perf_event_open(2)).
void linux_perf_set_tail(void *control_page, uint64_t tail);

/// Lets threads that have no heap of their own yet share one (M_ARENA_MAX, mallopt(3)).
void linux_share_heap(void);

/// Gives the kernel the free pages of the heap (malloc_trim(3)), and unmaps those of the program's read-only segments
/// until they are needed again (MADV_DONTNEED, madvise(2)).
void linux_release_memory(void);

/// Writes nothing into the memory of the calling process (process_vm_writev(2)), which anybody may. -1 and errno on failure.
int linux_write_no_memory(void);

/// Gives the calling thread a UTS namespace of its own (unshare(2)), which needs CAP_SYS_ADMIN. -1 and errno on failure.
int linux_unshare_uts(void);

/// Flags and event bits of fanotify (include/uapi/linux/fanotify.h), of which older headers lack some.
enum {
    LINUX_FAN_CLOEXEC = 0x1,
    LINUX_FAN_NONBLOCK = 0x2,
    /// The number of an event is its thread's; Linux 4.20, and for CAP_SYS_ADMIN alone.
    LINUX_FAN_REPORT_TID = 0x100,
    /// Events name directory and entry and open nothing; Linux 5.9.
    LINUX_FAN_REPORT_DFID_NAME = 0xC00,
    LINUX_FAN_MARK_ADD = 0x1,
    LINUX_FAN_MARK_DONT_FOLLOW = 0x4,
    LINUX_FAN_MARK_ONLYDIR = 0x8,
    LINUX_FAN_MARK_FLUSH = 0x80,

    LINUX_FAN_MODIFY = 0x2,
    LINUX_FAN_ATTRIB = 0x4,
    LINUX_FAN_CLOSE_WRITE = 0x8,
    LINUX_FAN_MOVED_FROM = 0x40,
    LINUX_FAN_MOVED_TO = 0x80,
    LINUX_FAN_CREATE = 0x100,
    LINUX_FAN_DELETE = 0x200,
    LINUX_FAN_DELETE_SELF = 0x400,
    LINUX_FAN_MOVE_SELF = 0x800,
    LINUX_FAN_Q_OVERFLOW = 0x4000,
    LINUX_FAN_EVENT_ON_CHILD = 0x8000000,
    LINUX_FAN_ONDIR = 0x40000000,
};

/// fanotify_init(2). -1 and errno on failure.
int linux_fanotify_init(unsigned int flags, unsigned int file_flags);

/// fanotify_mark(2) of a directory by its descriptor, which may be one of O_PATH. -1 and errno on failure.
int linux_fanotify_mark(int group, unsigned int flags, uint64_t mask, int directory);

/// What names a file: its file system's id (f_fsid, statfs(2)) and its handle there (struct file_handle,
/// name_to_handle_at(2)), with the largest size there is.
struct linux_handle {
    uint64_t file_system;
    unsigned int size;
    int type;
    unsigned char bytes[128];
};

/// Names a directory by its descriptor, which may be one of O_PATH. -1 and errno on failure.
int linux_file_handle(int directory, struct linux_handle *handle);

/// Opens the file of a descriptor, which may be one of O_PATH, once more for its name alone (O_PATH): through the mount of
/// a directory of the same file system, which is open to read, and so with a path there (open_by_handle_at(2)). -1 and
/// errno on failure.
int linux_open_in_tree(int file, int tree);

/// What a file is, by statx(2), asked of the kernel alone and of no server or FUSE process (AT_STATX_DONT_SYNC).
struct linux_file_identity {
    uint64_t inode;
    /// The mount's id of /proc/<pid>/mountinfo; 0 where the kernel does not tell (before Linux 5.8).
    uint64_t mount;
    unsigned int major, minor;
    /// The device that a device node stands for.
    unsigned int node_major, node_minor;
    /// File type and mode (inode(7)); 0 where a FUSE file system of somebody else tells only the device and, from Linux 5.8
    /// on, the mount (fuse_getattr, fs/fuse/dir.c); older kernels tell nothing of it (EACCES).
    unsigned int mode;
};

/// Follows a link such as /proc/<pid>/root to the file itself, which is not opened. -1 and errno on failure.
int linux_file_identity(int directory, const char *path, struct linux_file_identity *identity);

/// Opens such a link's file for its identity alone (O_PATH): no device is touched, no FIFO waits. -1 and errno on failure.
int linux_open_path(int directory, const char *path);

/// What kcmp(2) compares (include/uapi/linux/kcmp.h).
enum {
    LINUX_KCMP_FILES = 2,
    LINUX_KCMP_FS = 3,
};

/// Compares what two tasks of the caller's PID namespace have of a type (kcmp(2)): 0 where it is the same, more where it is
/// not. -1 and errno on failure.
int linux_kcmp(pid_t first, pid_t second, int type);

/// Opens a socket that asks the kernel for sockets (NETLINK_SOCK_DIAG, sock_diag(7)) of the calling thread's network
/// namespace. -1 and errno on failure.
int linux_open_socket_diagnosis(void);

/// Asks it for every Unix socket in one of the states of which `states` has the bit, with names, files and peers
/// (struct unix_diag_req). -1 and errno on failure.
int linux_request_unix_sockets(int socket, uint32_t states);

/// The calling thread's number (gettid(2)), for which glibc has no function before 2.30.
pid_t linux_thread_id(void);

/// Puts the calling thread into a network namespace (CLONE_NEWNET, setns(2)), which needs CAP_SYS_ADMIN. -1 and errno on
/// failure.
int linux_enter_network_namespace(int namespace);
