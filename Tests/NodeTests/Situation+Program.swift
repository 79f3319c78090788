extension Situation {
    /// What no shell can do, by the word that it is called with.
    static let program = #"""
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <pthread.h>
        #include <sched.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/syscall.h>
        #include <unistd.h>

        static int namespace_of_node(const char *kind) {
            char path[64];
            snprintf(path, sizeof path, "/proc/1/ns/%s", kind);
            return open(path, O_RDONLY | O_CLOEXEC);
        }

        static void *thread(void *unused) {
            int mount = namespace_of_node("mnt");
            if (unshare(CLONE_FS) != 0 || setns(namespace_of_node("uts"), 0) != 0 || setns(mount, 0) != 0) perror("thread");
            for (;;) pause();
            return unused;
        }

        int main(int count, char **words) {
            const char *what = count > 1 ? words[1] : "";
            if (strcmp(what, "thread") == 0) {
                pthread_t id;
                pthread_create(&id, 0, thread, 0);
            } else if (strcmp(what, "pidfd") == 0) {
                int node = syscall(434 /* pidfd_open */, 1, 0);
                if (setns(node, CLONE_NEWUTS) != 0) perror(what);
                close(node);
            } else if (strcmp(what, "back") == 0) {
                int own = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
                int node = namespace_of_node("uts");
                if (setns(node, 0) != 0 || setns(own, 0) != 0) perror(what);
                close(own), close(node);
            } else if (strcmp(what, "tree") == 0) {
                int own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
                int node = namespace_of_node("mnt");
                // Only what is in one's own mount namespace can be copied.
                if (setns(node, 0) != 0 || syscall(428 /* open_tree */, AT_FDCWD, "/", 1 /* OPEN_TREE_CLONE */) < 0
                    || setns(own, 0) != 0) perror(what);
                close(own), close(node);
            }
            for (;;) pause();
        }
        """#
}
