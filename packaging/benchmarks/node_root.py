"""The files of a node with pods: containerd's bundles and the pods' log directories, for `breakoutd scan --root`."""

import json
import os
import re
import secrets
import uuid
from pathlib import Path

BUNDLES = "run/containerd/io.containerd.runtime.v2.task/k8s.io"
SANDBOXES = "var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes"
LOGS = "var/log/pods"
LOG_LINE = "2025-01-01T00:00:00.000000000Z stdout F started\n"

CAPABILITIES = [f"CAP_{name}" for name in (
    "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
    "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE")]
MASKED = ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
          "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
DEVICE_RULES = [{"allow": False, "access": "rwm"}] + [
    {"allow": True, "type": "c", "major": major, "minor": minor, "access": "rwm"}
    for major, minor in ((1, 3), (1, 8), (1, 7), (5, 0), (1, 5), (1, 9), (5, 1), (136, -1), (5, 2))]
# What containerd's default seccomp profile leaves out (contrib/seccomp), of the calls that the headers know.
DENIED = set("""acct add_key bpf clock_adjtime clock_settime clone create_module delete_module finit_module
    fsconfig fsmount fsopen fspick get_kernel_syms init_module ioperm iopl kcmp kexec_file_load kexec_load keyctl
    lookup_dcookie mbind migrate_pages mount mount_setattr move_mount move_pages nfsservctl open_by_handle_at open_tree
    perf_event_open personality pivot_root quotactl quotactl_fd reboot request_key set_mempolicy setdomainname
    setgroups_ sethostname setns settimeofday swapoff swapon syslog sysfs _sysctl umount umount2 unshare uselib
    userfaultfd ustat vhangup vserver""".split())


def seccomp_profile():
    """A profile as long as containerd's default one, its names from the machine's headers."""
    names = set()
    for header in Path("/usr/include").glob("*/asm/unistd_64.h"):
        names |= set(re.findall(r"__NR_(\w+)", header.read_text()))
    for header in Path("/usr/include").glob("asm-generic/unistd.h"):
        names |= set(re.findall(r"#define __NR_(\w+)", header.read_text()))
    allowed = sorted(name for name in names - DENIED if not name.startswith("3264_"))
    personalities = (0, 8, 131072, 131080, 4294967295)
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        "syscalls": [{"names": allowed, "action": "SCMP_ACT_ALLOW"}] + [
            {"names": ["personality"], "action": "SCMP_ACT_ALLOW",
             "args": [{"index": 0, "value": value, "op": "SCMP_CMP_EQ"}]} for value in personalities]
        + [{"names": ["clone"], "action": "SCMP_ACT_ALLOW",
            "args": [{"index": 0, "value": 2114060288, "op": "SCMP_CMP_MASKED_EQ"}]}],
    }


class Pod:
    """One pod: a sandbox and a container, with new ids."""

    def __init__(self, number):
        self.uid = str(uuid.uuid4())
        self.namespace = f"team-{number % 20}"
        self.name = f"web-{secrets.token_hex(5)}-{secrets.token_hex(3)[:5]}"
        self.sandbox = secrets.token_hex(32)
        self.container = secrets.token_hex(32)
        self.cgroup = f"kubepods/besteffort/pod{self.uid}"

    @property
    def plan(self):
        return f"{self.cgroup} {self.sandbox} {self.container}"

    def annotations(self, is_sandbox):
        annotations = {
            "container-type": "sandbox" if is_sandbox else "container",
            "sandbox-id": self.sandbox, "sandbox-namespace": self.namespace, "sandbox-name": self.name,
            "sandbox-uid": self.uid,
        }
        if is_sandbox:
            annotations |= {"sandbox-log-directory": f"/{LOGS}/{self.namespace}_{self.name}_{self.uid}",
                            "sandbox-cpu-period": "100000", "sandbox-cpu-quota": "0", "sandbox-cpu-shares": "2",
                            "sandbox-memory": "0"}
        else:
            annotations |= {"container-name": "app", "image-name":
                            "111111111111.dkr.ecr.us-east-1.amazonaws.com/bench/web:1.27.3"}
        return {f"io.kubernetes.cri.{name}": value for name, value in annotations.items()}

    def mounts(self, is_sandbox):
        def made(point, kind, *options, source=None):
            return {"destination": point, "type": kind, "source": source or kind,
                    "options": ["nosuid", "noexec", *options]}

        def bound(point, source, *options):
            return {"destination": point, "type": "bind", "source": source,
                    "options": ["rbind", "rprivate", *options]}

        state = f"/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/{self.sandbox}"
        shared = f"/run/containerd/io.containerd.grpc.v1.cri/sandboxes/{self.sandbox}"
        common = [
            made("/proc", "proc", "nodev"), made("/dev", "tmpfs", "strictatime", "mode=755", "size=65536k"),
            made("/dev/pts", "devpts", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
            made("/dev/mqueue", "mqueue", "nodev"), made("/sys", "sysfs", "nodev", "ro")]
        if is_sandbox:
            return common + [bound("/dev/shm", f"{shared}/shm", "ro"),
                             bound("/etc/resolv.conf", f"{state}/resolv.conf", "ro")]
        volumes = f"/var/lib/kubelet/pods/{self.uid}"
        return common + [
            made("/sys/fs/cgroup", "cgroup", "nodev", "relatime", "ro"),
            bound("/etc/hosts", f"{volumes}/etc-hosts", "rw"),
            bound("/dev/termination-log", f"{volumes}/containers/app/{self.container[:8]}", "rw"),
            bound("/etc/hostname", f"{state}/hostname", "rw"), bound("/etc/resolv.conf", f"{state}/resolv.conf", "rw"),
            bound("/dev/shm", f"{shared}/shm", "rw"),
            bound("/cache", f"{volumes}/volumes/kubernetes.io~empty-dir/cache", "rw"),
            bound("/etc/web", f"{volumes}/volumes/kubernetes.io~configmap/web", "ro"),
            bound("/var/run/secrets/kubernetes.io/serviceaccount",
                  f"{volumes}/volumes/kubernetes.io~projected/kube-api-access-{self.uid[:5]}", "ro"),
        ]

    def config(self, is_sandbox, pause, seccomp):
        """The OCI specification that containerd's CRI plugin gives to runc."""
        identifier = self.sandbox if is_sandbox else self.container
        environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        if not is_sandbox:
            environment += [f"HOSTNAME={self.name}"]
            for service, port in (("KUBERNETES", 443), ("WEB", 8080), ("METRICS", 9090), ("CACHE", 6379)):
                address = f"10.100.0.{port % 250}"
                environment += [
                    f"{service}_SERVICE_HOST={address}", f"{service}_SERVICE_PORT={port}",
                    f"{service}_PORT=tcp://{address}:{port}", f"{service}_PORT_{port}_TCP=tcp://{address}:{port}",
                    f"{service}_PORT_{port}_TCP_PROTO=tcp", f"{service}_PORT_{port}_TCP_ADDR={address}"]
        namespaces = [{"type": "pid"}, {"type": "mount"}]
        for kind, name in (("ipc", "ipc"), ("uts", "uts"), ("network", "net")):
            namespaces.append({"type": kind} if is_sandbox and kind != "network" else
                              {"type": kind, "path": f"/proc/{pause}/ns/{name}"})
        return {
            "ociVersion": "1.1.0",
            "process": {
                "user": {"uid": 65535, "gid": 65535, "additionalGids": [65535]} if is_sandbox else
                        {"uid": 0, "gid": 0, "additionalGids": [0, 1, 2, 3, 4, 6, 10, 11, 20, 26, 27]},
                "args": ["/pause"] if is_sandbox else ["/app", "--listen", ":8080"],
                "env": environment, "cwd": "/",
                "capabilities": {kind: CAPABILITIES for kind in ("bounding", "effective", "permitted")},
                "noNewPrivileges": False, "oomScoreAdj": -998 if is_sandbox else 1000,
            },
            "root": {"path": "rootfs", "readonly": is_sandbox},
            **({"hostname": self.name} if is_sandbox else {}),
            "mounts": self.mounts(is_sandbox),
            "annotations": self.annotations(is_sandbox),
            "linux": {
                "resources": {
                    "devices": DEVICE_RULES, "memory": {"limit": 0, "swap": 0},
                    "cpu": {"shares": 2, "quota": 0, "period": 100000}, "pids": {"limit": 0}},
                "cgroupsPath": f"/{self.cgroup}/{identifier}", "namespaces": namespaces,
                "seccomp": seccomp, "maskedPaths": MASKED, "readonlyPaths": READ_ONLY},
        }

    def make_bundles(self, root):
        """What the load needs for its root file systems: directories, and the files that CRI makes for each sandbox."""
        state = Path(f"{root}/{SANDBOXES}/{self.sandbox}")
        state.mkdir(parents=True)
        for name in ("hosts", "hostname", "resolv.conf"):
            (state / name).write_text("# made for the benchmark\n", encoding="ascii")
        for identifier in (self.sandbox, self.container):
            os.makedirs(f"{root}/{BUNDLES}/{identifier}/rootfs")

    def write(self, root, seccomp):
        """The records that name the pod's first processes, once the load runs."""
        pause = Path(f"{root}/{BUNDLES}/{self.sandbox}/init.pid").read_text(encoding="ascii").strip()
        for identifier, is_sandbox in ((self.sandbox, True), (self.container, False)):
            text = json.dumps(self.config(is_sandbox, pause, seccomp), separators=(",", ":"))
            Path(f"{root}/{BUNDLES}/{identifier}/config.json").write_text(text, encoding="ascii")
        logs = Path(f"{root}/{LOGS}/{self.namespace}_{self.name}_{self.uid}/app")
        logs.mkdir(parents=True)
        (logs / "0.log").write_text(LOG_LINE, encoding="ascii")
