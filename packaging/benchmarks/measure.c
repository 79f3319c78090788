// Runs a command and says what it took, as one line of JSON on the file descriptor given first:
//
//     measure FD COMMAND ...
//
// A program of its own because a child's peak memory starts with that of the process it was forked from (fs/exec.c,
// exec_mmap), and because an interpreter's start of a child takes some of the time that is measured.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double milliseconds(struct timeval time) { return time.tv_sec * 1e3 + time.tv_usec / 1e3; }

int main(int count, char **arguments) {
    if (count < 3) {
        fprintf(stderr, "usage: measure FD COMMAND ...\n");
        return 64;
    }
    int output = atoi(arguments[1]);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t pid = vfork();
    if (pid == 0) {
        execvp(arguments[2], arguments + 2);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) return 1;
    clock_gettime(CLOCK_MONOTONIC, &end);
    dprintf(output, "{\"milliseconds\": %.3f, \"cpu\": %.3f, \"kilobytes\": %ld, \"status\": %d}\n",
            (end.tv_sec - start.tv_sec) * 1e3 + (end.tv_nsec - start.tv_nsec) / 1e6,
            milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime), usage.ru_maxrss,
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
