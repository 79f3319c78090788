import Checks
import Findings
import Foundation
import Testing

@testable import Configuration

@Suite struct ConfigurationSchemaTests {
    private static let packaging = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("packaging")

    private static func properties(_ path: [String]) throws -> [String: Any] {
        let file = packaging.appendingPathComponent("schema/breakoutd-config-1.schema.json")
        var node: Any? = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        for name in path { node = (node as? [String: Any])?[name] }
        return try #require(node as? [String: Any])
    }

    /// Where a mapping stands in the schema, and a file that has an unknown setting in it.
    static let mappings: [(path: [String], text: String)] = [
        ([], "x_: 1"), (["scan"], "scan: {x_: 1}"), (["sinks"], "sinks: {x_: 1}"),
        (["sinks", "journal"], "sinks: {journal: {x_: 1}}"), (["sinks", "file"], "sinks: {file: {path: /f, x_: 1}}"),
        (["sinks", "stdout"], "sinks: {stdout: {x_: 1}}"), (["sinks", "agent"], "sinks: {agent: {x_: 1}}"),
        (["sinks", "cloudwatchLogs"], "sinks: {cloudwatchLogs: {x_: 1}}"), (["api"], "api: {x_: 1}"),
        (["sinks", "securityHub"], "sinks: {securityHub: {account: '111122223333', x_: 1}}"),
        (["rateLimit"], "rateLimit: {x_: 1}"),
        (["allow", "[]"], "allow: [{name: a, reason: r, namespace: shop, x_: 1}]"),
        (
            ["allow", "[]", "findings", "[]"],
            "allow: [{name: a, reason: r, namespace: shop, findings: [{techniques: [privileged], x_: 1}]}]"
        ),
        (["addOns"], "addOns: {x_: 1}"), (["addOns", "namespaces"], "addOns: {namespaces: {x_: 1}}"),
    ]

    @Test(arguments: mappings)
    func settings(path: [String], text: String) throws {
        let place = path.flatMap { $0 == "[]" ? ["items"] : ["properties", $0] } + ["properties"]
        let error = #expect(throws: ConfigurationError.self) {
            _ = try ConfigurationFile.decode(Array(text.utf8), file: "c")
        }
        let known = try #require(error?.reason.split(separator: "there are ").last).split(separator: ", ")
        #expect(known.map(String.init).sorted() == (try Self.properties(place)).keys.sorted())
    }

    @Test func severities() throws {
        let listed = try Self.properties(["$defs", "severity"])["enum"] as? [String]
        #expect(listed == Severity.allCases.map(\.rawValue))
    }

    /// The file that is installed says nothing; without its comment marks it is right, too.
    @Test func installedFile() throws {
        let text = try String(contentsOf: Self.packaging.appendingPathComponent("config.yaml"), encoding: .utf8)
        #expect(try ConfigurationFile.decode(Array(text.utf8), file: "c") == DaemonConfiguration())
        let lines = text.split(separator: "\n").drop { !$0.hasPrefix("# clusterName") }
        let examples = lines.map { $0.dropFirst(2) }.joined(separator: "\n")
        let configuration = try ConfigurationFile.decode(Array(examples.utf8), file: "c")
        var expected = try DaemonConfiguration()
        expected.clusterName = "demo"
        expected.sinks.file = .init(path: "/var/log/breakoutd/findings.log")
        expected.sinks.standardOutput = .init()
        expected.sinks.agent = .init()
        expected.sinks.cloudWatchLogs = .init()
        expected.sinks.securityHub = .init(account: "111122223333")
        expected.api.plugins = ["/usr/local/bin/get-token"]
        expected.addOns.namespaces = ["falco": "security"]
        expected.allowList = configuration.allowList
        #expect(configuration == expected && configuration.allowList.entries.map(\.name) == ["log agents"])
    }
}
