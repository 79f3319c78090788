#pragma once
#include <stddef.h>
#include <sys/types.h>

/// getdents64(2) as a system call: glibc has a wrapper only from 2.30 on. -1 and errno on failure.
ssize_t linux_getdents64(int descriptor, void *buffer, size_t size);

/// Flags that <fcntl.h> shows only to GNU sources (open(2), fstatat(2)).
enum {
    LINUX_O_PATH = 010000000,
    LINUX_AT_NO_AUTOMOUNT = 0x800,
};
