import Checks
import Findings
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import Configuration

@Suite struct ConfigurationFileTests {
    private static func decode(_ text: String) throws(ConfigurationError) -> DaemonConfiguration {
        try ConfigurationFile.decode(Array(text.utf8), file: "c.yaml")
    }

    /// Files that say nothing, and those that say what is so anyhow.
    @Test(arguments: [
        "", "\n", "# nothing\n", "---\n", "{}", "null", "scan:\n", "scan: {period: 60}", "sinks: {journal: }",
        "sinks: {journal: {enabled: yes}}", "allow: []", "api: {enabled: true, plugins: []}",
        "rateLimit: {findings: 60, period: 1m}", "sinks: {file: {path: /f, enabled: no}, agent: {enabled: false}}",
    ])
    func defaults(text: String) throws {
        var expected = try DaemonConfiguration()
        #expect(expected.scanPeriod == 60_000 && expected.sinks.journal != nil && expected.api.isEnabled)
        #expect(expected.sinks.file == nil && expected.sinks.standardOutput == nil)
        #expect(expected.sinks.agent == nil && expected.sinks.cloudWatchLogs == nil)
        expected.allowList = AllowList()
        #expect(try Self.decode(text) == expected)
    }

    @Test func everySetting() throws {
        let configuration = try Self.decode(
            """
            clusterName: demo
            nodeMetrics: false
            scan: {period: 1m 30s}
            sinks:
              journal: {enabled: false}
              file: {path: /var/log/breakoutd/findings.log, size: 1MiB, count: 3, minSeverity: low}
              stdout: {format: ocsf, minSeverity: medium}
              agent: {address: "unix:///run/agent.sock", minSeverity: high}
              cloudwatchLogs:
                {group: /a/b, stream: node 1, region: eu-west-1, create: on, spool: 2G, minSeverity: critical}
              securityHub: {account: "111122223333", region: eu-west-1, spool: 2M, minSeverity: high}
            api: {enabled: off, kubeconfig: /k, nodeName: node-1, plugins: [/usr/bin/a, /usr/bin/b]}
            rateLimit: {findings: 5, period: 10s}
            allow:
            - name: log agents
              reason: They read the logs.
              namespace: logging
              pod: fluent-bit-*
              owner: DaemonSet/fluent-bit
              serviceAccount: fluent-bit
              findings:
              - techniques: [host-path-*, privileged]
                evidence: {path: [/var/log, /run], readOnly: true, count: 3}
              - techniques: [seccomp-unconfined]
                images: [public.ecr.aws/a/b, EKS/c]
                containers: [a, b]
                initContainers: [c]
                users: [0, 65534]
              expires: 2027-01-31
            addOns: {enabled: false, namespaces: {falco: security}}
            """)
        var expected = try DaemonConfiguration()
        expected.clusterName = "demo"
        expected.nodeMetrics = false
        expected.scanPeriod = 90_000
        expected.sinks.journal = nil
        expected.sinks.file = .init(
            minSeverity: .low, path: "/var/log/breakoutd/findings.log", size: 1 << 20, count: 3)
        expected.sinks.standardOutput = .init(minSeverity: .medium, format: .ocsf)
        expected.sinks.agent = .init(minSeverity: .high, address: try #require(LocalEndpoint("unix:///run/agent.sock")))
        expected.sinks.cloudWatchLogs = .init(
            minSeverity: .critical, group: "/a/b", stream: "node 1", region: "eu-west-1", create: true, spool: 2 << 30)
        expected.sinks.securityHub = .init(
            minSeverity: .high, account: "111122223333", region: "eu-west-1", spool: 2 << 20)
        expected.api.isEnabled = false
        expected.api.kubeconfig = "/k"
        expected.api.nodeName = "node-1"
        expected.api.plugins = ["/usr/bin/a", "/usr/bin/b"]
        expected.rateLimit = RateLimit(findings: 5, period: 10_000)
        expected.allowList = AllowList([
            try AllowList.Entry(
                name: "log agents", reason: "They read the logs.",
                pods: .init(
                    namespace: NamePattern("logging"), pod: NamePattern("fluent-bit-*"),
                    owner: NamePattern("DaemonSet/fluent-bit"), serviceAccount: NamePattern("fluent-bit")),
                rules: [
                    .init(
                        techniques: [NamePattern("host-path-*"), NamePattern("privileged")],
                        evidence: [
                            "path": [.text("/var/log"), .text("/run")], "readOnly": [.flag(true)],
                            "count": [.number(3)],
                        ]),
                    .init(
                        techniques: [NamePattern("seccomp-unconfined")],
                        images: (["public.ecr.aws/a/b"] + AddOnProfile.builtIn().registries.map { "\($0)/c" })
                            .compactMap { ImageRepository($0) }, containers: ["a", "b"],
                        initContainers: ["c"], users: [0, 65534]),
                ], expires: 1_801_353_600_000)
        ])
        expected.addOns.isEnabled = false
        expected.addOns.namespaces = ["falco": "security"]
        #expect(configuration == expected)
    }

    static let entry = "name: a\n  reason: r\n  namespace: shop\n  findings: [{techniques: [privileged]}]"

    static let refused: [(text: String, error: String)] = [
        ("scan:\n  perod: 60s", "c.yaml:2: scan.perod: no such setting here: there are period"),
        (
            "sink: {}",
            "c.yaml:1: sink: no such setting here: there are clusterName, nodeMetrics, scan, sinks, api, rateLimit, addOns, allow"
        ),
        (
            "sinks:\n\n  jornal: {}",
            "c.yaml:3: sinks.jornal: no such setting here: there are journal, file, stdout, agent, cloudwatchLogs, securityHub"
        ),
        (
            "scan: {period: soon}",
            "c.yaml:1: scan.period: expected a duration such as 90s or 1m 30s, from 5s to 86400s, found \"soon\""
        ),
        (
            "scan: {period: 4s}",
            "c.yaml:1: scan.period: expected a duration such as 90s or 1m 30s, from 5s to 86400s, found \"4s\""
        ),
        (
            "scan: {period: 9223372036854775807}",
            "c.yaml:1: scan.period: expected a duration such as 90s or 1m 30s, from 5s to 86400s, found 9223372036854775807"
        ),
        (
            "scan: {period: [60s]}",
            "c.yaml:1: scan.period: expected a duration such as 90s or 1m 30s, from 5s to 86400s, found a list"
        ),
        ("scan: 60s", "c.yaml:1: scan: expected a mapping of settings, found \"60s\""),
        ("- scan", "c.yaml:1: expected a mapping of settings, found a list"),
        ("scan", "c.yaml:1: expected a mapping of settings, found \"scan\""),
        ("scan: {}\nscan: {}", "c.yaml:2: the key \"scan\" is there twice in one mapping"),
        ("a: 1\n---\nb: 1", "c.yaml:3: more than one document"),
        ("scan: {period: 60s", "c.yaml:2: did not find expected ',' or '}'"),
        (
            "clusterName: yes",
            "c.yaml:1: clusterName: expected a text, in quotes where YAML reads it otherwise, found true"
        ),
        (
            "clusterName: ''",
            "c.yaml:1: clusterName: expected a text, in quotes where YAML reads it otherwise, found \"\""
        ),
        ("sinks:\n  file: {size: 1MiB}", "c.yaml:2: sinks.file.path: required, but not there"),
        ("sinks:\n  file: {path: log}", "c.yaml:2: sinks.file.path: expected an absolute path, found \"log\""),
        (
            "sinks: {file: {path: /f, size: 10MB}}",
            "c.yaml:1: sinks.file.size: expected a size such as 16MiB, from 64KiB to 1073741824KiB, found \"10MB\""
        ),
        (
            "sinks: {file: {path: /f, count: 0}}",
            "c.yaml:1: sinks.file.count: expected a number from 1 to 1000, found 0"
        ),
        (
            "sinks: {file: {path: /f, minSeverity: bad}}",
            "c.yaml:1: sinks.file.minSeverity: expected one of info, low, medium, high, critical, found \"bad\""
        ),
        ("sinks: {file: {enabled: 1, path: /f}}", "c.yaml:1: sinks.file.enabled: expected true or false, found 1"),
        (
            "sinks: {cloudwatchLogs: {group: a b}}",
            "c.yaml:1: sinks.cloudwatchLogs.group: expected a log group's name: letters, digits and _-/.#, at most 512, found \"a b\""
        ),
        (
            "sinks: {cloudwatchLogs: {stream: 'a:b'}}",
            "c.yaml:1: sinks.cloudwatchLogs.stream: expected a log stream's name: no : and no *, at most 512, found \"a:b\""
        ),
        (
            "sinks: {securityHub: {account: 111122223333}}",
            "c.yaml:1: sinks.securityHub.account: expected an account of AWS: 12 digits, in quotation marks, found 111122223333"
        ),
        (
            "sinks: {securityHub: {account: '11112222333'}}",
            "c.yaml:1: sinks.securityHub.account: expected an account of AWS: 12 digits, in quotation marks, found \"11112222333\""
        ),
        ("sinks: {securityHub: {}}", "c.yaml:1: sinks.securityHub.account: required, but not there"),
        (
            "sinks: {cloudwatchLogs: {region: a.b}}",
            "c.yaml:1: sinks.cloudwatchLogs.region: expected a region such as eu-west-1, found \"a.b\""
        ),
        (
            "api: {plugins: /usr/bin/a}",
            "c.yaml:1: api.plugins: expected a list of absolute paths, found \"/usr/bin/a\""
        ),
        ("api: {plugins: [aws]}", "c.yaml:1: api.plugins: expected a list of absolute paths, found a list"),
        ("allow: {}", "c.yaml:1: allow: expected a list, found a mapping"),
        ("allow:\n- {}", "c.yaml:2: allow[0].name: required, but not there"),
        (
            "allow:\n- \(entry)\n  pods: x",
            "c.yaml:6: allow[0].pods: no such setting here: there are name, reason, namespace, pod, owner, serviceAccount, findings, expires"
        ),
        ("allow:\n- \(entry)\n- \(entry)", "c.yaml:6: allow[1].name: another entry has this name"),
        (
            "allow:\n- \(entry)\n  expires: soon",
            "c.yaml:6: allow[0].expires: expected a day such as 2027-01-31, found \"soon\""
        ),
        (
            "allow:\n- \(entry)\n  expires: 2027-02-31",
            "c.yaml:6: allow[0].expires: expected a day such as 2027-01-31, found \"2027-02-31\""
        ),
        (
            "allow:\n- {name: a, reason: r, namespace: s,\n   findings: [{techniques: [privileged], evidence: {a: 1.5}}]}",
            "c.yaml:3: allow[0].findings[0].evidence: expected a mapping of names to values, found a mapping"
        ),
        (
            "allow:\n- {name: a, reason: r, namespace: s,\n   findings: [{techniques: [privileged], evidence: {a: []}}]}",
            "c.yaml:3: allow[0].findings[0].evidence: expected a mapping of names to values, found a mapping"
        ),
        (
            "allow:\n- {name: a, reason: r, namespace: s,\n   findings: [{techniques: [privileged], images: [a/b]}]}",
            "c.yaml:3: allow[0].findings[0].images: \"a/b\" is no repository with its registry, or EKS/ before it"
        ),
        (
            "allow:\n- {name: a, reason: r, namespace: s,\n   findings: [{techniques: [privileged], users: [a]}]}",
            "c.yaml:3: allow[0].findings[0].users: expected a list of numbers, found a list"
        ),
        (
            "allow:\n- {name: a, reason: ' ', namespace: s,\n   findings: [{techniques: [privileged]}]}",
            "c.yaml:2: allow[0].reason: there is nothing in it"
        ),
        ("allow:\n- {name: a, reason: r, namespace: s}", "c.yaml:2: allow[0].findings: it names no findings"),
        (
            "allow:\n- {name: a, reason: r, namespace: '*',\n   findings: [{techniques: [privileged]}]}",
            "c.yaml:2: allow[0].namespace: it covers every pod"
        ),
        (
            "addOns: {namespaces: {nothing: a}}",
            "c.yaml:1: addOns.namespaces.nothing: no such setting here: there are "
                + ((try? AddOnProfile.builtIn())?.allowList.entries ?? []).map(\.name).joined(separator: ", ")
        ),
        (
            "allow:\n- {name: a, reason: r, namespace: shop,\n   findings: [{techniques: [privilegd]}]}",
            "c.yaml:3: allow[0].findings[0].techniques: there is no technique \"privilegd\" ('breakoutd explain' lists all of them)"
        ),
        (
            "a: &a [1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]",
            "c.yaml:6: more than 100000 values, counting those that aliases and merge keys repeat"
        ),
    ]

    @Test(arguments: refused)
    func refusedTexts(text: String, error: String) {
        let found = #expect(throws: ConfigurationError.self) { _ = try Self.decode(text) }
        #expect(found?.description == error)
    }
}

/// Where the file lies and who may write it.
@Suite struct ConfigurationPlaceTests {
    static let places: [(name: String, make: @Sendable (TemporaryDirectory) throws -> Void, reason: String?)] = [
        ("right", { try $0.file("c", "clusterName: a") }, nil),
        ("absent", { _ in }, "No such file or directory"),
        (
            "others may write",
            {
                try $0.file("c")
                chmod("\($0.path)/c", 0o666)
            }, "group or others may write to it (mode 0666)"
        ),
        (
            "another's",
            {
                try $0.file("c")
                try $0.setOwner("c", 4711)
            }, "belongs to uid 4711, not to root"
        ),
        (
            "a link",
            {
                try $0.file("d")
                try $0.link("c", to: "d")
            }, "not a regular file (link)"
        ),
        ("a FIFO", { try $0.fifo("c") }, "not a regular file (fifo)"),
        ("a directory", { try $0.directory("c") }, "not a regular file (directory)"),
        ("10 MB", { try $0.sparseFile("c", size: 10_000_000) }, "larger than 1024 KiB"),
    ]

    @Test(.enabled(if: isRoot, "only root gives files away"), arguments: places)
    func place(name: String, make: @Sendable (TemporaryDirectory) throws -> Void, reason: String?) throws {
        try TemporaryDirectory.with { directory in
            try #require(chmod(directory.path, 0o755) == 0)
            try make(directory)
            let path = "\(directory.path)/c"
            let result = Result { () throws -> String? in try ConfigurationFile.read(path).clusterName }
            guard let reason else {
                #expect(try result.get() == "a")
                return
            }
            #expect(throws: ConfigurationError(file: path, reason: reason)) { _ = try result.get() }
            if name == "absent" {
                #expect(try ConfigurationFile.readIfPresent(path) == nil)
            } else {
                #expect(throws: ConfigurationError.self) { _ = try ConfigurationFile.readIfPresent(path) }
            }
        }
    }

    @Test(.enabled(if: isRoot, "only root gives files away"))
    func directoryOfAnother() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("d/c")
            try directory.setOwner("d", 4711)
            let path = "\(directory.path)/d/c"
            let reason = "\(directory.path)/d: belongs to uid 4711, not to root"
            #expect(throws: ConfigurationError(file: path, reason: reason)) { _ = try ConfigurationFile.read(path) }
        }
    }
}
