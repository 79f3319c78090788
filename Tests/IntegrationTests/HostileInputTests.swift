import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// What a node's files may hold when somebody means ill.
    @Suite(.enabled(if: Bench.isUsable, Bench.reason)) struct HostileInputTests {
        static let records: [(name: String, script: String, reason: String)] = [
            ("FIFO", "rm -f config.json; mkfifo config.json", "fifo"),
            ("link", "mv config.json other.json; ln -s other.json config.json", "link"),
            ("100 MB", "truncate -s 100M config.json", "longer than the limit"),
            ("cut off", "truncate -s 2000 config.json", "JSON"),
            ("no UTF-8", "printf '{\"annotations\":{\"\\377\":\"\\376\"}}' >config.json", "JSON"),
        ]

        @Test func records() throws {
            try ContainerdNode.with { node in
                let other = try node.pod("other", ExposureTests.quiet + ["--host-network"])
                for record in Self.records {
                    let pod = try node.pod("bad", ExposureTests.quiet)
                    try Bench.succeed([
                        "sh", "-ec", "cd \(node.bundle(pod.container)); cp -a config.json keep; \(record.script)",
                    ])
                    let (report, _) = try node.scan()
                    #expect(report.techniques(of: other) == ["host-network-namespace"], "\(record.name)")
                    let gap = report.gaps.first { $0.kind == "bundle" }
                    #expect(gap?.reason.contains(record.reason) == true, "\(record.name): \(gap?.reason ?? "no gap")")
                    #expect(gap?.examples.contains { $0.contains(pod.container) } == true, "\(record.name)")
                    try Bench.succeed([
                        "sh", "-ec", "cd \(node.bundle(pod.container)); rm -f config.json; mv keep config.json",
                    ])
                    try node.pod("remove", pod.pod)
                }
            }
        }

        /// Run with the log directory of a container as argument 0.
        static let oddities = """
            cd "$0"; ln -s /etc/shadow 1.log; echo x >2.log; ln 2.log 2.again; mkfifo 3.log; mknod 5.log c 1 3
            : >4.log; chown 65534 4.log; mkdir 6.log; ln -s main ../other; ln -s ../main/0.log 7.log
            """
        static let oddityTechniques = [
            "log-foreign-owner", "log-hard-link", "log-hard-link", "log-link-outside", "log-not-regular",
            "log-not-regular", "log-unknown-entry", "log-unknown-entry",
        ]

        @Test func logTree() throws {
            try ContainerdNode.with { node in
                let pod = try node.pod("logs", ExposureTests.quiet)
                try Bench.succeed(["sh", "-ec", Self.oddities, "\(pod.logDirectory)/main"])
                let found = try node.scan().report.findings(of: pod)
                #expect(found.map(\.technique).sorted() == Self.oddityTechniques)
                let details = found.map { $0.detail.components(separatedBy: pod.uid).last ?? "" }
                #expect(
                    details.sorted() == [
                        "/main/1.log leads to /etc/shadow", "/main/2.again has 2 names", "/main/2.log has 2 names",
                        "/main/3.log is a fifo", "/main/4.log belongs to uid 65534",
                        "/main/5.log is a character device",
                        "/main/6.log is a directory where a log file belongs, and was not entered",
                        "/other is no directory, where one belongs",
                    ])
                #expect(found.allSatisfy { $0.pod?.name == "logs" && $0.class == "residue" })
            }
        }

        /// A file system whose server has stopped, over a pod's logs and over a container's record.
        @Test(
            .enabled(
                if: FileManager.default.isExecutableFile(atPath: "/usr/bin/bindfs")
                    && FileManager.default.fileExists(atPath: "/dev/fuse"), "needs bindfs and /dev/fuse"))
        func deadMounts() throws {
            try ContainerdNode.with { node in
                let other = try node.pod("other", ExposureTests.quiet + ["--host-network"])
                let pod = try node.pod("dead", ExposureTests.quiet)
                let logs = try DeadMount(over: "\(pod.logDirectory)/main")
                defer { logs.remove() }
                let (report, status) = try node.scan()
                #expect(status == 1 && report.techniques(of: other) == ["host-network-namespace"])
                #expect(report.findings(of: pod).map(\.technique) == ["log-unknown-entry"])
                #expect(
                    report.findings(of: pod).first?.detail.hasSuffix("main is a mount point and was not entered")
                        == true)

                let record = try DeadMount(over: node.bundle(pod.container))
                defer { record.remove() }
                let started = Date()
                let late = try node.scan(["--timeout", "4"]).report
                #expect(Date().timeIntervalSince(started) < 30)
                #expect(late.gaps.contains { $0.kind == "time-limit" && $0.reason.hasPrefix("container records") })
                let unread = late.gaps.first { $0.kind == "container" }
                #expect(unread?.reason == "its runtime's record was not read in time")
                #expect(unread?.examples.contains(pod.container) == true)
                // What its process shares is seen without a record.
                #expect(late.techniques(of: other).contains("host-network-namespace"))
            }
        }

        /// A process names itself with an escape sequence: no output passes it on.
        @Test(arguments: ["table", "html", "json", "ndjson", "emf"]) func escapes(format: String) throws {
            try ContainerdNode.with { node in
                let pod = try node.pod(
                    "red", ExposureTests.quiet + ["--host-network"],
                    command: [
                        "sh", "-c", "mkfifo /tmp/f; printf '\\033[31mred' >/proc/$$/comm; read x </tmp/f",
                    ])
                _ = try node.scan { $0.findings(of: pod).first?.task?.comm == "\u{1b}[31mred" }
                let output = try Bench.run([Bench.binary, "scan", "--root", node.root, "--format", format])
                #expect(output.status == 1 && !output.bytes.isEmpty)
                #expect(!output.bytes.contains(0x1B))
            }
        }

        /// Names and annotations that a pod chooses hold escape sequences, line breaks and text that turns around.
        @Test func namesWithEscapes() throws {
            try ContainerdNode.with { node in
                let pod = try node.pod("plain", ExposureTests.quiet + ["--host-network", "--label", "a=\u{1b}[2J"])
                try node.editAnnotations(of: pod.container) { annotations in
                    annotations["io.kubernetes.cri.sandbox-name"] = "red\u{1b}[31m\u{9b}31m\r\n\u{202e}"
                    annotations["io.kubernetes.cri.sandbox-namespace"] = "\u{1b}]0;title\u{7}"
                    annotations["io.kubernetes.cri.container-name"] = "main\u{1b}[0m\nCRITICAL privileged"
                }
                for format in ["table", "html", "json", "ndjson", "emf"] {
                    let output = try Bench.run([Bench.binary, "scan", "--root", node.root, "--format", format])
                    #expect(output.status == 1 && !output.bytes.contains(0x1B) && !output.bytes.contains(0x07))
                    #expect(!output.text.contains("\u{9b}") && !output.text.contains("\u{202e}"), "\(format)")
                    #expect(!output.text.contains { $0 == "\r\n" || $0 == "\r" }, "\(format)")
                    #expect(!output.text.contains("\nCRITICAL privileged"), "\(format)")
                }
                #expect(
                    try node.scan().report.findings.contains {
                        $0.container?.id == pod.container && $0.technique == "host-network-namespace"
                    })
            }
        }
    }
}
