// Escapes that are over before anybody could look: children, one after the other, each for a millisecond in the mount
// namespace of the node's PID 1, as `nsenter -t 1 -m` puts a process there.
//
//     escape COUNT [MICROSECONDS]
//
// with that time between two of them (4,000).  Prints "PID MICROSECONDS LIFE" of each: its process id, when it was about
// to enter, since 1970, and how many microseconds passed until it was over.  For a pod with hostPID, privileged.

#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int main(int count, char **words) {
    int pause = count > 2 ? atoi(words[2]) : 4000;
    // Shared with the child, which has no time to lose.
    long long *entered = mmap(NULL, sizeof *entered, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (entered == MAP_FAILED) return 1;
    for (int left = count > 1 ? atoi(words[1]) : 1; left > 0; left--) {
        long long began = microseconds();
        pid_t child = fork();
        if (child == 0) {
            int file = open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
            *entered = microseconds();
            if (setns(file, CLONE_NEWNS) != 0) _exit(1);
            usleep(1000);
            _exit(0);
        }
        int status;
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0) return 1;
        printf("%d %lld %lld\n", child, *entered, microseconds() - began);
        fflush(stdout);
        usleep(pause);
    }
    return 0;
}
