/* What Debian 12's libstdc++.a takes from a glibc that is newer than that of the nodes. */
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* glibc 2.32. False: there may be other threads, which is always safe to say. */
HIDDEN char __libc_single_threaded = 0;

/* glibc 2.36, for std::random_device. getrandom(2) is of Linux 3.17. */
HIDDEN uint32_t arc4random(void) {
    uint32_t value;
    while (syscall(SYS_getrandom, &value, sizeof value, 0) != (long)sizeof value) {}
    return value;
}
