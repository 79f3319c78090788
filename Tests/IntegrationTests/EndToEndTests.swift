import BenchSupport
import Foundation
import TestSupport
import Testing

extension RealContainers {
    /// From an escape to everybody who is told of it.
    @Suite(
        .enabled(if: Bench.hasNodeImage && BenchPython.hasBotocore, Bench.nodeReason))
    struct EndToEndTests {
        private static let technique = "entered-host-mount-namespace"
        private static let configuration = """
            {api: {enabled: false}, clusterName: demo, sinks: {
              journal: {}, file: {path: /var/log/breakoutd/findings.log, format: emf}, stdout: {format: ocsf},
              cloudwatchLogs: {region: eu-central-1, group: /breakoutd/findings, create: true},
              securityHub: {region: eu-central-1, account: "123456789012", minSeverity: critical}}}
            """
        private static let alert = """
            #!/bin/sh
            [ "$BREAKOUTD_TECHNIQUE" = \(technique) ] || exit 0
            env >/var/lib/breakoutd/told.env
            cat >/var/lib/breakoutd/told.new
            mv /var/lib/breakoutd/told.new /var/lib/breakoutd/told

            """

        /// The pod of the README: hostPID, privileged, and a command that makes it root on the node.
        @Test(arguments: ["v1", "v2"]) func becomeRoot(version: String) throws {
            try SystemdNode.with(version) { node in
                let service = try LogService(in: node.network)
                try node.installUnits()
                try node.succeed(
                    "sh", "-ec", "cat >/etc/breakoutd/alert; chmod 755 /etc/breakoutd/alert",
                    input: Data(Self.alert.utf8))
                try node.restart(
                    configuration: Self.configuration,
                    service: (service.environment.map { "Environment=\($0)=\($1)" }
                        + [
                            "StandardOutput=file:/run/output", "StandardError=journal",
                            "Environment=AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=\(service.endpoint)",
                            "Environment=AWS_ENDPOINT_URL_SECURITYHUB=\(service.hub)",
                        ])
                        .joined(separator: "\n"))
                try node.succeed("systemctl", "start", "breakoutd-alert")
                let pod = try node.pod(
                    "sudo", "--namespace", "shop", "--container", "busybox", "--host-pid", "--privileged", "--",
                    "nsenter", "--mount=/proc/1/ns/mnt", "--", "/bin/sh", "-c", "exec sleep 1h")

                let entry = try Self.journalEntry(of: pod, on: node)
                let line = try Self.metricsLine(of: pod, on: node)
                let finding = try Self.finding(line)
                #expect(finding["id"] as? String == entry["BREAKOUTD_FINDING"])
                #expect((finding["task"] as? [String: Any])?["pid"] as? Int32 == pod.pid)
                try node.await("the event in CloudWatch Logs") { try service.messages().contains(line) }
                #expect(try service.messages().count { $0 == line } == 1)
                try node.await("the finding in Security Hub") {
                    try service.findings().contains { $0.contains("\"breakoutd/\(Self.technique)\"") }
                }
                // moto's instance has this id.
                let id = "\"breakoutd/i-fake/\(entry["BREAKOUTD_FINDING"] ?? "")\""
                #expect(try service.findings().count { $0.contains(id) && $0.contains("\"ACTIVE\"") } == 1)
                try Self.expectEvent(of: entry, on: node)
                try Self.expectAlert(of: pod, entry, on: node)
                let status = try node.run("breakoutd", "status")
                #expect(status.status == 0, "\(status.text)")
                try node.succeed("pod", "-s", SystemdNode.socket, "remove", pod.pod)
                try Self.expectTheSame(of: service, as: node)
            }
        }

        /// The entry, and what journald's catalog says of it.
        private static func journalEntry(of pod: BenchPod, on node: SystemdNode) throws -> [String: String] {
            let entries = try node.told(of: pod)
            #expect(entries.count == 1)
            let entry = try #require(entries.first)
            let expected = [
                "BREAKOUTD_POD": "sudo", "BREAKOUTD_NAMESPACE": "shop", "BREAKOUTD_CONTAINER": "busybox",
                "BREAKOUTD_CONTAINER_ID": pod.container, "BREAKOUTD_PID": pod.pid.map(String.init),
                "BREAKOUTD_SEVERITY": "critical", "BREAKOUTD_CLASS": "action", "BREAKOUTD_DECLARED": "undeclared",
                "PRIORITY": "2", "SYSLOG_IDENTIFIER": "breakoutd", "_SYSTEMD_UNIT": "breakoutd.service",
            ]
            for (name, value) in expected { #expect(entry[name] == value, "\(name)") }
            let explained = try node.run("journalctl", "-x", "BREAKOUTD_TECHNIQUE=\(technique)").text
            #expect(explained.contains("Subject: critical: Entered the host mount namespace\n"))
            #expect(explained.contains("Declared: undeclared.\n"))
            #expect(explained.contains("More: breakoutd explain \(technique)\n"))
            return entry
        }

        /// The line in the file for the CloudWatch agent.
        private static func metricsLine(of pod: BenchPod, on node: SystemdNode) throws -> String {
            var found: [String] = []
            try node.await("a line in the file") {
                found = try node.run("grep", "\"Technique\":\"\(technique)\"", "/var/log/breakoutd/findings.log").text
                    .split(separator: "\n").map(String.init)
                return !found.isEmpty
            }
            #expect(found.count == 1)
            return found[0]
        }

        private static func finding(_ line: String) throws -> [String: Any] {
            let document = try #require(try object(line) as? [String: Any])
            #expect(document["ClusterName"] as? String == "demo" && document["_aws"] is [String: Any])
            let finding = try #require(document["finding"] as? [String: Any])
            #expect(finding["technique"] as? String == technique && finding["severity"] as? String == "critical")
            let pod = finding["pod"] as? [String: Any]
            #expect(pod?["name"] as? String == "sudo" && pod?["namespace"] as? String == "shop")
            #expect((finding["container"] as? [String: Any])?["name"] as? String == "busybox")
            return finding
        }

        /// The event on standard output, every line of which is one.
        private static func expectEvent(of entry: [String: String], on node: SystemdNode) throws {
            var events: [[String: Any]] = []
            try node.await("the event on standard output") {
                events = try node.run("cat", "/run/output").text.split(separator: "\n")
                    .map { try #require(try object(String($0)) as? [String: Any]) }
                    .filter { ($0["finding_info"] as? [String: Any])?["uid"] as? String == entry["BREAKOUTD_FINDING"] }
                return !events.isEmpty
            }
            #expect(events.count == 1 && events[0]["class_uid"] as? Int == 2004)
        }

        /// CloudWatch Logs has of each finding's life what the journal has, record by record, and nothing else.
        private static func expectTheSame(of service: LogService, as node: SystemdNode) throws {
            var told: [String] = []
            var sent: [String] = []
            try node.await("the end of the finding, and as many events as entries") {
                told = try node.journal().compactMap { entry in
                    try record(entry["BREAKOUTD_EVENT"], entry["BREAKOUTD_JSON"].map(object))
                }
                sent = try service.messages().compactMap { message in
                    let document = try object(message) as? [String: Any]
                    return try record(document?["Event"], document?["finding"])
                }
                return told.contains { $0.hasPrefix("cleared ") && $0.contains("\"\(technique)\"") }
                    && told.count == sent.count
            }
            #expect(sent == told)
        }

        private static func object(_ text: String) throws -> Any {
            try JSONSerialization.jsonObject(with: Data(text.utf8))
        }

        /// An event and its finding, in the form in which equal ones are equal texts; `nil` for what tells of no finding.
        private static func record(_ event: Any?, _ finding: Any?) throws -> String? {
            guard let event, let finding else { return nil }
            let text = try JSONSerialization.data(withJSONObject: finding, options: .sortedKeys)
            return "\(event) \(String(decoding: text, as: UTF8.self))"
        }

        /// What the program was told, in its environment and on its standard input.
        private static func expectAlert(
            of pod: BenchPod, _ entry: [String: String], on node: SystemdNode
        ) throws {
            try node.await("the alert") { try node.run("test", "-s", "/var/lib/breakoutd/told").status == 0 }
            let environment = try node.run("cat", "/var/lib/breakoutd/told.env").text.split(separator: "\n")
            for name in ["FINDING", "TECHNIQUE", "NAMESPACE", "POD", "POD_UID", "CONTAINER", "PID", "SEVERITY"] {
                let value = try #require(entry["BREAKOUTD_\(name)"])
                #expect(environment.contains("BREAKOUTD_\(name)=\(value)"), "\(name)")
            }
            let input = try node.run("cat", "/var/lib/breakoutd/told").bytes
            let finding = try JSONDecoder().decode(ScanReport.Finding.self, from: input)
            #expect(finding.technique == technique && finding.pod?.uid == pod.uid)
            #expect(finding.container?.name == "busybox" && finding.task?.pid == pod.pid)
        }
    }
}
