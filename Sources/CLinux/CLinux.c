#define _GNU_SOURCE
#include "CLinux.h"

#include <sys/syscall.h>
#include <unistd.h>

ssize_t linux_getdents64(int descriptor, void *buffer, size_t size) {
    return syscall(SYS_getdents64, descriptor, buffer, size);
}
