import BenchSupport
import Foundation
import Glibc
import Testing

extension RealContainers {
    /// Pods that hold a piece of the node's file tree by a root, a directory, a program or a descriptor, or by a mount
    /// namespace that was made from the host's.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct HeldHostFileTests {
        private static let inNode = ["--privileged", "--host-pid"]
        private static let shown = ["host-pid-namespace", "privileged"]

        private static func shell(_ script: String) -> [String] { ["--", "sh", "-c", script] }

        /// In a copy of the node's mount namespace, takes hold of the node's tree and makes a tmpfs the root in its place.
        private static func detached(_ hold: String) -> [String] {
            let script = """
                mount -t tmpfs none /mnt
                mkdir /mnt/old
                cat <&8 >/mnt/busybox
                chmod 755 /mnt/busybox
                exec 8<&-
                \(hold)
                exec /mnt/busybox sh -c \
                    '/mnt/busybox pivot_root /mnt /mnt/old; /busybox umount -l /old; exec /busybox sleep 1d'
                """
            return ["--", "sh", "-c", #"exec 8</bin/busybox; exec nsenter -t 1 -m -- unshare -m sh -c "$0""#, script]
        }

        /// A pod's options and the actions that it shows beside what its options show.
        static let pods: [(name: String, options: [String], exposures: [String], actions: [String])] = [
            // What is there for it as yet is the runtime, with the node's own program.
            ("created", ExposureTests.quiet + ["--create-only"], [], []),
            (
                "copy", inNode + shell("exec nsenter -t 1 -m -- unshare -m sleep 1d"), shown,
                ["entered-host-mount-namespace", "first-process-in-host-namespace"]
            ),
            ("of-pid-1", inNode + shell("cd /proc/1/cwd; exec sleep 1d"), shown, ["working-directory-in-host-tree"]),
            (
                "hidden-root",
                inNode + shell("exec nsenter -t 1 -m -- unshare -m chroot /usr /bin/sleep 1d"), shown,
                ["root-in-host-tree"]
            ),
            ("detached-tree", inNode + detached("cd /usr/share"), shown, ["working-directory-in-host-tree"]),
            (
                "detached-copy",
                inNode + detached("mkdir /mnt/s; mount --bind /usr/share /mnt/s; exec 9</mnt/s; umount -l /mnt/s"),
                shown, ["holds-host-file"]
            ),
        ]

        @Test(arguments: ["v1", "v2"]) func heldByPods(version: String) throws {
            try SystemdNode.with(version) { node in
                var made: [String: BenchPod] = [:]
                for pod in Self.pods { made[pod.name] = try node.pod([pod.name] + pod.options) }
                let service = try node.service()
                let entered = try node.pod(
                    ["service"] + Self.inNode + Self.shell("exec nsenter -t \(service) -m sleep 1d"))
                let report = try node.scan { report in
                    report.techniques(of: entered).count > 2
                        && Self.pods.allSatisfy { pod in
                            made[pod.name].map { report.techniques(of: $0).count } == pod.exposures.count
                                + pod.actions.count
                        }
                }
                for expected in Self.pods {
                    let pod = try #require(made[expected.name])
                    #expect(
                        report.techniques(of: pod) == (expected.exposures + expected.actions).sorted(),
                        "\(expected.name)")
                    #expect(report.findings(of: pod).allSatisfy { $0.task?.pid == pod.pid })
                }
                let entry = report.findings(of: entered).first { $0.technique == "entered-host-mount-namespace" }
                #expect(entry?.detail.contains("that of pid \(service) (sleep), a process of the node") == true)
                #expect(entry?.task?.pid == entered.pid && entry?.severity == "critical")
            }
        }

        /// An entry that is over at once, which only the daemon sees.
        @Test func shortEntryIntoAService() throws {
            try SystemdNode.with("v2") { node in
                let service = try node.service()
                try node.startDaemon(configuration: "{api: {enabled: false}}")
                let pod = try node.pod(["visitor"] + Self.inNode)
                try node.awaitJournal { $0.contains { $0["BREAKOUTD_TECHNIQUE"] == "privileged" } }
                let enter = ["nsenter", "-t", "\(service)", "-m", "true"]
                try node.succeed(["pod", "-s", SystemdNode.socket, "exec", pod.container, "--"] + enter)
                let technique = "entered-host-mount-namespace"
                let entries = try node.awaitJournal { $0.contains { $0["BREAKOUTD_TECHNIQUE"] == technique } }
                let entry = try #require(entries.first { $0["BREAKOUTD_TECHNIQUE"] == technique })
                #expect(entry["BREAKOUTD_POD"] == "visitor" && entry["BREAKOUTD_CONTAINER_ID"] == pod.container)
                #expect(entry["MESSAGE"]?.contains("that of pid \(service) (sleep)") == true)
            }
        }

        /// A process that stands in a file system whose server has stopped holds nobody up.
        @Test(
            .enabled(
                if: FileManager.default.isExecutableFile(atPath: "/usr/bin/bindfs")
                    && FileManager.default.fileExists(atPath: "/dev/fuse"), "needs bindfs and /dev/fuse"))
        func directoryOfADeadFileSystem() throws {
            try ContainerdNode.with { node in
                let directory = "\(node.root)/dead"
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                let technique = "working-directory-in-host-tree"
                var pods: [BenchPod] = []
                let mount = try DeadMount(over: directory) {
                    let script = "cd /proc/\(getpid())/root\(directory) && exec sleep 1d"
                    let pod = try node.pod("dead", Self.inNode, command: ["sh", "-c", script])
                    _ = try node.scan { $0.techniques(of: pod).contains(technique) }
                    pods.append(pod)
                }
                defer { mount.remove() }
                let report = try node.scan().report
                let pod = try #require(pods.first)
                #expect(report.techniques(of: pod).contains(technique))
                #expect(!report.gaps.contains { $0.kind == "time-limit" })
            }
        }
    }
}

extension SystemdNode {
    /// Starts a service in a mount namespace of its own; gives its process.
    fileprivate func service() throws -> Int32 {
        try succeed("systemd-run", "-q", "--unit", "held", "-p", "PrivateTmp=yes", "/bin/sleep", "1d")
        let shown = try run("systemctl", "show", "-p", "MainPID", "--value", "held")
        return try #require(Int32(shown.text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }
}
