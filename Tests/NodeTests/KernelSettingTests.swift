import BenchSupport
import Foundation
import Testing

extension RealNodes {
    /// Settings of the kernel that name a program, changed by a privileged pod.
    @Suite(.enabled(if: Bench.hasGuests, Bench.guestReason)) struct KernelSettingTests {
        @Test(arguments: Guest.all) func scan(guest: Guest) throws {
            try SystemdNode.with(guest) { node in
                let quiet = try node.pod("quiet", "--seccomp", "default", "--no-new-privileges")
                let evil = try node.pod("evil", "--privileged")
                // As the node came, with the settings of its distribution.
                let before = try node.scan().report
                #expect(before.techniques(of: evil) == ["privileged"] && before.gaps.isEmpty)

                var expected = ["core-pattern", "interpreter", "modprobe", "poweroff"]
                if guest.cgroup == "v1" { expected.append("release-agent") }
                try node.execute(Self.change + (guest.cgroup == "v1" ? Self.changeAgent : ""), in: evil)
                let (report, status) = try node.scan()
                #expect(status == 1 && report.gaps.isEmpty)
                let found = report.findings.filter { $0.technique.hasPrefix("kernel-helper-") }
                #expect(found.map(\.technique).sorted() == expected.map { "kernel-helper-" + $0 })
                #expect(report.techniques(of: quiet) == [])
                for finding in found {
                    #expect(
                        finding.pod?.name == "evil" && finding.container?.id == evil.container, "\(finding.technique)")
                    #expect(finding.class == "residue" && finding.severity == "high")
                    #expect(finding.detail.hasSuffix("in the files of container main of default/evil"))
                }
                let format = try #require(found.first { $0.technique == "kernel-helper-interpreter" })
                #expect(format.evidence["keptOpen"] == .flag(true))

                try node.execute(Self.restore + (guest.cgroup == "v1" ? Self.restoreAgent : ""), in: evil)
                let after = try node.scan().report.techniques(of: evil)
                #expect(after == ["privileged"])
            }
        }

        /// The program lies in the container's upper layer, which the mount of its root names.
        private static let change = """
            set -e
            layer=$(sed -n 's/^overlay \\/ .*[ ,]upperdir=\\([^,]*\\).*/\\1/p' /proc/mounts)
            printf '#!/bin/sh\\n' >/handler
            chmod 755 /handler
            cd /proc/sys/kernel
            mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
            echo ":evil:E::evil::$layer/handler:F" >/proc/sys/fs/binfmt_misc/register || {
                mkdir -p "$layer"
                cp /handler "$layer/handler"
                echo ":evil:E::evil::$layer/handler:F" >/proc/sys/fs/binfmt_misc/register
            }
            cat core_pattern >/old-pattern
            cat modprobe >/old-modprobe
            cat poweroff_cmd >/old-poweroff
            echo "|$layer/handler %P" >core_pattern
            echo "$layer/handler" >modprobe
            echo "$layer/handler -f" >poweroff_cmd

            """

        private static let changeAgent = """
            mkdir /hierarchy
            mount -t cgroup -o freezer cgroup /hierarchy
            echo "$layer/handler" >/hierarchy/release_agent

            """

        private static let restore = """
            set -e
            cd /proc/sys/kernel
            cat /old-pattern >core_pattern
            cat /old-modprobe >modprobe
            cat /old-poweroff >poweroff_cmd
            echo -1 >/proc/sys/fs/binfmt_misc/evil
            umount /proc/sys/fs/binfmt_misc

            """

        private static let restoreAgent = "echo >/hierarchy/release_agent; cd /; umount /hierarchy"
    }
}

extension SystemdNode {
    /// Runs a script in a pod's container; it has to succeed.
    fileprivate func execute(_ script: String, in pod: BenchPod) throws {
        try succeed("pod", "-s", Self.socket, "exec", pod.container, "--", "sh", "-c", script)
    }
}
