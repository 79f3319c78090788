import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// `breakoutd alert` as a service on a real journal, running a program for each record.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct AlertTests {
        @Test func aFindingReachesTheProgram() throws {
            try SystemdNode.with("v1") { node in
                try node.startAlerts(program: "env >/var/lib/breakoutd/told.env; cat >/var/lib/breakoutd/told")
                let pod = try node.pod("evil", "--privileged")
                try node.run("/usr/local/bin/breakoutd", "scan", "--format", "journal", "--min-severity", "high")
                try node.wait { try node.run("test", "-s", "/var/lib/breakoutd/told").status == 0 }
                let environment = try node.run("cat", "/var/lib/breakoutd/told.env").text.split(separator: "\n")
                for line in ["TECHNIQUE=privileged", "POD=evil", "POD_UID=\(pod.uid)", "NODE=node", "EVENT=raised"] {
                    #expect(environment.contains("BREAKOUTD_\(line)"))
                }
                let json = try node.run("cat", "/var/lib/breakoutd/told").bytes
                let finding = try JSONDecoder().decode(ScanReport.Finding.self, from: json)
                #expect(finding.technique == "privileged" && finding.pod?.uid == pod.uid)
            }
        }

        /// Killed in the middle again and again, it misses no record.
        ///
        /// After each kill no more are told again than were on their way, and after a clean end none is.
        @Test func noneIsMissed() throws {
            try SystemdNode.with("v2") { node in
                try node.startAlerts(program: Self.note)
                try node.write(1...300)
                let kills = 6
                for _ in 1...kills {
                    let before = try node.told().count
                    try node.wait { try node.told().count > before }
                    try node.run("systemctl", "kill", "-s", "KILL", "--kill-who", "main", "breakoutd-alert")
                }
                try node.wait { try Set(node.told()).count == 300 }
                try node.succeed("systemctl", "stop", "breakoutd-alert")
                let told = try node.told()
                #expect(Set(told) == Set((1...300).map { "f-\($0)" }))
                #expect(told.count <= 300 + kills * 4)

                try node.write(301...310)
                try node.succeed("systemctl", "start", "breakoutd-alert")
                try node.wait { try Set(node.told()).count == 310 }
                try node.succeed("systemctl", "restart", "breakoutd-alert")
                try node.write(311...311)
                try node.wait { try node.told().last == "f-311" }
                #expect(try node.told().count == told.count + 11)
            }
        }

        /// The journal's files change under the follower, and go while it is not there.
        @Test func rotationAndVacuum() throws {
            try SystemdNode.with("v1") { node in
                try node.startAlerts(program: Self.note)
                try node.write(1...20)
                try node.succeed("journalctl", "--rotate")
                try node.write(21...40)
                try node.wait { try Set(node.told()).count == 40 }
                try node.succeed("journalctl", "--rotate", "--vacuum-files=1")
                try node.write(41...60)
                try node.wait { try Set(node.told()).count == 60 }
                #expect(try node.told().count == 60)

                try node.succeed("systemctl", "stop", "breakoutd-alert")
                try node.succeed("journalctl", "--sync", "--rotate", "--vacuum-files=1")
                try node.write(61...62)
                try node.succeed("systemctl", "start", "breakoutd-alert")
                try node.wait { try Set(node.told()).count == 62 }
                #expect(try node.told().count == 62)
                let said = try node.run("journalctl", "-u", "breakoutd-alert", "-o", "cat").text
                #expect(said.contains("The record that was read last is gone from the journal"))
            }
        }

        /// The journal as it is after a loss of power: without its end, the record that was read last among it.
        @Test func aJournalThatLostItsEnd() throws {
            try SystemdNode.with("v2") { node in
                try node.startAlerts(program: Self.note)
                try node.write(1...20)
                try node.wait { try Set(node.told()).count == 20 }
                try node.succeed(
                    "sh", "-ec", "journalctl --sync; mkdir /var/saved; cp -a /var/log/journal/. /var/saved")
                try node.write(21...25)
                try node.wait { try Set(node.told()).count == 25 }
                try node.succeed("systemctl", "stop", "breakoutd-alert")
                try node.succeed("sh", "-ec", Self.loseTheEnd)
                // These get the numbers of those that are lost.
                try node.write(26...35)
                try node.succeed("systemctl", "start", "breakoutd-alert")
                try node.wait { try Set(node.told()).count == 35 }
                try node.succeed("journalctl", "--rotate")
                try node.write(36...36)
                try node.wait { try node.told().last == "f-36" }
                #expect(try node.told().count == 36)
                let said = try node.run("journalctl", "-u", "breakoutd-alert", "-o", "cat").text
                #expect(said.components(separatedBy: "is gone from the journal").count == 2)
            }
        }

        /// Kills journald, which is not started again before the journal and its counter are as they were.
        private static let loseTheEnd = """
            sockets=$(systemctl list-units --plain --no-legend 'systemd-journald*.socket' | cut -d ' ' -f 1)
            pid=$(systemctl show --value -p MainPID systemd-journald)
            systemctl mask --runtime systemd-journald.service $sockets
            kill -KILL $pid
            systemctl stop systemd-journald.service $sockets
            find /var/log/journal -mindepth 1 -delete
            cp -a /var/saved/. /var/log/journal
            rm -rf /run/systemd/journal/*seqnum
            systemctl unmask --runtime systemd-journald.service $sockets
            systemctl start $sockets systemd-journald.service
            """

        private static let note = "echo $BREAKOUTD_FINDING >>/var/lib/breakoutd/told"

        static let wrongUse: [(arguments: [String], text: String)] = [
            ([], "Give one of --command"),
            (["--webhook", "https://a", "--sns-topic", "arn:aws:sns:eu-central-1:111111111111:a"], "Give one of"),
            (["--webhook", "http://hooks.example/secret"], "no https address"),
            (["--webhook-file", "/nonexistent"], "/nonexistent: No such file"),
            (["--sns-topic", "alerts"], "no ARN of a standard topic"),
            (["--webhook-format", "slack", "--command", "/bin/true"], "--webhook-format is for"),
            (["--technique", "no-such", "--command", "/bin/true"], "No technique is named 'no-such'"),
            (["--namespace", "a,", "--command", "/bin/true"], "--namespace has an empty name"),
            (["--at-once", "0", "--command", "/bin/true"], "--at-once must be from 1 to 32"),
            (["--time-limit", "nan", "--command", "/bin/true"], "--time-limit must be above 0"),
            (["--give-up", "-1", "--command", "/bin/true"], "give-up"),
            (["--cursor", "/tmp/nonexistent/cursor", "--command", "/bin/true"], "/tmp/nonexistent"),
            (["--cursor", "/dev/null", "--command", "/bin/true"], "not a regular file"),
            (["--cursor", "/tmp/breakoutd-alert-cursor", "--command", "true"], "true: not an absolute path"),
            (["--cursor", "/tmp/breakoutd-alert-cursor", "--command", "/dev/null"], "/dev/null: not a regular file"),
        ]

        @Test(arguments: wrongUse)
        func isRefused(arguments: [String], text: String) throws {
            let output = try Bench.run([Bench.binary, "alert"] + arguments)
            #expect(output.status == 2 && output.errors.contains(text) && !output.errors.contains("secret"))
        }
    }
}

extension SystemdNode {
    /// Starts `breakoutd-alert.service`, which is back at once when it was killed.
    fileprivate func startAlerts(program: String) throws {
        try installUnits()
        try succeed(
            "sh", "-ec",
            """
            cat >/etc/breakoutd/alert
            chmod 755 /etc/breakoutd/alert
            printf '[Service]\\nRestartSec=20ms\\n' >/usr/lib/systemd/system/breakoutd-alert.service.d/test.conf
            systemctl daemon-reload
            systemctl start breakoutd-alert
            """, input: Data("#!/bin/sh\n\(program)\n".utf8))
    }

    /// Writes records of findings `f-N` to the journal.
    fileprivate func write(_ numbers: ClosedRange<Int>) throws {
        let script = """
            for number in $(seq $0 $1); do
                printf '%s\\n' MESSAGE=record SYSLOG_IDENTIFIER=breakoutd BREAKOUTD_FINDING=f-$number \
                    BREAKOUTD_TECHNIQUE=privileged BREAKOUTD_SEVERITY=high | logger --journald
            done
            """
        try succeed("sh", "-ec", script, "\(numbers.lowerBound)", "\(numbers.upperBound)")
    }

    /// The findings of which the program was told, in that order.
    fileprivate func told() throws -> [String] {
        try run("cat", "/var/lib/breakoutd/told").text.split(separator: "\n").map(String.init)
    }

    /// Returns once something is so, which has to come soon.
    fileprivate func wait(until isSo: () throws -> Bool) throws {
        let deadline = Date().addingTimeInterval(60)
        while try !isSo() {
            if Date() > deadline { throw Bench.CommandFailed(description: "it does not come to that") }
        }
    }
}
