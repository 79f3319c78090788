import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// What the daemon is refused from the start: it says so, and goes on with the rest.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct RefusalTests {
        /// Something that a drop-in or the configuration takes away.
        struct Refusal {
            var name: String
            var service = ""
            var configuration = "{api: {enabled: false}, scan: {period: 5s}}"
            /// What `breakoutd status` and the journal say of it.
            var said: String
            /// The last thing that still tells of an escape is not taken away with it.
            var isFound = true
            /// The runtime's record, which has the pod's name, is not, either.
            var isNamed = true
        }

        static let refusals = [
            Refusal(
                name: "perf", service: "SystemCallErrorNumber=EPERM\nSystemCallFilter=~perf_event_open",
                said: "Operation not permitted: events of the whole node need CAP_PERFMON"),
            Refusal(
                name: "fanotify", service: "SystemCallErrorNumber=EPERM\nSystemCallFilter=~fanotify_init",
                said: "Operation not permitted: fanotify needs CAP_SYS_ADMIN"),
            Refusal(
                name: "inotify", service: "SystemCallErrorNumber=EPERM\nSystemCallFilter=~inotify_init inotify_init1",
                said: "new ones are seen by the next scan only: inotify_init1: Operation not permitted"),
            Refusal(
                name: "all-three",
                service: "SystemCallErrorNumber=EPERM\n"
                    + "SystemCallFilter=~perf_event_open fanotify_init inotify_init inotify_init1",
                said: "no word of their changes"),
            Refusal(
                name: "tracefs", service: "InaccessiblePaths=/sys/kernel/tracing /sys/kernel/debug",
                said: "tracefs is not mounted"),
            // Some more than the daemon has open between scans.
            Refusal(
                name: "descriptors", service: "LimitNOFILE=40", said: "Too many open files", isNamed: false),
            Refusal(
                name: "api", configuration: "{api: {enabled: true, kubeconfig: /etc/breakoutd/none}}",
                said: "/etc/breakoutd/none"),
            // ProtectProc=invisible of the unit, hidepid=2, and no right to see others all the same.
            Refusal(
                name: "hidden", service: "CapabilityBoundingSet=~CAP_SYS_PTRACE", said: "Permission denied",
                isFound: false),
        ]

        @Test(arguments: ["v1", "v2"]) func theRestGoesOn(version: String) throws {
            try SystemdNode.with(version) { node in
                try node.installUnits()
                for refusal in Self.refusals {
                    try node.restart(configuration: refusal.configuration, service: refusal.service)
                    let escape = try node.escape("escape-\(refusal.name)")
                    try node.awaitMessage(refusal.said)
                    if refusal.isFound {
                        let pods = try node.told(of: escape).map { $0["BREAKOUTD_POD"] }
                        #expect(!refusal.isNamed || pods == ["escape-\(refusal.name)"], "\(refusal.name)")
                    } else {
                        try node.await("acts that are not judged") {
                            try node.run("breakoutd", "status").text.contains("acts: not known of whom")
                        }
                    }
                    try node.await("\(refusal.name) in the status") {
                        let status = try node.run("breakoutd", "status")
                        return status.status == 1 && status.text.contains(refusal.said)
                    }
                    try node.succeed("pod", "-s", SystemdNode.socket, "remove", escape.pod)
                }
                try node.restart()
                try node.await("everything works again") { try node.run("breakoutd", "status").status == 0 }
            }
        }
    }
}
