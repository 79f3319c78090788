#define _GNU_SOURCE
#include "CTestSupport.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// After vfork(2) the child has this process' memory, and nothing of it is copied: that is what makes it short.

/// Waits for a child that has to end with 0.
static pid_t ended(pid_t child) {
    int status = -1;
    if (child < 0 || waitpid(child, &status, 0) != child) return 0;
    return status == 0 ? child : 0;
}

pid_t test_child_that_unshares(const char *name) {
    pid_t child = vfork();
    if (child == 0) {
        prctl(PR_SET_NAME, name);
        _exit(unshare(CLONE_NEWNS) == 0 ? 0 : 1);
    }
    return ended(child);
}

pid_t test_child_that_runs(const char *program) {
    pid_t child = vfork();
    if (child == 0) {
        execl(program, program, (char *)0);
        _exit(1);
    }
    return ended(child);
}

int test_children(int count) {
    int made = 0;
    for (int index = 0; index < count; index++) {
        pid_t child = vfork();
        if (child == 0) _exit(0);
        if (ended(child) != 0) made++;
    }
    return made;
}

void test_child_on_every_cpu(void) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &allowed)) continue;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        pid_t child = vfork();
        if (child == 0) _exit(sched_setaffinity(0, sizeof one, &one) == 0 ? 0 : 1);
        ended(child);
    }
}

void test_children_of_every_cpu(int count) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &allowed)) continue;
        pid_t parent = fork();
        if (parent == 0) {
            cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            _exit(sched_setaffinity(0, sizeof one, &one) == 0 && test_children(count) == count ? 0 : 1);
        }
        ended(parent);
    }
}

static void *make_namespace(void *descriptor) {
    if (unshare(CLONE_NEWNS) == 0) *(int *)descriptor = open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC);
    return NULL;
}

struct visit {
    int descriptor;
    struct visitor visitor;
};

static void *enter_namespace(void *argument) {
    struct visit *visit = argument;
    struct stat status;
    visit->visitor.tid = (pid_t)syscall(SYS_gettid);
    // Without a root and working directory of its own a thread may not change its mount namespace.
    if (unshare(CLONE_FS) != 0 || setns(visit->descriptor, CLONE_NEWNS) != 0) return NULL;
    if (fstat(visit->descriptor, &status) == 0) visit->visitor.inode = status.st_ino;
    return NULL;
}

struct visitor test_thread_that_enters(void) {
    struct visit visit = {.descriptor = -1};
    pthread_t thread;
    if (pthread_create(&thread, NULL, make_namespace, &visit.descriptor) == 0) pthread_join(thread, NULL);
    if (pthread_create(&thread, NULL, enter_namespace, &visit) == 0) pthread_join(thread, NULL);
    close(visit.descriptor);
    return visit.visitor;
}

static void *unshare_and_run(void *program) {
    if (unshare(CLONE_NEWUTS) == 0) execl(program, program, (char *)0);
    _exit(1);
}

pid_t test_thread_that_runs(const char *program) {
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, unshare_and_run, (void *)program) != 0) _exit(1);
        for (;;) pause();
    }
    return ended(child);
}

struct call {
    void (*body)(void *);
    void *argument;
    bool is_done;
};

static void *drop_and_call(void *argument) {
    struct call *call = argument;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];
    memset(none, 0, sizeof none);
    // The system call is for one thread.
    if (syscall(SYS_capset, &header, none) != 0) return NULL;
    call->body(call->argument);
    call->is_done = true;
    return NULL;
}

bool test_without_capabilities(void (*body)(void *), void *argument) {
    struct call call = {.body = body, .argument = argument};
    pthread_t thread;
    if (pthread_create(&thread, NULL, drop_and_call, &call) == 0) pthread_join(thread, NULL);
    return call.is_done;
}

int test_disable_event(int event) { return ioctl(event, PERF_EVENT_IOC_DISABLE, 0); }
