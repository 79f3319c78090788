import Foundation
import TestSupport
import Testing

@testable import Alerts

@Suite struct CommandTargetTests {
    @Test func variables() throws {
        let expected = [
            "BREAKOUTD_MESSAGE": "CRITICAL privileged shop/web-0 web: 41 <capabilities> & more",
            "BREAKOUTD_MESSAGE_ID": "0123456789abcdef0123456789abcdef", "BREAKOUTD_PRIORITY": "2",
            "BREAKOUTD_NODE": "node-1", "BREAKOUTD_FINDING": "f-1", "BREAKOUTD_EVENT": "raised",
            "BREAKOUTD_TECHNIQUE": "privileged", "BREAKOUTD_CLASS": "exposure", "BREAKOUTD_SEVERITY": "critical",
            "BREAKOUTD_NAMESPACE": "shop", "BREAKOUTD_POD": "web-0", "BREAKOUTD_POD_UID": "uid-1",
            "BREAKOUTD_CONTAINER": "web", "BREAKOUTD_CONTAINER_ID": "c0ffee", "BREAKOUTD_PID": "4100",
            "BREAKOUTD_TID": "4101", "BREAKOUTD_DECLARED": "undeclared", "BREAKOUTD_CURSOR": "c1",
            "BREAKOUTD_TIME": "2023-11-14T22:13:20.000Z",
        ]
        #expect(CommandTarget.variables(try #require(Alert(.sample()))) == expected)
    }

    /// What is too long for the environment would keep the program from being run.
    @Test func longFields() throws {
        let long = String(repeating: "\u{1}", count: 60_000)
        let names = Alert.inherited + Array(Alert.renamed.keys)
        let fields = Dictionary(uniqueKeysWithValues: names.map { ($0, Optional(long)) })
        let target = try CommandTarget(
            "/bin/sh", ["-c", "test ${#BREAKOUTD_POD} -lt 20000"], environment: [:], timeLimit: 20)
        try target.deliver(try #require(Alert(.sample(1, fields))))
    }

    @Test func whatAProgramGets() throws {
        try TemporaryDirectory.with { directory in
            let script = "{ /usr/bin/env | sort; cat; printf '%s\\n' \"$@\"; } >\"$OUT\"; echo noise; echo noise >&2"
            let target = try CommandTarget(
                "/bin/sh", ["-c", script, "name", "a b", "$(id)"],
                environment: [
                    "OUT": "\(directory.path)/out", "NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "1",
                    "BREAKOUTD_POD": "of the environment", "BREAKOUTD_OTHER": "x",
                ],
                timeLimit: 20)
            try target.deliver(try #require(Alert(.sample(1, ["BREAKOUTD_CONTAINER": nil, "BREAKOUTD_POD": nil]))))
            let text = try String(contentsOfFile: "\(directory.path)/out", encoding: .utf8)
            #expect(text.contains("BREAKOUTD_TECHNIQUE=privileged\n") && text.contains("OUT=\(directory.path)/out\n"))
            for name in [
                "BREAKOUTD_CONTAINER=", "BREAKOUTD_POD=", "BREAKOUTD_OTHER", "NOTIFY", "WATCHDOG", "BREAKOUTD_JSON",
            ] {
                #expect(!text.contains(name))
            }
            #expect(text.hasSuffix("{\"id\":\"f-1\",\"n\":1}\na b\n$(id)\n"))
        }
    }

    static let failures: [(script: String, seconds: Double, text: String)] = [
        ("echo 'no \u{1b} such host' >&2; exit 3", 20, #"/bin/sh ended with status 3: no \x1b such host"#),
        ("exit 1", 20, "/bin/sh ended with status 1"),
        ("kill -KILL $$", 20, "/bin/sh was ended by signal 9"),
        ("exec sleep 600", 0.2, "/bin/sh: did not end in time"),
        (
            "yes | head -c 1000000; exit 1", 20,
            "/bin/sh ended with status 1: " + String(repeating: #"y\n"#, count: 255) + "y"
        ),
    ]

    @Test(arguments: failures)
    func whatIsSaidOfIt(script: String, seconds: Double, text: String) throws {
        let target = try CommandTarget(
            "/bin/sh", ["-c", script], environment: ["PATH": "/bin:/usr/bin"], timeLimit: seconds)
        let alert = try #require(Alert(.sample()))
        #expect(throws: AlertFailure(text)) { try target.deliver(alert) }
    }

    @Test func whatOthersMayReplaceIsNotRun() throws {
        try TemporaryDirectory.with { directory in
            let program = try directory.program("program", "#!/bin/sh\n")
            chmod(program, 0o777)
            for path in [program, "\(directory.path)/missing", "sh", "", directory.path] {
                #expect(throws: AlertFailure.self) { try CommandTarget(path, [], environment: [:], timeLimit: 1) }
            }
            chmod(program, 0o755)
            let target = try CommandTarget(program, [], environment: [:], timeLimit: 20)
            let alert = try #require(Alert(.sample()))
            try target.deliver(alert)
            chmod(program, 0o775)
            #expect(throws: AlertFailure.self) { try target.deliver(alert) }
        }
    }
}
