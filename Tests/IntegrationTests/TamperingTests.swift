import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// A pod that goes for the daemon itself.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct TamperingTests {
        /// The sockets that it is asked by and reports to, its unit and its configuration.
        private static let acts = """
            rm /host/run/breakoutd/status.sock
            mv /host/run/systemd/journal/socket /host/run/systemd/journal/away
            ln /host/run/systemd/journal/away /host/run/systemd/journal/socket
            mkdir /host/run/systemd/system/breakoutd.service.d/y
            echo x >/host/etc/breakoutd/config.yaml
            """
        private static let expected = [
            "/etc/breakoutd/config.yaml", "/run/breakoutd/status.sock deleted",
            "/run/systemd/journal/socket created", "/run/systemd/journal/socket moved away",
        ]

        @Test(arguments: ["v1", "v2"]) func itIsToldWithItsPod(version: String) throws {
            try SystemdNode.with(version) { node in
                try node.installUnits()
                try node.restart()
                let pod = try node.pod(
                    ["rival", "--mount", "/run:/host/run", "--mount", "/etc:/host/etc"] + ExposureTests.quiet)
                try node.awaitJournal { $0.contains { $0["BREAKOUTD_POD_UID"] == pod.uid } }
                try node.succeed(
                    "pod", "-s", SystemdNode.socket, "exec", pod.container, "--", "sh", "-c", Self.acts)
                let isWanted = { (entry: [String: String], text: String) in
                    entry["BREAKOUTD_TECHNIQUE"] == "node-file-written-detector"
                        && entry["BREAKOUTD_POD_UID"] == pod.uid && entry["MESSAGE"]?.contains(text) == true
                }
                let entries = try node.awaitJournal { entries in
                    Self.expected.allSatisfy { text in entries.contains { isWanted($0, text) } }
                }
                #expect(entries.contains { $0["BREAKOUTD_TECHNIQUE"] == "node-file-written-systemd" })
                // It can be asked all the same.
                try node.awaitMessage("/run/breakoutd/status.sock, the daemon's socket; it is made anew")
                try node.await("an answer") { try node.run("breakoutd", "status").status == 0 }
            }
        }

        /// What the node does to its own sockets is told of no pod that could do it.
        @Test(arguments: ["v1", "v2"]) func whatTheNodeDoesItself(version: String) throws {
            try SystemdNode.with(version) { node in
                try node.installUnits()
                try node.restart(configuration: "{api: {enabled: false}, scan: {period: 5s}}")
                let pod = try node.pod(["rival", "--mount", "/run:/host/run"] + ExposureTests.quiet)
                try node.awaitJournal { $0.contains { $0["BREAKOUTD_POD_UID"] == pod.uid } }
                try node.succeed(
                    "systemctl", "restart", "systemd-journald.socket", "systemd-journald-dev-log.socket",
                    "systemd-journald.service")
                try node.awaitScans()
                let told = try node.journal().filter { entry in
                    entry["BREAKOUTD_POD_UID"] == pod.uid && entry["BREAKOUTD_CLASS"] != "exposure"
                }
                #expect(told.compactMap { $0["MESSAGE"] } == [])
            }
        }

        /// Its self-test may not act: that is said and counted, and says nothing of whether events come.
        @Test func aSelfTestThatMayNotAct() throws {
            try SystemdNode.with("v2") { node in
                try node.installUnits()
                try node.restart(service: "SystemCallFilter=~unshare")
                try node.awaitMessage("The self-test failed: the child")
                let status = try node.run("breakoutd", "status")
                #expect(status.status == 1 && status.text.contains("FAILED"), "\(status.text)")
                try node.restart()
                try node.await("a self-test") { try node.run("breakoutd", "status").text.contains("was seen after") }
                #expect(try !node.journal().contains { $0["BREAKOUTD_TECHNIQUE"] == "events-silenced" })
            }
        }
    }
}
