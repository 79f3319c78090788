// The benchmark's load: pods of sleeping processes, each in the namespaces and cgroups that a container runtime would
// give them, and all of it gone again when this program ends, however it ends.
//
//     load ROOT PROCESSES THREADS SOCKETS <PLAN
//
// PLAN has a line for each pod: "POD_CGROUP SANDBOX_ID CONTAINER_ID", the cgroup without a leading slash.  A pod has
// PROCESSES processes of THREADS threads: the sandbox's "pause", alone in its container, and the rest in the other one.
// The processes of the first pod's container hold SOCKETS sockets together.
// Sandbox and container share net, ipc and uts, and have a mount and a PID namespace each, as in Kubernetes.  The pids
// of the first processes go to ROOT/run/containerd/io.containerd.runtime.v2.task/k8s.io/ID/init.pid.
//
// Prints "ready HIERARCHIES MILLISECONDS" once every thread sleeps, and ends on SIGTERM, SIGINT or its parent's death.
// A janitor process holds the other end of a pipe, so that a SIGKILL is cleaned up after as well.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_HIERARCHIES = 32, MAX_PODS = 4096 };

// What docker and containerd leave a container: 00000000a80425fb.
#define DEFAULT_CAPABILITIES 0xa80425fbULL
#define BUNDLES "run/containerd/io.containerd.runtime.v2.task/k8s.io"
#define SANDBOXES "var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes"

struct pod {
    char cgroup[128], sandbox[80], container[80];
};

static char hierarchies[MAX_HIERARCHIES][PATH_MAX];
static int hierarchy_count;
static struct pod pods[MAX_PODS];
static int pod_count;
static char root[PATH_MAX];
static int processes, threads, sockets;
static int lifeline[2];  // only the supervisor holds the writing end; everybody else sees its end as end of file
static int report[2];    // a byte from each process whose threads all sleep

__attribute__((noreturn, format(printf, 1, 2))) static void fail(const char *format, ...) {
    int error = errno;
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "load: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, ": %s\n", strerror(error));
    va_end(arguments);
    _exit(1);
}

__attribute__((format(printf, 2, 3))) static void write_file(const char *text, const char *format, ...) {
    char path[PATH_MAX * 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) fail("%s", path);
    close(fd);
}

// --- cgroups

// Every cgroup hierarchy that takes new groups at its root: v1 controllers, v1 named ones, and v2.
static void find_hierarchies(void) {
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    if (!mounts) fail("/proc/self/mountinfo");
    char line[PATH_MAX];
    while (fgets(line, sizeof line, mounts) && hierarchy_count < MAX_HIERARCHIES) {
        char inside[PATH_MAX], point[PATH_MAX];
        if (!strstr(line, " - cgroup ") && !strstr(line, " - cgroup2 ")) continue;
        if (sscanf(line, "%*s %*s %*s %4095s %4095s", inside, point) != 2 || strcmp(inside, "/") != 0) continue;
        if (access(point, W_OK) != 0) continue;
        strcpy(hierarchies[hierarchy_count++], point);
    }
    fclose(mounts);
}

// A v1 cpuset takes no process before it has CPUs and memory nodes.
static void copy_cpuset(const char *directory, const char *name) {
    char path[PATH_MAX * 2], text[256];
    snprintf(path, sizeof path, "%s/../%s", directory, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    if (length <= 0) return;
    text[length] = 0;
    write_file(text, "%s/%s", directory, name);
}

static void make_cgroup(const char *hierarchy, const char *path) {
    char directory[PATH_MAX * 2];
    int start = snprintf(directory, sizeof directory, "%s/", hierarchy);
    snprintf(directory + start, sizeof directory - start, "%s/", path);
    for (char *slash = directory + start; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        if (mkdir(directory, 0755) == 0) {
            copy_cpuset(directory, "cpuset.cpus");
            copy_cpuset(directory, "cpuset.mems");
        } else if (errno != EEXIST) {
            fail("mkdir %s", directory);
        }
        *slash = '/';
    }
}

static void enter_cgroup(const struct pod *pod, const char *id) {
    for (int i = 0; i < hierarchy_count; i++)
        write_file("0", "%s/%s/%s/cgroup.procs", hierarchies[i], pod->cgroup, id);
}

// False while there is a process left in one of them.
static int remove_cgroups(void) {
    int busy = 0;
    char path[PATH_MAX * 2];
    for (int i = 0; i < hierarchy_count; i++) {
        for (int j = 0; j < pod_count; j++) {
            const char *ids[] = {pods[j].sandbox, pods[j].container};
            for (int k = 0; k < 2; k++) {
                snprintf(path, sizeof path, "%s/%s/%s", hierarchies[i], pods[j].cgroup, ids[k]);
                if (rmdir(path) != 0 && errno == EBUSY) busy++;
            }
            // The levels above: those that others use as well stay, since they are not empty.
            snprintf(path, sizeof path, "%s/%s", hierarchies[i], pods[j].cgroup);
            for (char *end = path + strlen(path); end > path + strlen(hierarchies[i]); end = strrchr(path, '/')) {
                *end = 0;
                if (rmdir(path) != 0) break;
            }
        }
    }
    return busy == 0;
}

// --- a container

static void mount_at(const char *source, const char *type, unsigned long flags, const char *data, const char *point) {
    if (mount(source, point, type, flags, data) != 0) fail("mount %s on %s", source, point);
}

// Binds SOURCE, which the container has under the same name, and then hides or write-protects it.
static void bind_again(const char *source, const char *point, unsigned long flags) {
    if (access(point, F_OK) != 0) return;
    if (mount(source, point, NULL, MS_BIND | MS_REC, NULL) != 0) fail("bind %s on %s", source, point);
    if (flags) mount(NULL, point, NULL, MS_BIND | MS_REMOUNT | flags, NULL);
}

// The mounts of a default CRI container on an overlay root, about as many as there are on a node.
static void enter_root(const struct pod *pod, const char *id) {
    char path[PATH_MAX], options[PATH_MAX * 2];
    snprintf(path, sizeof path, "%s/" BUNDLES "/%s/rootfs", root, id);
    mount_at(NULL, NULL, MS_REC | MS_PRIVATE, NULL, "/");
    snprintf(options, sizeof options, "lowerdir=%s/image:%s/empty", root, root);
    mount_at("overlay", "overlay", 0, options, path);
    if (chdir(path) != 0) fail("%s", path);
    mount_at("proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, "proc");
    mount_at("tmpfs", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k", "dev");
    for (const char **name = (const char *[]){"dev/pts", "dev/mqueue", "dev/shm", "dev/null", NULL}; *name; name++)
        if (mkdir(*name, 0755) != 0) fail("%s", *name);
    rmdir("dev/null");
    if (mknod("dev/null", S_IFCHR | 0666, 0x103) != 0) fail("dev/null");
    write_file("", "dev/termination-log");
    mount_at("devpts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5", "dev/pts");
    mount_at("mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, "dev/mqueue");
    mount_at("sysfs", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL, "sys");
    mount_at("shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=65536k", "dev/shm");
    mount_at("tmpfs", "tmpfs", MS_RDONLY, NULL, "run/secrets/kubernetes.io/serviceaccount");
    const char *files[] = {"hosts", "hostname", "resolv.conf"};
    for (int i = 0; i < 3; i++) {
        char source[PATH_MAX * 2], point[64];
        snprintf(source, sizeof source, "%s/" SANDBOXES "/%s/%s", root, pod->sandbox, files[i]);
        snprintf(point, sizeof point, "etc/%s", files[i]);
        bind_again(source, point, 0);
    }
    if (syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) fail("pivot_root");
    static const char *const protected[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
    for (size_t i = 0; i < sizeof protected / sizeof *protected; i++)
        bind_again(protected[i], protected[i], MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);
    static const char *const masked[] = {"/proc/acpi", "/proc/asound", "/proc/scsi", "/sys/firmware",
                                         "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
                                         "/proc/timer_stats", "/proc/sched_debug"};
    for (size_t i = 0; i < sizeof masked / sizeof *masked; i++) {
        struct stat status;
        if (stat(masked[i], &status) != 0) continue;
        if (S_ISDIR(status.st_mode)) mount_at("tmpfs", "tmpfs", MS_RDONLY, NULL, masked[i]);
        else bind_again("/dev/null", masked[i], 0);
    }
}

static void drop_privileges(void) {
    for (int capability = 0; capability < 64; capability++)
        if (!(DEFAULT_CAPABILITIES >> capability & 1)) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog filter = {1, &allow};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) fail("seccomp");
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{DEFAULT_CAPABILITIES, DEFAULT_CAPABILITIES, 0}, {0}};
    if (syscall(SYS_capset, &header, data) != 0) fail("capset");
}

// Starts a container's first process in a new mount and PID namespace, and returns its pid.
static pid_t start_container(const struct pod *pod, const char *id, const char *hostname, int count) {
    int go[2];
    if (pipe2(go, O_CLOEXEC) != 0) fail("pipe");
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWNS | CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid < 0) fail("clone");
    if (pid == 0) {
        close(go[1]);
        char text[3][16], byte;
        if (read(go[0], &byte, 1) != 0) _exit(1);  // its init.pid is there
        if (hostname && sethostname(hostname, strlen(hostname)) != 0) fail("sethostname");
        enter_cgroup(pod, id);
        enter_root(pod, id);
        drop_privileges();
        struct rlimit limit;
        if (getrlimit(RLIMIT_NOFILE, &limit) == 0) limit.rlim_cur = limit.rlim_max, setrlimit(RLIMIT_NOFILE, &limit);
        signal(SIGTERM, SIG_DFL);
        signal(SIGINT, SIG_IGN);
        int line = fcntl(lifeline[0], F_DUPFD, 8), ready = fcntl(report[1], F_DUPFD, 8);  // neither may be 3 or 4 yet
        dup2(line, 3);
        dup2(ready, 4);
        // A container holds no file of the node, and what this program writes to may be one.
        int null = open("/dev/null", O_RDWR);
        for (int number = 0; number < 3; number++)
            if (null < 0 || dup2(null, number) < 0) close(number);
        close_range(5, ~0U, 0);
        snprintf(text[0], sizeof text[0], "%d", count);
        snprintf(text[1], sizeof text[1], "%d", threads);
        snprintf(text[2], sizeof text[2], "%d", pod == pods && !hostname ? sockets / count : 0);
        const char *program = hostname ? "/pause" : "/app";
        char *const arguments[] = {(char *)program, text[0], text[1], text[2], NULL};
        char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "KUBERNETES_SERVICE_HOST=10.100.0.1", NULL};
        execve(program, arguments, environment);
        fail("%s", program);
    }
    char text[16];
    snprintf(text, sizeof text, "%d", (int)pid);
    write_file(text, "%s/" BUNDLES "/%s/init.pid", root, id);
    close(go[0]);
    close(go[1]);
    return pid;
}

// Runs in a process of its own, which lends the pod its namespaces and ends.
static void start_pod(const struct pod *pod) {
    if (unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) != 0) fail("unshare");
    char hostname[32];
    snprintf(hostname, sizeof hostname, "bench-%.8s", pod->sandbox);
    start_container(pod, pod->sandbox, hostname, 1);
    if (processes > 1) start_container(pod, pod->container, NULL, processes - 1);
}

// --- the processes inside: the same program by another name

static void *sleep_for_ever(void *unused) {
    for (;;) pause();
    return unused;
}

static int sleeper(int count, int each, int held) {
    int first = 1;
    for (int i = 1; i < count && first; i++) {
        pid_t pid = fork();
        if (pid < 0) _exit(1);
        if (pid == 0) first = 0;
    }
    int pair[2];
    for (int i = 0; i < held; i += 2)
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) _exit(1);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
    for (int i = 1; i < each; i++) {
        pthread_t thread;
        if (pthread_create(&thread, &attributes, sleep_for_ever, NULL) != 0) _exit(1);
    }
    if (write(4, "+", 1) != 1) _exit(1);
    close(4);
    char byte;
    if (first) return read(3, &byte, 1) == 0 ? 0 : 1;  // as PID 1 it takes the others along
    close(3);
    sleep_for_ever(NULL);
    return 0;
}

// --- start and end

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status, (void)type, (void)walk;
    remove(path);
    return 0;
}

// Waits for the supervisor's end in whatever way, then removes what processes leave behind.
static void janitor(void) {
    setsid();
    prctl(PR_SET_PDEATHSIG, 0);
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    close(lifeline[1]);
    close(report[0]);
    close(report[1]);
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 2; fd++) dup2(null, fd);
    char byte;
    while (read(lifeline[0], &byte, 1) < 0 && errno == EINTR) continue;
    for (int i = 0; i < 1200 && !remove_cgroups(); i++) usleep(50000);
    nftw(root, remove_entry, 64, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    _exit(0);
}

static volatile sig_atomic_t ended;
static void end(int signal) {
    (void)signal;
    ended = 1;
}

// The image that every container's overlay has below: this program under two names, and the mount points.
static void make_image(void) {
    static const char *const names[] = {
        "image", "empty", "image/proc", "image/dev", "image/sys", "image/etc", "image/tmp", "image/run", "image/run/secrets",
        "image/run/secrets/kubernetes.io", "image/run/secrets/kubernetes.io/serviceaccount"};
    char path[PATH_MAX * 2];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", root, names[i]);
        if (mkdir(path, 0755) != 0) fail("%s", path);
    }
    for (const char **name = (const char *[]){"hosts", "hostname", "resolv.conf", NULL}; *name; name++)
        write_file("", "%s/image/etc/%s", root, *name);
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (from < 0 || fstat(from, &status) != 0) fail("/proc/self/exe");
    snprintf(path, sizeof path, "%s/image/app", root);
    int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    if (to < 0 || copy_file_range(from, NULL, to, NULL, status.st_size, 0) != status.st_size) {
        char buffer[65536];
        ssize_t length;
        if (to < 0 || lseek(from, 0, SEEK_SET) != 0 || ftruncate(to, 0) != 0 || lseek(to, 0, SEEK_SET) != 0) fail("%s", path);
        while ((length = read(from, buffer, sizeof buffer)) > 0)
            if (write(to, buffer, length) != length) fail("%s", path);
    }
    close(from);
    close(to);
    char other[PATH_MAX * 2];
    snprintf(other, sizeof other, "%s/image/pause", root);
    if (link(path, other) != 0) fail("%s", other);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

int main(int count, char **arguments) {
    if (count == 4 && (strcmp(arguments[0], "/pause") == 0 || strcmp(arguments[0], "/app") == 0))
        return sleeper(atoi(arguments[1]), atoi(arguments[2]), atoi(arguments[3]));
    if (count != 5 || !realpath(arguments[1], root)) {
        fprintf(stderr, "usage: load ROOT PROCESSES THREADS SOCKETS <PLAN\n");
        return 64;
    }
    double start = now();
    pid_t parent = getppid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) return 1;
    processes = atoi(arguments[2]);
    threads = atoi(arguments[3]);
    sockets = atoi(arguments[4]);
    while (pod_count < MAX_PODS &&
           scanf("%127s %79s %79s", pods[pod_count].cgroup, pods[pod_count].sandbox, pods[pod_count].container) == 3)
        pod_count++;
    find_hierarchies();

    struct sigaction action = {.sa_handler = end};  // without SA_RESTART: a read below ends early
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    if (pipe2(lifeline, O_CLOEXEC) != 0 || pipe2(report, O_CLOEXEC) != 0) fail("pipe");
    pid_t cleaner = fork();
    if (cleaner < 0) fail("fork");
    if (cleaner == 0) janitor();
    prctl(PR_SET_CHILD_SUBREAPER, 1);

    make_image();
    for (int i = 0; i < hierarchy_count; i++) {
        for (int j = 0; j < pod_count; j++) {
            char path[PATH_MAX];
            snprintf(path, sizeof path, "%s/%s", pods[j].cgroup, pods[j].sandbox);
            make_cgroup(hierarchies[i], path);
            snprintf(path, sizeof path, "%s/%s", pods[j].cgroup, pods[j].container);
            make_cgroup(hierarchies[i], path);
        }
    }
    for (int j = 0; j < pod_count && !ended; j++) {
        pid_t helper = fork();
        if (helper < 0) fail("fork");
        if (helper == 0) {
            close(lifeline[1]);
            close(report[0]);
            start_pod(&pods[j]);
            _exit(0);
        }
        int status;
        while (waitpid(helper, &status, 0) < 0 && errno == EINTR && !ended) continue;
        if (status != 0) break;
    }
    close(report[1]);
    int ready = 0, wanted = pod_count * processes;
    char buffer[4096];
    ssize_t length;
    while (!ended && ready < wanted && (length = read(report[0], buffer, sizeof buffer)) != 0) {
        if (length > 0) ready += length;
        else if (errno != EINTR) break;
    }
    if (ready == wanted) {
        printf("ready %d %.0f\n", hierarchy_count, now() - start);
        fflush(stdout);
        while (!ended) pause();
    } else if (!ended) {
        fprintf(stderr, "load: %d of %d processes started\n", ready, wanted);
    }
    close(lifeline[1]);
    while (wait(NULL) > 0 || errno == EINTR) continue;  // the janitor and, as they are orphans, the first processes
    return ready == wanted || ended ? 0 : 1;
}
