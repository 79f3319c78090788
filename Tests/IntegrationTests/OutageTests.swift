import BenchSupport
import Foundation
import TestSupport
import Testing

extension RealContainers {
    /// What goes away under a daemon that runs, and comes back: nothing is lost, and the reason is said.
    @Suite(.enabled(if: Bench.hasNodeImage && BenchPython.hasBotocore, Bench.nodeReason)) struct OutageTests {
        private static let configuration = """
            {api: {enabled: false}, scan: {period: 5s}, sinks: {
              journal: {}, file: {path: /var/log/breakoutd/findings.log},
              cloudwatchLogs: {region: eu-central-1, group: /breakoutd/findings, create: true}}}
            """
        private static let journald = "systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service"
        /// Children for ten seconds: megabytes of records.
        private static let forks = """
            #include <sys/wait.h>
            #include <time.h>
            #include <unistd.h>
            int main(void) {
                for (time_t end = time(0) + 10; time(0) < end;) {
                    if (fork() == 0) _exit(0);
                    wait(0);
                }
            }
            """

        @Test(arguments: ["v1", "v2"]) func everythingThatGoesAway(version: String) throws {
            let forks = try CompiledProgram(Self.forks)
            try SystemdNode.with(version) { node in
                try node.installUnits()
                try node.succeed("sh", "-c", "cat >/run/forks; chmod 755 /run/forks", input: try forks.contents)
                // Small disks for the state and the file.
                try node.succeed(
                    "sh", "-ec",
                    """
                    mkdir -p /var/lib/breakoutd /var/log/breakoutd
                    mount -t tmpfs -o size=256k,mode=700 tmpfs /var/lib/breakoutd
                    mount -t tmpfs -o size=256k,mode=700 tmpfs /var/log/breakoutd
                    """)
                // Nobody listens there yet.
                let port = try LogService.freePort()
                let keys = "Environment=AWS_ACCESS_KEY_ID=k AWS_SECRET_ACCESS_KEY=s"
                try node.restart(
                    configuration: Self.configuration,
                    service: "\(keys)\nEnvironment=AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=http://127.0.0.1:\(port)")
                try Self.fullDisks(node)
                try Self.journaldAway(node)
                try Self.killedWithNobodyListening(node, port)
                try Self.stoppedUnderLoad(node)
                try Self.noDescriptors(node)
            }
        }

        /// No disk for the state and for what CloudWatch does not take; then none for the file.
        private static func fullDisks(_ node: SystemdNode) throws {
            let fill = "dd if=/dev/zero of=/var/$0/breakoutd/fill bs=4k 2>/dev/null; test -s /var/$0/breakoutd/fill"
            try node.succeed("sh", "-c", fill, "lib")
            let pod = try node.escape("unsaved")
            #expect(try node.told(of: pod).count == 1)
            try node.awaitMessage("Open findings cannot be saved")
            let status = try node.run("breakoutd", "status")
            #expect(status.status == 1 && status.text.contains("open findings cannot be saved"), "\(status.text)")
            #expect(status.text.contains("No space left on device"), "\(status.text)")
            try node.succeed("rm", "/var/lib/breakoutd/fill")
            try node.awaitMessage("Open findings are saved again")
            try node.awaitFile("/var/lib/breakoutd/state.json", containing: pod.uid)

            try node.succeed("sh", "-c", fill, "log")
            let other = try node.escape("unwritten")
            #expect(try node.told(of: other).count == 1)
            try node.awaitMessage("findings.log cannot be written: findings.log: write: No space left on device")
            try node.succeed("rm", "/var/log/breakoutd/fill")
            try node.awaitMessage("file: delivers again")
            let lines = try node.run("grep", other.uid, "/var/log/breakoutd/findings.log").text.split(separator: "\n")
            #expect(lines.count { $0.contains("\"entered-host-mount-namespace\"") } == 1)
        }

        /// The daemon goes on under a journald that is stopped and started, and its own messages come again.
        private static func journaldAway(_ node: SystemdNode) throws {
            try node.succeed("sh", "-c", "systemctl stop \(journald)")
            let pod = try node.escape("unheard")
            try node.await("the finding on disk") { try node.reply()?.isOnDisk("journal") == true }
            try node.succeed("sh", "-c", "systemctl start \(journald)")
            #expect(try node.told(of: pod).count == 1)
            try node.awaitMessage("The journal's socket was replaced")
        }

        /// Killed while neither journald nor CloudWatch is there to be told, the next daemon tells both, once.
        private static func killedWithNobodyListening(_ node: SystemdNode, _ port: String) throws {
            try node.succeed("sh", "-c", "systemctl stop \(journald)")
            let pod = try node.escape("late")
            try node.await("the finding on disk") {
                guard let reply = try node.reply() else { return false }
                return reply.isOnDisk("journal") && reply.isOnDisk("cloudwatch")
            }
            try node.awaitFile("/var/lib/breakoutd/state.json", containing: pod.uid)
            try node.succeed("systemctl", "kill", "-s", "KILL", "breakoutd")
            let service = try LogService(faults: ["throttle", "expired"], port: port, in: node.network)
            try node.succeed("sh", "-c", "systemctl start \(journald)")
            #expect(try node.told(of: pod).count == 1)
            let isOfPod = { (message: String) in
                message.contains(pod.uid) && message.contains("entered-host-mount-namespace")
            }
            try node.await("the event in CloudWatch Logs") { try service.messages().contains(where: isOfPod) }
            #expect(try service.messages().count(where: isOfPod) == 1)
            #expect(try service.messages().contains { $0.contains("unsaved") })
        }

        /// The rings are full long before the daemon goes on: what is lost is counted and said, and a scan follows.
        private static func stoppedUnderLoad(_ node: SystemdNode) throws {
            let pid = try node.daemonPid
            try node.succeed("systemctl", "kill", "-s", "STOP", "breakoutd")
            try node.succeed("/run/forks")
            let pod = try node.escape("asleep")
            try node.succeed("systemctl", "kill", "-s", "CONT", "breakoutd")
            #expect(try node.told(of: pod).count == 1)
            try node.awaitMessage("kernel events were lost; a scan looks for what they would have told")
            #expect(try node.reply()?.counts.lostRecords ?? 0 > 1000)
            #expect(try node.daemonPid == pid)
        }

        /// Without a descriptor left it cannot read anything, and says so; the watchdog hears that it lives, and the rings
        /// stay, which need none.
        private static func noDescriptors(_ node: SystemdNode) throws {
            let pid = try node.daemonPid
            let limit = "prlimit --pid $(systemctl show --value -p MainPID breakoutd) --nofile=$0:"
            try node.succeed("sh", "-c", limit, "1")
            let pod = try node.escape("short")
            try node.awaitMessage(
                "Not watched: CPUs that come online: /sys/devices/system/cpu: open: Too many open files")
            try node.succeed("sh", "-c", limit, "10000")
            #expect(try node.told(of: pod).count == 1)
            let messages = try node.journal().compactMap { $0["MESSAGE"] }
            #expect(!messages.contains { $0.contains("No kernel events") })
            #expect(try node.daemonPid == pid)
        }
    }
}

extension SystemdNode.DaemonReply {
    /// The sink has something to deliver, and would lose nothing of it with the program.
    fileprivate func isOnDisk(_ name: String) -> Bool {
        sinks.contains { $0.name == name && $0.queued == 0 && $0.spoolBytes > 0 && $0.failure != nil }
    }
}
