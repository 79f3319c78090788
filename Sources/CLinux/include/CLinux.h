#pragma once
#include <stddef.h>
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
