import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// The units and the catalog of `systemd/` on a node, as a package installs them.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct SystemdUnitTests {
        @Test(arguments: ["v1", "v2"]) func theDaemonAsAService(version: String) throws {
            try SystemdNode.with(version) { node in
                try node.installUnits()
                for unit in ["breakoutd.service", "breakoutd-alert.service"] {
                    let verified = try node.run("systemd-analyze", "verify", unit)
                    #expect(verified.status == 0 && verified.text + verified.errors == "")
                    let text = try String(contentsOfFile: "\(Bench.repository)/systemd/\(unit)", encoding: .utf8)
                    let rated = try node.run("systemd-analyze", "security", "--no-pager", unit).text
                    let figure = try #require(rated.firstMatch(of: /level for [^:]*: ([0-9.]+)/)?.1)
                    #expect(text.firstMatch(of: /# systemd-analyze security of .*: ([0-9.]+)\n/)?.1 == figure)
                }

                // A few messages in half a minute (journald.conf(5)): less than the daemon has to say here.
                try node.succeed(
                    "sh", "-ec",
                    """
                    mkdir -p /etc/systemd/journald.conf.d
                    printf '[Journal]\\nRateLimitBurst=1\\n' >/etc/systemd/journald.conf.d/few.conf
                    systemctl restart systemd-journald
                    """)
                // Returns when the daemon has said that it watches.
                try node.succeed("systemctl", "start", "breakoutd")
                let evil = try node.pod(
                    "evil", "--host-pid", "--privileged", "--", "sh", "-c",
                    "exec nsenter -t 1 -m -u -n -i /bin/sleep 1000")
                let entries = try node.awaitJournal {
                    $0.contains { $0["BREAKOUTD_TECHNIQUE"] == "entered-host-mount-namespace" }
                }
                let entry = try #require(
                    entries.first { $0["BREAKOUTD_TECHNIQUE"] == "entered-host-mount-namespace" })
                #expect(entry["BREAKOUTD_POD_UID"] == evil.uid)
                #expect(entry["_SYSTEMD_UNIT"] == "breakoutd.service")
                let status = try node.run("/usr/local/bin/breakoutd", "status").text
                #expect(status.contains("seen, 0 lost"))
                let explained = try node.run("journalctl", "-x", "BREAKOUTD_TECHNIQUE=entered-host-mount-namespace")
                    .text
                #expect(explained.contains("Subject: critical: "))
                #expect(explained.contains("More: breakoutd explain entered-host-mount-namespace"))
                try Self.reload(node, evil)
                try node.succeed("systemctl", "stop", "breakoutd")
                let left = try node.run("systemctl", "show", "breakoutd", "-p", "Result").text
                #expect(left == "Result=success\n")
            }
        }

        /// A configuration that cannot be used is refused, and the old one stays; a good one is taken over.
        private static func reload(_ node: SystemdNode, _ evil: BenchPod) throws {
            let pid = try node.daemonPid
            let reload = "echo \"$0\" >/etc/breakoutd/config.yaml; systemctl reload breakoutd"
            let good = "{sinks: {journal: {minSeverity: high}, file: {path: /var/log/breakoutd/findings.log}}}"
            try node.succeed("sh", "-ec", reload, good)
            try node.awaitMessage("The configuration was read anew")
            try node.succeed("sh", "-ec", reload, "{sinks: {fiel: {}}}")
            let isRefusal = { (entry: [String: String]) in
                entry["MESSAGE"]?.contains("is refused, and the old one stays") == true
            }
            let refusal = try #require(try node.awaitJournal { $0.contains(where: isRefusal) }.first(where: isRefusal))
            #expect(refusal["PRIORITY"] == "3" && refusal["MESSAGE"]?.contains("config.yaml:1: sinks.fiel") == true)
            // By the good one, the file is told of it and the journal is not.
            let quiet = try node.pod(["net", "--host-network"] + ExposureTests.quiet)
            try node.awaitFile("/var/log/breakoutd/findings.log", containing: quiet.uid)
            #expect(try node.journal().allSatisfy { $0["BREAKOUTD_POD_UID"] != quiet.uid })
            let state = try node.run("systemctl", "show", "breakoutd", "-p", "ActiveState", "-p", "Result").text
            #expect(state == "Result=success\nActiveState=active\n")
            #expect(try node.daemonPid == pid)
            #expect(try node.told(of: evil).count == 1)
        }

        /// What the service's own mounts, capabilities and system calls leave is enough to see what everybody sees.
        @Test func theServiceSeesWhatRootSees() throws {
            let program = try CompiledProgram(ActProgram.source)
            try SystemdNode.with("v2") { node in
                try node.installUnits()
                // The unit with another command, which is not one that says when it is ready; before there is a pod that
                // could have written it.
                try node.succeed(
                    "sh", "-c",
                    """
                    cp -r /usr/lib/systemd/system/breakoutd.service.d /run/systemd/system/seeing.service.d
                    sed 's|^ExecStart=.*|ExecStart=/usr/local/bin/breakoutd scan --format json|; s/^Type=.*/Type=oneshot/
                        s/^Restart=.*/SuccessExitStatus=1/; s/^WatchdogSec/#&/
                        s|^NotifyAccess=.*|StandardOutput=file:/var/lib/breakoutd/scan.json|' \
                        /usr/lib/systemd/system/breakoutd.service >/run/systemd/system/seeing.service
                    mkdir -p /var/lib/breakoutd
                    systemctl daemon-reload
                    """)
                try node.pod("evil", "--host-pid", "--privileged", "--", "nsenter", "-t", "1", "-m", "sleep", "1d")
                try node.pod(["bound", "--mount", "/etc:/host"] + ExposureTests.quiet)
                try node.succeed("sh", "-c", "cat >/srv/act; chmod 755 /srv/act", input: try program.contents)
                try node.pod(["agent", "--mount", "/srv/act:/act:ro"] + RuntimeSocketTests.clients[1].options)
                let detached = try #require(HeldHostFileTests.pods.first { $0.name == "detached-copy" })
                try node.pod([detached.name] + detached.options)
                try node.succeed("sh", "-c", Self.hiddenLink)
                let wanted = ["holds-runtime-socket", "log-link-outside"] + detached.actions
                let expected = try node.scan { Set($0.findings.map(\.technique)).isSuperset(of: wanted) }
                #expect(expected.gaps.isEmpty)
                #expect(Set(expected.findings.map(\.technique)).isSuperset(of: wanted))
                try node.succeed("systemctl", "start", "seeing")
                let text = try node.run("cat", "/var/lib/breakoutd/scan.json").bytes
                let seen = try JSONDecoder().decode(ScanReport.self, from: text)
                #expect(seen.findings.map(\.detail) == expected.findings.map(\.detail) && seen.gaps.isEmpty)
            }
        }

        /// A link in a directory to which a pod has taken all rights.
        private static let hiddenLink = """
            log=/var/log/pods/default_x_9a5791a6-6028-451e-b05e-a92c5d58d34b/main
            mkdir -p $log
            ln -s /etc/shadow $log/0.log
            chown -h -R 1000 $log
            chmod 0 $log
            """
    }
}
