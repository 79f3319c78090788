import Foundation
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import KubernetesAPI

/// The watch over TLS against a server that answers, breaks off and refuses as real ones do.
@Suite(
    .serialized, .enabled(if: StandInAPIServer.isAvailable, "needs python3 and openssl"),
    .timeLimit(.minutes(10)))
struct PodWatchServerTests {
    @Test func manyEvents() throws {
        try StandInAPIServer.with { server in
            try server.control(#"{"op": "generate", "pods": 100, "bytes": 12000, "node": "node-1"}"#)
            let watch = try RunningWatch(of: server, as: server.kubeconfig("certificate"))
            defer { watch.end() }
            try watch.wait("the list") { $0.pods.count == 100 }
            try watch.waitUntilConnected(to: server)

            let answer = try server.control(#"{"op": "churn", "perSecond": 1000, "count": 3000}"#)
            let last = try #require((answer["resourceVersion"] as? String).flatMap(Int.init))
            // The pods are changed in turn, and each change takes the next version.
            let expected = Dictionary(
                uniqueKeysWithValues: (0..<100).map { (String(format: "load-%05d", $0), "\(last - 99 + $0)") })
            try watch.wait("the last change") { pods in
                expected
                    == Dictionary(
                        uniqueKeysWithValues: pods.pods.map {
                            ($0.metadata.name ?? "", $0.metadata.resourceVersion ?? "")
                        })
            }
            #expect(watch.failures.isEmpty && watch.waits.isEmpty)
            let verbs = try watch.requests(to: server)
            #expect(verbs == ["list", "watch"])
        }
    }

    /// What the server does to a watch, and what the watch says of it.
    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var commands: [String]
        var failure: String?
        var wait: Double?
        /// How often the pods are listed: once more where the watch cannot go on from its version.
        var lists: Int

        init(_ name: String, _ commands: String..., failure: String? = nil, wait: Double? = nil, lists: Int = 1) {
            testDescription = name
            self.commands = commands
            self.lists = lists
            self.failure = failure
            self.wait = wait
        }
    }

    private static let close = #"{"op": "close-watches"}"#

    static let faults = [
        Fault("closed", close),
        Fault("closed and forgotten", #"{"op": "compact"}"#, close, lists: 2),
        Fault(
            "half-open", #"{"op": "fault", "match": {"verb": "watch", "running": true}, "kind": "half-open"}"#,
            failure: "the connection stalled"),
        Fault(
            "reset", #"{"op": "fault", "match": {"verb": "watch", "running": true}, "kind": "reset"}"#,
            failure: "the connection"),
        Fault(
            "truncated", #"{"op": "fault", "match": {"verb": "watch", "running": true}, "kind": "truncate"}"#,
            failure: "the connection"),
        Fault(
            "410 as an event",
            #"{"op": "fault", "match": {"verb": "watch", "running": true}, "kind": "error-event", "code": 410}"#,
            lists: 2),
        Fault(
            "429", #"{"op": "fault", "match": {"verb": "watch"}, "status": 429, "retryAfter": 7}"#, close,
            failure: "429: ", wait: 7),
        Fault(
            "403", #"{"op": "fault", "match": {"verb": "watch"}, "status": 403}"#, close,
            failure: "the identity may not watch pods of this node", lists: 2),
    ]

    @Test(arguments: faults)
    func goesOn(after fault: Fault) throws {
        try StandInAPIServer.with { server in
            try server.apply("before")
            let watch = try RunningWatch(of: server, as: server.kubeconfig("certificate"))
            defer { watch.end() }
            try watch.wait("the first pod") { $0.names == ["before"] }
            try watch.waitUntilConnected(to: server)

            for command in fault.commands { try server.control(command) }
            try server.apply("after")
            try watch.wait("the second pod") { $0.names == ["after", "before"] && $0.failure == nil }
            #expect(watch.failures.count == (fault.failure == nil ? 0 : 1), "\(watch.failures)")
            #expect(watch.failures.allSatisfy { $0.hasPrefix(fault.failure ?? "") }, "\(watch.failures)")
            #expect(try watch.requests(to: server).count { $0 == "list" } == fault.lists)
            if let wait = fault.wait { #expect(watch.waits.contains(wait), "\(watch.waits)") }
        }
    }

    /// The token in a file is read anew when the server refuses the old one; one in the kubeconfig stays.
    @Test func tokenThatIsReplaced() throws {
        try StandInAPIServer.with { server in
            try server.apply("before")
            let text = try String(contentsOfFile: server.kubeconfig("token"), encoding: .utf8)
            let kubeconfig = "\(server.directory)/kubeconfig-token-file"
            let lines = text.split(separator: "\n").dropLast().map(String.init)
            let user = "    tokenFile: \(server.directory)/token\n"
            try "\(lines.joined(separator: "\n"))\n\(user)".write(toFile: kubeconfig, atomically: true, encoding: .utf8)
            let inFile = try RunningWatch(of: server, as: kubeconfig)
            defer { inFile.end() }
            let fixed = try RunningWatch(of: server, as: server.kubeconfig("token"))
            defer { fixed.end() }
            for watch in [inFile, fixed] { try watch.wait("the first pod") { $0.names == ["before"] } }
            try inFile.waitUntilConnected(to: server, watches: 2)

            try server.control(#"{"op": "rotate-token"}"#)
            try server.control(Self.close)
            try server.apply("after")
            try inFile.wait("the second pod") { $0.names == ["after", "before"] }
            #expect(inFile.failures.isEmpty)
            try fixed.wait("the failure") { $0.names == ["before"] && $0.failure == "401 Unauthorized: Unauthorized" }
        }
    }

    @Test(arguments: ["exec-al2", "exec-al2023"], [true, false])
    func clusterToken(kubeconfig: String, isRightKey: Bool) throws {
        try StandInAPIServer.with("--secret-access-key", "right") { server in
            try server.apply("before")
            let environment = [
                "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": isRightKey ? "right" : "wrong",
            ]
            let access = try APIAccess(kubeconfig: server.kubeconfig(kubeconfig)) {
                EKSCredential(cluster: $0, region: $1, environment: environment)
            }
            let client = try access.podClient(nodeName: StandInAPIServer.nodeName)
            let deadline = Deadline(secondsFromNow: 30)
            if isRightKey {
                #expect(try client.list(until: deadline).pods.map(\.metadata.name) == ["before"])
            } else {
                #expect(throws: APIError.unauthorized(message: "Unauthorized")) { try client.list(until: deadline) }
            }
        }
    }
}

extension APIPods {
    fileprivate var names: [String] { pods.compactMap(\.metadata.name).sorted() }
}
