#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
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
