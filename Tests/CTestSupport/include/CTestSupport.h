#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/// A thread that was in another mount namespace than its process.
struct visitor {
    pid_t tid;
    /// The inode number of that namespace; 0 when it did not get there.
    uint64_t inode;
};

/// A child that names itself, unshares its mount namespace and ends; its process id, or 0 if it could not.
pid_t test_child_that_unshares(const char *name);

/// A child that runs a program without arguments and ends; its process id, or 0 if it could not.
pid_t test_child_that_runs(const char *program);

/// A thread of this process that alone enters, by setns(2), a mount namespace that another one has made, and ends.
struct visitor test_thread_that_enters(void);

/// A child whose second thread runs a program after it has unshared its UTS namespace, so that the main one ends.
pid_t test_thread_that_runs(const char *program);

/// Children that end at once, one after the other; how many there were.
int test_children(int count);

/// A child on each CPU that this thread may run on, which ends there.
void test_child_on_every_cpu(void);

/// Children, as those of `test_children`, that are made on each CPU that this thread may run on.
void test_children_of_every_cpu(int count);

/// Calls `body` on a thread that has no capabilities; false if it could not.
bool test_without_capabilities(void (*body)(void *), void *argument);

/// Turns an event of perf_event_open(2) off, as the kernel does when its CPU goes offline; 0, or -1 and errno.
int test_disable_event(int event);
