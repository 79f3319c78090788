#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/stat.h>
#include <linux/unix_diag.h>
#include <malloc.h>
#include <sched.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

ssize_t linux_getdents64(int descriptor, void *buffer, size_t size) {
    return syscall(SYS_getdents64, descriptor, buffer, size);
}

int linux_memfd_create(const char *name, unsigned int flags) { return (int)syscall(SYS_memfd_create, name, flags); }

int linux_perf_event_open(struct perf_event_attr *attributes, int cpu) {
    return (int)syscall(SYS_perf_event_open, attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

int linux_perf_set_output(int event, int output) { return ioctl(event, PERF_EVENT_IOC_SET_OUTPUT, output); }

int linux_perf_set_filter(int event, const char *filter) { return ioctl(event, PERF_EVENT_IOC_SET_FILTER, filter); }

uint64_t linux_perf_head(const void *control_page) {
    const struct perf_event_mmap_page *page = control_page;
    return __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
}

void linux_perf_set_tail(void *control_page, uint64_t tail) {
    struct perf_event_mmap_page *page = control_page;
    __atomic_store_n(&page->data_tail, tail, __ATOMIC_RELEASE);
}

int linux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

void linux_share_heap(void) { mallopt(M_ARENA_MAX, 1); }

// The program comes first (dl_iterate_phdr(3)).
static int release_segments(struct dl_phdr_info *program, size_t size, void *context) {
    (void)size, (void)context;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < program->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &program->dlpi_phdr[index];
        if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
        uintptr_t begin = (program->dlpi_addr + segment->p_vaddr) / page * page;
        uintptr_t end = (program->dlpi_addr + segment->p_vaddr + segment->p_memsz) / page * page;
        if (begin < end) madvise((void *)begin, end - begin, MADV_DONTNEED);
    }
    return 1;
}

void linux_release_memory(void) {
    malloc_trim(0);
    dl_iterate_phdr(release_segments, NULL);
}

int linux_write_no_memory(void) { return (int)process_vm_writev(getpid(), NULL, 0, NULL, 0, 0); }

int linux_unshare_uts(void) { return unshare(CLONE_NEWUTS); }

int linux_fanotify_init(unsigned int flags, unsigned int file_flags) { return fanotify_init(flags, file_flags); }

int linux_fanotify_mark(int group, unsigned int flags, uint64_t mask, int directory) {
    return fanotify_mark(group, flags, mask, directory, ".");
}

int linux_file_handle(int directory, struct linux_handle *handle) {
    int mount;
    struct statfs system;
    if (fstatfs(directory, &system) != 0) return -1;
    memcpy(&handle->file_system, &system.f_fsid, sizeof handle->file_system);
    handle->size = sizeof handle->bytes;
    return name_to_handle_at(directory, ".", (struct file_handle *)&handle->size, &mount, 0);
}

int linux_open_in_tree(int file, int tree) {
    int mount;
    struct linux_handle handle = {.size = sizeof handle.bytes};
    struct file_handle *name = (struct file_handle *)&handle.size;
    if (name_to_handle_at(file, "", name, &mount, AT_EMPTY_PATH) != 0) return -1;
    return open_by_handle_at(tree, name, O_PATH | O_CLOEXEC);
}

int linux_file_identity(int directory, const char *path, struct linux_file_identity *identity) {
    enum { DONT_SYNC = 0x4000, MOUNT_ID = 0x1000 };
    struct statx status;
    unsigned int wanted = STATX_TYPE | STATX_MODE | STATX_INO | MOUNT_ID;
    unsigned int flags = LINUX_AT_NO_AUTOMOUNT | DONT_SYNC;
    if (syscall(SYS_statx, directory, path, flags, wanted, &status) != 0) {
        // FUSE tells nobody but its own user more than the device, and that only whoever asks for nothing (fuse_getattr).
        if (errno != EACCES) return -1;
        if (syscall(SYS_statx, directory, path, flags, 0, &status) != 0) return -1;
    }
    identity->inode = status.stx_ino;
    // Older headers have no name for the mount's id, which follows the file system's device (uapi/linux/stat.h).
    identity->mount = status.stx_mask & MOUNT_ID ? *(const uint64_t *)((const char *)&status + 0x90) : 0;
    identity->major = status.stx_dev_major;
    identity->minor = status.stx_dev_minor;
    identity->node_major = status.stx_rdev_major;
    identity->node_minor = status.stx_rdev_minor;
    identity->mode = status.stx_mode;
    return 0;
}

int linux_kcmp(pid_t first, pid_t second, int type) { return (int)syscall(SYS_kcmp, first, second, type, 0, 0); }

int linux_open_path(int directory, const char *path) { return openat(directory, path, O_PATH | O_CLOEXEC); }

int linux_open_socket_diagnosis(void) { return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG); }

int linux_request_unix_sockets(int socket, uint32_t states) {
    struct {
        struct nlmsghdr header;
        struct unix_diag_req request;
    } message = {
        .header = {.nlmsg_len = sizeof message, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .request = {.sdiag_family = AF_UNIX,
                    .udiag_states = states,
                    .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER},
    };
    return send(socket, &message, sizeof message, 0) == sizeof message ? 0 : -1;
}

pid_t linux_thread_id(void) { return (pid_t)syscall(SYS_gettid); }

int linux_enter_network_namespace(int namespace) { return setns(namespace, CLONE_NEWNET); }
