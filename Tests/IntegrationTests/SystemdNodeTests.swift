import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// A node with systemd as PID 1, journald and containerd's systemd cgroup driver.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct SystemdNodeTests {
        @Test(arguments: ["v1", "v2"]) func quietEscapeAndJournal(version: String) throws {
            try SystemdNode.with(version) { node in
                let quiet = try node.pod("quiet", "--seccomp", "default", "--no-new-privileges")
                let clean = try node.scan()
                #expect(clean.status == 0 && clean.report.verdict == "clean" && clean.report.gaps.isEmpty)
                // From the machine around the node its runtime's records are not to be seen: a gap, and no more.
                let scan = try Bench.run([Bench.binary, "scan", "--format", "json"])
                let around = try JSONDecoder().decode(ScanReport.self, from: scan.bytes)
                #expect(around.findings.allSatisfy { $0.container?.id != quiet.container })
                #expect(around.gaps.contains { $0.kind == "container" })

                let evil = try node.pod(
                    "evil", "--host-pid", "--privileged", "--", "sh", "-c",
                    "exec nsenter -t 1 -m -u -n -i /bin/sleep 1000")
                let network = try node.pod("net", "--host-network", "--seccomp", "default", "--no-new-privileges")
                let (report, status) = try node.scan()
                #expect(status == 1 && report.techniques(of: quiet) == [])
                #expect(report.techniques(of: network) == ["host-network-namespace"])
                #expect(
                    report.techniques(of: evil) == [
                        "entered-host-ipc-namespace", "entered-host-mount-namespace", "entered-host-network-namespace",
                        "entered-host-uts-namespace", "first-process-in-host-namespace", "host-pid-namespace",
                        "privileged",
                    ])
                #expect(report.findings(of: evil).allSatisfy { $0.task?.pid == evil.pid })

                let sent = try node.run("/usr/local/bin/breakoutd", "scan", "--format", "journal")
                #expect(sent.status == 1)
                let entry = try #require(
                    try node.journal().first { $0["BREAKOUTD_TECHNIQUE"] == "entered-host-mount-namespace" })
                #expect(
                    entry["PRIORITY"] == "2" && entry["BREAKOUTD_POD"] == "evil" && entry["MESSAGE_ID"]?.count == 32)
                #expect(
                    entry["BREAKOUTD_PID"] == evil.pid.map(String.init) && entry["SYSLOG_IDENTIFIER"] == "breakoutd")
            }
        }

        /// What hides processes from a scan is a gap: a mount over one, and a `/proc` of another PID namespace.
        @Test func hiddenProcesses() throws {
            try SystemdNode.with("v2") { node in
                let quiet = try node.pod("quiet", "--seccomp", "default", "--no-new-privileges")
                let pid = try #require(quiet.pid)
                try node.succeed("sh", "-ec", "mkdir /run/empty; mount --bind /run/empty /proc/\(pid)")
                let (report, status) = try node.scan()
                #expect(status == 3 && report.verdict == "incomplete")
                let gap = try #require(report.gaps.first { $0.reason == "a mount covers what is told of it" })
                #expect(gap.kind == "process" && gap.examples == ["pid \(pid)"])
                try node.succeed("umount", "/proc/\(pid)")
                #expect(try node.scan().status == 0)

                for places in [[], ["--root", "/run/empty"]] {
                    let scan = try Bench.run(
                        node.command(
                            ["unshare", "-pf", "--mount-proc", "/usr/local/bin/breakoutd", "scan", "--format", "json"]
                                + places))
                    let other = try JSONDecoder().decode(ScanReport.self, from: scan.bytes)
                    #expect(scan.status == 3 && other.findings.isEmpty)
                    #expect(other.gaps.contains { $0.kind == "reference" })
                }
            }
        }

        @Test(arguments: ["v1", "v2"]) func everyExposure(version: String) throws {
            try SystemdNode.with(version) { node in
                var made: [String: BenchPod] = [:]
                let pods = ExposureTests.pods + ExposureTests.podsOfANode
                try node.succeed("mkdir", "-p", "/var/lib/kubelet", "/etc/kubernetes/manifests", "/etc/cron.d")
                for pod in pods {
                    made[pod.name] = try node.pod([pod.name] + pod.options)
                }
                let (report, status) = try node.scan()
                #expect(status == 1 && report.gaps.isEmpty)
                for expected in pods {
                    let pod = try #require(made[expected.name])
                    #expect(report.techniques(of: pod) == expected.techniques, "\(expected.name)")
                    #expect(report.findings(of: pod).allSatisfy { $0.task?.pid == pod.pid })
                    #expect(report.findings(of: pod).allSatisfy { $0.container?.id == pod.container })
                    #expect(report.findings(of: pod).allSatisfy { $0.declared == "declared-by-runtime" })
                }
            }
        }

        @Test(arguments: ["v1", "v2"]) func foreignNamespaceVisitorAndOrphan(version: String) throws {
            try SystemdNode.with(version) { node in
                let victim = try node.pod(["victim"] + ExposureTests.quiet)
                let thief = try node.pod(
                    "thief", "--privileged", "--host-pid", "--", "nsenter", "--net=/proc/\(victim.pausePid)/ns/net",
                    "--",
                    "sleep", "1d")
                let pid = try #require(victim.pid)
                try node.run("systemd-run", "-q", "nsenter", "-t", "\(pid)", "-m", "--", "/bin/sleep", "1d")
                try node.run("orphan", "/run/containerd/containerd.sock", "stray-1")
                let report = try node.scan { $0.techniques(of: victim).contains("left-pod-cgroup") }
                #expect(
                    report.techniques(of: thief) == ["entered-foreign-namespace", "host-pid-namespace", "privileged"])
                #expect(report.findings(of: thief).allSatisfy { $0.task?.pid == thief.pid })
                #expect(report.techniques(of: victim).contains("capabilities-beyond-bundle"))
                #expect(report.techniques(of: victim).contains("left-pod-cgroup"))
                #expect(report.techniques(of: victim).contains("entered-host-pid-namespace"))
                let orphans = report.findings.filter { $0.technique == "orphan-container" }
                #expect(orphans.map(\.container?.id) == ["stray-1"])
            }
        }

        /// A privileged pod moves itself out of its cgroup: on v2 by one write to the root.
        @Test func leavingTheCgroup() throws {
            try SystemdNode.with("v2") { node in
                let pod = try node.pod(
                    "leaver", "--privileged", "--", "sh", "-c",
                    "mount -t cgroup2 c /mnt 2>/dev/null || { mkdir /mnt; mount -t cgroup2 c /mnt; }; "
                        + "echo $$ >/mnt/cgroup.procs; exec sleep 1d")
                let finding = try node.scan().report.findings(of: pod).first { $0.technique == "left-pod-cgroup" }
                #expect(finding?.task?.pid == pod.pid && finding?.severity == "critical")
            }
        }

        /// A record without cgroup namespace and a process in the host's: on v2 runtimes make one for every container.
        @Test func hostCgroupNamespace() throws {
            try SystemdNode.with("v2") { node in
                let pod = try node.pod(["viewer"] + ExposureTests.quiet)
                #expect(try node.scan().report.techniques(of: pod) == [])
                let pid = try #require(pod.pid)
                try node.succeed("sh", "-ec", Self.withoutCgroupNamespace, "\(pid)", pod.container)
                let finding = try #require(
                    try node.scan().report.findings(of: pod).first { $0.technique == "host-cgroup-namespace" })
                #expect(finding.declared == "declared-by-runtime" && finding.severity == "low")
                #expect(finding.task?.pid != pid)
            }
        }

        /// Takes the namespace out of the record, then starts a process in the container's cgroup that stays outside it;
        /// returns once that one runs its own program.
        private static let withoutCgroupNamespace = """
            record=/run/containerd/io.containerd.runtime.v2.task/k8s.io/$1/config.json
            grep -q '{"type": *"cgroup"}' "$record"
            sed -i 's/{"type": *"cgroup"}, *//; s/, *{"type": *"cgroup"}//' "$record"
            mkfifo /run/arrived
            group=$(sed -n 's/^0:://p' /proc/$0/cgroup)
            sh -c 'echo $$ >"/sys/fs/cgroup$1/cgroup.procs"; exec 9>/run/arrived
                exec nsenter -t $0 -m -u -n -i -- /bin/sh -c "echo arrived >&9; exec 9>&-; exec sleep 1d"' \
                $0 "$group" </dev/null >/dev/null 2>&1 &
            read word </run/arrived
            rm /run/arrived
            """

        /// The message id of an entry is that of its technique, and a gap has one of its own.
        @Test func journalEntriesOfAPodThatIsNotJudged() throws {
            try SystemdNode.with("v2") { node in
                let pod = try node.pod(["lost", "--host-network"] + ExposureTests.quiet)
                let record = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/\(pod.container)/config.json"
                try node.run("cp", record, "/run/kept.json")
                try node.run("truncate", "-s", "2000", record)
                try node.run("/usr/local/bin/breakoutd", "scan", "--format", "journal")
                try node.run("cp", "/run/kept.json", record)
                try node.run("/usr/local/bin/breakoutd", "scan", "--format", "journal")
                let entries = try node.journal()
                let gap = try #require(entries.first { $0["BREAKOUTD_GAP"] == "bundle" })
                #expect(gap["MESSAGE_ID"] == "b0eec1b50ef21681275092837bc7d929" && gap["PRIORITY"] == "4")
                let finding = try #require(
                    entries.last { $0["BREAKOUTD_TECHNIQUE"] == "host-network-namespace" })
                #expect(finding["MESSAGE_ID"] == "7f3827a893ab92be17398bb68a6906fc" && finding["PRIORITY"] == "4")
                #expect(finding["BREAKOUTD_POD_UID"] == pod.uid && finding["BREAKOUTD_CONTAINER_ID"] == pod.container)
                #expect(finding["BREAKOUTD_DECLARED"] == "declared-by-runtime" && finding["MESSAGE"] != nil)
            }
        }
    }
}
